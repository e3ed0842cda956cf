"""Headless Chromium under the DevTools protocol: opens pages, runs scripts in them, and tells all that happened.

https://chromedevtools.github.io/devtools-protocol/ over a pair of pipes (`--remote-debugging-pipe`, messages of JSON
that end with a zero byte): no library, no port, nothing left when it is closed.
"""

import base64
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# Nothing but the page asked for: no sandbox (tests may run as root), no start page, no calls home
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Browser:
    """One tab. `heard` holds every event since the last page was opened: (name, parameters)."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._buffer = bytearray()
        self._sent = 0
        self._session: str | None = None
        self.heard: list[tuple[str, dict[str, Any]]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Send a command and wait for its result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        raw = json.dumps(message).encode() + b"\0"
        while raw:
            raw = raw[os.write(self._write, raw) :]
        while True:
            answer = self._next()
            if answer.get("id") == self._sent:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def open(self, url: str) -> None:
        """Show a page, all of it loaded."""
        self.heard.clear()
        self.call("Page.navigate", url=url)
        self._wait_for("Page.loadEventFired")
        self.run("new Promise(done => setTimeout(done, 30))")  # what scripts and styles begin at the end

    def run(self, script: str) -> Any:
        """What an expression in the page comes to; a promise is waited for."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def show_as(self, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        """The size of the window, and light or dark."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def press(self, key: str) -> None:
        """Press a key: Tab, Enter."""
        codes = {"Tab": 9, "Enter": 13}
        text = {"text": "\r"} if key == "Enter" else {}
        given: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key], **text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **given)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """The page as a PNG file, from top to bottom."""
        made = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(made["data"]))

    def requested(self) -> list[str]:
        """The addresses that the page asked for."""
        return [given["request"]["url"] for name, given in self.heard if name == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Dialogs, errors, and what a script wrote to the console."""
        said = []
        for name, given in self.heard:
            if name == "Page.javascriptDialogOpening":
                said.append(f"dialog: {given['message']}")
            elif name == "Runtime.consoleAPICalled":
                said.append(f"console: {[argument.get('value') for argument in given['args']]}")
            elif name == "Runtime.exceptionThrown":
                said.append(f"exception: {given['exceptionDetails'].get('text')}")
            elif name == "Log.entryAdded" and given["entry"]["level"] in {"error", "warning"}:
                said.append(f"{given['entry']['source']}: {given['entry']['text']}")
        return said

    def _wait_for(self, name: str) -> None:
        while not any(heard == name for heard, _ in self.heard):
            self._next()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._read, 1 << 16)
            assert part, "Chromium is gone"
            self._buffer += part
        raw, _, rest = bytes(self._buffer).partition(b"\0")
        self._buffer = bytearray(rest)
        message: dict[str, Any] = json.loads(raw)
        if "method" in message:
            self.heard.append((message["method"], message["params"]))
            if message["method"] == "Page.javascriptDialogOpening":
                self._dismiss()
        return message

    def _dismiss(self) -> None:
        message = {"id": 0, "method": "Page.handleJavaScriptDialog", "params": {"accept": False}}
        os.write(self._write, json.dumps({**message, "sessionId": self._session}).encode() + b"\0")


@contextmanager
def browser() -> Iterator[Browser]:
    """A fresh Chromium, with nothing remembered."""
    assert CHROMIUM
    there, our_write = _pipe()
    our_read, back = _pipe()
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        opened = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
        pipes = [
            (os.POSIX_SPAWN_DUP2, there, 3),
            (os.POSIX_SPAWN_DUP2, back, 4),
        ]  # the numbers that it reads and writes
        process = os.posix_spawn(CHROMIUM, command, os.environ, file_actions=[*opened, *pipes], setpgroup=0)
        os.close(there)
        os.close(back)
        try:
            yield Browser(our_read, our_write)
        finally:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(our_read)
            os.close(our_write)


def _pipe() -> tuple[int, int]:
    """The ends of a pipe under high numbers, so that none is in the way of another."""
    low = os.pipe()
    high = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in low)
    for end in low:
        os.close(end)
    return high[0], high[1]
