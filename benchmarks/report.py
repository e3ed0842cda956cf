"""The worst pages as an HTML file: what was lost (in gold, not in ours) and what leaked (in ours, not in gold)."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape
from pathlib import Path

from benchmarks.corpus import GoldPage
from benchmarks.measures import overlap, same_headline
from benchmarks.systems import Extracted

WORST = 200
STYLE = """body{font:15px/1.5 system-ui;max-width:70em;margin:2em auto;padding:0 1em}
h2{font-size:1.05em;margin:2em 0 .3em}del{background:#fdd;text-decoration:none}ins{background:#dfd;text-decoration:none}
p{margin:.3em 0}small{color:#555}"""


def write_report(path: Path, pages: Sequence[tuple[GoldPage, str | None, Extracted]]) -> None:
    """Write the report of the pages that have a gold body, worst first."""
    scored = [(overlap(gold, found.text).f1, page, gold, found) for page, gold, found in pages if gold]
    scored.sort(key=lambda row: row[0])
    parts = [f"<!doctype html><meta charset=utf-8><title>Worst pages</title><style>{STYLE}</style><h1>Worst pages</h1>"]
    parts.append("<p><del>lost: in gold only</del> <ins>leaked: in ours only</ins></p>")
    for f1, page, gold, found in scored[:WORST]:
        parts.append(f"<h2>{f1:.3f} {escape(page.set_name)} {escape(page.id)}</h2><small>{escape(page.url)}</small>")
        title = page.gold.get("title")
        if title and not same_headline(title, found.headline):
            parts.append(f"<p>headline: <del>{escape(title)}</del> <ins>{escape(found.headline or '–')}</ins></p>")
        parts.extend(_differences(gold, found.text))
    path.write_text("\n".join(parts), encoding="utf-8")


def _differences(gold: str, text: str) -> list[str]:
    """The lines that differ, as paragraphs."""
    wanted = [line for line in map(str.strip, gold.splitlines()) if line]
    found = [line for line in map(str.strip, text.splitlines()) if line]
    shown = []
    for kind, a, b, c, d in SequenceMatcher(None, wanted, found, autojunk=False).get_opcodes():
        if kind != "equal":
            shown += [f"<p dir=auto><del>{escape(line[:400])}</del></p>" for line in wanted[a:b]]
            shown += [f"<p dir=auto><ins>{escape(line[:400])}</ins></p>" for line in found[c:d]]
    return shown
