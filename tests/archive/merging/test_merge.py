"""Archives of several machines become one, the same as if one machine had crawled it all."""

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import count, permutations
from pathlib import Path

import pytest
from click.testing import CliRunner

from archive.agenda import Poll, Rest
from archive.cli import main
from archive.errors import ArchiveError, ArchiveLocked, ArchiveNotFound
from archive.events import TABLES
from archive.merging import merge, rows
from archive.rebuild import rebuild
from archive.repair import repair
from archive.store import Archive
from archive.verify import verify
from crawler.known_articles import StoredPages
from tests.archive.conftest import NOON, dumped
from tests.archive.merging.identity import identity
from tests.archive.merging.machines import Act, joined, play

URL = "https://news.example/tarn"


# How much was new to a source, and when it is asked again, is what the machine knew that asked it.
RHYTHM = frozenset(("polls.new", "sources.changed_at", "sources.interval_s", "sources.next_at"))


def tried(tmp_path: Path, acts: Sequence[Act], *, machines: int = 2, without: frozenset[str] = frozenset()) -> Path:
    """Play a script on one machine and on several, merge these, and compare. Returns the merged archive."""
    folders = [tmp_path / f"shard{number}" for number in range(machines)]
    play(acts, [tmp_path / "one"])
    play(acts, folders)
    done = joined(folders, tmp_path / "all")
    assert done.conflicts == ()
    merged, alone = identity(tmp_path / "all", without=RHYTHM), identity(tmp_path / "one", without=RHYTHM)
    assert [line for line in merged if line not in alone] == [line for line in alone if line not in merged]
    assert merged == alone
    return tmp_path / "all"


def visits(*shown: tuple[int, str]) -> list[Act]:
    """Visits to one URL, each a machine and what it found, an hour apart."""
    return [
        Act(machine=machine, minute=60 * (place + 1), url=URL, shows=shows)
        for place, (machine, shows) in enumerate(shown)
    ]


@pytest.mark.parametrize(
    "acts",
    [
        pytest.param(visits((0, "quiet"), (1, "quiet")), id="what the other knew is no version"),
        pytest.param(visits((0, "quiet"), (1, "shelled")), id="an edit that the other saw"),
        pytest.param(visits((0, "quiet"), (1, "shelled"), (0, "shelled")), id="an edit that both saw"),
        pytest.param(visits((0, "quiet"), (1, "shelled"), (0, "quiet")), id="an edit taken back"),
        pytest.param(visits((0, "quiet"), (1, "gone")), id="a removal that the other saw"),
        pytest.param(visits((0, "quiet"), (1, "gone"), (0, "gone")), id="a removal that both saw"),
        pytest.param(visits((0, "quiet"), (1, "gone"), (0, "quiet"), (1, "gone")), id="a return between removals"),
        pytest.param(visits((0, "quiet"), (1, "wall"), (1, "gone"), (0, "wall")), id="a wall before an article"),
        pytest.param(visits((0, "wall"), (1, "quiet"), (0, "quiet")), id="a wall that was taken down"),
    ],
)
def test_a_page_that_two_machines_visit(tmp_path: Path, acts: list[Act]) -> None:
    tried(tmp_path, [Act(machine=0, minute=0, url=URL), *acts])


def test_a_page_that_one_machine_sighted_and_the_other_visited(tmp_path: Path) -> None:
    seen = [Act(machine=0, minute=0, url=URL), Act(machine=1, minute=1, url=URL, source="https://news.example/front")]
    tried(tmp_path, [*seen, *visits((1, "quiet"))])


@pytest.mark.parametrize("askers", [(0, 0, 0), (0, 1, 1), (0, 1, 2), (1, 0, 0), (2, 0, 2)])
def test_a_list_whose_pages_several_workers_asked_for(tmp_path: Path, askers: tuple[int, int, int]) -> None:
    folders = [tmp_path / f"shard{number}" for number in range(3)]
    ask_for_pages(askers, folders)
    ask_for_pages((0, 0, 0), [tmp_path / "one"])
    for together in (folders, folders[:1], folders[1:], folders):
        joined(together, tmp_path / "all")
    merged, alone = (identity(tmp_path / name, without=RHYTHM) for name in ("all", "one"))
    assert [line for line in merged if line not in alone] == [line for line in alone if line not in merged] == []
    joined(folders[::-1], tmp_path / "again")
    assert identity(tmp_path / "again", without=RHYTHM) == merged
    before = dumped(tmp_path / "again")
    rebuild(tmp_path / "again", software="test")
    assert dumped(tmp_path / "again") == before


