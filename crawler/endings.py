"""How visits and captures end, where their outcome can be told without reading a page."""

from dataclasses import dataclass

from archive.model import Capture, Outcome
from archive.records import WarcRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """How a visit ended."""

    outcome: Outcome
    detail: str | None = None


def hop_outcome(capture: Capture) -> tuple[Outcome, str]:
    """How a capture ends that is not the last of its URL."""
    if capture.kind == "robots":
        return Outcome.NOT_ARTICLE, "robots"
    if capture.status is not None and 300 <= capture.status < 400 and capture.status != 304:
        return Outcome.NOT_ARTICLE, "redirect"
    return Outcome.FAILED, f"http {capture.status}, asked again"


def unreadable(record: WarcRecord) -> tuple[Outcome, str] | None:
    """The outcome of a response record whose block cannot go to the extractor as it is."""
    if not record.block.startswith(b"HTTP/"):
        return Outcome.NOT_ARTICLE, "no HTTP response"  # dns: records, ftp listings
    if not record.complete:
        return Outcome.NOT_ARTICLE, f"{record.block_length} bytes are no page of text"
    if truncated := record.header("WARC-Truncated"):
        return Outcome.FAILED, f"truncated: {truncated[:40]}"
    return None


# 408 request timeout, 425 too early, 429 too many requests, and what the server says of itself
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def may_come_yet(capture: Capture, ending: Ending) -> bool:
    """Whether a failed page is worth another try in the next run: its sighting then stays open in the frontier."""
    if ending.outcome is not Outcome.FAILED:
        return False
    if capture.original is not None and capture.original.captured_at is not None:
        return False  # the status is that of the day of the original capture
    return capture.status in _PASSING or (ending.detail or "").startswith("incomplete")
