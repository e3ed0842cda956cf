"""The dateline: the place, and at most the house, that a page prints over or in front of its text."""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extract.byline import PLACE, has_by, without_by
from crawler.extract.select import first_nodes, text_of
from crawler.publisher import Layout

_DASH = re.compile(r"\s+[-–—ـ]\s+")


def printed_dateline(tree: HtmlElement, layout: Layout | None) -> str | None:
    """The dateline as the page prints it."""
    found = [text_of(node) for node in first_nodes(tree, layout.dateline)] if layout is not None else []
    return next((text for text in found if 1 < len(text) <= 200), None)


def find_dateline(text: str | None, names: Sequence[str]) -> str | None:
    """A printed line that gives a place and at most the house is a dateline: "Damascus - Arab Today", "ISTANBUL".

    With a person behind the place it is a byline. `names` are the publisher's own.
    """
    if text is None or has_by(text):
        return None
    place = PLACE.match(text)
    return text if place is None or names_house(place["rest"], names) else None


def leading_dateline(paragraphs: Sequence[str], names: Sequence[str]) -> str | None:
    """The first paragraph where it is nothing but house and place: "العالم - سوريا", "Damascus - Arab Today"."""
    first = paragraphs[0] if paragraphs else ""
    if not 0 < len(first) <= 60:
        return None
    parts = [part.casefold() for part in _DASH.split(first)]
    return first if len(parts) == 2 and {name.casefold() for name in names} & set(parts) else None


def names_house(text: str, names: Sequence[str]) -> bool:
    """Whether `text`, or what stands behind its place, is the publisher's own name."""
    text = without_by(text)
    place = PLACE.match(text)
    own = {name.casefold() for name in names}
    return text.casefold() in own or (place is not None and place["rest"].casefold() in own)
