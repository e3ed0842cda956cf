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
from scrapy.settings import SETTINGS_PRIORITIES
from scrapy.utils.asyncio import call_later

from archive import clock
from archive.agenda import Rest
from crawler.pace import HostPace, retry_after
from crawler.run import Run
from crawler.stopping import end_waiting

SECOND = timedelta(seconds=1)


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
        # What a spider declares for slots of its own; what a command line does makes nothing faster
        ours = settings.getpriority("DOWNLOAD_SLOTS") == SETTINGS_PRIORITIES["spider"]
        slots = settings.getdict("DOWNLOAD_SLOTS") if ours else {}
        self._declared = {key: float(slot["delay"]) for key, slot in slots.items() if "delay" in slot}
        self._hosts: dict[str, HostPace] = {}  # by the key of Scrapy's slot
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
        return run.frontier.rests if run is not None else self._rests

    def host(self, request: Request) -> HostPace:
        """The pace of a request's host, begun with the first question; of its slot, where a spider parts a host."""
        key = self._key(request)
        if key not in self._hosts:
            publisher = getattr(self.crawler.spider, "publisher", None)
            least = max(self.delay, publisher.download_delay if publisher is not None else 0.0)
            known = self.rests.get(_host(request.url))
            self._hosts[key] = HostPace(
                least=self._declared.get(key, least), strikes=known.strikes if known is not None else 0
            )
        return self._hosts[key]

    # --- before a request ---------------------------------------------------------------------------------------------

    def process_request(self, request: Request) -> None:
        """Raise HostLeftAlone for a request that must not be made now; else it waits for its turn."""
        if rest := self._rest(request):
            raise HostLeftAlone(rest)
        self._apply(request)
        if self._held_until.get(self._key(request), 0.0) > time.monotonic():
            self._hold(request, 0.0)  # Scrapy forgets a slot that was empty for a minute

    def _rest(self, request: Request) -> Rest | None:
        """Until when, and why, a request's host is left alone; None when it is not."""
        rest = self.rests.get(_host(request.url))
        return rest if rest is not None and rest.until > clock.now() else None

    def ask_at_most_every(self, request: Request, seconds: float) -> None:
        """Hold a request's host to its Crawl-delay."""
        self.host(request).ask_at_most_every(seconds)
        self._apply(request)

    # --- with other workers -------------------------------------------------------------------------------------------

    def delay_of(self, request: Request) -> float:
        """The seconds that a request's host is given between two requests now, at least."""
        return self.host(request).delay * self.scale

    def leave(self, rest: Rest) -> None:
        """Another worker was told to leave a host alone."""
        self.rests[rest.host] = rest

    # --- after an answer ----------------------------------------------------------------------------------------------

    def answered(self, request: Request, response: Response) -> Rest | None:
        """Note an answer, before another request can follow it; returns what the archive should know of the host.

        The download handler calls this as soon as the answer is there: in `process_response` it would be too late.
        """
        if self._rest(request):
            return None  # it was under way when the host was left
        name, host = _host(request.url), self.host(request)
        advice = host.answered(
            request.url,
            response.status,
            latency=request.meta.get("download_latency") or 0.0,
            retry_after=_retry_after(response),
        )
        self._apply(request)
        if advice.hold:
            self._hold(request, advice.hold)
        if advice.rest is not None:
            until = clock.now().replace(microsecond=0) + SECOND + advice.rest  # stored to the second
            rest = Rest(host=name, until=until, reason=advice.reason, strikes=host.strikes)
        elif advice.recovered and name in self.rests:
            rest = Rest(host=name, until=clock.now(), reason="it answers again", strikes=0)
        else:
            return None
        self.rests[name] = rest
        if advice.rest is not None:
            end_waiting(self._slot(request), HostLeftAlone(rest))
        return rest

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep Scrapy from asking a host again that is left alone, and have a redirect wait as long as it asks for.

        Raises HostLeftAlone for a redirect that asks for too long a wait.
        """
        rest = self._rest(request)
        if rest is not None:
            request.meta["dont_retry"] = True
        if response.status in range(300, 400) and response.status != 304 and (wait := _retry_after(response)):
            if rest is not None:
                raise HostLeftAlone(rest)
            location = (response.headers.get(b"Location") or b"").decode("latin-1")
            target = urljoin(request.url, location)
            if target.startswith(("http:", "https:")) and _host(target):
                self._hold(Request(target), wait)
        return response

    # --- Scrapy's slots -----------------------------------------------------------------------------------------------

    def _key(self, request: Request) -> str:
        return str(self.crawler.engine.downloader.get_slot_key(request))

    def _slot(self, request: Request) -> Any:
        return self.crawler.engine.downloader._get_slot(request)[1]

    def _apply(self, request: Request) -> None:
        """Have the slot wait for the host's delay and up to half of it more, at random; never less."""
        slot = self._slot(request)
        slot.delay, slot.jitter = 1.25 * self.host(request).delay * self.scale, 0.2

    def _hold(self, request: Request, seconds: float) -> None:
        """Send nothing to a host for so long, and in any case not before what was asked for earlier has passed."""
        slot, key, now = self._slot(request), self._key(request), time.monotonic()
        until = max(now + seconds * self.scale, self._held_until.get(key, now))
        self._held_until[key] = until
        slot.close()
        slot.latercall = call_later(until - now, self.crawler.engine.downloader._latercall, slot)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _retry_after(response: Response) -> float | None:
    def header(name: bytes) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value is not None else None

    return retry_after(header(b"Retry-After"), date=header(b"Date"), now=clock.now())
