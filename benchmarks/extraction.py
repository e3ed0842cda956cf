"""`python -m benchmarks.extraction`: clean text, headline, time and authors against gold, beside other extractors.

Writes `extraction.json` (every figure) and `extraction.html` (the worst pages, with what was lost and what leaked) into
the folder that `--output` names.
"""

import argparse
import json
import logging
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import corpus, measures
from benchmarks.corpus import GoldPage
from benchmarks.report import write_report
from benchmarks.systems import Extracted, systems

SETS = ("aeb", "fundus-eval", "fundus-parser", "conflict", "daniel", "trafilatura-eval", "htmldate", "newspaper4k")


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one system made of one page, and how long it took (CPU seconds)."""

    page: GoldPage
    system: str
    extracted: Extracted
    seconds: float


def run_page(page: GoldPage, chosen: Sequence[str]) -> list[Result]:
    """Every chosen system on one page. A system that fails on it has extracted nothing."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    html = page.html()
    results = []
    for name, system in systems().items():
        if name not in chosen:
            continue
        begun = time.process_time()
        try:
            extracted = system(html, page.url)
        except Exception:  # noqa: BLE001 - a peer's crash is its result
            extracted = Extracted()
        results.append(Result(page=page, system=name, extracted=extracted, seconds=time.process_time() - begun))
    return results


def body_gold(page: GoldPage) -> str | None:
    """The gold body. Daniel's counts the headline as first paragraph; ours and trafilatura's bodies leave it out."""
    text = page.gold.get("text")
    if text and "daniel" in (page.set_name, page.gold.get("src_set")):
        return "\n\n".join(page.gold["paragraphs"][1:]) or text
    return text or None


def mean(values: Iterable[float]) -> tuple[float, float, float] | None:
    """Mean and 95 % interval."""
    listed = list(values)
    return (fmean(listed), *measures.interval(listed)) if listed else None


def body_f1(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Mean 4-gram F1."""
    return mean(measures.overlap(gold, r.extracted.text).f1 for r in results if (gold := body_gold(r.page)))


def benchmark_f1(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """The article-extraction-benchmark's own measure."""
    pages = [measures.overlap(gold, r.extracted.text) for r in results if (gold := body_gold(r.page))]
    return (measures.benchmark_f1(pages),) * 3 if pages else None


def headline(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Headlines exact but for case and punctuation."""
    return mean(
        float(measures.same_headline(gold, r.extracted.headline)) for r in results if (gold := r.page.gold.get("title"))
    )


def published(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Times within a minute with their zone, or days where gold has only the day."""
    hits = []
    for result in results:
        gold = result.page.gold.get("published")
        if not gold:
            continue
        found = result.extracted.published
        if len(gold) == len("2020-09-21"):
            hits.append(float(found is not None and found.date().isoformat() == gold))
        elif (moment := datetime.fromisoformat(gold)).tzinfo is not None:
            hits.append(float(measures.same_minute(moment, found)))
    return mean(hits)


def _names(results: Sequence[Result]) -> tuple[int, int, int]:
    pages = [r for r in results if r.page.gold.get("authors") is not None]
    counts = [measures.names_found(r.page.gold["authors"], r.extracted.authors) for r in pages]
    common, extra, missed = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    return common, extra, missed


def authors_precision(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Of the names found, how many are authors."""
    common, extra, missed = _names(results)
    return (common / (common + extra),) * 3 if common + extra and common + missed else None


def authors_recall(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Of the authors, how many were found."""
    common, _, missed = _names(results)
    return (common / (common + missed),) * 3 if common + missed else None


def _segments(results: Sequence[Result], key: str) -> tuple[float, float, float] | None:
    counts = [measures.segments_found(r.page.gold[key], r.extracted.text) for r in results if key in r.page.gold]
    total = sum(count for _, count in counts)
    return (sum(found for found, _ in counts) / total,) * 3 if total else None


def kept(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Segments of the body that are in the text."""
    return _segments(results, "with")


def leaked(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """Segments of chrome that are in the text."""
    return _segments(results, "without")


def milliseconds(results: Sequence[Result]) -> tuple[float, float, float] | None:
    """CPU time a page, mean."""
    return (1000 * fmean(r.seconds for r in results),) * 3 if results else None


MEASURES: dict[str, Callable[[Sequence[Result]], tuple[float, float, float] | None]] = {
    "body F1": body_f1,
    "benchmark F1": benchmark_f1,
    "headline": headline,
    "published": published,
    "authors precision": authors_precision,
    "authors recall": authors_recall,
    "kept": kept,
    "leaked": leaked,
    "ms a page": milliseconds,
}


def table(set_name: str, results: Sequence[Result], names: Sequence[str]) -> tuple[Table, dict[str, dict[str, object]]]:
    """One row a system, one column a measure that the set has gold for."""
    figures: dict[str, dict[str, object]] = {}
    by_system = {name: [r for r in results if r.system == name] for name in names}
    columns = [name for name, measure in MEASURES.items() if measure(by_system[names[0]]) is not None]
    shown = Table(title=f"{set_name} ({len(by_system[names[0]])} pages)", title_justify="left", box=None)
    shown.add_column("")
    for column in columns:
        shown.add_column(column, justify="right")
    for name in names:
        cells = []
        for column in columns:
            figure = MEASURES[column](by_system[name])
            figures.setdefault(name, {})[column] = figure
            cells.append(_cell(figure))
        shown.add_row(name, *cells)
    return shown, figures


def _cell(figure: tuple[float, float, float] | None) -> str:
    if figure is None:
        return "–"
    value, low, high = figure
    if value > 2:
        return f"{value:.0f}"
    return f"{value:.3f}" if low == high else f"{value:.3f} ±{(high - low) / 2:.3f}"


def main() -> None:
    """Parse the arguments, run, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS, help=f"of {', '.join(SETS)}; default: all")
    parser.add_argument("--every", type=int, default=1, help="take every n-th page only")
    parser.add_argument("--only", nargs="+", help="these systems only")
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    arguments = parser.parse_args()
    if not corpus.FOLDER.is_dir():
        parser.error(f"no corpus at {corpus.FOLDER}: set DATELINE_CORPUS to the folder of real pages")
    names = [name for name in systems() if not arguments.only or name in arguments.only]
    console, everything, figures = Console(width=160), [], {}
    with ProcessPoolExecutor(arguments.processes) as pool:
        for set_name in arguments.sets or SETS:
            pages = list(corpus.pages(set_name, every=arguments.every))
            done = pool.map(run_page, pages, [names] * len(pages), chunksize=4)
            results = [r for page in track(done, set_name, len(pages), transient=True) for r in page]
            shown, figures[set_name] = table(set_name, results, names)
            console.print(shown, "")
            everything += results
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "extraction.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    ours = [(r.page, body_gold(r.page), r.extracted) for r in everything if r.system == names[0]]
    write_report(arguments.output / "extraction.html", ours)
    console.print(
        f"Figures and the worst pages: {arguments.output}/extraction.json, {arguments.output}/extraction.html"
    )


if __name__ == "__main__":
    main()
