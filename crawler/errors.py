"""The crawler's branch of the error tree; its root is in `archive.errors`.

CrawlError
├── UsageError              an unknown spider, publisher or argument
├── ConfigurationError      a setting that a crawl cannot do with, or cannot do without
├── HostUnreachable         no connection to a host came about: the network, or no such host
├── AddressRefused          a host leads to an address that is not on the public web
├── SourceError             a feed, sitemap or section is not what it should be
├── PublisherError          a publisher file contradicts itself
├── InputError              a file, record or page given to a command cannot be read
│   └── InputMissing          it is not there
├── PageRefused             robots.txt or the crawler's own rules forbid a page that a command asked for
├── ClusterError            a cluster that work was to be spread over is not there
└── ExtractionError         a worker died or ran out of time on a page
"""

from typing import ClassVar

from archive.errors import DatelineError


class CrawlError(DatelineError):
    """Something went wrong while crawling or extracting."""


class UsageError(CrawlError):
    """An unknown spider, publisher or argument."""

    exit_code: ClassVar[int] = 64  # EX_USAGE


class ConfigurationError(CrawlError):
    """A setting is missing that a crawl needs (a contact), or would take its manners away."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG


class HostUnreachable(CrawlError):
    """No connection to a host came about. `__cause__` is the error of the network."""

    exit_code: ClassVar[int] = 69  # EX_UNAVAILABLE


class AddressRefused(CrawlError):
    """A host or address that the crawler must not connect to."""


class SourceError(CrawlError):
    """A source answered with something that is not a feed, sitemap or section page."""

    exit_code: ClassVar[int] = 4


class NothingListed(SourceError):
    """A page that should list stories lists none."""


class PublisherError(CrawlError):
    """A publisher file contradicts itself."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG


class InputError(CrawlError):
    """A file, record or page given to a command is damaged, or is no HTML."""

    exit_code: ClassVar[int] = 65  # EX_DATAERR


class InputMissing(InputError):
    """There is no such file or record."""

    exit_code: ClassVar[int] = 66  # EX_NOINPUT


class PageRefused(CrawlError):
    """A page that must not be fetched: robots.txt forbids it, or it is not on the public web."""

    exit_code: ClassVar[int] = 77  # EX_NOPERM


class ExtractionError(CrawlError):
    """Extraction of a page was killed: out of time or memory."""

    exit_code: ClassVar[int] = 70  # EX_SOFTWARE


class ClusterError(CrawlError):
    """A cluster that work was to be spread over is not there, or its workers die."""

    exit_code: ClassVar[int] = 69  # EX_UNAVAILABLE
