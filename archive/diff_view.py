"""Two versions of an article in a terminal: `archive diff`."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.text import Text

from archive import reading
from archive.diff import Passage, Run, align, runs
from archive.moments import readable
from archive.terminal import clean, folder_option, json_option, no_article, opened, print_json, screen

_STYLES = {"cut": "strike red", "added": "green", "same": "default"}
_MARKS = {"cut": ("[-", "-]"), "added": ("{+", "+}"), "same": ("", "")}  # as `git diff --word-diff` has them
_Row = Mapping[str, Any]


@click.command("diff")
@click.argument("article_id", metavar="[ID]", type=click.IntRange(1, 2**63 - 1), required=False)
@folder_option
@click.option(
    "--from", "old", metavar="N", type=click.IntRange(1), help="The older version; the one before the newer by default."
)
@click.option("--to", "new", metavar="N", type=click.IntRange(1), help="The newer version; the last by default.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Without ID, at most so many."
)
@json_option
def command(  # noqa: PLR0917  # click hands each option over by name
    article_id: int | None, folder: Path, old: int | None, new: int | None, limit: int, as_json: bool
) -> None:
    """Show what changed between two versions of an article, paragraph by paragraph and word by word.

    On top stand the classes of the change, and figures with their old and new value, as judged when it was seen. In
    colour, what went is struck out and red and what came is green; elsewhere they are [-marked-] {+like this+}.

    Without ID the latest edits, removals and returns of all articles are listed, but for changes of typography alone.
    Exit code 1 where the article is not there or has nothing to compare.

    \b
    Examples:
      archive diff
      archive diff 12
      archive diff 12 --from 1 --to 3
      archive diff 12 --json
    """
    with opened(folder) as archive:
        if article_id is None:
            _show_latest(reading.changes(archive.connection, limit=limit), as_json=as_json)
            return
        article = reading.article(archive.connection, article_id)
        events = reading.changes(archive.connection, article_id, with_cosmetic=True)
    if article is None:
        no_article(folder, article_id, as_json=as_json)
    if len(article["version_list"]) < 2 and old is None and new is None:
        _show_only(article, events, as_json=as_json)
        return
    comparison = _compared(article, events, old, new)
    if as_json:
        print_json(comparison.as_json())
    else:
        _print_comparison(screen(), comparison)


def _fail(message: str) -> NoReturn:
    click.echo(f"archive: {message}", err=True)
    sys.exit(1)


# --- two versions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Comparison:
    article: _Row
    before: _Row
    after: _Row
    events: Sequence[_Row]  # rows of `changes` between the two
    headline: Sequence[Run]
    passages: Sequence[tuple[Passage, Sequence[Run]]]

    def as_json(self) -> dict[str, Any]:
        keys = ("number", "captured_at", "modified_at", "headline", "wire", "byline", "extractor", "capture_id")
        return {
            "article": self.article["id"],
            "url": self.article["url"],
            "from": {key: self.before[key] for key in keys},
            "to": {key: self.after[key] for key in keys},
            "changes": [_event(event) for event in self.events],
            "headline": [asdict(run) for run in self.headline],
            "passages": [
                {"kind": passage.kind, "old": passage.old, "new": passage.new, "words": [asdict(run) for run in words]}
                for passage, words in self.passages
            ],
        }


def _compared(article: _Row, events: Sequence[_Row], old: int | None, new: int | None) -> _Comparison:
    versions = {version["number"]: version for version in article["version_list"]}
    after = _version(versions, article, new or max(versions))
    # the one before it in time; versions are numbered in the order in which they were stored
    earlier = [version for version in versions.values() if _when(version) < _when(after)]
    before = _version(versions, article, old or max(earlier or [after], key=_when)["number"])
    one, other = before["text"].split("\n\n"), after["text"].split("\n\n")
    passages = []
    for passage in align(one, other):
        left, right = "\n\n".join(one[n] for n in passage.old), "\n\n".join(other[n] for n in passage.new)
        passages.append((passage, runs(left, right) if passage.kind != "moved" else [Run(kind="same", text=right)]))
    return _Comparison(
        article=article,
        before=before,
        after=after,
        events=[
            event
            for event in events
            if event["kind"] == "edited" and (event["from_version"], event["to_version"]) == (before["id"], after["id"])
        ],
        headline=runs(before["headline"] or "", after["headline"] or ""),
        passages=passages,
    )


def _when(version: _Row) -> tuple[str, int]:
    return version["captured_at"], version["number"]


def _version(versions: Mapping[int, _Row], article: _Row, number: int) -> _Row:
    if number not in versions:
        known = ", ".join(map(str, sorted(versions)))
        _fail(f"article {article['id']} has no version {number}; it has {known}")
    return versions[number]


def _print_comparison(console: Console, shown: _Comparison) -> None:
    _print_head(console, shown)
    console.print(Text.assemble("\n", _worded(console, shown.headline, "bold")))
    skipped = False
    for passage, words in shown.passages:
        if passage.kind == "same":
            skipped = True
            continue
        if skipped:
            console.print(Text("\n…", style="dim"))
            skipped = False
        place = f"(from place {passage.old[0] + 1} to {passage.new[0] + 1})\n" if passage.kind == "moved" else ""
        console.print(Text.assemble("\n", (place, "dim"), _worded(console, words)))


def _print_head(console: Console, shown: _Comparison) -> None:
    for event in shown.events:
        console.print(Text(_classes(event), style="bold"))
        for detail in event["details"]:
            if detail.get("class") == "number":
                console.print(Text(f"  {_figure(detail)}"))
    for name, version in (("from", shown.before), ("to", shown.after)):
        times = f"captured {readable(version['captured_at'])}"
        if version["modified_at"]:
            times += f", modified {readable(version['modified_at'], version['modified_offset'])}"
        console.print(Text(f"{name:4} version {version['number']}, {times}", style="dim"))
    if shown.before["extractor"] != shown.after["extractor"]:
        warning = "Different versions of the program read the two: some of it may be no edit."
        console.print(Text(warning, style="yellow"))


def _worded(console: Console, words: Sequence[Run], style: str = "") -> Text:
    """Words with what went and came marked by colour; where there is none, by signs."""
    text = Text(style=style)
    plain = console.no_color or not console.is_terminal
    for run in words:
        shown = clean(run.text)
        if plain and run.kind != "same":
            begin, end = _MARKS[run.kind]
            body = shown.rstrip()
            shown = f"{begin}{body}{end}{shown[len(body) :]}"
        text.append(shown, None if plain or run.kind == "same" else _STYLES[run.kind])
    return text


def _figure(detail: _Row) -> str:
    what = "" if detail.get("of", "other") == "other" else f"{detail['of']}: "
    return f"{what}{clean(detail['old'] or 'none')} → {clean(detail['new'] or 'none')} ({detail['where']})"


# --- what happened ----------------------------------------------------------------------------------------------------


def _show_only(article: _Row, events: Sequence[_Row], *, as_json: bool) -> None:
    """An article with one version: whether it was removed, and came back."""
    if as_json:
        print_json({"article": article["id"], "url": article["url"], "changes": [_event(event) for event in events]})
    else:
        for event in reversed(events):
            screen().print(Text(f"{readable(event['changed_at'])}  {_classes(event)}"))
        since = readable(article["captured_at"])
        screen().print(Text(f"Article {article['id']} has one version, captured {since}.", style="dim"))
    if not events:
        sys.exit(1)


def _show_latest(events: Sequence[_Row], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [{"article": event["article_id"], "headline": event["headline"], **_event(event)} for event in events]
        )
    elif events:
        console = screen()
        for event in events:
            console.print(Text(clean(event["headline"] or "No headline"), style="bold"))
            line = f"  {event['article_id']} · {event['publisher'] or '–'} · {readable(event['changed_at'])}"
            figures = [_figure(detail) for detail in event["details"] if detail.get("class") == "number"]
            console.print(Text(clean(line), style="dim"))
            console.print(Text("  " + "; ".join([_classes(event), *figures[:3]])))
    else:
        click.echo("No edit, removal or return has been seen.")


def _classes(event: _Row) -> str:
    classes = ", ".join(event["classes"]).replace("_", " ")
    return f"{event['kind']}: {classes}" if classes else str(event["kind"])


def _event(event: _Row) -> dict[str, Any]:
    keys = ("changed_at", "kind", "classes", "details", "rules", "from_number", "to_number", "capture_id")
    return {key: event[key] for key in keys}
