"""How a site calls itself: its names as its own pages print them, and titles without them.

No list of sites: beside what meta tags, linked data and the host say, a name is what links to the front page say.
"""

import re
from collections.abc import Collection
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extract.prose import letters
from crawler.extract.select import clean, text_of
from crawler.urls import registrable_domain

# What parts a headline from a site's name, a section, a date or a kicker: " - Example News", " | World", "｜例報",
# "Example :: ", "標題_頻道_例網", "Kicker: ". The first kind never stands within a headline.
SEPARATOR = re.compile(r"\s*(?:[|｜»›←→·•]|::+|/{2,})\s*|\s+[-–—―:/<>]\s+|(?<=[\u3040-\u9fff”」！？。…])\s*[-–—_]+\s*")
_EDGES = " -–—|｜»:·•/_\t"
_LONGEST_NAME = 60  # letters
_MOST_LINKS = 40  # to the front page that are read
_FRONT = re.compile(r"/(?:(?:index|default|home)(?:\.[a-z]{3,5})?)?\Z", re.I)  # "/", "/index.html", "/default.aspx"


def learned_names(tree: HtmlElement, url: str) -> tuple[str, ...]:
    """What the links to the front page of `url`'s site say: their text, and the first picture's alternative text.

    Generic words ("Home") are among them: no headline either. Later pictures are passed over: some sites put their
    mark before the headline, link it to the front page and give it the headline for a text.
    """
    domain, logo, found = registrable_domain(url), "", dict[str, None]()
    links = (link for link in tree.iter("a") if _is_front(link.get("href"), domain))
    for link in islice(links, _MOST_LINKS):
        name = text_of(link)
        if not name and not logo:
            name = logo = next((clean(image.get("alt") or "") for image in link.iter("img")), "")
        if 2 < len(letters(name)) <= _LONGEST_NAME:
            found[name] = None
    return tuple(found)


def _is_front(href: str | None, domain: str) -> bool:
    """Whether a link leads to the front page of a host of `domain`."""
    target = (href or "").strip()
    if not target or target.startswith("#"):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.query or parts.fragment or parts.scheme not in {"", "http", "https"}:
        return False
    if not parts.netloc:
        return target.startswith("/") and _FRONT.match(parts.path) is not None
    return _FRONT.match(parts.path or "/") is not None and registrable_domain(target) == domain


def cut_site_name(title: str, names: Collection[str]) -> str:
    """`title` without a trailing or leading site name: "Truce holds | Example News" → "Truce holds"."""
    parts = SEPARATOR.split(title)
    folded = fold(names)
    while len(parts) > 1 and _is_name(parts[-1], folded):
        title = title[: title.rindex(parts[-1])].rstrip(_EDGES)
        parts.pop()
    if len(parts) > 1 and _is_name(parts[0], folded):
        title = title[len(parts[0]) :].lstrip(_EDGES)
    return title.strip().rstrip(_EDGES.replace(":", ""))


def fold(names: Collection[str]) -> frozenset[str]:
    """The letters of each name, empty ones left out."""
    return frozenset(bare for name in names if (bare := letters(name)))


def only_names(text: str, folded: Collection[str]) -> bool:
    """Whether a text says nothing but names: "The Courier, courier.example"."""
    rest = letters(text)
    for name in sorted(folded, key=len, reverse=True):
        if len(name) > 3 or rest == name:
            rest = rest.replace(name, "")
    return len(rest) < 3


def _is_name(part: str, folded: Collection[str]) -> bool:
    bare = letters(part)
    return (
        bare in folded
        or any(len(name) > 3 and bare.startswith(name) and len(bare) < len(name) + 20 for name in folded)
        or any(len(name) > 6 and bare.endswith(name) and len(bare) < len(name) + 8 for name in folded)
    )
