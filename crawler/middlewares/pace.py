"""Keeps the pace of each host: what `crawler.pace` advises, done to Scrapy's queues.

A host that is to be left alone is left by this run: what waits for it goes back to the frontier with the reason, and
the archive remembers until when, so that the next run leaves it alone, too.
"""

import time
from datetime import timedelta
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.asyncio import call_later

from archive import clock
from archive.agenda import Rest
from crawler.pace import HostPace, retry_after
from crawler.run import Run
from crawler.stopping import end_waiting


class HostLeftAlone(IgnoreRequest):
    """The host asked to be left alone, or kept refusing: this run does not make the request, a later one will."""

    def __init__(self, rest: Rest) -> None:
        super().__init__(f"{rest.host} is left alone until {rest.until:%Y-%m-%d %H:%M} UTC: {rest.reason}")


class PaceMiddleware:
    """See the module's docstring. Scrapy's slots, one a host, are where requests wait."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.scale = settings.getfloat("OFFLINE_PACE") if settings["OFFLINE_WEB"] else 1.0
        self.delay = settings.getfloat("DOWNLOAD_DELAY")
        self._hosts: dict[str, HostPace] = {}
        self._held_until: dict[str, float] = {}  # by the clock of `time.monotonic`
        self._rests: dict[str, Rest] = {}  # of a command that has no run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def rests(self) -> dict[str, Rest]:
        """The hosts that are left alone, or were until they answered well: all of the run's spiders know of each."""
        run = Run.find(self.crawler)
        return run.rests if run is not None else self._rests

    def host(self, name: str) -> HostPace:
        """The pace of a host, begun with the first question."""
        if name not in self._hosts:
            publisher = getattr(self.crawler.spider, "publisher", None)
            known = self.rests.get(name)
            self._hosts[name] = HostPace(
                least=max(self.delay, publisher.download_delay if publisher is not None else 0.0),
                strikes=known.strikes if known is not None else 0,
            )
        return self._hosts[name]

    # --- before a request ---------------------------------------------------------------------------------------------

    def process_request(self, request: Request) -> None:
        """Raise HostLeftAlone for a request that must not be made now; else it waits for its turn."""
        name = _host(request.url)
        if rest := self._rest(name):
            raise HostLeftAlone(rest)
        self._apply(name)
        if self._held_until.get(name, 0.0) > time.monotonic():
            self._hold(name, 0.0)  # Scrapy forgets a slot that was empty for a minute

    def _rest(self, name: str) -> Rest | None:
        """Until when, and why, a host is left alone; None when it is not."""
        rest = self.rests.get(name)
        return rest if rest is not None and rest.until > clock.now() else None

    def ask_at_most_every(self, url: str, seconds: float) -> None:
        """Hold the host of `url` to its Crawl-delay."""
        self.host(_host(url)).ask_at_most_every(seconds)
        self._apply(_host(url))

    # --- after an answer ----------------------------------------------------------------------------------------------

    def answered(self, request: Request, response: Response) -> Rest | None:
        """Note an answer, before another request can follow it; returns what the archive should know of the host.

        The download handler calls this as soon as the answer is there: in `process_response` it would be too late.
        """
        name, host = _host(request.url), self.host(_host(request.url))
        if self._rest(name):
            return None  # it was under way when the host was left
        advice = host.answered(
            request.url,
            response.status,
            latency=request.meta.get("download_latency") or 0.0,
            retry_after=_retry_after(response),
        )
        self._apply(name)
        if advice.hold:
            self._hold(name, advice.hold)
        if advice.rest is not None:
            return self._leave(name, host, advice.rest, advice.reason)
        if advice.recovered and name in self.rests:
            self.rests[name] = Rest(host=name, until=clock.now(), reason="it answers again", strikes=0)
            return self.rests[name]
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep Scrapy from asking a host again that is left alone, and have a redirect wait as long as it asks for.

        Raises HostLeftAlone for a redirect that asks for too long a wait.
        """
        name = _host(request.url)
        if response.status in range(300, 400) and response.status != 304 and (wait := _retry_after(response)):
            if rest := self._rest(name):
                raise HostLeftAlone(rest)
            location = (response.headers.get(b"Location") or b"").decode("latin-1")
            self._hold(_host(urljoin(request.url, location)), wait)
        if self._rest(name):
            request.meta["dont_retry"] = True
        return response

    # --- Scrapy's slots -----------------------------------------------------------------------------------------------

    def _slot(self, name: str) -> Any:
        downloader = self.crawler.engine.downloader
        return downloader._get_slot(Request(f"http://{name}/"))[1] if name else None

    def _apply(self, name: str) -> None:
        """Have the slot wait for the host's delay and up to half of it more, at random; never less."""
        slot = self._slot(name)
        if slot is not None:
            slot.delay, slot.jitter = 1.25 * self.host(name).delay * self.scale, 0.2

    def _hold(self, name: str, seconds: float) -> None:
        """Send nothing to a host for so long, and in any case not before what was asked for earlier has passed."""
        slot, now = self._slot(name), time.monotonic()
        if slot is None:
            return
        until = max(now + seconds * self.scale, self._held_until.get(name, now))
        self._held_until[name] = until
        slot.close()
        slot.latercall = call_later(until - now, self.crawler.engine.downloader._latercall, slot)

    def _leave(self, name: str, host: HostPace, rest: timedelta, reason: str) -> Rest:
        """Leave a host alone: nothing that waits for it is sent any more."""
        left = Rest(host=name, until=clock.now() + rest, reason=reason, strikes=host.strikes)
        self.rests[name] = left
        slot = self._slot(name)
        if slot is not None:
            end_waiting(slot, HostLeftAlone(left))
        return left


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _retry_after(response: Response) -> float | None:
    def header(name: bytes) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value is not None else None

    return retry_after(header(b"Retry-After"), date=header(b"Date"), now=clock.now())
