"""What may be wrong with an archive, and how bad that is."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is: the worst one decides the exit code."""

    NOTE = "note"  # as it should be after a kill, or on its way to be
    INDEX = "index"  # the database is not what the files say; `scrapy rebuild` mends it
    EVIDENCE = "evidence"  # bytes of a file are not those that were written; `archive repair` saves the rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is not as it was written: where, what, and what it means."""

    level: Level
    place: str
    problem: str
