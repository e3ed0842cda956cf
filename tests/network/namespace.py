"""`python -m tests.network.namespace FOLDER [NAME=VALUE …]`, where every address of the network is this machine's.

Crawls all spellings of private addresses, as sources and as targets of redirects and links, while one server listens at
all addresses and notes to which the connections came. Prints that, and what the crawl said, as JSON. NAME=VALUE are
settings of the crawl.

To be started by `unshare --net --map-root-user`: nothing outside is reached, and nothing of the machine is changed.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

from tests.network.addresses import FAILING, NAMES, PUBLIC, spellings
from tests.web.faults.sources import feed_of

COMMANDS = (
    "ip link set lo up",
    "ip route add local 0.0.0.0/0 dev lo",
    "ip -6 route add local ::/0 dev lo",
)
FEED = "http://www.dns.example/feed"
SETTINGS: dict[str, object] = {
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
    "DOWNLOAD_TIMEOUT": 10,
    "RETRY_TIMES": 0,
    "DNSCACHE_ENABLED": False,  # each request asks again, so that names can change under it
    "DNS_TIMEOUT": 2,
    "EXTRACTION_WORKERS": 1,
}


class Everywhere:
    """Listens on ports 80 and 443 of every address there is, and answers on 80."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        for port in (80, 443):
            for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                listener = socket.create_server((host, port), family=family, backlog=256)
                threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            self.reached.append(connection.getsockname()[0])
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, IndexError), connection:
            target = connection.recv(65536).split(b" ", 2)[1].decode()
            # Closed each time, so that the next request looks the name up again
            connection.sendall(answer(target).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))


def answer(target: str) -> bytes:
    """The one public server: a feed that links everywhere, and a redirect to each spelling."""
    if target == "/robots.txt":
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if target.startswith("/to/"):
        location = f"http://{spellings()[int(target[4:])]}/admin".encode()
        return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    body = feed_of(f"http://{host}/news/1" for host in spellings())
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def main() -> int:
    """Set the namespace up, crawl, report."""
    folder = Path(sys.argv[1])
    for command in COMMANDS:
        subprocess.run(command.split(), check=True)
    server = Everywhere()
    hosts = [*spellings(), *NAMES, *FAILING]
    sources = [("feed", f"http://{host}/admin") for host in hosts]
    sources += [("feed", f"https://{host}/admin") for host in hosts[::7]]
    sources += [("feed", f"http://www.dns.example/to/{number}") for number in range(len(spellings()))]
    sources += [("feed", f"http://{host}/again") for host in ("rebinding.dns.example", "flapping.dns.example")]
    settings = {**SETTINGS, **dict(setting.split("=", 1) for setting in sys.argv[2:])}
    wanted = {"sources": [("feed", FEED), *sources], "settings": settings, "names": NAMES}
    (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "DATELINE_OFFLINE_WEB"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.network.crawl", str(folder / "wanted.json")],
        env={
            **environment,
            "DATELINE_ARCHIVE": str(folder / "archive"),
            "DATELINE_CONTACT": "mail@example.org",
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    report = {"reached": sorted(set(server.reached)), "connections": len(server.reached), "asked": len(sources)}
    sys.stdout.write(json.dumps({**report, "public": PUBLIC, "output": done.stdout + done.stderr}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
