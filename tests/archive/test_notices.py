"""Messages to the operator: what is sent, and that nothing that goes wrong with them goes further."""

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from archive import notices
from archive.alarms import Alarm

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
STANDING = Alarm(
    id=7, raised_at="2026-03-04T12:00:00Z", publisher="Tarn Post", source=None, kind="layout", message="زبان broke",
    figures={"bad": 5}, cleared_at=None, told=None,
)  # fmt: skip
OVER = Alarm(
    id=3, raised_at="2026-03-01T12:00:00Z", publisher="Tarn Post", source="https://news.example/rss", kind="silent",
    message="silent", figures={}, cleared_at="2026-03-04T12:00:00Z", told="raised",
)  # fmt: skip


class Listener(BaseHTTPRequestHandler):
    """Takes a message, and says what the address asks for."""

    received: list[bytes] = []  # noqa: RUF012

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(int(self.path[1:4]))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def listener() -> Iterator[str]:
    Listener.received.clear()
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def script(folder: Path, code: str) -> str:
    path = folder / "tell.py"
    path.write_text(code)
    return shlex.join([sys.executable, str(path)])


def test_a_command_reads_what_began_and_what_ended(tmp_path: Path) -> None:
    out = tmp_path / "out $HOME; touch injected"
    writes = script(tmp_path, "import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())")
    command = f"{writes} {shlex.quote(str(out))}"
    assert notices.send([STANDING, OVER], at=AT, command=command) == (True, [])
    said = json.loads(out.read_text())
    assert said["at"] == "2026-03-04T12:00:00Z"
    assert [(alarm["id"], alarm["message"], alarm["figures"]) for alarm in said["raised"]] == [
        (7, "زبان broke", {"bad": 5})
    ]
    assert [(alarm["id"], alarm["cleared_at"]) for alarm in said["cleared"]] == [(3, "2026-03-04T12:00:00Z")]
    assert not (tmp_path / "injected").exists()


def test_a_web_address_takes_the_same(listener: str) -> None:
    assert notices.send([STANDING], at=AT, webhook=f"{listener}/204") == (True, [])
    assert json.loads(Listener.received[0]) == notices.document([STANDING], AT)


def test_one_way_is_enough(listener: str) -> None:
    told, problems = notices.send([STANDING], at=AT, command="/nowhere/tell", webhook=f"{listener}/200")
    assert told
    assert len(problems) == 1
    assert problems[0].startswith("DATELINE_ALARM_COMMAND: /nowhere/tell cannot be run: ")


@pytest.mark.parametrize("code", ["import sys; sys.exit('no such room')", "print('unread')\nraise SystemExit(3)"])
def test_a_command_that_fails_is_reported(tmp_path: Path, code: str) -> None:
    told, problems = notices.send([STANDING], at=AT, command=script(tmp_path, code))
    assert not told
    assert "ended with exit code" in problems[0]
    assert ("no such room" in problems[0]) == ("room" in code)


def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "PATIENCE", 0.3)
    told, problems = notices.send([STANDING], at=AT, command=script(tmp_path, "import time; time.sleep(60)"))
    assert not told
    assert "did not end within" in problems[0]


@pytest.mark.parametrize(("path", "said"), [("/500", "answered 500"), ("/404", "answered 404")])
def test_an_address_that_refuses_is_reported_and_not_named(listener: str, path: str, said: str) -> None:
    told, problems = notices.send([STANDING], at=AT, webhook=f"{listener}{path}?secret=abc")
    assert not told
    assert said in problems[0]
    assert "abc" not in problems[0]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "file:///etc/passwd", "http://[broken", "nonsense"])
def test_an_address_that_is_none_is_reported(address: str) -> None:
    told, problems = notices.send([STANDING], at=AT, webhook=address)
    assert not told
    assert problems[0].startswith("DATELINE_ALARM_WEBHOOK: ")
