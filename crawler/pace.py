"""How fast one host is asked: never faster than its publisher's delay, slower when it is slow or refuses, and not at
all when it keeps refusing. What happened, in and what to do, out: no network and no clock of its own.

Scrapy's AutoThrottle follows the time that answers take; a refusal is quick, so that it hardly slows down for one.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# 403: we are not wanted · 429: we ask too much (RFC 6585) · 503: the host cannot (RFC 9110, 15.6.4)
REFUSALS = frozenset({403, 429, 503})
IN_A_ROW = 5  # URLs that are refused one after another; then the host is left alone
MAX_DELAY = 60.0  # seconds between two requests that refusals and slow answers may make of a delay
LEAST_BACKOFF = 1.0  # seconds that the first refusal doubles where there is no delay
RECOVERY = 8  # each good answer takes off this part of what the delay is too long
MAX_WAIT = 300.0  # seconds that one run waits for a host because of `Retry-After`, all together
# How long a host is left alone that asked for nothing, doubled each time that it refuses at once when asked again.
REST = timedelta(minutes=30)
MAX_REST = timedelta(days=1)  # of what a host asks for, too: a typo must not close a source for a year


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What an answer means for the host: nobody asks for `hold` seconds; `rest`: nobody asks in this run at all."""

    hold: float = 0.0
    rest: timedelta | None = None
    reason: str = ""
    recovered: bool = False  # the host was left alone in an earlier run, and answers again


@dataclass(kw_only=True, slots=True)
class HostPace:
    """One host. `least` and `delay` are seconds from one request to the next: at least, and now.

    `strikes`: how often it was left alone without a good answer in between.
    """

    least: float
    strikes: int = 0
    delay: float = field(init=False)
    waited: float = 0.0  # seconds of this run
    refused: set[str] = field(default_factory=set)  # URLs, since the last other answer

    def __post_init__(self) -> None:
        self.delay = self.least

    def ask_at_most_every(self, seconds: float) -> None:
        """Take a longer least delay: the site's own Crawl-delay."""
        self.least = max(self.least, seconds)
        self.delay = max(self.delay, self.least)

    def answered(self, url: str, status: int, *, latency: float, retry_after: float | None = None) -> Advice:
        """Note an answer; `latency` is the time in seconds until it began, `retry_after` what it asks to wait."""
        if status in REFUSALS:
            return self._refused(url, status, retry_after)
        self.refused.clear()
        self._follow(latency, good=200 <= status < 300 or status == 304)
        if 300 <= status < 400 and retry_after:  # RFC 9110, 10.2.3: before the redirected request
            return self._wait(status, retry_after)
        recovered = self.strikes > 0 and status < 500
        self.strikes = 0 if recovered else self.strikes
        return Advice(recovered=recovered)

    def _refused(self, url: str, status: int, retry_after: float | None) -> Advice:
        self.refused.add(url)
        self.delay = max(self.least, min(MAX_DELAY, 2 * max(self.delay, LEAST_BACKOFF)))
        if retry_after is not None and retry_after > MAX_WAIT - self.waited:
            return self._wait(status, retry_after)
        if len(self.refused) >= (1 if self.strikes else IN_A_ROW):
            many = f"{len(self.refused)} addresses in a row" if len(self.refused) > 1 else "at once, again"
            rest = min(MAX_REST, REST * 2 ** min(self.strikes, 10))
            self.strikes += 1
            return Advice(rest=rest, reason=f"it refused {many} ({status})")
        return self._wait(status, retry_after or 0.0)

    def _wait(self, status: int, seconds: float) -> Advice:
        """What it asks for, within this run if that is not too long."""
        if seconds > MAX_WAIT - self.waited:
            self.strikes += 1
            asked = f"it answered {status} and asks to be left alone for {seconds:.0f} s"
            return Advice(rest=min(MAX_REST, timedelta(seconds=seconds)), reason=asked)
        self.waited += seconds
        return Advice(hold=seconds)

    def _follow(self, latency: float, *, good: bool) -> None:
        """A host that takes long to answer is asked as seldom; only good answers make it faster again, and slowly."""
        wanted = max(self.least, min(latency, MAX_DELAY))
        if wanted >= self.delay:
            self.delay = wanted
        elif good:
            self.delay -= (self.delay - wanted) / RECOVERY


def retry_after(value: str | None, *, date: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` asks for (RFC 9110, 10.2.3); None where it is none.

    A date is counted from the server's own `Date`, where there is one: its clock may be wrong, and ours.
    """
    text = (value or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    until = _http_date(text)
    if until is None:
        return None
    return max(0.0, (until - (_http_date(date or "") or now)).total_seconds())


def _http_date(text: str) -> datetime | None:
    """A date as HTTP writes them (RFC 9110, 5.6.7), in each of its three forms."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
