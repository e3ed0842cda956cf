"""The script on the offline web: what its hosts serve at a moment."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from benchmarks.simulation.script import DESKS, Desk, Edition, Incident, Script, Story
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb
from tests.web.pages import LAYOUTS, Block, Picture, WebPage, load

FEED_LENGTH = 20
CHALLENGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Just a moment...</title><meta name="robots" content="noindex,nofollow"></head>
<body><h1>Checking your browser before you proceed</h1><p>This process is automatic. Your browser will be redirected to
the requested page shortly. Please enable JavaScript and cookies to continue.</p><p>Ray ID: 5f2e77aa10</p></body></html>
"""
WALL = b"""<!DOCTYPE html>
<html lang="en"><head><title>Log in to read on</title></head>
<body><h1>Log in to read on</h1><p>This article is for subscribers only.</p><form method="post" action="/enter/">
<label>E-mail<input name="mail"></label><label>Password<input type="password" name="pass"></label>
<button>Log in</button></form><p><a href="/subscribe">Subscribe now</a></p></body></html>
"""


def stock(before: datetime, per_shelf: int = 2) -> tuple[WebPage, ...]:
    """The offline web's own pages, as what its hosts published before the script begins.

    At most so many in each section of each host. Some have nothing else: nobody writes for them, yet they are asked.
    They are made like the script's stories, in its designs and without ledes and tags: a publisher whose second day is
    of another kind than its first is a reason for an alarm.
    """
    shelves, pages, designs = Counter[str](), list[WebPage](), {desk.host: desk.layout for desk in DESKS}
    for page in sorted(load(), key=lambda page: (page.is_article, page.published_at), reverse=True):
        shelf = [f"{urlsplit(url).hostname} {urlsplit(url).path.split('/')[1]}" for url in (page.url, *page.aliases)]
        shelves.update(shelf)
        if min(shelves[one] for one in shelf) <= per_shelf and page.is_article:
            layout = designs.get(page.host, page.layout) if page.lang == "en" else page.layout
            older = before - timedelta(days=30 + len(pages))
            plain = replace(page, layout=layout, published_at=older, modified_at=None, lede=None, tags=(), related=())
            pages.append(plain)
    return tuple(pages)


class Stage:
    """Makes `web` what the script says it is at a moment."""

    def __init__(self, script: Script, web: OfflineWeb) -> None:
        self._script = script
        self._web = web
        self._served: dict[str, WebPage] = {}

    def set(self, at: datetime) -> None:
        """Serve what is there at `at`."""
        designs = {desk.host: self.design(desk, at) for desk in DESKS}
        for story in self._script.stories:
            edition, fate = story.edition(at), story.fate(at)
            is_up = edition is not None and fate in {None, "wall"}
            page = page_of(story, edition, designs[story.desk.host]) if edition is not None and is_up else None
            served = self._served.get(story.url)
            if page is not None and page != served:
                self._web.put(page)
                self._served[story.url] = page
            elif page is None and served is not None:
                self._web.remove(story.url)
                del self._served[story.url]
        self._web.clear_faults()
        for pattern, fault in self._faults(at):
            self._web.fault(pattern, fault)

    def design(self, desk: Desk, at: datetime) -> str:
        """The design of a desk's pages at `at`."""
        changed = (
            incident.text
            for incident in self._script.incidents
            if incident.desk == desk and incident.kind.endswith("_design") and incident.holds(at)
        )
        return next(changed, desk.layout)

    def _faults(self, at: datetime) -> Iterable[tuple[str, Fault]]:
        """What spoils the good answers; a later one takes precedence."""
        for story in self._script.stories:
            fate = story.fate(at)
            pattern = f"^{re.escape(story.url)}"
            if fate == "410":
                yield pattern, Fault("status", status=410)
            elif fate == "home":
                yield pattern, Fault("redirect", location=f"https://{story.desk.host}/")
            elif fate == "wall":
                yield pattern, Fault("page", status=200, body=WALL)
        for incident in self._script.incidents:
            if incident.holds(at):
                yield from _trouble(incident, at)


def _trouble(incident: Incident, at: datetime) -> Iterable[tuple[str, Fault]]:
    host = rf"^https?://{re.escape(incident.desk.host)}/"
    match incident.kind:
        case "outage":
            yield host, Fault("status", status=503)
        case "unreachable":
            yield host, Fault("tls_cut")
        case "challenge":
            # Half of the time it says 403, half of the time it claims that all is well.
            status = 403 if at < incident.begin + (incident.end - incident.begin) / 2 else 200
            yield rf"{host}en/\d+/", Fault("page", status=status, body=CHALLENGE)
        case "robots" | "crawl_delay":
            yield rf"{host}robots\.txt$", Fault("robots_text", size=0, body=incident.text.encode())


def page_of(story: Story, edition: Edition, layout: str) -> WebPage:
    """A story as it is laid out."""
    report, design = edition.report, LAYOUTS[layout]
    headline, paragraphs = report.tell()
    real = [other.at for other in story.editions if other.at <= edition.at and other.kind not in {"published", "trim"}]
    caption = f"{report.facts['town']}, seen from the river (picture {report.trim + 1})"
    return WebPage(
        publisher=story.desk.spider,
        layout=layout,
        url=story.url,
        kind="article",
        lang="en",
        headline=headline,
        published_at=story.published_at,
        modified_at=real[-1].replace(second=0, microsecond=0) if real else None,
        blocks=tuple(Block(kind="p", text=text) for text in paragraphs),
        section="World News" if story.desk.spider == "rt" else story.section.title(),
        tags=(report.facts["town"], f"Dossier {report.trim + 1}"),
        images=(Picture(url=f"https://{story.desk.host}/p/{report.trim}.jpg", caption=caption, credit="Pool"),),
        precision=design.precision,
        extra={"site_clock": f"06:{report.trim:02d}:16"},
        http={"headers": [("X-Request-Id", f"{report.trim:08d}")]},
    )