def ask_for_pages(askers: Sequence[int], folders: Sequence[Path]) -> None:
    """Let workers ask for the three pages of a list, of four entries, three and none, a minute apart."""
    first = "https://news.example/world"
    with ExitStack() as stack:
        archives = [stack.enter_context(Archive.open(folder)) for folder in folders]
        runs = [archive.start_run(command="crawl", arguments={}, version="1") for archive in archives]
        for page, (asker, entries) in enumerate(zip(askers, (4, 3, 0), strict=True)):
            poll = Poll(
                publisher="Tarn Post", source=f"{first}?page={page}" if page else first, kind="section",
                part_of=first if page else None, polled_at=NOON + timedelta(minutes=page), outcome="read",
                entries=entries,
            )  # fmt: skip
            archives[asker].agenda.record_poll(poll, runs[asker])
        for archive in archives:
            archive.coverage.refresh()


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 40))])
def test_scripts_of_chance(tmp_path: Path, seed: int) -> None:
    merged = tried(tmp_path, script(random.Random(seed)), machines=3)
    assert verify(merged).findings == ()


def script(chance: random.Random, *, machines: int = 3) -> list[Act]:
    """A day of several machines and four pages that are edited, taken down and put back."""
    urls = [f"https://news.example/{number}" for number in range(4)]
    shown = dict.fromkeys(urls, "quiet")
    acts = [Act(machine=chance.randrange(machines), minute=place, url=url) for place, url in enumerate(urls)]
    for hour in range(1, 20):
        url = chance.choice(urls)
        if chance.random() < 0.4:
            shown[url] = chance.choice(["quiet", "shelled", "silent", "gone", "wall"])
        acts.append(Act(machine=chance.randrange(machines), minute=60 * hour, url=url, shows=shown[url]))
    return acts


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three machines' archives of one day; to be read."""
    folders = [tmp_path_factory.mktemp("day") / f"shard{number}" for number in range(3)]
    play(script(random.Random(5)), folders)
    return folders


def test_merging_again_changes_nothing(shards: list[Path], tmp_path: Path) -> None:
    joined(shards, tmp_path)
    before, files = dumped(tmp_path), content(tmp_path)
    again = joined(shards, tmp_path)
    assert (again.shards, again.unchanged) == (0, 3)
    assert dumped(tmp_path) == before
    assert content(tmp_path) == files


def test_every_row_is_told_apart_by_what_it_is(shards: list[Path], tmp_path: Path) -> None:
    """As if the merge had been killed before it noted that it was done."""
    joined(shards, tmp_path)
    before = [line for line in dumped(tmp_path) if not line.startswith(('["shards"', '["files"', '["about"'))]
    with Archive.open(tmp_path) as archive, archive.journal.change():
        for (name,) in archive.connection.execute("SELECT shard FROM shards").fetchall():
            archive.journal.note({"delete": "shards", "where": {"shard": name}})
    assert joined(shards, tmp_path).shards == 3
    assert [line for line in dumped(tmp_path) if not line.startswith(('["shards"', '["files"', '["about"'))] == before
    assert verify(tmp_path).findings == ()


def test_the_order_of_shards_and_of_merges_does_not_matter(shards: list[Path], tmp_path: Path) -> None:
    joined(shards, tmp_path / "all")
    expected = identity(tmp_path / "all", without=RHYTHM)
    for number, order in enumerate(permutations(shards)):
        joined(order, tmp_path / f"order{number}")
        assert identity(tmp_path / f"order{number}", without=RHYTHM) == expected


def test_shards_that_go_on_are_merged_again(tmp_path: Path) -> None:
    """Half a day is merged, then the other half; as one machine with two runs."""
    acts = script(random.Random(7))
    folders = [tmp_path / f"shard{number}" for number in range(3)]
    for half in (acts[:12], acts[12:]):
        play(half, [tmp_path / "one"])
        play(half, folders)
        joined(folders, tmp_path / "all")
        assert identity(tmp_path / "all", without=RHYTHM) == identity(tmp_path / "one", without=RHYTHM)
        assert verify(tmp_path / "all").findings == ()


