"""Does the archive tell what became of each story? Its `changes` against the edits, removals and walls that were."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.simulation.findings import Findings
from benchmarks.simulation.judge import Visit, visits
from benchmarks.simulation.runs import Ended
from benchmarks.simulation.script import Edition, Script, Story
from crawler.enrich.changes import CLASSES

# What each kind of edit is called; where a headline loses its figure, or a sentence its speaker, that is told too.
CLASS_OF = {kind: kind for kind in CLASSES} | {"name": "place_or_name"}
RIGHT = 0.95  # the least share of edits whose class is right
Absence = tuple[str, str]


def judge(script: Script, runs: Sequence[Ended], folder: Path, found: Findings) -> None:
    """Hold the rows of `changes` against what stood at the visits."""
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows: dict[str, list[sqlite3.Row]] = defaultdict(list)
        sql = "SELECT url, changes.* FROM changes JOIN articles ON articles.id = article_id ORDER BY changes.id"
        for row in connection.execute(sql):
            rows[row["url"]].append(row)
    seen = visits(script, runs)
    for story in script.stories:
        edits = [tuple(json.loads(row["classes"])) for row in rows[story.url] if row["kind"] == "edited"]
        _edits(story, seen[story.url], edits, found)
        absences = [(row["kind"], *json.loads(row["classes"])) for row in rows[story.url] if row["kind"] != "edited"]
        _absences(script, story, seen[story.url], absences, found)
    _shares(found)


# --- edits ------------------------------------------------------------------------------------------------------------


def _edits(story: Story, seen: Iterable[Visit], told: Sequence[tuple[str, ...]], found: Findings) -> None:
    """Each change of the text between two visits has a row, with the classes of the edits that made it."""
    wanted = _steps(story, seen)
    if len(wanted) != len(told):
        text = f"{story.url}: {len(told)} edits are told, {len(wanted)} were there to be seen"
        found.problem("changes", text, story.published_at)
        return
    for kinds, classes in zip(wanted, told, strict=True):
        found.count("edits told")
        is_cosmetic = kinds == {"cosmetic"}
        if is_cosmetic is not (classes == ("cosmetic",)):
            found.problem("changes", f"{story.url}: {sorted(kinds)} is told as {classes}", story.published_at)
        if len(kinds) > 1:
            found.count("edits told, several at once")
        elif kinds <= set(classes):
            found.count("single edits told with their class")
        else:
            found.count(f"single edits told otherwise: {', '.join(kinds)} as {', '.join(classes)}")
            found.count("single edits told otherwise")


def _steps(story: Story, seen: Iterable[Visit]) -> list[set[str]]:
    """For each visit that found another text than the one before it: the classes of what was edited in between."""
    steps: list[set[str]] = []
    last: Edition | None = None
    for visit in seen:
        if visit.edition is None or visit.doomed:
            continue
        if last is not None and last.report.tell() != visit.edition.report.tell():
            between = story.editions[story.editions.index(last) + 1 : story.editions.index(visit.edition) + 1]
            kinds = {CLASS_OF[edition.kind] for edition in between if edition.kind != "trim"}
            real = kinds - {"cosmetic"}
            steps.append(real or kinds)
        last = visit.edition
    return steps


def _shares(found: Findings) -> None:
    right, wrong = found.figures["single edits told with their class"], found.figures["single edits told otherwise"]
    if right + wrong >= 20 and right < RIGHT * (right + wrong):
        found.problem("changes", f"of {right + wrong} single edits {right} are told with their class")


# --- removals and walls -----------------------------------------------------------------------------------------------


def _absences(script: Script, story: Story, seen: Sequence[Visit], told: Sequence[Absence], found: Findings) -> None:
    """Each removal, wall and return that a visit met is told, each as what it was."""
    sure = _states(script, story, [visit for visit in seen if not visit.doomed])
    found.figures.update(f"told: {kind}, {of}" for kind, of in told)
    if list(told) not in (sure, _states(script, story, seen)):
        found.problem("changes", f"{story.url}: told is {told}, the visits met {sure}", story.published_at)


def _states(script: Script, story: Story, seen: Iterable[Visit]) -> list[Absence]:
    states: list[Absence] = []
    was_there = False
    for visit in seen:
        gone = _absence(script, story, visit)
        last = states[-1] if states and states[-1][0] != "restored" else None
        if gone is None and visit.edition is not None:
            was_there = True
            if last is not None:
                states.append(("restored", last[1]))
        elif gone is not None and was_there and gone != last and (gone[0] == "removed" or last is None):
            states.append(gone)  # a wall in front of what is gone, or another wall, says nothing new
    return states


_REMOVED: Mapping[tuple[str | None, int], str] = {
    (None, 404): "http_404",
    ("status", 410): "http_410",
    ("redirect", 302): "redirect",
}


def _absence(script: Script, story: Story, visit: Visit) -> Absence | None:
    """What stood in a story's place at a visit; None where it was there, or the host was in trouble."""
    if visit.fault == "page":
        is_guarded = "challenge" in script.troubles(story.desk, visit.at)
        return ("blocked", "challenge" if is_guarded else "login")
    found = _REMOVED.get((visit.fault, visit.status))
    return ("removed", found) if found else None
