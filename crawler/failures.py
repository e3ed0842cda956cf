"""What a failed request means: in plain words, and whether it is the network, the publisher or us."""

from dataclasses import dataclass

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError

from archive.model import Outcome
from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable
from crawler.middlewares.scope import OutOfScope
from crawler.resolver import AddressRefused


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestFailure:
    """Why a request brought no usable response.

    `unreachable`: no connection came about. `final`: another run would fare the same, the URL need not be tried again.
    """

    detail: str
    outcome: Outcome = Outcome.FAILED
    unreachable: bool = False
    final: bool = False


def explain(error: BaseException) -> RequestFailure:
    """The meaning of an exception that reached an errback."""
    if isinstance(error, RobotsUnreachable):
        cause = explain(error.__cause__) if error.__cause__ is not None else None
        if cause is not None and cause.unreachable:
            return cause
        return RequestFailure(detail=str(error), outcome=Outcome.BLOCKED)
    if isinstance(error, DisallowedByRobots):
        return RequestFailure(detail=str(error), outcome=Outcome.BLOCKED, final=True)
    if isinstance(error, OutOfScope):
        return RequestFailure(detail=f"out of scope: {error}", outcome=Outcome.NOT_ARTICLE, final=True)
    if isinstance(error, AddressRefused):
        return RequestFailure(detail=f"address refused: {error}", final=True)
    if isinstance(error, CannotResolveHostError):
        return RequestFailure(
            detail="the host's name could not be resolved (no network, or no such host)", unreachable=True
        )
    if isinstance(error, DownloadConnectionRefusedError):
        return RequestFailure(detail="the host refused the connection", unreachable=True)
    if isinstance(error, (ConnectError, OSError)):
        return RequestFailure(detail=f"no connection to the host: {error}", unreachable=True)
    if isinstance(error, DownloadTimeoutError):
        connecting = "User timeout" in str(error) or "took longer" not in str(error)
        detail = "the host did not answer in time" if connecting else f"timeout: {error}"
        return RequestFailure(detail=detail, unreachable=connecting)
    if isinstance(error, DownloadCancelledError):
        return RequestFailure(detail=f"too large: {error}", final=True)
    if isinstance(error, ResponseDataLossError):
        return RequestFailure(detail="the connection ended before the answer was complete")
    if isinstance(error, DownloadFailedError):
        return RequestFailure(detail=f"the exchange failed: {_innermost(error)}")
    if isinstance(error, IgnoreRequest):
        return RequestFailure(detail=str(error) or "not fetched", final=True)
    return RequestFailure(detail=f"{type(error).__name__}: {error}", final=True)


def _innermost(error: BaseException) -> str:
    """What Twisted wraps twice: `ResponseNeverReceived: [<Failure … ConnectionLost: …>]` → `ConnectionLost: …`."""
    cause = error.__cause__
    reasons = getattr(cause, "reasons", None)
    if reasons:
        value = reasons[0].value
        return f"{type(value).__name__}: {value}"
    return str(cause or error)
