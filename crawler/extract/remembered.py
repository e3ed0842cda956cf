"""Answers that hold for a string wherever it stands, kept for the next time.

A site's pages share their class names and most of what their menus say, and one page repeats both: the same questions
are asked of the same short strings again and again, on the next page too.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_T = TypeVar("_T")
_MOST = 8192  # answers that one function keeps, a few of the latest sites' worth: 2 MB at most
_LONGEST = 120  # characters of a string that is worth keeping


def remembered(function: Callable[[str], _T]) -> Callable[[str], _T]:
    """`function`, a pure one, with its answers about the latest short strings kept."""
    known = lru_cache(maxsize=_MOST)(function)

    @wraps(function)
    def ask(text: str) -> _T:
        return known(text) if len(text) <= _LONGEST else function(text)

    return ask
