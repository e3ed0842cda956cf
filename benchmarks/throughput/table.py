"""The figures as a table: for the terminal, and for README.md between two marks."""

import re
from collections.abc import Mapping
from typing import Any

NAIVE = "naive crawler"
BEGIN, END = "<!-- throughput -->", "<!-- /throughput -->"
HEADS = ("", "articles/s", "CPU ms an article", "peak MB", "rate to naive")


def rows(results: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row a crawler, with its rate as a multiple of the naive crawler's where that ran, too."""
    crawlers = results["crawlers"]
    naive = crawlers.get(NAIVE, {}).get("rate")
    return [
        (
            name,
            f"{figures['rate']:.1f}",
            f"{figures['cpu_ms']:.0f}",
            f"{figures['peak_mb']:.0f}",
            f"{figures['rate'] / naive:.1f}" if naive else "–",
        )
        for name, figures in crawlers.items()
    ]


def as_text(results: Mapping[str, Any]) -> str:
    """For the terminal."""
    lines = [HEADS, *rows(results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADS))]
    shown = [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(row))
        for row in (list(zip(line, widths, strict=True)) for line in lines)
    ]
    return "\n".join([*shown, f"{results['date']}, {results['machine']}"])


def in_readme(text: str, results: Mapping[str, Any]) -> str:
    """README.md with the table of these figures. Raises ValueError where it has no place for one."""
    lines = [HEADS, ("---", *("--:" for _ in HEADS[1:])), *rows(results)]
    table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    part = f"{BEGIN}\n{table}\n\n{results['date']}, {results['machine']}.\n{END}"
    text, count = re.subn(f"{BEGIN}.*?{END}", lambda _: part, text, flags=re.DOTALL)
    if not count:
        raise ValueError(f"no place for the table: {BEGIN} is missing")
    return text
