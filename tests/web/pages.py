"""The pages of the offline web, each with its gold: what a perfect extraction would return.

A page is `pages/<publisher>/<name>.toml`. `load()` reads them all. The keys:

    layout      key of LAYOUTS; also the template's name
    url         canonical URL; `aliases` are the same article on other domains of the network
    kind        article (default) | off_topic | gallery | video
    headline, lede, byline, authors, dateline, section, tags, wire   as the page prints them
    published, modified   local date-times: the wall clock of the layout's zone (LAYOUTS)
    precision   second | minute | day | none: how much of `published` page and URL give away; default as in LAYOUTS
    body        paragraphs, one a line, blank lines between. In front of a line:
                "> " a quotation · "## " a subhead · "! caption | credit" a picture · "+ title | url" a promo for
                another story. Within a line: *emphasis*, **strong**, [text](url)
    images      the cover picture(s): {caption, credit}
    related     [{title, url, published}]; without it the neighbours of the same host are used, where the layout has
                a list of related stories at all
    extra       whatever else the template wants (sign-off code, wrong clock, …)
    http        how it is sent: {chunked, gzip, close, reason, header_case, headers = [[name, value], …]}
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True, kw_only=True)
class Design:
    """What is true of all pages of one layout: the zone its times are in, and whether it prints these fields."""

    publisher: str  # the spider's name
    zone: str
    related_list: bool = False
    tags: bool = True
    section: bool = True
    precision: str = "minute"


LAYOUTS: dict[str, Design] = {
    "rt_2019": Design(publisher="rt", zone="UTC"),
    "rt_2015": Design(publisher="rt", zone="UTC"),
    "rt_russian": Design(publisher="rt", zone="Europe/Moscow"),
    "rt_arabic": Design(publisher="rt", zone="UTC"),
    "sputnik_old": Design(publisher="sputnik", zone="UTC", related_list=True, precision="second"),
    "sputnik_new": Design(publisher="sputnik", zone="UTC", precision="second"),
    "dailysabah_2017": Design(publisher="dailysabah", zone="Europe/Istanbul", tags=False),
    "dailysabah_2020": Design(publisher="dailysabah", zone="Europe/Istanbul"),
    "alalam_en": Design(
        publisher="alalam", zone="Asia/Tehran", related_list=True, tags=False, section=False, precision="second"
    ),
    "alalam_ar": Design(publisher="alalam", zone="UTC"),
    "arabstoday_en": Design(
        publisher="arabstoday", zone="UTC", related_list=True, tags=False, section=False, precision="second"
    ),
    "arabstoday_ar": Design(publisher="arabstoday", zone="UTC", related_list=True, tags=False, precision="none"),
    # No publisher's file knows it, and no page below `pages/` has it: a publisher is moved to it, to see who notices.
    "redesign": Design(publisher="sputnik", zone="Europe/Moscow", tags=False),
}


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece of the body. `kind`: p | quote | h2 | image | promo. `text` may hold inline marks."""

    kind: str
    text: str
    detail: str | None = None  # image: credit; promo: URL


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture. `url` is where the page says it lies."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """Another story that the page points to. `published_at` only where the page prints it."""

    title: str
    url: str
    published_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WebPage:
    """A page of the offline web. The attributes are what is published; `expected_…` is what can be read off the page.

    The two differ where a design does not print something (Arabic Arabs Today pages give no date) and where a template
    adds chrome around it.
    """

    publisher: str
    layout: str
    url: str
    kind: str
    lang: str
    headline: str
    published_at: datetime
    modified_at: datetime | None = None
    lede: str | None = None
    blocks: tuple[Block, ...] = ()
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[Picture, ...] = ()
    related: tuple[Story, ...] = ()
    wire: str | None = None
    precision: str
    aliases: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    http: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def host(self) -> str:
        """The host of `url`."""
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        """The path of `url`."""
        return urlsplit(self.url).path

    @property
    def is_article(self) -> bool:
        """Whether there is a text to extract (on topic or not)."""
        return self.kind in {"article", "off_topic"}

    def on(self, url: str) -> "WebPage":
        """The same article under an alias."""
        return replace(self, url=url)

    @property
    def expected_headline(self) -> str:
        """The headline as printed, white space collapsed."""
        return self.headline

    @property
    def expected_lede(self) -> str | None:
        """The lede, where the design sets one apart from the body."""
        return plain(self.lede) if self.lede else None

    @property
    def expected_paragraphs(self) -> tuple[str, ...]:
        """Lede, paragraphs, quotations and subheads in order, without inline marks."""
        if not self.is_article:
            return ()
        body = tuple(plain(block.text) for block in self.blocks if block.kind in {"p", "quote", "h2"})
        return (plain(self.lede), *body) if self.lede else body

    @property
    def expected_text(self) -> str:
        """`expected_paragraphs` joined by blank lines. The headline is not in it."""
        return "\n\n".join(self.expected_paragraphs)

    @property
    def expected_published_at(self) -> datetime | None:
        """As precise as the page lets one know; with `day` midnight UTC of that day; None where nothing says it."""
        if self.precision == "none":
            return None
        if self.precision == "day":
            return datetime(*self.published_at.timetuple()[:3], tzinfo=UTC)
        return self.published_at if self.precision == "second" else self.published_at.replace(second=0)

    @property
    def expected_modified_at(self) -> datetime | None:
        """The time of the last change; None where there was none (RT's pages then repeat about their own time)."""
        return self.modified_at

    @property
    def expected_section(self) -> str | None:
        """The section's printed name."""
        return self.section if LAYOUTS[self.layout].section else None

    @property
    def expected_tags(self) -> tuple[str, ...]:
        """The tags as printed, in order."""
        return self.tags if LAYOUTS[self.layout].tags else ()

    @property
    def expected_images(self) -> tuple[Picture, ...]:
        """Cover and inline pictures in order. Compare caption and credit; a page names several sizes of one picture."""
        return self.all_images

    @property
    def all_images(self) -> tuple[Picture, ...]:
        """Cover pictures, then those within the body."""
        inline = (
            Picture(url=picture_url(self, number), caption=plain(block.text), credit=block.detail)
            for number, block in enumerate(self.blocks)
            if block.kind == "image"
        )
        return (*self.images, *inline)

    @property
    def expected_related(self) -> tuple[Story, ...]:
        """Promos within the body, then the list of related stories where the design has one."""
        promos = tuple(
            Story(title=block.text, url=block.detail or "") for block in self.blocks if block.kind == "promo"
        )
        return (*promos, *self.related) if LAYOUTS[self.layout].related_list else promos

    @property
    def expected_wire(self) -> str | None:
        """The agency that the page credits, as printed."""
        return self.wire

    @property
    def expected_byline(self) -> str | None:
        """The byline as printed."""
        return self.byline

    @property
    def expected_authors(self) -> tuple[str, ...]:
        """The persons in the byline."""
        return self.authors

    @property
    def expected_dateline(self) -> str | None:
        """The dateline as printed, where the page sets it apart."""
        return self.dateline

    @property
    def expected_language(self) -> str:
        """ISO 639-1 code."""
        return self.lang


def plain(text: str) -> str:
    """`text` without inline marks: "the *“interim”* [government](…)" → "the “interim” government"."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*+", "", text).strip()


def picture_url(page: WebPage, number: int) -> str:
    """An address for the page's picture of that number, in the manner of the publisher's picture hosts."""
    when = page.published_at
    ident = f"{abs(hash_of(page.url)):x}{number:02d}"
    return {
        "rt": f"https://cdni.rt.com/files/{when:%Y.%m}/article/{ident}.jpg",
        "sputnik": f"https://cdn1.img.sputniknews.com/img/{ident[:6]}/{ident[6:8]}/{ident[-10:]}.jpg",
        "dailysabah": f"https://idsb.tmgrup.com.tr/ly/uploads/images/{when:%Y/%m/%d}/{ident}.jpg",
        "alalam": f"https://media.alalam.ir/uploads/855x495/{int(when.timestamp())}{number:02d}.jpg",
        "arabstoday": f"https://www.arabstoday.net/img/upload/arabstoday-{ident}.jpg",
    }[page.publisher]


def hash_of(text: str) -> int:
    """A number that is the same in every process (the built-in hash is not)."""
    value = 5381
    for byte in text.encode():
        value = (value * 33 + byte) & 0xFFFFFFFFFFFF
    return value


@cache
def load() -> tuple[WebPage, ...]:
    """Every page below `pages/`, sorted by file name, with its related stories filled in."""
    pages = tuple(_read(path) for path in sorted(FOLDER.glob("*/*.toml")))
    return tuple(_with_related(page, pages) for page in pages)


def _read(path: Path) -> WebPage:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    layout = data.pop("layout")
    design = LAYOUTS[layout]
    zone = ZoneInfo(design.zone)
    for key in ("published", "modified"):
        value = data.pop(key, None)
        data[f"{key}_at"] = value.replace(tzinfo=zone) if value else None
    data.setdefault("precision", design.precision)
    data.setdefault("kind", "article")
    body = data.pop("body", "")
    images = data.pop("images", [])
    related = data.pop("related", [])
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    page = WebPage(
        publisher=design.publisher,
        layout=layout,
        name=f"{path.parent.name}/{path.stem}",
        blocks=tuple(blocks_of(body)),
        **fields,
    )
    pictures = tuple(Picture(url=picture_url(page, 90 + n), **image) for n, image in enumerate(images))
    stories = tuple(Story(title=story["title"], url=story["url"]) for story in related)
    return replace(page, images=pictures, related=stories)


def blocks_of(body: str) -> list[Block]:
    """The blocks that a body is written down as; see the docstring of the module."""
    """The blocks that a body is written down as; see the module's docstring."""
    marks = {"> ": "quote", "## ": "h2", "! ": "image", "+ ": "promo"}
    blocks = []
    for line in (line.strip() for line in body.splitlines() if line.strip()):
        mark = next((mark for mark in marks if line.startswith(mark)), "")
        text, _, detail = line[len(mark) :].partition(" | ")
        if not mark:
            text, detail = line, ""
        blocks.append(Block(kind=marks.get(mark, "p"), text=text, detail=detail or None))
    return blocks


def _with_related(page: WebPage, pages: tuple[WebPage, ...]) -> WebPage:
    """The next articles of the same host and layout as related stories, unless the page names its own."""
    if page.related or not LAYOUTS[page.layout].related_list:
        return page
    neighbours = [other for other in pages if other.layout == page.layout and other.host == page.host]
    start = neighbours.index(page) + 1
    chosen = [other for other in (neighbours[start:] + neighbours[: start - 1]) if other.is_article][:5]
    dated = page.layout == "arabstoday_en"  # the only one whose list prints dates
    stories = (
        Story(title=other.headline, url=other.url, published_at=other.published_at.replace(second=0) if dated else None)
        for other in chosen
    )
    return replace(page, related=tuple(stories))
