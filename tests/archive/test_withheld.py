"""Withholding: no word of a withheld article anywhere that a reader can look, and all of it back as it was."""

import json
import re
from collections import deque
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from datasette.app import Datasette

from archive import export
from archive.agenda import Poll
from archive.changes import Judged
from archive.cli import main
from archive.errors import NotWithheld
from archive.folder import connect
from archive.model import Outcome, Related
from archive.rebuild import rebuild
from archive.search.query import Query
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import RELEVANCE, article, dumped, exchange, response, sighting, without_database

SECRET = "https://news.example/2026/quellbrunn-depot-burns"
HEADLINE = "Depot at Quellbrunn burns"
TEXT = (
    "Firefighters in Quellbrunn fought through the night against flames at a grain depot that had been struck twice.",
    "The mayor, Odalric Venn, told the council that a third of the harvest of the Isker valley was gone for good.",
    "Lorries with what could be saved left for Marnitz before dawn, said a driver who had loaded them since midnight.",
    "It was the third store in the valley to be hit since the snow melted, and the largest, with room for forty "
    "thousand tonnes; its owners had moved half of them to cellars downriver when the first shells fell on the "
    "railway bridge.",
)
EDITED = (
    TEXT[0],
    TEXT[1],
    TEXT[3],
    "Nobody was hurt, the Zwirnau fire brigade said when the last embers were out on Thursday.",
)
WORDS = re.compile("quellbrunn|odalric|zwirnau|marnitz|isker", re.I)
COPY = "https://courier.example/a/7"
OTHER = "https://news.example/other"


def fill(folder: Path) -> None:
    """An article with two versions, sightings, a watch and a copy elsewhere, and one that links to it."""
    with Archive.open(folder) as archive:
        run = archive.start_run(command="crawl", arguments={"spider": "tarn"}, version="1")
        archive.save_publisher(
            name="Tarn Post", spider="tarn", homepage="https://news.example/", country="XX", languages=["en"],
            timezone="UTC",
        )  # fmt: skip
        seen = [sighting(SECRET), sighting(OTHER, position=1)]
        titled = [replace(one, title=HEADLINE if one.url == SECRET else "Other") for one in seen]
        archive.record_sightings(run, titled)
        _store(archive, run, SECRET, headline=HEADLINE, paragraphs=TEXT, tags=("Quellbrunn",), wire="Isker Press")
        _store(archive, run, SECRET, minutes=60, headline=HEADLINE, paragraphs=EDITED)
        _store(archive, run, OTHER, related=(Related(title=HEADLINE, url=SECRET), Related(title="Market", url=None)))
        copied = ("Our own lines stand before what others wrote of it.", *TEXT)
        _store(archive, run, COPY, publisher="Courier", headline="A depot burns", paragraphs=copied)
        archive.changes.record_edit(
            1, lambda old, new: Judged(classes=("text",), details=({"new": EDITED[2]},), rules="1")
        )
        archive.agenda.record_poll(
            Poll(publisher="Tarn Post", source="https://news.example/rss", kind="feed",
                 polled_at=exchange().captured_at, outcome="read", entries=2),
            run,
        )  # fmt: skip
        archive.agenda.record_visit(
            SECRET, publisher="Tarn Post", visited_at=exchange().captured_at, outcome=Outcome.EXTRACTED
        )
        archive.finish_run(run, exit_code=0, summary={"articles": 3})


def _store(archive: Archive, run: int, url: str, *, minutes: int = 0, **fields: object) -> None:
    publisher = str(fields.get("publisher", "Tarn Post"))
    capture = archive.capture(exchange(url, minutes=minutes, publisher=publisher), run_id=run)
    archive.store_article(capture, article(url, **fields), relevance=RELEVANCE, extractor="test")
    archive.finish_capture(capture.id, Outcome.EXTRACTED)
    archive.mark_sighting(url, Outcome.EXTRACTED, capture.id)


