"""The labelled pages of `gate_pages/`: short articles and what stands where an article should, in whole pages.

A page is a few lines of data (what it says) in one of eight designs (how it says it); `sites.toml` holds what stands
around it in each language. All of it is invented.
"""

import json
import tomllib
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from archive.model import Page

FOLDER = Path(__file__).with_name("gate_pages")
DESIGNS = ("amp", "bare", "hydrated", "newscms", "portal", "soup", "table", "wordpress")
CAPTURED_AT = datetime(2026, 11, 22, 8, 15, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LabelledPage:
    """A page and what it is: `kind` "" is an article, else what `page_kind` should say; "-" any outcome but an article.

    `date` says how an article is dated: jsonld, meta, time, printed or none. `with_` is what stands around it besides:
    banner, comments, metered, newsletter. `list` and `entries` make a listing, `body` replaces the whole document.
    """

    name: str
    kind: str
    batch: str
    number: int
    lang: str = "en"
    design: str = "bare"
    status: int = 200
    url: str = ""
    title: str = ""
    headline: str = ""
    text: str = ""
    main: str = ""
    head: str = ""
    date: str = "none"
    with_: tuple[str, ...] = ()
    list: str = ""
    entries: int = 0
    body: str | None = None
    type: str = "text/html; charset=utf-8"

    def page(self, design: str | None = None) -> Page:
        """The page as captured."""
        url = self.url or f"https://valley.example/{self.lang}/2026/03/14/{self.number}.html"
        html = self.body if self.body is not None else self.render(design or self.design)
        return Page(url=url, body=html.encode(), captured_at=CAPTURED_AT, status=self.status, content_type=self.type)

    def render(self, design: str) -> str:
        site = sites()[self.lang]
        shown = {
            "article": self.kind == "",
            "furnished": design != "bare",
            "number": self.number,
            "title": self.title or (f"{self.headline} - {site['name']}" if self.headline else site["name"]),
            "headline": self.headline,
            "text": [line for line in self.text.strip().split("\n") if line],
            "main": Markup(self.main),
            "head": Markup(self.head),
            "linked_data": Markup(self._linked_data(site)),
            "date": self.date,
            "with": self.with_,
            "list": self.list,
            "entries": self.entries,
        }
        return _environment().get_template(f"{design}.html").render(site=site, page=shown)

    def _linked_data(self, site: dict[str, Any]) -> str:
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": self.headline,
            "datePublished": "2026-03-14T09:26:00+02:00",
            "publisher": {"@type": "Organization", "name": site["name"]},
        }
        return json.dumps(data, ensure_ascii=False)


@cache
def sites() -> dict[str, dict[str, Any]]:
    """What stands around the pages, by language."""
    found = tomllib.loads((FOLDER / "sites.toml").read_text(encoding="utf-8"))
    right_to_left = {"ar", "fa", "he", "ur"}
    return {
        lang: {"lang": lang, "dir": "rtl" if lang in right_to_left else "ltr", **site} for lang, site in found.items()
    }


@cache
def labelled_pages() -> tuple[LabelledPage, ...]:
    """All pages, batch by batch as they were written."""
    known = {item.name for item in fields(LabelledPage)}
    found = []
    for path in sorted(FOLDER.glob("batch_*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8"))["page"]:
            row["with_"] = tuple(row.pop("with", ()))
            assert set(row) <= known, (path.name, row)
            found.append(LabelledPage(batch=path.stem.removeprefix("batch_"), number=1000 + len(found), **row))
    return tuple(found)


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
