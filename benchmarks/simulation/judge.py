"""Is the truth in the archive? Every announced story, every edit that stood at a visit, every removal, and no wall."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.simulation.findings import Findings
from benchmarks.simulation.runs import KILLED, Ended
from benchmarks.simulation.script import Edition, Script, Story
from benchmarks.simulation.stage import page_of
from crawler.exit_codes import ALARM, NOTHING_DUE, OK, PARTIAL

# Troubles of which a run may say that it failed in part; an alarm of any trouble may end one, see `watch`.
FAILING = {"outage", "unreachable", "challenge", "robots"}
_MINUTE = timedelta(minutes=1)
Told = tuple[str, str]  # headline and text


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A story was asked for and answered. `edition`: what stood there; None where something else stood in its place."""

    at: datetime
    status: int
    edition: Edition | None
    doomed: bool  # the run was killed, perhaps before it was kept
    fault: str | None = None


def judge(script: Script, runs: Sequence[Ended], folder: Path, found: Findings) -> None:
    """Hold the archive in `folder` against the script."""
    seen = visits(script, runs)
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        versions: dict[str, list[sqlite3.Row]] = defaultdict(list)
        for row in connection.execute("SELECT * FROM versions ORDER BY article_id, number"):
            versions[row["url"]].append(row)
        reasons = _reasons(connection)
        announced = frozenset(url for run in runs for url in run.announced)
        for story in script.stories:
            _presence(story, announced, versions[story.url], reasons, found)
            if versions[story.url] or not reasons.get(story.url, "").startswith("off_topic"):
                _versions(story, seen[story.url], versions[story.url], found)
            _times(story, versions[story.url], found)
            _edits(script, story, seen[story.url], found)
        _rolled_off(script, runs, announced, found)
        _freshness(script, seen, found)
        _no_walls(connection, found)
        _nothing_open(connection, found)
    _exit_codes(script, runs, found)


def visits(script: Script, runs: Sequence[Ended]) -> dict[str, list[Visit]]:
    """When each story was asked for, and what stood there, by the log of the offline web."""
    stories = {story.url: story for story in script.stories}
    seen: dict[str, list[Visit]] = defaultdict(list)
    for run in runs:
        for asked in run.asked:
            story = stories.get(asked.url)
            if story is not None:
                stood = story.edition(run.at) if asked.fault is None and asked.status in {200, 304} else None
                doomed = run.exit_code == KILLED
                seen[story.url].append(
                    Visit(at=run.at, status=asked.status, edition=stood, doomed=doomed, fault=asked.fault)
                )
    return seen


def _reasons(connection: sqlite3.Connection) -> dict[str, str]:
    """What the archive says last of each sighted URL: outcome and detail."""
    rows = connection.execute("SELECT url, outcome, detail FROM sightings WHERE outcome IS NOT 'known' ORDER BY id")
    return {row["url"]: f"{row['outcome'] or 'waits'}: {row['detail'] or ''}".rstrip(": ") for row in rows}


def _presence(
    story: Story, announced: frozenset[str], versions: Sequence[sqlite3.Row], reasons: dict[str, str], found: Findings
) -> None:
    """An announced story is archived, or the archive says why not."""
    found.count("stories")
    if story.url not in announced:
        found.count("stories never announced to the crawler")
        return
    found.count("stories announced")
    if versions:
        found.count("stories archived")
        return
    reason = reasons.get(story.url)
    if reason is None:
        found.problem("articles", f"{story.url} was announced and is nowhere", story.published_at)
    elif reason == "waits":
        found.problem("articles", f"{story.url} was announced, and no reason is given: {reason}", story.published_at)
    else:
        found.count(f"stories not archived, {reason[:60].replace(story.url, '…')}")


def _told(story: Story, edition: Edition) -> Told:
    page = page_of(story, edition, story.desk.layout)
    return page.expected_headline, page.expected_text


def _versions(story: Story, seen: Sequence[Visit], versions: Sequence[sqlite3.Row], found: Findings) -> None:
    """The texts that stood at the visits, in their order, are the versions."""
    sure = _sequence(story, (visit for visit in seen if not visit.doomed))
    possible = _sequence(story, seen)
    kept = [(row["headline"], row["text"]) for row in versions]
    found.count("versions", len(kept))
    if kept in (sure, possible):
        return
    for wanted in sure:
        if wanted not in kept:
            found.problem("versions", f"{story.url}: no version says {wanted[0]!r} … {wanted[1][-80:]!r}")
            return
    extra = next((number for number, told in enumerate(kept) if told not in possible), None)
    if extra is not None:
        when = datetime.fromisoformat(versions[extra]["captured_at"])
        found.problem("versions", f"{story.url}: version {extra + 1} was never published: {_unlike(kept, extra)}", when)
    else:
        found.problem("versions", f"{story.url}: {len(kept)} versions, {len(sure)} texts stood at its visits")


def _unlike(kept: Sequence[Told], extra: int) -> str:
    """Where a version leaves the one before it."""
    before, after = kept[max(0, extra - 1)], kept[extra]
    if before[0] != after[0]:
        return f"headline {after[0]!r}"
    lines = [line for line in after[1].split("\n\n") if line not in before[1]]
    gone = [line for line in before[1].split("\n\n") if line not in after[1]]
    return f"new {lines!r}, gone {gone!r}"


