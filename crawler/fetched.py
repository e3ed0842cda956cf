"""An archived exchange on its way through a run."""

from dataclasses import dataclass, field

from archive.model import Capture


@dataclass(kw_only=True, slots=True, eq=False, weakref_slot=True)
class Fetched:
    """An archived exchange that has no outcome yet.

    Travels from handler to spider in `request.meta["fetched"]`, a list that a request shares with those that redirects
    and retries make of it (Scrapy copies `meta` one level deep): whoever asked first finds what the last hop left.
    """

    capture: Capture
    http: bytes = field(repr=False)  # the response as it crossed the wire
    refers_to: str | None = None  # record of the capture with whose validators the server was asked
    ended: bool = False

    @property
    def unmodified(self) -> bool:
        """Whether the server says that what it was asked about still holds."""
        return self.capture.status == 304 and self.refers_to is not None

    def take(self) -> bytes:
        """The bytes, once: they are not kept while the capture waits for its outcome."""
        http, self.http = self.http, b""
        return http
