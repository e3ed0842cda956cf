"""Scrapy's settings, each with its reason. Any can be overridden for one run: `scrapy crawl rt -s DOWNLOAD_DELAY=5`."""

import os
from importlib.metadata import version

from crawler.conduct import HANDLER, MIDDLEWARES, PRODUCT

# --- the project ------------------------------------------------------------------------------------------------------
BOT_NAME = "dateline"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
SPIDER_LOADER_CLASS = "crawler.spider_loader.PublisherLoader"  # one broken publisher file does not stop the others
COMMANDS_MODULE = "crawler.commands"  # `crawl` with honest exit codes, `crawlall`
ARCHIVE_FOLDER = os.environ.get("DATELINE_ARCHIVE") or "data"
OFFLINE_WEB = os.environ.get("DATELINE_OFFLINE_WEB")  # 127.0.0.1:<http>:<https>; see crawler/resolver.py
DUE_ONLY = False  # True asks only what is due, as `crawlall --due` does: for spiders that scrapyd starts
CONFLICT_ONLY = True  # False stores articles on every subject; captures are kept either way

# --- who we are, and manners ------------------------------------------------------------------------------------------
# A name, and the page or address where a webmaster can ask the operator to slow down or stop. Live crawls do not start
# without one, nor with settings that take the name, robots.txt or the archive away (crawler/conduct.py).
CONTACT = os.environ.get("DATELINE_CONTACT", "")
OPERATOR = os.environ.get("DATELINE_OPERATOR") or CONTACT  # who answers for the archive; named in each WARC file
USER_AGENT = f"{PRODUCT}/{version('dateline')} (conflict-news archive{f'; +{CONTACT}' if CONTACT else ''})"
ROBOTSTXT_USER_AGENT = PRODUCT  # the token that a robots.txt would name, RFC 9309 section 2.2.1
ROBOTSTXT_OBEY = False  # Scrapy's own middleware takes a 503 for "everything allowed"; ours is below
ROBOTS_MAX_AGE = 24 * 3600  # seconds after which a robots.txt is asked for again, RFC 9309 section 2.4
CRAWL_DELAY_MAX = 30.0  # seconds; a longer Crawl-delay is taken for this one, so that a typo does not stop a crawl
DOWNLOAD_DELAY = 1.0  # seconds between requests to one host, at least; a Publisher's own or a site's may be longer
CONCURRENT_REQUESTS_PER_DOMAIN = 2  # likewise
CONCURRENT_REQUESTS = 100  # of one spider; hosts have limits of their own, and silent ones must not fill all places
OFFLINE_PACE = 0.0  # what part of every wait is kept on the offline web, which needs no sparing; 1.0: all of it
# Scrapy's AutoThrottle hardly slows down for refusals, which are quick; crawler/pace.py follows both
EXTENSIONS = {"scrapy.extensions.throttle.AutoThrottle": None}

# --- who is told ------------------------------------------------------------------------------------------------------
ALARM_COMMAND = os.environ.get("DATELINE_ALARM_COMMAND")  # run without a shell, JSON on its standard input
ALARM_WEBHOOK = os.environ.get("DATELINE_ALARM_WEBHOOK")  # an address that takes the same JSON by POST
BUCKET = os.environ.get("DATELINE_BUCKET")  # s3://bucket/prefix: finished files are put there as they are sealed
UPLOAD_GRACE = 600.0  # seconds that a run waits for them at its end; what is left the next run puts there
PROMETHEUS_FILE = os.environ.get("DATELINE_PROMETHEUS")  # a textfile for the node exporter, written after each run

# --- several workers (crawler/sharing) --------------------------------------------------------------------------------
REDIS_URL = (
    os.environ.get("REDIS_URL") or None
)  # redis://host:6379/0: its workers share publishers, each its own archive
if REDIS_URL:
    SCHEDULER = "crawler.sharing.scheduler.SharingScheduler"