def _sequence(story: Story, seen: Sequence[Visit] | Iterator[Visit]) -> list[Told]:
    told: list[Told] = []
    for visit in seen:
        if visit.edition is not None and told[-1:] != [text := _told(story, visit.edition)]:
            told.append(text)
    return told


def _times(story: Story, versions: Sequence[sqlite3.Row], found: Findings) -> None:
    """The time of publication is the true one, as precise as the page prints it, on whichever clock."""
    for row in versions:
        if row["published_at"] is None:
            found.count("versions without a time of publication")
            continue
        if row["published_precision"] == "day":
            found.count("versions whose time of publication is a day")
        gap = abs(datetime.fromisoformat(row["published_at"]) - story.published_at)
        if gap >= (timedelta(days=1) if row["published_precision"] == "day" else timedelta(minutes=1)):
            found.problem("times", f"{story.url}: published {story.published_at}, stored as {row['published_at']}")


def _edits(script: Script, story: Story, seen: Sequence[Visit], found: Findings) -> None:
    """Count the edits that a visit could see, and why the others were not."""
    there = [visit for visit in seen if visit.edition is not None]
    last = max((visit.at for visit in seen), default=None)
    for edition in story.editions[1:]:
        if edition.at >= script.end or edition.kind == "trim":
            continue
        found.count("edits")
        if there and edition.at <= there[0].at:
            found.count("edits made before the first capture")
        elif any(visit.edition is edition for visit in there):
            found.count("edits seen")
        elif any(edition.at <= visit.at for visit in there):
            found.count("edits missed: edited again before the next visit")
        elif last is None or last < edition.at:
            found.count("edits missed: no visit was due any more")
        else:
            found.count("edits missed: gone, or in the way was a wall or an outage")


def _freshness(script: Script, seen: Mapping[str, Sequence[Visit]], found: Findings) -> None:
    """How long after its publication a story is first captured, where nothing was in the way."""
    late = sorted(
        next(visit.at for visit in seen[story.url] if visit.edition is not None) - story.published_at
        for story in script.stories
        if story.published_at > script.start + timedelta(days=2)  # by then the intervals have found their length
        and any(visit.edition is not None for visit in seen[story.url])
        and not script.troubles(story.desk, story.published_at) & {"outage", "unreachable", "challenge", "robots"}
    )
    if late:
        found.figures["minutes from publication to the first capture, median"] = late[len(late) // 2] // _MINUTE
        found.figures["minutes from publication to the first capture, 95 %"] = late[len(late) * 95 // 100] // _MINUTE


def _rolled_off(script: Script, runs: Sequence[Ended], announced: frozenset[str], found: Findings) -> None:
    """A story that left its feed before anybody asked is lost: only an outage excuses that."""
    read = [run.at for run in runs if run.exit_code != KILLED]
    for story in script.stories:
        if story.url in announced or story.published_at > read[-1] - timedelta(days=1) or story.published_at < read[0]:
            continue
        day = (story.published_at + number * timedelta(hours=3) for number in range(9))
        if any(script.troubles(story.desk, at) & {"outage", "unreachable"} for at in day):
            found.count("stories lost to an outage")
        elif any(removal.at - story.published_at < timedelta(hours=24) for removal in story.removals):
            found.count("stories gone before anybody looked")
        else:
            found.problem("sources", f"{story.url} rolled off its feed before the feed was asked", story.published_at)


def _no_walls(connection: sqlite3.Connection, found: Findings) -> None:
    """No challenge, login or error page is anybody's version."""
    marks = ("Just a moment", "Checking your browser", "Log in to read on", "subscribers only")
    for row in connection.execute("SELECT url, headline, text FROM versions"):
        if any(mark in f"{row['headline']} {row['text']}" for mark in marks):
            found.problem("walls", f"{row['url']}: a wall became a version")
    found.figures.update(dict(connection.execute("SELECT 'captures ' || outcome, count(*) FROM captures GROUP BY 1")))


def _nothing_open(connection: sqlite3.Connection, found: Findings) -> None:
    """Nothing waits at the end but what failed and is to be tried again."""
    for row in connection.execute("SELECT * FROM captures WHERE outcome IS NULL"):
        found.problem("outcomes", f"capture {row['id']} of {row['url']} has no outcome")
    waiting = connection.execute("SELECT DISTINCT url, detail FROM sightings WHERE outcome IS NULL").fetchall()
    for row in waiting:
        if row["detail"] is None:
            found.problem("outcomes", f"{row['url']} still waits, and nobody says why")
        else:
            found.count("addresses that wait for another try")


def _exit_codes(script: Script, runs: Sequence[Ended], found: Findings) -> None:
    """A run ends well, or in part while something is wrong, or has nothing to do."""
    codes: Counter[int] = Counter(run.exit_code for run in runs)
    found.figures.update({f"runs that ended with {code}": number for code, number in codes.items()})
    for run in runs:
        if run.exit_code in {OK, NOTHING_DUE, KILLED, ALARM}:
            continue
        troubled = any(incident.holds(run.at) for incident in script.incidents if incident.kind in FAILING)
        if run.exit_code != PARTIAL or not troubled:
            last = " / ".join(run.output.strip().splitlines()[-12:])
            found.problem("exit codes", f"run {run.number} ended with {run.exit_code}: {last}", run.at)
