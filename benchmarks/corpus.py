"""The folder of real pages with gold text (`DATELINE_CORPUS`, default `../shared/corpus`)."""

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("DATELINE_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))


@dataclass(frozen=True, kw_only=True)
class GoldPage:
    """A saved page and what a person found on it. `gold` is the row as it stands in the set."""

    set_name: str
    id: str
    url: str
    gold: dict[str, Any]

    def html(self) -> bytes:
        """The page's bytes as they were saved."""
        return gzip.decompress((FOLDER / self.set_name / f"{self.id}.html.gz").read_bytes())


def pages(set_name: str, *, every: int = 1) -> Iterator[GoldPage]:
    """The pages of a set, or every n-th of them."""
    with (FOLDER / set_name / "gold.jsonl").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % every == 0:
                row = json.loads(line)
                yield GoldPage(set_name=set_name, id=row["id"], url=row["url"] or "", gold=row)  # a few URLs are lost
