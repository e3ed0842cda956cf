"""`python -m tests.web`: serve the offline web until standard input closes or SIGTERM or SIGINT comes.

Prints one line of JSON when ready: {"http": port, "https": port, "ca": "path of the authority's certificate"}.
"""

import argparse
import json
import os
import select
import signal
import sys
from pathlib import Path
from types import FrameType

from tests.web.offline import OfflineWeb

STDIN = 0
# How late a signal may be noticed; the end of standard input is noticed at once.
POLL_SECONDS = 0.2


def main() -> None:
    """Parse the arguments, serve, say where, wait for the end."""
    parser = argparse.ArgumentParser(prog="python -m tests.web", description="Serve the offline web on loopback.")
    parser.add_argument("--http-port", type=int, default=0, help="default: any free port")
    parser.add_argument("--https-port", type=int, default=0, help="default: any free port")
    parser.add_argument("--port-file", type=Path, help="write the line that is printed into this file as well")
    arguments = parser.parse_args()

    ended: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        ended.append(number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with OfflineWeb(http_port=arguments.http_port, https_port=arguments.https_port) as web:
        line = json.dumps({"http": web.http_port, "https": web.https_port, "ca": os.fspath(web.ca)})
        if arguments.port_file:
            # Renamed into place, so that a reader never sees half a line.
            part = arguments.port_file.with_name(arguments.port_file.name + ".part")
            part.write_text(line + "\n", encoding="utf-8")
            part.replace(arguments.port_file)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        while not ended and not _stdin_closed():
            pass


def _stdin_closed() -> bool:
    """Wait a moment for standard input; whether it has ended. What is typed is thrown away."""
    if sys.stdin is None:  # it was never open (`<&-`), and its number may be another file's by now
        return True
    readable, _, _ = select.select([STDIN], [], [], POLL_SECONDS)
    return bool(readable) and not os.read(STDIN, 4096)


if __name__ == "__main__":
    main()
