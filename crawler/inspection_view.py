"""An inspection as a person reads it: wrapped and coloured in a terminal, one plain line a fact where it is piped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from archive.model import Image, Outcome, Related
from archive.terminal import escape
from crawler.inspection import Inspection

_COLOURS = {Outcome.EXTRACTED: "green", Outcome.OFF_TOPIC: "yellow"}
_NOTHING = "–"
# style and whether it may be broken, for tables of two and of three columns
_COLUMNS = {2: (("cyan", True), ("", False)), 3: (("bold", True), ("cyan", False), ("", False))}
Row = Sequence[str]


def show(inspection: Inspection, console: Console) -> None:
    """Print every field with its rule, the paragraphs, what was removed, and what the gates and scores say."""
    page, article = inspection.page, inspection.article
    colour = _COLOURS.get(inspection.processed.outcome, "red")
    unwrapped = not console.is_terminal
    console.print(f"[bold]{escape(article.headline or 'No headline')}[/]", highlight=False, soft_wrap=unwrapped)
    console.print(f"{escape(page.url)}\n", style="dim", highlight=False, soft_wrap=unwrapped)
    by = f"spiders/{inspection.spider}.py" if inspection.spider else "no publisher file: the generic path"
    facts = (
        ("outcome", f"[bold {colour}]{escape(inspection.outcome)}[/]"),
        ("page", escape(_page_facts(inspection))),
        ("read by", f"{by}, in {inspection.seconds * 1000:.0f} ms of CPU time"),
        ("language", escape(_language(inspection))),
        ("conflict", escape(_relevance(inspection))),
    )
    _print(console, None, ("", ""), facts)
    _print(console, "Fields", ("field", "rule", "value"), _fields(inspection))
    numbered = ((str(number), escape(text)) for number, text in enumerate(article.paragraphs, 1))
    _print(console, f"Paragraphs ({len(article.paragraphs)})", ("", "text"), numbered)
    removed = ((escape(line.rule), escape(_one_line(line.text))) for line in article.removed)
    _print(console, f"Removed ({len(article.removed)})", ("rule", "text"), removed)


def _page_facts(inspection: Inspection) -> str:
    page = inspection.page
    words = [str(page.status), page.content_type or "no content type", f"{len(page.body):,} bytes", inspection.origin]
    return " · ".join(words)


def _language(inspection: Inspection) -> str:
    language = inspection.language
    if language.code is None:
        return f"{_NOTHING} (too little text, or evidence that contradicts itself)"
    return f"{language.code}, confidence {language.confidence:.2f}, by {language.method}"


def _relevance(inspection: Inspection) -> str:
    relevance = inspection.processed.relevance
    if relevance is None:
        return f"{_NOTHING} (not scored: {inspection.outcome})"
    verdict = "relevant" if relevance.relevant else "off topic"
    terms = ", ".join(f"{match.term} ×{match.count} ({match.where})" for match in relevance.matches)
    return f"{relevance.score:.2f}, {verdict} by vocabulary {relevance.vocabulary}" + (f": {terms}" if terms else "")


def _fields(inspection: Inspection) -> Iterator[Row]:
    for name, value in inspection.fields():
        values = [escape(shown) for shown in _values(name, value, len(inspection.article.paragraphs))]
        yield name, escape(inspection.rule(name)), values[0]
        for further in values[1:]:
            yield "", "", further


def _values(name: str, value: Any, paragraphs: int) -> list[str]:
    """The lines of a field, at least one. Of the text its measure: its paragraphs follow."""
    if name == "text" and value:
        return [f"{len(value):,} characters in {paragraphs} {'paragraph' if paragraphs == 1 else 'paragraphs'}, below"]
    return [_shown(one) for one in (value if isinstance(value, tuple) else (value,)) if one] or [_NOTHING]


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Image):
        credit = f"© {value.credit}" if value.credit else None
        return " · ".join(filter(None, [value.caption, credit, value.url]))
    if isinstance(value, Related):
        when = value.published_at.isoformat() if value.published_at else None
        return " · ".join(filter(None, [value.title, when, value.url]))
    return _one_line(str(value))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _print(console: Console, title: str | None, headings: Row, rows: Iterable[Row]) -> None:
    """A table; where nobody watches, lines whose last column is as long as it is, and tabs between."""
    if not console.is_terminal:
        if title is not None:
            print(f"\n{title}", file=console.file)
        for row in rows:
            print("\t".join(_bare(cell) for cell in row), file=console.file)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=any(headings))
    table.title, table.title_justify, table.title_style = (f"\n{title}" if title else None), "left", "bold"
    for heading, (style, no_wrap) in zip(headings, _COLUMNS[len(headings)], strict=True):
        table.add_column(heading, style=style, no_wrap=no_wrap, header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table, highlight=False)


def _bare(cell: str) -> str:
    """A cell without our markup."""
    return Text.from_markup(cell).plain
