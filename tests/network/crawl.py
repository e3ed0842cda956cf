"""`python -m tests.network.crawl FILE`: crawl what the JSON file says, by the real crawler and its real ending.

The file: {"sources": [[kind, URL]], "settings": {name: value}}, and, where names shall resolve otherwise than by the
machine, "names": {host: [address, …]}, one look-up after the other. Prints, last, the most memory that the
process took, in bytes, as JSON.
"""

import json
import re
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any, ClassVar

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from crawler.launch import launch
from crawler.publisher import Feed, NewsSitemap, Publisher
from crawler.spider import PublisherSpider

SOURCES = {"feed": Feed, "sitemap": NewsSitemap}


class NetworkSpider(PublisherSpider):
    """Asks for the sources that it is given."""

    name = "network"
    sources: ClassVar[list[list[str]]] = []
    publisher = Publisher(
        name="Faults",
        homepage="http://www.faults.example/",
        country="XX",
        languages=("en",),
        timezone="UTC",
        domains=("faults.example",),
        sources=(),
        article_url=r"/news/\d",
        download_delay=0.0,  # DOWNLOAD_DELAY says it
    )

    async def source_requests(self, urls: Collection[str]) -> AsyncIterator[Any]:
        for kind, url in self.sources:
            yield self.source_request(SOURCES[kind](url))


def resolve_by(names: dict[str, list[str]]) -> None:
    """Put a name service in the machine's place: `names`, `hanging…` that takes long, and addresses as they are."""
    asked: Counter[str] = Counter()

    def gethostbyname(name: str) -> str:
        asked[name] += 1
        if name.lower() in names:
            answers = names[name.lower()]
            return answers[min(asked[name], len(answers)) - 1]
        if name.startswith("hanging"):
            time.sleep(4)
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        return socket.inet_ntoa(socket.inet_aton(name))  # what the C library takes for an address, or OSError

    socket.gethostbyname = gethostbyname


def main() -> int:
    """Crawl."""
    wanted = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    if "names" in wanted:
        resolve_by(wanted["names"])
    settings = get_project_settings()
    for name, value in wanted["settings"].items():
        settings.set(name, value, priority="cmdline")
    NetworkSpider.sources = wanted["sources"]
    code = launch(AsyncCrawlerProcess(settings), [(NetworkSpider, {})], command="network")
    # Not getrusage(2): what it calls the maximum is at least that of the process which started this one
    peak = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[1]) * 1024
    sys.stdout.write("\n" + json.dumps({"exit_code": code, "peak": peak}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
