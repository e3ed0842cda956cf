"""The counts of one crawl, publisher by publisher: what progress shows, the summary prints and the exit code judges."""

from collections import Counter
from dataclasses import dataclass, field

from archive.model import Outcome


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceReport:
    """What became of one source in one run. `error` is None when it was read to its end.

    `remark`: what is missing of a source that was read to its end: entries without an address. `part_of`: the source
    of which this is a further page, a sitemap or a day.
    """

    url: str
    kind: str  # feed | sitemap | section | page | site | warc
    entries: int = 0
    new: int = 0  # entries that nobody had seen before
    modified: bool = True  # False: the server said that nothing has changed since the last time
    error: str | None = None
    remark: str | None = None
    unreachable: bool = False  # no connection came about: the network, not the publisher
    not_asked: bool = False  # its host is left alone for now
    optional: bool = False  # the publisher's file does not count on it
    part_of: str | None = None

    @property
    def outcome(self) -> str:
        """As it is stored: read, unmodified, failed (if only in part), unreachable or deferred."""
        if self.not_asked:
            return "deferred"
        if self.error is not None:
            return "unreachable" if self.unreachable else "failed"
        return "read" if self.modified else "unmodified"

    @property
    def failed(self) -> bool:
        """Whether something is missing of this source, if only its end, that was to be expected."""
        return self.error is not None and not self.optional


@dataclass(kw_only=True, slots=True)
class Tally:
    """What happened at one publisher so far. Counts pages once each: redirects and retries are not counted again."""

    publisher: str
    found: int = 0  # distinct URLs that the sources announced
    new: int = 0  # of these never seen before
    fetched: int = 0  # pages that came, whatever their status
    outcomes: Counter[Outcome] = field(default_factory=Counter)  # of pages
    sources: list[SourceReport] = field(default_factory=list)
    removed: int = 0  # pages that are gone where an article was: no failure, it is what visits are for
    unreachable: int = 0  # pages whose host could not be reached
    left: Counter[str] = field(default_factory=Counter)  # pages that were not asked for and wait, by the reason
    remarks: list[str] = field(default_factory=list)  # what the reader of the summary should know
    crashed: str | None = None  # the error that ended the spider
    remark: str = ""  # how far a long piece of work has come, for people
    state: str = "waiting"  # waiting | crawling | done

    @property
    def ended(self) -> int:
        """Pages that have an outcome."""
        return sum(self.outcomes.values())

    @property
    def usable(self) -> int:
        """Pages that came and could be read, articles or not, and those that were found removed."""
        lost = self.outcomes[Outcome.FAILED] + self.outcomes[Outcome.BLOCKED]
        return self.ended - lost + self.removed

    def as_dict(self) -> dict[str, object]:
        """For the run's row in the archive."""
        return {
            "found": self.found,
            "new": self.new,
            "fetched": self.fetched,
            **{outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "removed": self.removed,
            "left": self.left.total(),
            "sources": len(self.sources),
            "sources_failed": sum(report.failed for report in self.sources),
            **({"crashed": self.crashed} if self.crashed else {}),
        }
