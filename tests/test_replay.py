"""The archive replays in pywb, page by page: an independent reader sees what the server sent.

pywb lives in its own environment (`make replay-env`): it brings a module that clashes with Scrapy's brotli.
"""

import contextlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path

import pytest

from archive.http_message import HttpMessage
from archive.records import read_record
from archive.store import Archive
from tests.archive.conftest import NOON, exchange
from tests.archive.test_revisits import BODY, URL, answer
from tests.conftest import ROOT, Crawl
from tests.test_end_to_end import rows

PYWB = ROOT / ".venv-pywb" / "bin"
COLLECTION = "dateline"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, "pywb ended by itself"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("pywb did not listen within 30 seconds")


@contextlib.contextmanager
def replaying(archive: Path, folder: Path) -> Iterator[str]:
    """The address of a pywb, at home in `folder`, that replays an archive, texts included."""
    if not (PYWB / "wayback").exists():
        pytest.skip("pywb is not installed beside the project (make replay-env)")
    manager = [str(PYWB / "wb-manager")]
    files = [str(path) for path in sorted((archive / "warc").glob("*.warc.gz"))]
    subprocess.run([*manager, "init", COLLECTION], cwd=folder, check=True, capture_output=True)
    subprocess.run([*manager, "add", COLLECTION, *files], cwd=folder, check=True, capture_output=True)
    port = free_port()
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(PYWB / "wayback"), "-b", "127.0.0.1", "-p", str(port)], cwd=folder, stdout=log, stderr=log
        )
        try:
            wait_until_it_listens(port, server)
            yield f"http://127.0.0.1:{port}/{COLLECTION}"
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="module")
def replay(demo: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration archive, replayed."""
    with replaying(demo.folder, tmp_path_factory.mktemp("pywb")) as address:
        yield address


def fetch(url: str) -> tuple[int, Message, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def archived(folder: Path) -> Iterator[tuple[str, str, HttpMessage]]:
    """URL, 14-digit timestamp and response of every capture with status 200, the newest of each URL and second."""
    for row in rows(folder, "select url, captured_at, file, offset from captures where status = 200"):
        message = read_record(folder / row["file"], row["offset"]).http()
        yield row["url"], re.sub(r"\D", "", row["captured_at"])[:14], message


def test_every_page_replays_as_it_was_sent(demo: Crawl, replay: str) -> None:
    wrong = []
    urls = []
    for url, timestamp, message in archived(demo.folder):
        status, _, body = fetch(f"{replay}/{timestamp}id_/{url}")
        urls.append(url)
        if (status, body) != (200, message.body):
            wrong.append(f"{url}: {status}, {len(body)} bytes instead of {len(message.body)}")
    assert not wrong, "\n".join(wrong)
    assert len(urls) > 60
    assert [url for url in urls if "?" in url], "the offline web has pages with a query string, and none was archived"


def test_repeated_headers_survive(demo: Crawl, replay: str) -> None:
    checked = 0
    for url, timestamp, message in archived(demo.folder):
        sent = [value.decode("latin-1") for name, value in message.headers if name.lower() == b"link"]
        if len(sent) < 2:
            continue
        _, headers, _ = fetch(f"{replay}/{timestamp}id_/{url}")
        replayed = headers.get_all("Link") or []
        assert [value for value in replayed if value in sent] == sent, url
        checked += 1
    assert checked, "no archived page has a header twice"


def test_revisits_replay_with_the_body_that_they_refer_to(tmp_path: Path) -> None:
    not_modified = b"HTTP/1.1 304 Not Modified\r\nX-Turn: 2\r\n\r\n"
    with Archive.open(tmp_path / "archive") as archive:
        first = archive.capture(exchange(URL, raw=answer(fields=b"X-Turn: 0\r\n")), run_id=None)
        archive.capture(exchange(URL, minutes=1, raw=answer(fields=b"X-Turn: 1\r\n")), run_id=None)
        archive.capture(exchange(URL, minutes=2, raw=not_modified, refers_to=first.record_id), run_id=None)
    (tmp_path / "pywb").mkdir()
    with replaying(tmp_path / "archive", tmp_path / "pywb") as address:
        for minute, expected in ((0, (200, BODY)), (1, (200, BODY)), (2, (304, b""))):
            moment = NOON + timedelta(minutes=minute)
            status, headers, body = fetch(f"{address}/{moment:%Y%m%d%H%M%S}id_/{URL}")
            assert (status, body) == expected
            assert headers["X-Turn"] == str(minute)
