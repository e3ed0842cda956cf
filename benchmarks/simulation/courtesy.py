"""Was the crawler a good guest? The offline web's own log, run by run, against robots.txt, pace and thrift."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import KEPT, Asked, Ended
from benchmarks.simulation.script import Script

# Requests under way at one host, and seconds between two of them, of which `runs.PACE` keeps a part. The server sees
# them a moment later than they were sent.
CONCURRENCY = 2
LEAST_GAP = 1.0
STRIDE = 10  # so many gaps together: a busy machine lets single requests bunch
SLACK = 0.15  # seconds of all of them
MOST_VISITS = 12  # of one story in a month without troubles: the first, five by age, and as many after an edit


def judge(script: Script, runs: Sequence[Ended], found: Findings) -> None:
    """Hold every request to what the host had said before it, and each host's requests to their pace."""
    rules: dict[str, _Rules] = {}
    for run in runs:
        hosts: dict[str, list[Asked]] = defaultdict(list)
        for asked in run.asked:
            hosts[urlsplit(asked.url).netloc].append(asked)
        found.count("requests", len(run.asked))
        found.count("requests with a condition", sum(asked.condition for asked in run.asked))
        found.count("answers 304", sum(asked.status == 304 for asked in run.asked))
        for host, requests in hosts.items():
            _robots(run, host, requests, rules, found)
            _pace(run, host, requests, rules, found)
    _thrift(script, runs, found)


class _Rules:
    """What a host's robots.txt says to everyone, read by its lines: prefixes, and the delay."""

    def __init__(self, status: int, text: str) -> None:
        self.is_closed = status >= 500
        self.is_open = 400 <= status < 500
        lines = [line.partition(":") for line in text.splitlines()]
        told = [(name.strip().lower(), value.strip()) for name, _, value in lines]
        self.prefixes = [value for name, value in told if name == "disallow" and value]
        self.delay = max((float(value) for name, value in told if name == "crawl-delay"), default=0.0)

    def forbids(self, url: str) -> bool:
        """Whether `url` must not be asked for."""
        if self.is_open:
            return False
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return self.is_closed or any(target.startswith(prefix) for prefix in self.prefixes)


def _robots(run: Ended, host: str, requests: Iterable[Asked], rules: dict[str, _Rules], found: Findings) -> None:
    for asked in requests:
        if asked.robots is not None:
            found.count("robots.txt asked for")
            if not 300 <= asked.status < 400:  # 304: as it was; a redirect: the next one says
                rules[host] = _Rules(asked.status, asked.robots.decode("utf-8", "replace"))
        elif host not in rules:
            if urlsplit(asked.url).scheme == "https":  # http only leads to https, where the question is asked again
                found.problem("robots", f"{asked.url} asked for before the host's robots.txt", run.at)
        elif rules[host].forbids(asked.url):
            found.problem("robots", f"{asked.url} asked for though robots.txt forbids it", run.at)


def _pace(run: Ended, host: str, requests: Sequence[Asked], rules: dict[str, _Rules], found: Findings) -> None:
    delay = rules[host].delay if host in rules else 0.0
    least = STRIDE * max(delay, LEAST_GAP) * KEPT - SLACK
    pages = [asked for asked in requests if asked.robots is None]
    for first, last in zip(pages, pages[STRIDE:], strict=False):
        if (passed := last.begun - first.begun) < least:
            found.problem("pace", f"{STRIDE} requests after {first.url} within {passed:.3f} s", run.at)
    moments = sorted(
        [(asked.begun, 1) for asked in requests] + [(asked.ended, -1) for asked in requests if asked.ended]
    )
    under_way = most = 0
    for _, step in moments:
        under_way += step
        most = max(most, under_way)
    found.figures["most requests under way at a host"] = max(found.figures["most requests under way at a host"], most)
    if most > CONCURRENCY + 1:  # robots.txt is asked for beside what waits for it
        found.problem("pace", f"{most} requests under way at {host}", run.at)


def _thrift(script: Script, runs: Sequence[Ended], found: Findings) -> None:
    """No page is asked for twice in a run without a reason, nor more often than its age and its edits call for."""
    visits: dict[str, int] = defaultdict(int)
    for run in runs:
        in_run: dict[str, int] = defaultdict(int)
        for asked in run.asked:
            if asked.fault is None and asked.status in {200, 304}:
                in_run[asked.url] += 1
        for url, times in in_run.items():
            visits[url] += 1
            if times > 1 and urlsplit(url).path != "/":  # where withdrawn stories lead, each once
                found.problem("thrift", f"{url} asked for {times} times in one run", run.at)
    for story in script.stories:
        found.count("visits to stories", visits[story.url])
        if visits[story.url] > MOST_VISITS:
            found.problem("thrift", f"{story.url} asked for {visits[story.url]} times in all", story.published_at)