def test_a_merged_archive_is_made_anew_from_its_files(shards: list[Path], tmp_path: Path) -> None:
    joined(shards, tmp_path)
    before = dumped(tmp_path)
    rebuild(tmp_path, software="test")
    assert dumped(tmp_path) == before
    assert verify(tmp_path).findings == ()


def test_a_merged_archive_is_a_shard_itself(shards: list[Path], tmp_path: Path) -> None:
    joined(shards[:2], tmp_path / "two")
    joined([tmp_path / "two", shards[2]], tmp_path / "three")
    joined(shards, tmp_path / "all")
    assert identity(tmp_path / "three", without=RHYTHM) == identity(tmp_path / "all", without=RHYTHM)
    before = identity(tmp_path / "three")
    joined(shards, tmp_path / "three")  # they are in it by way of another
    assert identity(tmp_path / "three") == before
    assert verify(tmp_path / "three").findings == ()


def test_into_an_archive_that_crawls_itself(shards: list[Path], tmp_path: Path) -> None:
    shutil.copytree(shards[0], tmp_path / "own")
    joined(shards[1:], tmp_path / "own")
    joined(shards, tmp_path / "all")
    assert identity(tmp_path / "own", without=RHYTHM) == identity(tmp_path / "all", without=RHYTHM)
    assert verify(tmp_path / "own").findings == ()


def test_files_are_linked_and_never_changed(shards: list[Path], tmp_path: Path) -> None:
    before = [content(shard) for shard in shards]
    joined(shards, tmp_path)
    assert [content(shard) for shard in shards] == before
    for path in (path for shard in shards for path in (shard / "warc").glob("*.warc.gz")):
        assert (tmp_path / "merged" / path.name).samefile(path)


