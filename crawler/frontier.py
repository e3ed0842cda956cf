"""What a run still has to ask for, and how each address ended: sources, sightings, visits, hosts that are left alone.

The frontier itself is in the archive (`archive.frontier`, `archive.agenda`); here a run meets it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from urllib.parse import urlsplit

from archive import clock
from archive.agenda import Rest
from archive.frontier import KNOWN
from archive.model import Capture, Outcome, Sighting
from archive.store import Archive
from crawler.endings import Ending, may_come_yet
from crawler.parts import SETTLED
from crawler.publisher import Publisher
from crawler.recorder import Recorder
from crawler.sharing.shared import Shared, seconds_until
from crawler.urls import registrable_domain


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What a spider is to do: the sources to ask, the URLs that earlier runs left, the pages to visit again."""

    sources: tuple[str, ...]
    pending: tuple[str, ...]
    revisits: tuple[str, ...]


class Frontier:
    """The frontier as one run sees it. With `due_only` what is not due is left for later runs.

    Methods that take an `Archive` are called in the writer's thread, among other changes.
    """

    def __init__(self, recorder: Recorder, run_id: int, *, due_only: bool, shared: Shared | None = None) -> None:
        """`shared` is told of each visit that ends, where other workers crawl the same publishers."""
        self._recorder = recorder
        self._shared = shared
        self._run_id = run_id
        self._due_only = due_only
        self.rests: dict[str, Rest] = recorder.call(lambda archive: archive.agenda.rests())
        # How each URL's sightings ended in this run; touched in the writer thread only
        self._ended: dict[str, tuple[Outcome, int | None, str | None]] = {}

    async def open(self, publisher: Publisher, spider: str) -> Work:
        """Save the publisher's row; return what there is to do besides what its sources will announce."""

        def save(archive: Archive) -> Work:
            archive.save_publisher(
                name=publisher.name,
                spider=spider,
                homepage=publisher.homepage,
                country=publisher.country,
                languages=publisher.languages,
                timezone=publisher.timezone,
            )
            agenda, at = archive.agenda, clock.now()
            pending, sources = archive.pending(publisher.name), [source.url for source in publisher.sources]
            revisits = agenda.due_visits(publisher.name, at, publisher.revisit_budget)
            if self._due_only:
                pending = [url for url in self._askable(pending, at) if agenda.is_due(url, at)]
                sources = agenda.due_sources(publisher.name, self._askable(sources, at), at)
                revisits = self._askable(revisits, at)
            return Work(sources=tuple(sources), pending=tuple(pending), revisits=tuple(revisits))

        return await self._recorder.write(save)

    def end_visit(
        self, archive: Archive, url: str, capture: Capture, ending: Ending, ages: Sequence[timedelta]
    ) -> None:
        """End the sightings that led to a capture, and note when the page is due again."""
        publisher = capture.publisher or registrable_domain(url)
        if may_come_yet(capture, ending):
            self._defer(archive, url, publisher, ending)
            return
        next_at = archive.agenda.record_visit(
            url,
            publisher=publisher,
            visited_at=capture.captured_at,
            outcome=ending.outcome,
            capture_id=capture.id,
            is_change=ending.detail in {"new", "changed"},  # a text that came only now may be edited like any new one
            ages=ages,
        )
        self._end_sighting(archive, url, ending.outcome, capture.id, ending.detail)
        self.tell(url, seconds_until(next_at))

    def end_memento(self, archive: Archive, address: str, capture: Capture, ending: Ending) -> None:
        """End the sightings of somebody else's capture: it does not change, so it is not visited again."""
        if may_come_yet(capture, ending) and archive.mementos.may_try_again(capture.url, address):
            archive.mementos.defer(address, ending.detail)
        else:
            archive.mementos.end(address, ending.outcome, ending.detail, capture.id)

    def _defer(self, archive: Archive, url: str, publisher: str, ending: Ending) -> None:
        """Leave a URL in the frontier and say why; one that failed too often is given up."""
        outcome, detail = ending.outcome, ending.detail or "may come yet"
        rest = self.rests.get(urlsplit(url).hostname or "")
        not_before = rest.until if rest is not None else None
        agenda, at = archive.agenda, clock.now()
        next_at = agenda.record_failure(url, publisher=publisher, visited_at=at, outcome=outcome, not_before=not_before)
        if next_at is not None:
            archive.defer_sighting(url, detail)
        else:
            self._end_sighting(archive, url, outcome, None, f"given up: {detail}")
        self.tell(url, seconds_until(next_at))

    def tell(self, url: str, rest_s: float = 0.0) -> None:
        """Tell the other workers, where there are any, that a visit has ended and is not due again for `rest_s`."""
        if self._shared is not None:
            self._shared.ended(url, rest_s)

    def _askable(self, urls: Sequence[str], at: datetime) -> list[str]:
        """Those of `urls` whose host is not left alone."""
        alone = {rest.host for rest in self.rests.values() if rest.until > at}
        return [url for url in urls if urlsplit(url).hostname not in alone]

    async def record_rest(self, rest: Rest) -> None:
        """Store that a host is left alone, or answers again."""
        if self._shared is not None:
            await self._shared.record_rest(rest)
        await self._recorder.write(lambda archive: archive.agenda.record_rest(rest, self._run_id))

    async def leave_sighting(self, url: str, why: str) -> None:
        """Say why nobody asked for a URL that is in the frontier, and stays there."""
        await self._recorder.write(Archive.defer_sighting, url, why)
        self.tell(url)

    async def record_sightings(
        self, sightings: Sequence[Sighting], unwanted: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[int, Set[str]]:
        """Store sightings, known or not; return how many URLs were never seen before, and which are not to be visited.

        Those are the ones that are not due, and the `unwanted`, with the reason.
        """

        def record(archive: Archive) -> tuple[int, Set[str]]:
            at = clock.now()
            known: dict[str, str | None] = {
                sighting.url: None
                for sighting in (sightings if self._due_only else ())
                if not archive.agenda.is_due(sighting.url, at, sighting.announced_at)
            }
            known |= unwanted
            new = archive.record_sightings(self._run_id, sightings, known)
            for sighting in sightings:
                # Fetched already in this run, for another source: it is not asked for again, so it ends here.
                if sighting.url in self._ended:
                    archive.mark_sighting(sighting.url, *self._ended[sighting.url])
            return new, known.keys()

        return await self._recorder.write(record)

    async def settled(self, publisher: str, source: str, days: Mapping[str, date]) -> set[str]:
        """Those pages of an archive by days (URL → day) that were read when nothing more was to come."""
        return await self._recorder.write(lambda archive: archive.agenda.settled(publisher, source, days, SETTLED))

    async def was_followed(self, publisher: str, page: str, following: str) -> bool:
        """Whether the page after `page` was read since `page` last brought something new."""
        return await self._recorder.write(lambda archive: archive.agenda.was_followed(publisher, page, following))

    async def end_sightings(self, urls: Sequence[str], outcome: Outcome, detail: str) -> None:
        """End sightings that no page was fetched for; a few at a time, so that captures get their turn in between."""

        def mark(archive: Archive, some: Sequence[str]) -> None:
            for url in some:
                self._end_sighting(archive, url, outcome, None, detail)
                self.tell(url)

        for begin in range(0, len(urls), 200):
            await self._recorder.write(mark, urls[begin : begin + 200])

    async def end_elsewhere(self, urls: Sequence[str]) -> None:
        """End the sightings of pages that another worker has visited, in its own archive."""

        def mark(archive: Archive, some: Sequence[str]) -> None:
            for url in some:
                if url not in self._ended:
                    archive.mark_sighting(url, KNOWN, None, "visited by another worker")

        for begin in range(0, len(urls), 200):
            await self._recorder.write(mark, urls[begin : begin + 200])

    async def defer_sighting(self, url: str, publisher: str, ending: Ending) -> None:
        """Leave the sightings of a URL in the frontier, and say why; one that failed too often is given up."""
        await self._recorder.write(lambda archive: self._defer(archive, url, publisher, ending))

    def _end_sighting(
        self, archive: Archive, url: str, outcome: Outcome, capture_id: int | None, detail: str | None
    ) -> None:
        self._ended[url] = (outcome, capture_id, detail)
        archive.mark_sighting(url, outcome, capture_id, detail)