# --- what may be fetched, and how much of it --------------------------------------------------------------------------
DOWNLOAD_HANDLERS = {
    "http": HANDLER,
    "https": HANDLER,
    # `file://an-allowed-host/etc/passwd` passes Scrapy's own offsite check: there is nothing to fetch with
    "file": None,
    "ftp": None,
    "data": None,
    "s3": None,
}
TWISTED_DNS_RESOLVER = "crawler.resolver.SafeResolver"  # no private or loopback addresses
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes of a body; an article is below 1 MiB, Scrapy's default of 1 GiB is a bomb
DOWNLOAD_WARNSIZE = 0  # the cap above reports itself
HEADERS_MAXSIZE = 256 * 1024  # bytes of all header lines together; Twisted has no limit
DOWNLOAD_TIMEOUT = 30  # seconds for the whole exchange, a dripping server included
CONNECT_TIMEOUT = 8  # seconds until a connection stands: without a network a crawl ends soon
DNS_TIMEOUT = 6  # seconds
REACTOR_THREADPOOL_MAXSIZE = 20  # names are resolved in these; a name that hangs holds one
DOWNLOAD_FAIL_ON_DATALOSS = True  # a body shorter than announced is recorded, and is not an article
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is not to
URLLENGTH_LIMIT = 2083  # characters; a longer URL ends as not_article
DEPTH_LIMIT = 0
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    # Not br and zstd, which Scrapy would add: common WARC readers cannot read them back
    "Accept-Encoding": "gzip, deflate",
}

# --- other archives (spiders/wayback.py) ------------------------------------------------------------------------------
WAYBACK_CDX = "https://web.archive.org/cdx/search/cdx"  # an index that speaks the CDX server's language
WAYBACK_REPLAY = "https://web.archive.org/web"  # below it, <14 digits>id_/<address> gives the bytes as captured
WAYBACK_CDX_LIMIT = 10_000  # lines of one answer: two megabytes
COMMON_CRAWL_INDEX = "https://index.commoncrawl.org"  # where collinfo.json lists the crawls and their indexes
COMMON_CRAWL_DATA = "https://data.commoncrawl.org"  # where the crawls' WARC files lie

# --- redirects and retries --------------------------------------------------------------------------------------------
REDIRECT_MAX_TIMES = 8  # RFC 9309 asks for at least five for robots.txt
METAREFRESH_ENABLED = False  # news pages reload themselves with it
RETRY_TIMES = 2
# Not a host that does not resolve or refuses: the URL stays in the frontier, and the next run tries again.
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # each failure is in the summary and in the archive
HTTPERROR_ALLOW_ALL = True  # an error page is a capture too, and may be a wall

# --- switched off -----------------------------------------------------------------------------------------------------
REMOTE_CONTROL_ENABLED = False  # on by default: runs Python sent over HTTP inside the crawl
TELNETCONSOLE_ENABLED = False  # likewise over telnet
COOKIES_ENABLED = False  # no state between requests, no secrets in request records, no public-suffix download
HTTPPROXY_ENABLED = False  # a proxy from the environment resolves names itself, past SafeResolver
REFERER_ENABLED = False
HTTPCACHE_ENABLED = False  # a cached page would be recorded as a capture
COMPRESSION_ENABLED = False  # archive.http_message decodes: one decoder for live pages, imports and re-extraction
DUPEFILTER_CLASS = (
    "scrapy.dupefilters.BaseDupeFilter"  # the spider keeps its own set: what it drops is not lost silently
)

# --- the components ---------------------------------------------------------------------------------------------------
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    **MIDDLEWARES,
    "crawler.middlewares.redirect.RefererlessRedirectMiddleware": 600,
    "crawler.middlewares.waiting.BacklogMiddleware": 640,
    "crawler.middlewares.conditional.ConditionalMiddleware": 650,
    "crawler.middlewares.stopping.StopMiddleware": 950,
}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # ScopeMiddleware keeps the limit
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 500}
CONCURRENT_ITEMS = 2  # Scrapy starts this many tasks for every response: 1 to 4 is 1.5 times faster than its 100
EXTRACTION_WORKERS = 0  # processes; 0: as many as there are CPUs
EXTRACTION_TIMEOUT = 2.5  # seconds for a page, waiting for a CPU aside; 95 % take under 0.3
EXTRACTION_MEMORY_MB = 512  # address space of a worker; 165 are taken by the libraries, 55 by names of places

# --- running ----------------------------------------------------------------------------------------------------------
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TIME_LIMIT_GRACE = 60  # seconds that `crawlall --max-minutes` gives what is under way; at twice that all has ended
MEMUSAGE_LIMIT_MB = 1500  # the crawl itself stays below 200
LOG_LEVEL = "WARNING"  # progress and summary tell the rest; `-L INFO` for Scrapy's own account
LOG_FILE_APPEND = True
FEED_EXPORT_ENCODING = "utf-8"