def test_from_another_disk_they_are_copied(shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    joined(shards, tmp_path)
    assert verify(tmp_path).findings == ()
    for path in (path for shard in shards for path in (shard / "warc").glob("*.warc.gz")):
        copy = tmp_path / "merged" / path.name
        assert copy.read_bytes() == path.read_bytes()
        assert not copy.samefile(path)


def test_a_merge_that_is_killed_is_done_again(
    shards: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "GROUP", 3)
    joined(shards, tmp_path / "whole")
    expected = identity(tmp_path / "whole")
    sizes = []
    for number in range(1, 36, 5):
        steps = count()

        def advance(_rows: int, steps: "count[int]" = steps, last: int = number) -> None:
            if next(steps) >= last:
                raise KeyboardInterrupt

        into = tmp_path / f"killed{number}"
        with pytest.raises(KeyboardInterrupt):
            merge(shards, into, software="test", judging=StoredPages(), advance=advance)
        sizes.append(len(dumped(into)))
        joined(shards, into)
        assert identity(into) == expected
        assert verify(into).findings == ()
    assert len(set(sizes)) > 2  # it was killed in different states


# --- conflicts ---


def test_publishers_that_are_declared_otherwise_are_reported(tmp_path: Path) -> None:
    for number, country in enumerate(("XX", "YY")):
        with Archive.open(tmp_path / f"shard{number}") as archive:
            archive.save_publisher(
                name="Tarn Post", spider="tarn", homepage="https://news.example/", country=country, languages=["en"],
                timezone="UTC",
            )  # fmt: skip
    done = joined([tmp_path / "shard0", tmp_path / "shard1"], tmp_path / "all")
    assert done.conflict_count == 1
    assert (done.conflicts[0].kind, done.conflicts[0].name) == ("publisher", "Tarn Post")
    assert done.conflicts[0].problem in {"country is YY there and XX here", "country is XX there and YY here"}


def test_articles_that_are_of_two_publishers_are_reported(tmp_path: Path) -> None:
    acts = [
        Act(machine=0, minute=60, url=URL, shows="quiet"),
        Act(machine=1, minute=120, url=URL, shows="shelled", publisher="Tarn Mail"),
    ]
    play(acts, [tmp_path / "shard0", tmp_path / "shard1"])
    done = joined([tmp_path / "shard0", tmp_path / "shard1"], tmp_path / "all")
    assert {found.kind for found in done.conflicts} == {"article", "watch"}
    assert verify(tmp_path / "all").findings == ()


def test_a_file_with_other_bytes_keeps_its_shard_out(shards: list[Path], tmp_path: Path) -> None:
    joined(shards[:1], tmp_path / "all")
    before = dumped(tmp_path / "all")
    shutil.copytree(shards[1], tmp_path / "other")
    theirs = next((shards[0] / "warc").glob("*.warc.gz")).name
    mine = next((tmp_path / "other" / "warc").glob("*.warc.gz"))
    mine.rename(mine.with_name(theirs))
    with closing(sqlite3.connect(tmp_path / "other" / "archive.db")) as connection, connection:
        connection.execute("UPDATE files SET file = ? WHERE file = ?", [f"warc/{theirs}", f"warc/{mine.name}"])
    done = joined([tmp_path / "other"], tmp_path / "all")
    assert [found.kind for found in done.conflicts] == ["file"]
    assert theirs in done.conflicts[0].name
    assert dumped(tmp_path / "all") == before


def test_a_copy_that_went_its_own_way_is_left_out(shards: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        shutil.copytree(shards[0], tmp_path / name)
        with Archive.open(tmp_path / name) as archive:
            archive.finish_run(1, exit_code=0, summary={"by": name})
    joined([tmp_path / "a"], tmp_path / "all")
    with Archive.open(tmp_path / "all") as archive:
        assert archive.counts()["captures"] > 0
    done = joined([tmp_path / "b"], tmp_path / "all")
    assert [found.kind for found in done.conflicts] == ["shard"]


def test_what_cannot_be_merged(shards: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFound):
        joined([tmp_path / "nothing"], tmp_path / "all")
    with pytest.raises(ArchiveError, match="into itself"):
        joined([shards[0]], shards[0])
    with Archive.open(tmp_path / "written"), pytest.raises(ArchiveLocked):
        joined([tmp_path / "written"], tmp_path / "all")
    shutil.copytree(shards[0], tmp_path / "copy")
    with pytest.raises(ArchiveError, match="copy of the archive"):
        joined([shards[0]], tmp_path / "copy")
    with Archive.open(tmp_path / "demonstration", demonstration=True) as archive:
        archive.start_run(command="crawl", arguments={}, version="1")
    with pytest.raises(ArchiveError, match="do not mix"):
        joined([tmp_path / "demonstration", shards[0]], tmp_path / "all")


# --- all tables, and the command ---


def test_every_table_has_its_way(shards: list[Path], tmp_path: Path) -> None:
    """Whoever adds a table to the journal says how it is merged."""
    own = {"about", "shards"}  # of each archive itself
    done_by = {
        "publishers": "Rows", "runs": "Rows", "captures": "Rows", "sightings": "Rows", "polls": "Rows",
        "sources": "Rows", "hosts": "Rows", "imports": "Rows", "watches": "Rows", "alarms": "Rows", "files": "Files",
        "articles": "Articles", "versions": "Articles", "mentions": "Articles", "syndications": "Articles",
        "changes": "Changes", "withholdings": "Articles", "coverage": "settle",
    }  # fmt: skip
    assert own | done_by.keys() == set(TABLES)


def test_rests_alarms_and_imports_are_merged(tmp_path: Path) -> None:
    folders = [tmp_path / "shard0", tmp_path / "shard1"]
    for number, folder in enumerate(folders):
        with Archive.open(folder) as archive:
            run = archive.start_run(command="crawl", arguments={}, version="1")
            until = NOON + timedelta(hours=number)
            archive.agenda.record_rest(Rest(host="news.example", until=until, reason="429", strikes=number), run)
            with archive.journal.change():
                archive.journal.add_publisher("Tarn Post")
                row = {"raised_at": f"2026-03-04T1{number}:00:00Z", "publisher": "Tarn Post", "kind": "silence"}
                row |= {"message": "nothing", "figures": "{}", "source": None, "run_id": run}
                archive.journal.note({"insert": "alarms", "row": row})
            archive.finish_run(run, exit_code=0, summary={})
    joined(folders, tmp_path / "all")
    with Archive.open(tmp_path / "all", write=False) as archive:
        assert archive.connection.execute("SELECT until, strikes FROM hosts").fetchall() == [
            ("2026-03-04T13:00:00Z", 1)
        ]
        assert archive.connection.execute("SELECT raised_at FROM alarms").fetchall() == [("2026-03-04T10:00:00Z",)]
    with Archive.open(folders[0]) as archive, archive.journal.change():
        archive.journal.note({"update": "alarms", "where": {"id": 1}, "set": {"cleared_at": "2026-03-05T00:00:00Z"}})
    joined(folders, tmp_path / "all")
    with Archive.open(tmp_path / "all", write=False) as archive:
        cleared = archive.connection.execute("SELECT cleared_at FROM alarms ORDER BY raised_at").fetchall()
        assert cleared == [("2026-03-05T00:00:00Z",), (None,)]  # the other machine's stands


def test_what_is_withheld_in_a_shard_is_withheld(shards: list[Path], tmp_path: Path) -> None:
    shutil.copytree(shards[0], tmp_path / "shard")
    with Archive.open(tmp_path / "shard") as archive:
        url = archive.connection.execute("SELECT canonical_url FROM articles WHERE id = 1").fetchone()[0]
        with archive.journal.change():
            row = {"article_id": 1, "withheld_at": "2026-03-06T00:00:00Z", "reason": "a name of a child"}
            archive.journal.note({"withhold": row})
    folders = [tmp_path / "shard", *shards[1:]]
    joined(folders, tmp_path / "all")
    withheld = "SELECT reason FROM withheld JOIN main.articles AS a ON a.id = article_id WHERE canonical_url = ?"
    with Archive.open(tmp_path / "all", write=False) as archive:
        assert archive.connection.execute(withheld, [url]).fetchall() == [("a name of a child",)]
    assert verify(tmp_path / "all").findings == ()
    with Archive.open(tmp_path / "shard") as archive, archive.journal.change():
        archive.journal.note({"restore": 1, "restored_at": "2026-03-07T00:00:00Z"})
    joined(folders, tmp_path / "all")
    with Archive.open(tmp_path / "all", write=False) as archive:
        assert archive.connection.execute(withheld, [url]).fetchall() == []
    assert verify(tmp_path / "all").findings == ()


def test_a_lost_text_is_written_anew(shards: list[Path], tmp_path: Path) -> None:
    shutil.copytree(shards[0], tmp_path / "damaged")
    texts = next((tmp_path / "damaged" / "warc").glob("*-text.warc.gz"))
    texts.chmod(0o644)
    data = bytearray(texts.read_bytes())
    data[-40] ^= 0xFF  # in the last record
    texts.write_bytes(data)
    repair(tmp_path / "damaged", software="test")
    joined([tmp_path / "damaged"], tmp_path / "all")
    joined(shards[:1], tmp_path / "expected")
    assert identity(tmp_path / "all", without=RHYTHM) == identity(tmp_path / "expected", without=RHYTHM)
    before = dumped(tmp_path / "all")
    rebuild(tmp_path / "all", software="test")
    assert dumped(tmp_path / "all") == before


def test_the_command(shards: list[Path], tmp_path: Path) -> None:
    into = os.fspath(tmp_path / "all")
    done = CliRunner().invoke(main, ["merge", *map(os.fspath, shards), "--into", into])
    assert done.exit_code == 0, done.output
    assert "3 shards merged" in done.output
    again = CliRunner().invoke(main, ["merge", *map(os.fspath, shards), "--into", into, "--json"])
    assert json.loads(again.output)["unchanged"] == 3
    assert CliRunner().invoke(main, ["merge", os.fspath(tmp_path / "no"), "--into", into]).exit_code == 66
    assert CliRunner().invoke(main, ["merge", "--into", into]).exit_code == 2
    play([Act(machine=0, minute=9000, url=URL, shows="quiet", publisher="Tarn Mail")], [tmp_path / "other"])
    play([Act(machine=0, minute=9060, url=URL, shows="quiet")], [tmp_path / "another"])
    folders = [os.fspath(tmp_path / "other"), os.fspath(tmp_path / "another")]
    conflicts = CliRunner().invoke(main, ["merge", *folders, "--into", into])
    assert conflicts.exit_code == 3
    assert "conflict article https://news.example/tarn" in conflicts.output


def content(folder: Path) -> dict[str, bytes]:
    """Every WARC file by its name."""
    return {path.name: path.read_bytes() for part in ("warc", "merged") for path in (folder / part).glob("*.warc.gz")}
