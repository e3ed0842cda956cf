"""The vocabularies of today over the texts of years ago: what each version mentions and how much it is about conflict.

Nothing is fetched or extracted again. Language and wire credit are read from pages, not from their clean text: of these
`scrapy reextract` has the rules of today.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import date
from itertools import islice
from typing import Any

from archive.mentions import Outdated
from archive.model import Named, Relevance
from archive.store import Archive
from crawler.enrich import conflict, names

_TOGETHER = 50  # versions of one commit: what an interrupted run has to do again

Found = tuple[Relevance, Named]


def find(version: Mapping[str, Any]) -> Found:
    """What the rules of today find in a stored version, whose `country` is its publisher's."""
    relevance = conflict.score(
        headline=version["headline"], lede=version["lede"], text=version["text"], language=version["language"]
    )
    mentions = names.find(
        headline=version["headline"],
        lede=version["lede"],
        text=version["text"],
        captions=[image["caption"] for image in json.loads(version["images"]) if image.get("caption")],
        language=version["language"],
        dateline=version["dateline"],
        country=version["country"],
    )
    return relevance, Named(mentions=mentions, vocabulary=names.version())


def outdated(
    publisher: str | None = None, since: date | None = None, until: date | None = None, *, everything: bool = False
) -> Outdated:
    """The versions that the rules of today have not seen."""
    return Outdated(
        names=names.version(),
        vocabulary=conflict.vocabulary_version(),
        publisher=publisher,
        since=since,
        until=until,
        everything=everything,
    )


def groups(ids: Sequence[int]) -> Iterator[list[int]]:
    """The ids in lots that are stored together."""
    rest = iter(ids)
    while lot := list(islice(rest, _TOGETHER)):
        yield lot


def enrich(
    archive: Archive, ids: list[int], executor: Executor | None, advance: Callable[[], object] = lambda: None
) -> int:
    """Find anew what these versions mention, and store it, all or none. Returns how many mention something else.

    Without `executor` in this process. Raises ArchiveError.
    """
    versions = list(archive.mentions.versions(ids))
    found = executor.map(find, versions, chunksize=5) if executor is not None else map(find, versions)
    changed = 0
    with archive.group():
        for version, (relevance, named) in zip(versions, found, strict=True):
            changed += archive.mentions.revise(version, relevance, named)
            advance()
    return changed
