"""Pictures: where they lie, what stands under them, who made them."""

import re
from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from archive.model import Image
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.select import clean, first_texts, nodes
from crawler.publisher import Layout
from crawler.urls import absolute

_COPYRIGHT = re.compile(r"\s*(?:©|\(c\)|&copy;)\s*", re.I)
# "<em>AP Photo</em>" that lost its brackets: "emAP Photo/em"
_BARE_EMPHASIS = re.compile(r"\Aem(?=[A-Z])(.+?)/em\Z")
_TAG = re.compile(r"</?[a-z][^>]{0,40}>", re.I)
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_WIDTH = re.compile(r"\s(\d{2,5})w\Z")


def find_images(
    tree: HtmlElement, url: str, *, layout: Layout | None, data: LinkedData, meta: Meta, headline: str | None
) -> tuple[tuple[Image, ...], str] | None:
    """The article's pictures and the rule that gave them. One picture described twice is one picture."""
    printed = merge(_from_layout(tree, url, layout, headline)) if layout is not None else ()
    if layout is not None and printed:
        return printed, f"layout:{layout.name}"
    claimed = merge(
        Image(url=absolute(url, picture.url), caption=picture.caption, credit=tidy_credit(picture.credit))
        for picture in data.images
    )
    if claimed:
        return claimed[:1] if not claimed[0].caption else claimed, "jsonld"
    shared = absolute(url, meta.first("og:image", "og:image:url", "twitter:image"))
    return ((Image(url=shared),), "meta") if shared else None


def merge(images: Iterable[Image]) -> tuple[Image, ...]:
    """`images` with those of one URL, or of one caption, made one."""
    found: list[Image] = []
    for image in images:
        if image.url is None and image.caption is None and image.credit is None:
            continue
        twin = next((at for at, other in enumerate(found) if _same(image, other)), None)
        if twin is None:
            found.append(image)
        else:
            known = found[twin]
            found[twin] = Image(
                url=known.url or image.url, caption=known.caption or image.caption, credit=known.credit or image.credit
            )
    return tuple(found)


def split_credit(text: str) -> tuple[str | None, str | None]:
    """A caption line cut at its © sign: "A truck on fire. © Reuters / Ann Lee" → caption and credit."""
    parts = _COPYRIGHT.split(text, maxsplit=1)
    caption = parts[0].strip() or None
    return caption, tidy_credit(parts[1]) if len(parts) > 1 else None


def tidy_credit(text: str | None) -> str | None:
    """A credit as printed, without the © sign and leftovers of markup."""
    if not text:
        return None
    text = clean(_TAG.sub("", text))
    text = _BARE_EMPHASIS.sub(r"\1", text)
    text = _COPYRIGHT.sub("", text).strip(" |")
    text = text[1:-1] if text.startswith("(") and text.endswith(")") and text.count("(") == 1 else text
    return text or None


def _from_layout(tree: HtmlElement, url: str, layout: Layout, headline: str | None) -> Iterable[Image]:
    seen: set[HtmlElement] = set()
    for css in layout.image:
        for container in nodes(tree, css):
            if container in seen or any(ancestor in seen for ancestor in container.iterancestors()):
                continue
            seen.add(container)
            yield _from_container(container, url, layout, headline)


def _from_container(container: HtmlElement, url: str, layout: Layout, headline: str | None) -> Image:
    """The picture in one container: its largest file, caption and credit.

    An alt text is a caption where nothing else is, unless it repeats the headline.
    """
    pictures = list(container.iter("img"))
    printed_credit = " ".join(first_texts(container, layout.credit))
    caption, credit = split_credit(_without(" ".join(first_texts(container, layout.caption)), printed_credit))
    credit = tidy_credit(printed_credit) or credit
    alternative = next((text for text in (clean(img.get("alt") or "") for img in pictures) if text), None)
    if caption is None and alternative and not _says_nothing(alternative, headline, credit):
        caption, alt_credit = split_credit(alternative)
        credit = credit or alt_credit
    if caption and headline and caption == headline:
        caption = None
    return Image(url=_file(container, pictures, url), caption=caption, credit=credit)


def _without(caption: str, credit: str) -> str:
    """A caption without the credit that is printed at its end: "Ships at anchor (AP Photo)" → "Ships at anchor"."""
    return caption[: -len(credit)].rstrip() if credit and caption.endswith(credit) else caption


def _says_nothing(alternative: str, headline: str | None, credit: str | None) -> bool:
    """Whether an alt text is no caption: the headline again (with the site's name around it), or the credit."""
    if _BARE_EMPHASIS.match(alternative) or (credit and alternative == credit):
        return True
    return bool(headline) and (headline or "") in alternative and len(alternative) < len(headline or "") + 60


def _file(container: HtmlElement, pictures: Sequence[HtmlElement], url: str) -> str | None:
    """The address of a container's picture: the widest of a srcset, else the first real source."""
    sets = [
        node.get(name) or "" for node in [*container.iter("source"), *pictures] for name in ("data-srcset", "srcset")
    ]
    widest = [
        (int(width[1]), entry[: width.start()].strip()) for entry in _entries(sets) if (width := _WIDTH.search(entry))
    ]
    if widest:
        return absolute(url, max(widest)[1])
    sources = (img.get(name) for img in pictures for name in _SOURCES)
    return next((found for found in (absolute(url, source) for source in sources) if found), None)


def _entries(sets: Iterable[str]) -> Iterable[str]:
    return (entry.strip() for text in sets for entry in text.split(",") if not text.startswith("data:"))


def _same(one: Image, other: Image) -> bool:
    if one.url and other.url:
        return one.url.split("?")[0] == other.url.split("?")[0]
    return bool(one.caption) and one.caption == other.caption
