"""What visits to a known article's page leave, from real responses through real workers into a real archive."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scrapy import Request

from archive.dump import dump
from archive.folder import connect
from archive.model import Exchange, Outcome
from archive.rebuild import rebuild
from archive.store import Archive
from archive.verify import verify
from crawler import run as run_module
from crawler.run import Run
from crawler.workers import WorkerPool

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://news.example/2026/03/01/orhanli-market"
HOME = "https://news.example/"
HEADLINE = "Air strike on Orhanli market kills 12"
TEXT = (
    "An air strike hit a crowded market in the town of Orhanli on Sunday morning, killing 12 people, officials said.",
    "Firefighters needed three hours to put out the flames, which destroyed two dozen stalls and a bakery nearby.",
    "The army said it had targeted a command post and was looking into reports of civilian casualties in the town.",
)
CHALLENGE = (
    '<html><head><title>Just a moment...</title><meta name="robots" content="noindex,nofollow"></head><body>'
    '<h1>news.example</h1><p id="challenge-error-text">Enable JavaScript and cookies to continue. Checking your '
    "browser before accessing the site.</p><script>window._cf_chl_opt={cType:'managed'};</script></body></html>"
)
GONE = (
    '<html><head><title>Page not found</title></head><body class="error404"><h1>Page not found</h1>'
    "<p>Sorry, the page you are looking for does not exist or has been removed.</p><a href='/'>Back to home</a></body>"
    "</html>"
)
LISTING = (
    "<html><head><title>News Example</title></head><body><nav><a href='/world'>World</a></nav>"
    + "".join(f"<div class='teaser'><a href='/2026/03/01/{n}'>Story number {n} of the day</a></div>" for n in range(20))
    + "</body></html>"
)  # fmt: skip
CONSENT = (
    "<html><head><title>Before you continue</title></head><body><h1>We value your privacy</h1><p>We and our partners "
    "use cookies and process personal data. By clicking Accept all you consent to this processing.</p>"
    "<button>Accept all</button><button>Manage options</button></body></html>"
)


def page(headline: str = HEADLINE, text: tuple[str, ...] = TEXT, around: str = "") -> str:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in text)
    data = {"@type": "NewsArticle", "headline": headline, "datePublished": "2026-03-01T09:00:00Z"}
    return (
        f"<html lang='en'><head><title>{headline}</title><link rel='canonical' href='{URL}'>"
        f"<script type='application/ld+json'>{json.dumps(data)}</script></head>"
        f"<body><main><article><h1>{headline}</h1><time datetime='2026-03-01T09:00:00Z'>1 March 2026</time>"
        f"<div class='article-body'>{paragraphs}</div></article></main>{around}</body></html>"
    )


async def visit(
    run: Run, body: str, *, hours: float, status: str = "200 OK", url: str = URL, asked: str | None = URL
) -> Outcome:
    """Fetch `url`, which redirects led to from `asked`, so many hours after noon."""
    payload = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(payload)}\r\n\r\n"
    exchange = Exchange(
        url=url,
        captured_at=NOON + timedelta(hours=hours),
        request=b"GET / HTTP/1.1\r\n\r\n",
        response=head.encode() + payload,
        publisher="News Example",
    )
    fetched = await run.capture(Request(url), exchange)
    return await run.process(fetched, tally=None, sighting=asked)


def changes(run: Run) -> list[dict[str, Any]]:
    """The rows of `changes`, JSON read, in the order of their time."""

    def read(archive: Archive) -> list[dict[str, Any]]:
        rows = archive._db.query("SELECT * FROM changes ORDER BY changed_at, id")
        return [row | {name: json.loads(row[name]) for name in ("classes", "details")} for row in rows]

    return run.recorder.call(read)


def kinds(run: Run) -> list[tuple[str, list[str]]]:
    return [(row["kind"], row["classes"]) for row in changes(run)]


def versions(run: Run) -> int:
    return run.recorder.call(Archive.counts)["versions"]


async def test_an_edit_is_a_version_with_its_classes_figures_and_both_versions(run: Run) -> None:
    await visit(run, page(), hours=0)
    later = page(HEADLINE.replace("12", "15"), (TEXT[0].replace("12", "15"), *TEXT[1:]))
    assert await visit(run, later, hours=1) is Outcome.EXTRACTED
    (row,) = changes(run)
    assert (row["kind"], row["classes"]) == ("edited", ["headline", "number"])
    assert {"class": "number", "where": "paragraph 1", "of": "killed", "old": "12", "new": "15"} in row["details"]
    assert row["changed_at"] == "2026-03-01T13:00:00Z"
    assert (row["from_version"], row["to_version"]) == (1, 2)
    assert versions(run) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<aside class='ad'>Buy a boat</aside>", "<aside class='ad'>Buy a house</aside>"),
        ("<script nonce='a1'>var t=1</script>", "<script nonce='b2'>var t=2</script>"),
        ("<input type='hidden' name='csrf' value='1'>", "<input type='hidden' name='csrf' value='2'>"),
        (
            "<section class='related'><h2>Related</h2><ul><li><a href='/a'>Old story</a></li></ul></section>",
            "<section class='related'><h2>Related</h2><ul><li><a href='/b'>New story</a></li></ul></section>",
        ),
        ("<div class='counter'>1,204 views</div>", "<div class='counter'>3,981 views</div>"),
        ("<div class='clock'>Sunday, 1 March 2026 12:00</div>", "<div class='clock'>Sunday, 1 March 2026 18:00</div>"),
        ("<div class='share'>12 shares</div>", "<div class='share'>48 shares</div>"),
        ("<div class='comments'>3 comments</div>", "<div class='comments'>7 comments</div>"),
        ("<!-- served by web1 -->", "<!-- served by web2 -->"),
        ("<footer>© 2026 News Example</footer>", "<footer>© 2026 News Example. All rights reserved.</footer>"),
    ],
)
async def test_what_changes_around_an_article_is_no_version(run: Run, before: str, after: str) -> None:
    await visit(run, page(around=before), hours=0)
    assert await visit(run, page(around=after), hours=1) is Outcome.UNCHANGED
    assert (versions(run), changes(run)) == (1, [])


async def test_a_cosmetic_edit_is_kept_as_a_version_and_says_so(run: Run) -> None:
    await visit(run, page(), hours=0)
    text = (TEXT[0], TEXT[1].replace("three hours", "three  hours,"), TEXT[2].replace("civilian", "civillian"))
    await visit(run, page(text=text), hours=1)
    assert kinds(run) == [("edited", ["cosmetic"])]


@pytest.mark.parametrize(
    ("status", "body", "url", "kind", "class_"),
    [
        ("404 Not Found", GONE, URL, "removed", "http_404"),
        ("410 Gone", "", URL, "removed", "http_410"),
        ("200 OK", GONE, URL, "removed", "soft_404"),
        ("200 OK", LISTING, HOME, "removed", "redirect"),
        ("200 OK", LISTING, "https://news.example/world/", "removed", "redirect"),
        ("403 Forbidden", CHALLENGE, URL, "blocked", "challenge"),
        ("200 OK", CHALLENGE, URL, "blocked", "challenge"),
        ("200 OK", CONSENT, URL, "blocked", "consent"),
        ("402 Payment Required", page(text=TEXT[:1]), URL, "blocked", "paywall"),
    ],
    ids=["404", "410", "soft 404", "home", "section", "challenge 403", "challenge 200", "consent", "paywall"],
)
async def test_ways_of_being_gone_are_told_apart_and_make_no_version(
    run: Run, status: str, body: str, url: str, kind: str, class_: str
) -> None:
    await visit(run, page(), hours=0)
    await visit(run, body, hours=1, status=status, url=url)
    await visit(run, body, hours=6, status=status, url=url)
    assert kinds(run) == [(kind, [class_])]
    assert versions(run) == 1
    assert await visit(run, page(), hours=24) is Outcome.UNCHANGED
    assert kinds(run) == [(kind, [class_]), ("restored", [class_])]
    assert changes(run)[1]["details"] == [{"was": kind, "since": "2026-03-01T13:00:00Z"}]
    assert versions(run) == 1


async def test_an_article_may_come_back_otherwise_and_go_again(run: Run) -> None:
    await visit(run, page(), hours=0)
    await visit(run, GONE, hours=1, status="404 Not Found")
    await visit(run, page(text=TEXT[:2]), hours=2)
    await visit(run, CHALLENGE, hours=3, status="403 Forbidden")
    await visit(run, GONE, hours=4, status="410 Gone")
    await visit(run, CHALLENGE, hours=5, status="403 Forbidden")
    assert kinds(run) == [
        ("removed", ["http_404"]),
        ("restored", ["http_404"]),
        ("edited", ["paragraph_cut"]),
        ("blocked", ["challenge"]),
        ("removed", ["http_410"]),
    ]


@pytest.mark.parametrize(
    ("status", "body"),
    [("500 Internal Server Error", GONE), ("503 Service Unavailable", ""), ("200 OK", "<html></html>")],
)
async def test_trouble_is_no_removal(run: Run, status: str, body: str) -> None:
    await visit(run, page(), hours=0)
    await visit(run, body, hours=1, status=status)
    assert (changes(run), versions(run)) == ([], 1)


async def test_a_page_of_the_past_takes_its_place_and_says_nothing_of_today(run: Run) -> None:
    await visit(run, page(), hours=0)
    final = page(text=(TEXT[0].replace("12", "19"), *TEXT[1:]))
    await visit(run, final, hours=48)
    between = page(text=(TEXT[0].replace("12", "15"), *TEXT[1:]))
    await visit(run, between, hours=24, asked=None)
    await visit(run, GONE, hours=25, status="404 Not Found", asked=None)
    figures = [(row["changed_at"][8:13], row["details"][0]["old"], row["details"][0]["new"]) for row in changes(run)]
    assert figures == [("02T12", "12", "15"), ("03T12", "15", "19")]
    assert [(row["from_version"], row["to_version"]) for row in changes(run)] == [(1, 3), (3, 2)]


async def test_a_removed_page_that_nobody_knew_is_no_change(run: Run) -> None:
    await visit(run, GONE, hours=1, status="404 Not Found")
    assert changes(run) == []


async def test_a_known_article_stays_one_whatever_it_is_about_today(run: Run) -> None:
    await visit(run, page(), hours=0)
    garden = tuple(
        f"The garden show number {number} opened its gates to visitors on Sunday in fine weather."
        for number in range(4)
    )
    assert await visit(run, page("Garden show opens", garden), hours=1) is Outcome.EXTRACTED
    assert versions(run) == 2


async def test_what_only_newer_rules_read_otherwise_is_no_edit(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text in force was extracted by other rules: as if those had kept a line that today's take out."""
    old = page(text=(*TEXT, "The weather will be fine for most of the week, forecasters in the capital expect."))
    monkeypatch.setattr(run_module, "EXTRACTOR", "dateline/0.0 of old")
    await visit(run, page(), hours=0)
    headline = "Air strike on Orhanli market kills 12 | News Example"
    run.recorder.call(_rewrite_stored, headline)
    monkeypatch.undo()
    assert await visit(run, page(around="<p></p>"), hours=1) is Outcome.UNCHANGED
    assert (changes(run), versions(run)) == ([], 1)
    assert await visit(run, old, hours=2) is Outcome.EXTRACTED
    assert kinds(run) == [("edited", ["paragraph_added"])]


def _rewrite_stored(archive: Archive, headline: str) -> None:
    with archive.journal.change():
        archive.journal.note(
            {"update": "versions", "where": {"id": 1}, "set": {"headline": headline, "text_hash": "0"}}
        )


async def test_the_table_is_made_anew_from_the_files(tmp_path: Path, workers: WorkerPool) -> None:
    run = Run(tmp_path, command="test", arguments={}, workers=workers)
    await visit(run, page(), hours=0)
    await visit(run, page(text=TEXT[:2]), hours=1)
    await visit(run, GONE, hours=2, status="404 Not Found")
    run.recorder.close()

    def dumped() -> list[str]:
        with closing(connect(tmp_path, write=False)) as connection:
            return list(dump(connection))

    before = dumped()
    assert sum(line.startswith('["changes"') for line in before) == 2
    assert verify(tmp_path).worst is None
    rebuild(tmp_path, software="test")
    assert dumped() == before
