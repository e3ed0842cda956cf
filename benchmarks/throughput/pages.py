"""The pages of the local web: articles of publishers that have a file, and of publishers that have none."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path

from benchmarks.throughput.chrome import House
from benchmarks.throughput.prose import Reporter
from tests.web.pages import Block, Picture, WebPage, load
from tests.web.render import render_page
from tests.web.site import Site

LATEST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LENGTH = 4500  # characters of an article, on average
UNKNOWN = "www.press.example"  # a host of many designs
# An address of each design that the publishers' sites have today, with {number} and {slug} in it.
KNOWN = {
    "rt_2019": "https://www.rt.com/news/{number}-{slug}/",
    "sputnik_new": "https://sputnikglobe.com/{day:%Y%m%d}/{slug}-{number}.html",
    "dailysabah_2020": "https://www.dailysabah.com/world/mid-east/{slug}-{number}",
    "alalam_en": "https://en.alalam.ir/news/{number}",
    "arabstoday_en": "https://www.arabstoday.net/en/997/{slug}-{day:%d%m%y%H%M%S}",
}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an article says."""

    number: int
    headline: str
    lede: str
    paragraphs: tuple[str, ...]
    author: str
    published_at: datetime


def report(number: int) -> Report:
    """The report of that number: always the same, and like no other."""
    dice = random.Random(f"report {number}")
    reporter = Reporter(dice)
    length = min(20_000, max(900, int(dice.lognormvariate(0, 0.5) * LENGTH * 0.88)))
    paragraphs = reporter.paragraphs(length)
    return Report(
        number=number,
        headline=reporter.headline(),
        lede=paragraphs[0],
        paragraphs=paragraphs[1:],
        author=reporter.name(),
        published_at=LATEST - timedelta(seconds=97 * number),
    )


def known_pages(count: int) -> tuple[WebPage, ...]:
    """Pages of the publishers that have a file, in their designs, without what stands around them."""
    layouts = list(KNOWN)
    models = {layout: next(page for page in load() if page.layout == layout and page.is_article) for layout in layouts}
    return tuple(_known_page(report(number), models[layouts[number % len(layouts)]]) for number in range(count))


def _known_page(told: Report, model: WebPage) -> WebPage:
    number = 700_000_000 + told.number
    slug = "-".join(re.findall(r"[a-z]+", told.headline.lower())[:6])
    return replace(
        model,
        url=KNOWN[model.layout].format(number=number, slug=slug, day=told.published_at),
        aliases=(),
        headline=told.headline,
        lede=told.lede if model.lede else None,
        published_at=told.published_at,
        modified_at=None,
        blocks=tuple(Block(kind="p", text=text) for text in told.paragraphs),
        tags=("Conflict",) if model.tags else (),
        images=(
            Picture(url=f"https://{model.host}/p/{number}.jpg", caption=f"Archive picture {number}", credit="Pool"),
        ),
        related=(),
        http={},
        name=f"{model.layout}-{number}",
    )


def known_html(page: WebPage, site: Site, number: int, *, bare: bool = False) -> bytes:
    """A known publisher's page with all that stands around its article, or without most of it."""
    html = render_page(page, site=site, latest=[])
    if bare:
        return html.encode()
    head, before, behind = _house(page.host).around(number, len(html))
    html = html.replace("</head>", f"{head}</head>", 1)
    html = re.sub(r"(<body[^>]*>)", lambda found: found[1] + before, html, count=1)
    return html.replace("</body>", f"{behind}</body>", 1).encode()


def unknown_urls(count: int) -> Iterator[str]:
    """Addresses of the pages that `unknown_html` makes."""
    for number in range(count):
        slug = "-".join(re.findall(r"[a-z]+", report(UNKNOWN_FROM + number).headline.lower())[:6])
        yield f"https://{UNKNOWN}/world/{number:07}-{slug}"


UNKNOWN_FROM = 1_000_000  # their reports are not those of the known publishers


def unknown_html(number: int, *, bare: bool = False) -> bytes:
    """A page of a publisher that no file knows, in one of many designs; `bare`: without what stands around it."""
    told = report(UNKNOWN_FROM + number)
    design = DESIGNS[number % len(DESIGNS)]
    house = _house(f"unknown {number % 17}")
    head, before, behind = ("", "", "") if bare else house.around(UNKNOWN_FROM + number, 9000)
    when = told.published_at.isoformat()
    headline, author = escape(told.headline), escape(told.author)
    body = [f"<p>{escape(text)}</p>" for text in (told.lede, *told.paragraphs)]
    body.insert(
        3, f'<figure><img src="/p/{number}.jpg" alt=""><figcaption>{author} in Lesk / Pool</figcaption></figure>'
    )
    body.insert(6, '<aside class="inline-related"><a href="/stories/1">Read also: The winter offensive</a></aside>')
    meta = f'<meta charset="utf-8"><title>{headline} | The Press</title>'
    if number % len(DESIGNS) < 4:  # what the others say of themselves is on the page alone
        meta += (
            f'<meta property="og:title" content="{headline}"><meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{when}">'
            f'<meta name="description" content="{escape(told.lede[:150])}">'
        )
    if number % len(DESIGNS) < 2:
        linked = {
            "@context": "https://schema.org", "@type": "NewsArticle", "headline": told.headline, "datePublished": when,
            "author": {"@type": "Person", "name": told.author},
        }  # fmt: skip
        meta += f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    article = design.format(
        headline=headline, author=author, when=when, day=f"{told.published_at:%d %B %Y}", body="\n".join(body)
    )
    return (
        f'<!doctype html><html lang="en"><head>{meta}{head}</head><body>{before}{article}{behind}</body></html>'
    ).encode()


@cache
def _house(name: str) -> House:
    return House(name)


DESIGNS = tuple(
    re.sub(r"\n *", "", path.read_text(encoding="utf-8"))
    for path in sorted(Path(__file__).parent.glob("designs/*.html"))
)
