"""Scrapy's scheduler for a crawl that is shared: what spiders announce goes to all workers, what comes back is asked.

Redirects, retries and the requests of spiders that are not shared stay in this process, in Scrapy's own queues.
"""

from scrapy import Request, Spider
from scrapy.core.scheduler import Scheduler
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred

from crawler.run import Run
from crawler.sharing.share import Share, Task
from crawler.sharing.shared import Shared
from crawler.spider import PublisherSpider

_HANDED = "handed"  # in the meta of a request that was handed to this worker, and of those that follow from it


class _Lease:
    """A share, and for whom it is."""

    def __init__(self, run: Run, shared: Shared, spider: PublisherSpider) -> None:
        self.run = run
        self.spider = spider
        self.share = Share(
            shared,
            spider.publisher.name,
            room=max(4, 2 * spider.crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN")),
            due_only=run.due_only,
            on_news=self._wake,
        )

    def next_request(self) -> Request | None:
        """A request for what was handed to this worker."""
        while self.share.taken:
            task = self.share.taken.popleft()
            request = self.spider.shared_request(task)
            if request is not None:
                request.meta[_HANDED] = True
                return request
            self.share.end(task.url, 0.0)  # its source is in no publisher file of this worker
        return None

    async def end(self, reason: str) -> None:
        """Let go of what is held; end the sightings of pages that others have visited."""
        elsewhere = await self.share.close(in_order=reason == "finished" and not self.run.stopping)
        await self.run.frontier.end_elsewhere(elsewhere)

    def _wake(self) -> None:
        """Have the engine look again; by itself it does so every five seconds."""
        if self.share.failure is not None and not self.run.stopping:
            self.run.tally(self.spider.publisher.name).crashed = f"sharing: {self.share.failure}"
        engine = self.spider.crawler.engine
        if engine is not None and engine._slot is not None:
            engine._slot.nextcall.schedule()


class SharingScheduler(Scheduler):
    """See the module's docstring."""

    lease: _Lease | None = None

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Take part in the crawl of the spider's publisher."""
        opened = super().open(spider)
        run = Run.find(spider.crawler)
        if run is None or run.shared is None or not isinstance(spider, PublisherSpider) or not spider.is_shared:
            return opened
        self.lease = _Lease(run, run.shared, spider)
        return deferred_from_coro(self.lease.share.open())

    def close(self, reason: str) -> Deferred[None] | None:
        """Take no part any longer."""
        closed = super().close(reason)
        return deferred_from_coro(self.lease.end(reason)) if self.lease is not None else closed

    def enqueue_request(self, request: Request) -> bool:
        """Announce a source or a page; keep everything else."""
        if self.lease is None or _HANDED in request.meta or request.meta.get("kind") not in {"source", "page"}:
            return super().enqueue_request(request)
        source = request.meta.get("source")
        task = Task(
            url=request.url,
            via=request.meta.get("via"),
            source=source.url if source is not None else None,
            depth=request.meta.get("depth", 1),
            priority=request.priority,
        )
        self.lease.share.announce(task)
        return True

    def next_request(self) -> Request | None:
        """What is kept here first: it has begun. Then what was handed to this worker."""
        own = super().next_request()
        return self.lease.next_request() if own is None and self.lease is not None else own

    def has_pending_requests(self) -> bool:
        """Also as long as another worker may give something up, or find something new."""
        return super().has_pending_requests() or (self.lease is not None and self.lease.share.is_open)
