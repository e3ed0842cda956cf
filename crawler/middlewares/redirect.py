"""HTTP redirects, without a Referer."""

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response


class RefererlessRedirectMiddleware(RedirectMiddleware):
    """Scrapy's redirects. Every hop is a request of its own: it passes scope and robots.txt again and is captured."""

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's signature
        """Send no Referer: `REFERER_ENABLED` is off, and Scrapy would warn about it in every crawl."""
        request.headers.pop("Referer", None)

    def _engine_started(self) -> None:
        """Scrapy looks for its Referer middleware here, and warns in every crawl that it is off."""