def archive_command(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--archive", str(folder)])


def withhold(folder: Path, article_id: int = 1) -> None:
    done = archive_command(folder, "withhold", str(article_id), "--reason", "a court said so")
    assert done.exit_code == 0, done.output


def record(folder: Path) -> list[str]:
    """All rows but those that every opening of an archive adds to, and the log of withholdings."""
    rows = (json.loads(line) for line in dumped(folder))
    return [json.dumps(row) for row in rows if row[0] not in {"about", "files", "withholdings"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "a")
    return tmp_path / "a"


TABLES = (
    "articles", "versions", "mentions", "syndications", "changes", "captures", "sightings", "watches", "standings",
    "alarms", "polls", "runs", "coverage", "coverage_days", "articles_fts", "fingerprints",
    "withheld", "withholdings", "actors_articles", "places_articles", "places_spans", "articles_days", "shards",
    "latest", "changed", "by_day", "terms", "articles_fts_data", "articles_fts_idx",
)  # fmt: skip
ASKED = (
    "/?q=%22grain+depot%22", "/?q=depot&sort=newest", "/?publisher=Tarn+Post", "/-/feed.atom",
    "/-/feed.atom?q=%22grain+depot%22",
    "/archive/articles?_search=harvest", "/archive/search?q=depot", "/archive/articles.json?_facet=url",
    "/archive/articles.json?_facet_array=tags", "/archive/versions.json?_facet=headline&_col=id",
    "/archive/articles.csv?_labels=on", "/archive/versions.json?_labels=on", "/archive/changes.json?_labels=on",
    "/archive/syndications.json?_labels=on", "/archive/articles_fts_data/1.blob?_blob_column=block",
    "/archive/articles.json?_where=1", "/archive.json", "/archive/articles.json?headline__contains=Depot",
    "/-/story/1", "/-/story/3", "/-/diff/1", "/archive/articles/1.json", "/archive/versions/1.json",
    "/archive/versions/2", "/archive/captures/1.json", "/archive/sightings/1.json", "/archive/changes/1",
)  # fmt: skip


async def everything(datasette: Datasette, most: int = 150) -> dict[str, str]:
    """Every page that links lead to, and those that nobody links to; address → text."""
    forms = [f"/archive/{table}{form}" for table in TABLES for form in (".json", ".csv")]
    waiting, pages = deque(["/", *ASKED, *forms]), dict[str, str]()
    while waiting and len(pages) < most + len(ASKED) + len(forms):
        path = waiting.popleft()
        if path not in pages:
            answer = await datasette.client.get(path)
            pages[path] = f"{answer.headers} {answer.text}"
            links = (urlsplit(link) for link in re.findall(r'href="(/[^"]+)"', answer.text))
            waiting += (link.path for link in links if not link.path.startswith(("/-/static", "/dateline")))
    return pages


async def test_no_page_has_a_word_of_it(served: Datasette, folder: Path) -> None:
    before = await everything(served)
    shown = {path for path, text in before.items() if WORDS.search(text)}
    assert {"/", "/archive/articles/1", "/archive/versions/1", "/-/story/1", "/archive/sightings.csv"} <= shown
    withhold(folder)  # under the open site
    withhold(folder, 3)  # and the copy, which has the same words
    assert not [path for path, text in (await everything(served)).items() if WORDS.search(text)]
    for article_id in (1, 3):
        assert archive_command(folder, "restore", str(article_id)).exit_code == 0
    after = await everything(served)
    named = {path for path, text in after.items() if WORDS.search(text)}
    assert named - {"/archive/withholdings.atom"} == shown  # it names what was given back by its headline


@pytest.mark.parametrize("page", ["archive/articles/1", "-/story/1", "-/diff/1", "archive/versions/2"])
async def test_its_address_says_that_it_is_withheld(served: Datasette, folder: Path, page: str) -> None:
    withhold(folder)
    answer = await served.client.get(f"/{page}")
    assert answer.status_code == 410
    assert "a court said so" in answer.text
    assert "sealed" in answer.text
    if page.startswith("archive"):
        told = await served.client.get(f"/{page}.json")
        assert (told.status_code, told.json()["reason"], told.json()["article_id"]) == (410, "a court said so", 1)
    assert (await served.client.get("/archive/articles/99")).status_code == 404


async def test_no_record_that_names_it_is_shown(served: Datasette, folder: Path) -> None:
    """A feed has its headline, and so has a page that links to it; whatever else was captured is shown as before."""
    linking = f"<html><body><p>Other news.</p><a href='/x'>{HEADLINE.replace('at', '&#97;t')}</a></body></html>"
    plain = "<html><body><p>Nothing of it.</p></body></html>"
    with Archive.open(folder) as archive:
        feed = archive.capture(exchange("https://news.example/rss", kind="source"), run_id=1)
        page = archive.capture(exchange("https://news.example/links", raw=response(linking.encode())), run_id=1)
        other = archive.capture(exchange("https://news.example/plain", raw=response(plain.encode())), run_id=1)
    shown = (feed.id, page.id, other.id)

    async def statuses() -> list[int]:
        answers = [
            await served.client.get(f"/-/capture/{number}{suffix}") for number in shown for suffix in ("", ".warc")
        ]
        return [answer.status_code for answer in answers]

    assert await statuses() == [200] * 6
    withhold(folder)
    assert await statuses() == [403] * 4 + [200] * 2
    assert (await served.client.get("/-/capture/1")).status_code == 404


async def test_the_others_of_its_story_stay_one_story(served: Datasette, folder: Path) -> None:
    with Archive.open(folder) as archive:
        _store(archive, 1, "https://third.example/x", publisher="Third", headline="It burns", paragraphs=TEXT)
    withhold(folder)
    answer = await served.client.get("/-/story/3")
    assert answer.status_code == 200
    assert "It burns" in answer.text


FORMATS = [form for form in export.FORMATS if form != "parquet" or find_spec("pyarrow")]


def test_no_export_has_a_word_of_it(folder: Path) -> None:
    withhold(folder)
    withhold(folder, 3)
    with Archive.open(folder, write=False) as archive:
        everyone = Query(match=None, exclude=None, terms=(), filters={}, names=())
        assert [row["id"] for row in export.articles(archive.connection, everyone)] == [2]
    for form in FORMATS:
        output = folder / f"all.{form}"
        done = archive_command(folder, "export", "--format", form, "--output", str(output))
        assert done.exit_code == 0, done.output
        assert not WORDS.search(output.read_bytes().decode("utf-8", "replace")), form
        card = (folder / f"all.{form}.card.md").read_text()
        assert not WORDS.search(card), form
        assert "in no export: 2" in card


def test_no_command_says_a_word_of_it(folder: Path) -> None:
    withhold(folder)
    withhold(folder, 3)
    commands = (
        ["search", "depot"], ["search", "=Quellbrunn"], ["show", "1"], ["show", "1", "--json"], ["diff"], ["diff", "1"],
        ["show", "2", "--json"], ["stats"], ["stats", "--json"], ["coverage", "--json"], ["alarms", "--json"],
        ["withhold", "--list"], ["withhold", "--list", "--json"],
    )  # fmt: skip
    for command in commands:
        assert not WORDS.search(archive_command(folder, *command).output), command
    shown = archive_command(folder, "show", "1", "--json")
    assert shown.exit_code == 1
    assert "withheld since" in shown.output


def test_what_was_withheld_comes_back_as_it_was(folder: Path) -> None:
    before = record(folder)
    withhold(folder)
    assert record(folder) == before
    with closing(connect(folder, write=False)) as database:
        assert not database.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH 'odalric'").fetchall()[1:]
        assert not database.execute("SELECT 1 FROM fingerprints WHERE article_id = 1").fetchone()
    assert archive_command(folder, "restore", "1").exit_code == 0
    assert record(folder) == before
    found = archive_command(folder, "search", "Zwirnau", "--json")
    assert [hit["id"] for hit in json.loads(found.stdout)] == [1]
    log = json.loads(archive_command(folder, "withhold", "--list", "--json").stdout)
    assert [(row["article_id"], row["reason"]) for row in log] == [(1, "a court said so")]
    assert log[0]["restored_at"]
    assert log[0]["warc_file"].startswith("warc/")


def test_a_copy_that_came_meanwhile_is_found_when_it_is_restored(folder: Path) -> None:
    withhold(folder, 3)
    withhold(folder, 1)
    with Archive.open(folder) as archive:
        _store(archive, 1, "https://third.example/x", publisher="Third", headline="It burns", paragraphs=EDITED)
        linked = "SELECT count(*) FROM syndications WHERE article_id = 4"
        assert archive.connection.execute(linked).fetchone()[0] == 0
        archive.withholdings.restore(1)
        assert archive.connection.execute(linked).fetchone()[0] == 1


def test_it_stays_withheld_through_new_versions_and_a_rebuild(folder: Path) -> None:
    withhold(folder)
    with Archive.open(folder) as archive:
        _store(archive, 1, SECRET, minutes=600, headline=HEADLINE, paragraphs=(*EDITED, "Odalric Venn resigned."))
        assert archive.connection.execute("SELECT versions FROM articles WHERE id = 1").fetchone()[0] == 3
    assert not verify(folder).findings
    rows = dumped(folder)
    without_database(folder)
    rebuild(folder, software="test")
    assert dumped(folder) == rows
    assert not verify(folder).findings
    found = archive_command(folder, "search", "resigned")
    assert (found.exit_code, WORDS.search(found.stdout)) == (1, None)


def test_a_journal_that_begins_anew_keeps_it_withheld(folder: Path) -> None:
    withhold(folder)
    with Archive.open(folder) as archive:
        archive.journal.rebase()
    rows = dumped(folder)
    without_database(folder)
    rebuild(folder, software="test")
    assert dumped(folder) == rows
    assert not verify(folder).findings


def test_withholding_says_what_is_wrong(folder: Path) -> None:
    withhold(folder, 3)
    for arguments, code, message in (
        (["withhold", "3", "--reason", "again"], 1, "article 3 is withheld already"),
        (["withhold", "99", "--reason", "none"], 1, "there is no article 99"),
        (["withhold", "1", "--reason", " "], 1, "say why"),
        (["withhold", "1"], 2, "--reason"),
        (["withhold", "--list", "--reason", "x"], 2, "stands alone"),
        (["restore", "1"], 1, "article 1 is not withheld"),
    ):
        done = archive_command(folder, *arguments)
        assert (done.exit_code, message in done.output) == (code, True), done.output
    with Archive.open(folder) as archive, pytest.raises(NotWithheld):
        archive.withholdings.restore(1)
    with Archive.open(folder):
        assert archive_command(folder, "withhold", "1", "--reason", "now").exit_code == 75
    nothing = archive_command(folder / "nothing", "restore", "1")
    assert (nothing.exit_code, (folder / "nothing").exists()) == (66, False)


def test_withholding_names_the_copies(folder: Path) -> None:
    done = archive_command(folder, "withhold", "1", "--reason", "a court said so")
    assert "still shown: 3" in done.stdout
    told = archive_command(folder, "withhold", "3", "--reason", "likewise", "--json")
    row = json.loads(told.stdout)
    assert (row["article_id"], row["reason"], row["copies"]) == (3, "likewise", [])
    assert datetime.fromisoformat(row["withheld_at"]) <= datetime.now(UTC)
