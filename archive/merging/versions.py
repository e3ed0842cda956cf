"""The versions of one article that several machines captured, as one machine would have them.

Each shard compared a page with what it knew itself. Together, in the order of their captures, some versions are
nothing new (another worker had that text before), and some captures that were `unchanged` to their worker bring an
older text back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.merging.shards import Row

Key = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A version as some archive has it. `row` names captures by their id here; `key` tells it from all others."""

    row: Row
    mentions: Sequence[Row] = ()

    @property
    def key(self) -> Key:
        """The record of its text and its capture; where that record is lost, the text itself."""
        row = self.row
        return (row["text_record_id"] if row["text_offset"] is not None else row["text_hash"]), row["capture_id"]

    @property
    def keys(self) -> tuple[Key, Key, Key]:
        """All keys under which another archive may have it: there the record may be whole that was lost here."""
        row = self.row
        return self.key, (row["text_hash"], row["capture_id"]), (row["text_record_id"], row["capture_id"])


@dataclass(kw_only=True, slots=True)
class Visit:
    """A capture of an article's page: its versions, the first and those of later rules, or the one that it repeats."""

    capture_id: int
    at: str
    versions: list[Version] = field(default_factory=list)
    repeats: Version | None = None

    def texts(self) -> Iterator[Version]:
        """What it showed, by the rules of then and of later."""
        if self.versions:
            yield from self.versions
        elif self.repeats is not None:
            row = {**self.repeats.row, "captured_at": self.at, "capture_id": self.capture_id}
            yield Version(row=row, mentions=self.repeats.mentions)


def visits(origins: Sequence[Sequence[Version]], unchanged: Sequence[Mapping[int, str]]) -> list[Visit]:
    """Every visit to a page, oldest first.

    `origins`: the versions that each archive has, in the order of their numbers · `unchanged`: captures of each, by id
    with their time, that it found to be the text in force.
    """
    found: dict[int, Visit] = {}
    known: set[Key] = set()
    for versions in origins:
        for version in versions:
            if version.key not in known:
                known.update(version.keys if version.row["text_offset"] is None else (version.key,))
                row = version.row
                visit = found.setdefault(row["capture_id"], Visit(capture_id=row["capture_id"], at=row["captured_at"]))
                visit.versions.append(version)
    for versions, captures in zip(origins, unchanged, strict=True):
        for capture_id, at in captures.items():
            if capture_id not in found and (in_force := _in_force(versions, at)) is not None:
                found[capture_id] = Visit(capture_id=capture_id, at=at, repeats=in_force)
    return sorted(found.values(), key=lambda visit: (visit.at, visit.capture_id))


def _in_force(versions: Sequence[Version], at: str) -> Version | None:
    before = [version for version in versions if version.row["captured_at"] <= at]
    return max(before, key=lambda version: (version.row["captured_at"], version.row["number"]), default=None)


def due(history: Sequence[Visit]) -> list[tuple[Visit, list[Version]]]:
    """What each visit adds to the article: its versions, none where it shows the text that is in force."""
    in_force: str | None = None
    found: list[tuple[Visit, list[Version]]] = []
    for visit in history:
        kept: list[Version] = []
        for version in visit.texts():
            if kept or version.row["text_hash"] != in_force:  # newer rules may change other fields than the text
                kept.append(version)
                in_force = version.row["text_hash"]
        found.append((visit, kept))
    return found
