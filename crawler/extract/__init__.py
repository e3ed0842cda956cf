"""Extraction: one pure function of bytes, URL and publisher, and its twin for text that another tool extracted.

Both are loaded when they are first asked for: a crawl reads the dates in addresses with modules of this package, and
leaves all else, trafilatura with it, to its workers.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.extract.article import extract
    from crawler.extract.text import extract_from_text

__all__ = ["extract", "extract_from_text"]

_MODULES = {"extract": "crawler.extract.article", "extract_from_text": "crawler.extract.text"}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_MODULES[name]), name)
    return found
