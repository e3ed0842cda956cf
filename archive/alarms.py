"""Alarms: raised when a rule of `archive.alarm_rules` finds something, open while it lasts, cleared when it is over.

There is one open alarm at most for each publisher, kind and source. What lay within an alarm is no part of the past
that later alarms are judged by; what an operator accepted (`archive alarms --accept`) is all of it, from then on.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive.alarm_facts import Facts, read_facts
from archive.alarm_rules import Finding, Rhythm, Series, fell_silent, is_over, worsened
from archive.alarm_words import message
from archive.articles import as_json, utc
from archive.journal import Keeper

# A broken layout is one trouble, not five.
_FOLLOW_LAYOUT = ("text_length", "agreement", "missing_")


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One row of `alarms`."""

    id: int
    raised_at: str
    publisher: str
    source: str | None
    kind: str
    message: str
    figures: Mapping[str, Any]
    cleared_at: str | None
    told: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a look at the archive came to: findings to raise, and ids of alarms that are over."""

    raised: Sequence[Finding] = ()
    over: Sequence[int] = ()


class Alarms(Keeper):
    """See the module's docstring. Used through `Archive.alarms`, in the archive's thread."""

    def evaluate(self, run_id: int | None, at: datetime, *, retired: Collection[str] = ()) -> None:
        """Look at every publisher; raise what is new, clear what is over. Raises ArchiveError.

        `run_id`: the run that looks; None where archives were merged. `retired`: sources that nothing is expected of
        any more.
        """
        publishers = self._db.execute("SELECT name, spider FROM publishers ORDER BY name").fetchall()
        for name, spider in publishers:
            facts = read_facts(self._db.conn, name, spider, at)
            judgement = judge(facts, read(self._db.conn, publisher=name), retired=retired)
            if judgement.raised or judgement.over:
                with self.journal.change():
                    self._note(facts, judgement, run_id, at)

    def _note(self, facts: Facts, judgement: Judgement, run_id: int | None, at: datetime) -> None:
        for alarm_id in judgement.over:
            self.journal.note({"update": "alarms", "where": {"id": alarm_id}, "set": {"cleared_at": utc(at)}})
        for finding in judgement.raised:
            row: dict[str, Any] = {"raised_at": utc(at), "publisher": facts.publisher, "source": finding.source}
            row |= {"kind": finding.kind, "message": message(finding, facts), "figures": as_json(finding.figures)}
            self.journal.note({"insert": "alarms", "row": {**row, "run_id": run_id}})

    def accept(self, alarm_id: int, at: datetime) -> Alarm | None:
        """Clear an open alarm by hand: what it shows is usual from now on. Returns it, None where there is none."""
        found = next((alarm for alarm in read(self._db.conn) if alarm.id == alarm_id), None)
        if found is None or found.cleared_at is not None:
            return None
        figures = {**found.figures, "accepted": True}
        values = {"cleared_at": utc(at), "figures": as_json(figures)}
        with self.journal.change():
            self.journal.note({"update": "alarms", "where": {"id": alarm_id}, "set": values})
        return replace(found, cleared_at=utc(at), figures=figures)

    def to_tell(self) -> list[Alarm]:
        """Alarms that the operator has not been told of: that they stand, or that they are over."""
        return [
            alarm
            for alarm in read(self._db.conn)
            if alarm.told != _state(alarm) and (alarm.told or not alarm.cleared_at)
        ]

    def mark_told(self, alarms: Sequence[Alarm]) -> None:
        """Note that the operator knows."""
        with self.journal.change():
            for alarm in alarms:
                self.journal.note({"update": "alarms", "where": {"id": alarm.id}, "set": {"told": _state(alarm)}})


def _state(alarm: Alarm) -> str:
    return "cleared" if alarm.cleared_at else "raised"


def read(connection: sqlite3.Connection, *, publisher: str | None = None, open_only: bool = False) -> list[Alarm]:
    """Alarms in the order in which they were raised."""
    cursor = connection.execute(
        "SELECT id, raised_at, publisher, source, kind, message, figures, cleared_at, told FROM alarms "
        "WHERE (:publisher IS NULL OR publisher = :publisher) AND (NOT :open_only OR cleared_at IS NULL) ORDER BY id",
        {"publisher": publisher, "open_only": open_only},
    )
    names = [column[0] for column in cursor.description]
    rows = (dict(zip(names, row, strict=True)) for row in cursor)
    return [Alarm(**{**row, "figures": json.loads(row["figures"])}) for row in rows]


# --- judging, pure ----------------------------------------------------------------------------------------------------


def judge(facts: Facts, alarms: Sequence[Alarm], *, retired: Collection[str] = ()) -> Judgement:
    """What to raise and what is over, of one publisher, whose alarms past and present are `alarms`."""
    standing = {(alarm.kind, alarm.source): alarm for alarm in alarms if alarm.cleared_at is None}
    raised: list[Finding] = []
    over: list[int] = []
    for series in facts.series():
        alarm = standing.get((series.kind, series.source))
        if alarm is not None:
            if series.source in retired or is_over(series, alarm.figures):
                over.append(alarm.id)
        elif series.source not in retired and (finding := worsened(_usual(series, alarms))):
            raised.append(finding)
    for rhythm in facts.rhythms:
        alarm = standing.get(("silent", rhythm.source))
        if alarm is not None:
            if rhythm.source in retired or _speaks_again(rhythm, alarm):
                over.append(alarm.id)
        elif rhythm.source not in retired and (finding := fell_silent(rhythm)):
            raised.append(finding)
    broken = any(kind == "layout" and alarm.id not in over for (kind, _), alarm in standing.items())
    if broken or any(finding.kind == "layout" for finding in raised):
        raised = [finding for finding in raised if not finding.kind.startswith(_FOLLOW_LAYOUT)]
    return Judgement(raised=raised, over=over)


def _usual(series: Series, alarms: Sequence[Alarm]) -> Series:
    """The series without what lay within alarms of its kind, and without what was before an accepted one."""
    past = [alarm for alarm in alarms if (alarm.kind, alarm.source) == (series.kind, series.source)]
    if not past:
        return series
    begin = max((alarm.figures["since"] for alarm in past if alarm.figures.get("accepted")), default="")
    spans = [(alarm.figures["since"], alarm.cleared_at or "") for alarm in past if not alarm.figures.get("accepted")]
    kept = [
        place for place, at in enumerate(series.at)
        if at >= begin and not any(since <= at <= cleared for since, cleared in spans)
    ]  # fmt: skip
    return replace(series, at=[series.at[place] for place in kept], values=[series.values[place] for place in kept])


def _speaks_again(rhythm: Rhythm, alarm: Alarm) -> bool:
    return any(hour > alarm.figures["last"] for hour in rhythm.news)
