"""The shape that a site's article addresses share, as a regular expression for its publisher file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

# What addresses of stories look like, most telling first; each with an address that has it.
SHAPES = (
    r"\d{4}/\d{1,2}/\d{1,2}/[^/?#]+",  # /world/2026/11/22/bridge-reopens
    r"\d{4}/\d{1,2}/[^/?#]+",  # /2026/11/bridge-reopens
    r"\d{8}/[^/?#]+",  # /20261122/bridge-reopens-1112622222.html
    r"\d{5,}-[^/?#]+",  # /news/473849-bridge-reopens
    r"[^/?#]+-\d{5,}(?:\.\w+)?/?(?:$|[?#])",  # /world/bridge-reopens-1112622222.html
    r"\d{5,}(?:\.\w+)?(?:$|[/?#])",  # /news/1793318 · /a/70012345.html
    r"[^/?#]+(?:-[^/?#-]+){2,}",  # /news/bridge-reopens-after-flood
    r"[^/?#]*%[0-9A-Fa-f]{2}[^/?#]*%[^/?#]*",  # /news/<a headline in another script>
)
SMALL = 0.05  # share of the addresses below which a shape is chance
ENOUGH = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class ArticlePattern:
    """`regex` fits `covered` of `total` addresses; `examples` has one for each shape in it."""

    regex: str
    covered: int
    total: int
    examples: tuple[str, ...]


def article_pattern(urls: Sequence[str], domain: str) -> ArticlePattern | None:
    """The shapes that at least nine of ten `urls` share, or None where there are no such."""
    left = list(dict.fromkeys(urls))
    total, chosen, examples = len(left), [], []
    for shape in SHAPES:
        pattern = re.compile(_anchored(domain, shape))
        fitting = [url for url in left if pattern.search(_path(url))]
        if fitting and len(fitting) >= SMALL * total:
            chosen.append(shape)
            examples.append(fitting[0])
            left = [url for url in left if url not in fitting]
    if not total or len(left) > (1 - ENOUGH) * total:
        return None
    shapes = chosen[0] if len(chosen) == 1 else f"(?:{'|'.join(chosen)})"
    return ArticlePattern(
        regex=_anchored(domain, shapes), covered=total - len(left), total=total, examples=tuple(examples)
    )


def _anchored(domain: str, shape: str) -> str:
    """The domain, any sections, the shape."""
    return rf"{re.escape(domain)}/(?:[^/?#]+/)*{shape}"


def _path(url: str) -> str:
    """The address without its query: tracking parameters are no shape."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
