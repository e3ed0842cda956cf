"""What a fault is, the registry of what each does, and the book of the URLs that are spoilt."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests.web.messages import Reply, Wire


@dataclass(frozen=True)
class Fault:
    """One way to misbehave.

    kind    a key of `FAULTS`
    status  for `status`, `redirect`, `page`, `with_body`: the code to answer with
    after   for `truncated`, `reset`, `slow`, `stalled`: bytes of the body that are sent first (default: half)
    seconds for `slow`: pause before each piece; for `silent`: before anything is sent
    size    for `slow`: bytes of a piece; for the endless ones and the bombs: bytes in all; for floods: how many
    body    for `body` and `page`: the entity to send instead; for `content_lie`: the label
    location  for `redirect`: the header's value; for sources that name something: what they name
    encoding  for `mislabelled`: a name that Python knows; for bombs and `cut_stream`: the content codings
    headers further headers, put in front of the reply's own
    times   how many requests it spoils before it is spent; None: all
    """

    kind: str
    status: int = 503
    after: int | None = None
    seconds: float = 0.2
    size: int = 64
    body: bytes = b""
    location: str = "?"
    encoding: str = "windows-1256"
    headers: tuple[tuple[str, str], ...] = ()
    times: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"unknown fault {self.kind!r}; known are: {', '.join(sorted(FAULTS))}")

    def apply(self, reply: Reply) -> Reply | Wire:
        """The spoilt reply."""
        if self.headers:
            reply = replace(reply, headers=(*self.headers, *reply.headers))
        return FAULTS[self.kind](reply, self)


FaultFunction = Callable[[Reply, Fault], Reply | Wire]
FAULTS: dict[str, FaultFunction] = {}
# Faults of the TLS handshake: they strike before there is a request (`tests.web.handshakes`), and spare the reply.
HANDSHAKES = ("tls_expired", "tls_other_name", "tls_self_signed", "tls_cut", "tls_plain", "tls_silent")
FAULTS.update(dict.fromkeys(HANDSHAKES, lambda reply, settings: reply))


def fault(name: str) -> Callable[[FaultFunction], FaultFunction]:
    """Register a function as the fault of that name."""

    def register(function: FaultFunction) -> FaultFunction:
        FAULTS[name] = function
        return function

    return register


class FaultBook:
    """Which URLs are spoilt, and how. The first pattern that is found in the URL and is not spent wins."""

    def __init__(self) -> None:
        self._entries: list[tuple[re.Pattern[str], Fault, Iterator[int]]] = []

    def add(self, url_pattern: str, new: Fault) -> None:
        """Spoil the URLs in which the regex `url_pattern` is found; a later pattern takes precedence."""
        left = itertools.count() if new.times is None else iter(range(new.times))
        self._entries.insert(0, (re.compile(url_pattern), new, left))

    def clear(self) -> None:
        """Behave again."""
        self._entries.clear()

    def for_url(self, url: str) -> Fault | None:
        """The fault for this request, counting it as used, or None."""
        return next(self._found(url, handshake=False), None)

    def for_handshake(self, host: str) -> Fault | None:
        """The fault of the TLS handshake with this host, whose pattern is found in `https://host/`, or None."""
        return next(self._found(f"https://{host}/", handshake=True), None)

    def _found(self, url: str, *, handshake: bool) -> Iterator[Fault]:
        for pattern, candidate, left in list(self._entries):
            fits = (candidate.kind in HANDSHAKES) is handshake
            if fits and pattern.search(url) and next(left, None) is not None:
                yield candidate
