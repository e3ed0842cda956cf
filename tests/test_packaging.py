"""Other people's tools take the files as they are: cdxj-indexer finds what our index says, wacz packs them and finds
the package valid.

Both live in their own environment (`make wacz-env`); wacz needs Python 3.11.
"""

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from archive.records import read_record
from archive.store import Archive
from tests.archive.conftest import exchange, warc_files
from tests.archive.test_revisits import URL, answer
from tests.conftest import ROOT, Crawl

BIN = ROOT / ".venv-wacz" / "bin"


def run(tool: str, *arguments: object) -> str:
    """The output of a tool that must end well; skips where it is not installed."""
    if not (BIN / tool).exists():
        pytest.skip(f"{tool} is not installed beside the project (make wacz-env)")
    done = subprocess.run([BIN / tool, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def entries(lines: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Lines of an index by key, time and offset."""
    found = {}
    for key, moment, block in (line.split(" ", 2) for line in lines.splitlines()):
        fields = json.loads(block)
        found[key, moment, fields["offset"]] = fields
    return found


@pytest.fixture(scope="module")
def revisited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with both kinds of revisit."""
    folder = tmp_path_factory.mktemp("revisited")
    with Archive.open(folder) as archive:
        first = archive.capture(exchange(URL, raw=answer()), run_id=None)
        archive.capture(exchange(URL, minutes=1, raw=answer()), run_id=None)
        raw = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        archive.capture(exchange(URL, minutes=2, raw=raw, refers_to=first.record_id), run_id=None)
    return folder


def agree(path: Path) -> int:
    """Compare our index of a file with cdxj-indexer's; returns the number of lines."""
    ours = entries(path.with_name(path.name + ".cdxj").read_text(encoding="utf-8"))
    theirs = entries(run("cdxj-indexer", "--sort", "--records", "response,revisit,resource", path))
    assert set(ours) == set(theirs)
    for place, fields in ours.items():
        if read_record(path, int(place[2])).header("WARC-Payload-Digest") is None:
            # of a chunked response: they make one up that covers the framing
            theirs[place]["digest"] = fields["digest"]
        assert fields == theirs[place]
    return len(ours)


def test_cdxj_indexer_finds_what_our_index_says(demo: Crawl, revisited: Path) -> None:
    assert sum(map(agree, warc_files(demo.folder))) > 60
    assert sum(map(agree, warc_files(revisited))) == 3


@pytest.mark.parametrize("name", ["demo", "revisited"])
def test_wacz_packs_the_files_and_finds_the_package_valid(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    archive = request.getfixturevalue(name)
    folder: Path = archive.folder if isinstance(archive, Crawl) else archive
    with Archive.open(folder, write=False) as opened:
        rows = opened.connection.execute("SELECT url, captured_at FROM captures WHERE status = 200").fetchall()
    pages = tmp_path / "pages.jsonl"
    lines = [{"format": "json-pages-1.0", "id": "pages", "title": "Pages"}]
    lines += [{"url": url, "ts": captured_at} for url, captured_at in rows]
    pages.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    package = tmp_path / "archive.wacz"
    run("wacz", "create", "-o", package, "-p", pages, *warc_files(folder), *warc_files(folder, text=True))
    run("wacz", "validate", "-f", package)
    with zipfile.ZipFile(package) as packed:
        names = packed.namelist()
        assert {f"archive/{path.name}" for path in warc_files(folder)} <= set(names)
        assert len(packed.read("pages/pages.jsonl").splitlines()) > 1
