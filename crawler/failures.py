"""What a failed request means: in plain words, and whether it is the network, the publisher or us."""

from dataclasses import dataclass, replace

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from service_identity import VerificationError

from archive.errors import DatelineError
from archive.model import Outcome
from crawler.errors import AddressRefused, HostUnreachable
from crawler.middlewares.pace import HostLeftAlone
from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable
from crawler.middlewares.scope import OutOfScope
from crawler.stopping import Stopped

MAX_WORDS = 300  # characters


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFailure:
    """Why a request brought no usable response.

    `unreachable`: no connection came about. `final`: another run would fare the same, the URL need not be tried again.
    `not_asked`: the request was not even made, and waits for a run that may.
    `detail` may hold `{}` in the table below, for the error's own words.
    """

    detail: str
    outcome: Outcome = Outcome.FAILED
    unreachable: bool = False
    final: bool = False
    not_asked: bool = False


# The first class that fits speaks, so subclasses stand before their bases.
_MEANINGS: tuple[tuple[type[BaseException], RequestFailure], ...] = (
    (HostUnreachable, RequestFailure(detail="{}", unreachable=True)),
    (AddressRefused, RequestFailure(detail="address refused: {}", final=True)),
    (HostLeftAlone, RequestFailure(detail="{}", not_asked=True)),
    (RobotsUnreachable, RequestFailure(detail="{}", outcome=Outcome.BLOCKED)),
    (DisallowedByRobots, RequestFailure(detail="{}", outcome=Outcome.BLOCKED, final=True)),
    (OutOfScope, RequestFailure(detail="out of scope: {}", outcome=Outcome.NOT_ARTICLE, final=True)),
    (DownloadTimeoutError, RequestFailure(detail="timeout: {}")),
    (DownloadCancelledError, RequestFailure(detail="too large: {}", final=True)),
    (ResponseDataLossError, RequestFailure(detail="{}")),
    (DownloadFailedError, RequestFailure(detail="the exchange failed: {}")),
    (Stopped, RequestFailure(detail="{}")),
    (IgnoreRequest, RequestFailure(detail="not fetched: {}", final=True)),
    (Exception, RequestFailure(detail="{}", final=True)),
)


def explain(error: BaseException | None) -> RequestFailure:
    """The meaning of an exception that reached an errback."""
    if isinstance(error, RobotsUnreachable) and error.__cause__ is not None:
        cause = explain(error.__cause__)
        if cause.unreachable or isinstance(error.__cause__, AddressRefused):
            return cause
        return replace(cause, detail=f"{error}: {cause.detail}", final=False)
    meaning = next((meaning for kind, meaning in _MEANINGS if isinstance(error, kind)), RequestFailure(detail="{}"))
    return replace(meaning, detail=meaning.detail.format(words(error)))


def words(error: BaseException | None) -> str:
    """The error's message, at most `MAX_WORDS` characters of it; of what Twisted wraps twice, the innermost.

    `ResponseNeverReceived: [<twisted.python.failure.Failure … ConnectionLost: …>]` → `ConnectionLost: …`
    """
    reasons = getattr(getattr(error, "__cause__", None), "reasons", None)
    if isinstance(error, DownloadFailedError) and reasons:
        value = reasons[0].value
        said = f"{type(value).__name__}: {value}"
        tls = isinstance(value, (SSL.Error, VerificationError))
        return _cut(f"the server's certificate does not verify, or TLS failed otherwise: {said}" if tls else said)
    if isinstance(error, ResponseDataLossError):
        return "the connection ended before the answer was complete"
    if isinstance(error, (DatelineError, IgnoreRequest)):
        return _cut(str(error))
    return _cut(f"{type(error).__name__}: {error}")


def _cut(text: str) -> str:
    """A server's own words may be in it, and without end."""
    return text if len(text) <= MAX_WORDS else f"{text[:MAX_WORDS]}…"


def unreachable(error: Exception, *, host: str, connect_timeout: float) -> HostUnreachable | None:
    """The error of a request of which not a byte was sent, if the network is to blame; else None."""
    if isinstance(error, CannotResolveHostError):
        words = "its name cannot be resolved: no network, or no such host"
    elif isinstance(error, DownloadConnectionRefusedError):
        words = "it refuses connections"
    elif isinstance(error, DownloadTimeoutError):
        words = f"no connection within {connect_timeout:g} s"
    elif isinstance(error, OSError) or type(error).__module__ == "twisted.internet.error":
        words = str(error) or type(error).__name__
    else:
        return None
    return HostUnreachable(f"{host} cannot be reached: {words}")
