"""Telling the operator of alarms: a command that reads JSON, a web address that takes it. Once when one is raised, once
when it is over.

    {"at": "2026-03-04T12:00:00Z", "raised": [{"id": 7, "publisher": "…", "kind": "layout", "message": "…", …}],
     "cleared": []}

What goes wrong here is reported and tried again at the end of the next run; it never fails a crawl.
"""

import json
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime
from http.client import HTTPException
from typing import Any

from archive.alarms import Alarm
from archive.articles import utc

PATIENCE = 10  # seconds that a command or a server is waited for


def document(alarms: Sequence[Alarm], at: datetime) -> dict[str, Any]:
    """What is sent: the alarms that began and those that ended."""
    shown = ("id", "publisher", "source", "kind", "message", "figures", "raised_at", "cleared_at")
    raised = [alarm for alarm in alarms if alarm.cleared_at is None]
    cleared = [alarm for alarm in alarms if alarm.cleared_at is not None]
    return {
        "at": utc(at),
        "raised": [{name: getattr(alarm, name) for name in shown} for alarm in raised],
        "cleared": [{name: getattr(alarm, name) for name in shown} for alarm in cleared],
    }


def send(
    alarms: Sequence[Alarm], *, at: datetime, command: str | None = None, webhook: str | None = None
) -> tuple[bool, list[str]]:
    """Tell of `alarms`. Returns whether somebody took the message, and what went wrong, one line each."""
    body = json.dumps(document(alarms, at), ensure_ascii=False).encode()
    ways: list[tuple[str, Callable[[str, bytes], str | None], str]] = []
    if command:
        ways.append(("DATELINE_ALARM_COMMAND", _run, command))
    if webhook:
        ways.append(("DATELINE_ALARM_WEBHOOK", _post, webhook))
    said = [(name, way(target, body)) for name, way, target in ways]
    problems = [f"{name}: {problem}; the next run tries again" for name, problem in said if problem is not None]
    return any(problem is None for _, problem in said), problems


def _run(command: str, body: bytes) -> str | None:
    """Run a command line, without a shell, with `body` on its standard input. Returns what went wrong."""
    try:
        words = shlex.split(command)
        done = subprocess.run(words, input=body, capture_output=True, timeout=PATIENCE, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"{command} did not end within {PATIENCE} s"
    except (OSError, ValueError) as error:
        return f"{command} cannot be run: {error}"
    if done.returncode == 0:
        return None
    told = done.stderr.decode("utf-8", "replace").strip()[-200:]
    return f"{command} ended with exit code {done.returncode}{f': {told}' if told else ''}"


def _post(address: str, body: bytes) -> str | None:
    """POST `body` to a web address. Returns what went wrong; the address may hold a secret and is not named."""
    if not address.startswith(("http://", "https://")):
        return "not an http or https address"
    headers = {"Content-Type": "application/json", "User-Agent": "dateline"}
    try:
        request = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - checked
        with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
            return None
    except urllib.error.HTTPError as error:
        with error:
            return f"the server answered {error.code}"
    except (OSError, ValueError, HTTPException) as error:
        return f"nothing came of it: {getattr(error, 'reason', type(error).__name__)}"
