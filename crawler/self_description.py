"""What a crawl says of itself at the head of each WARC file: who runs it, with which settings and libraries."""

import json
from collections.abc import Mapping
from importlib.metadata import version

from scrapy.settings import BaseSettings

# What decides which pages are asked for, how often, and how much of an answer is kept. No secret may be among them.
_SETTINGS = (
    "CONFLICT_ONLY", "CRAWL_DELAY_MAX", "DOWNLOAD_DELAY", "CONCURRENT_REQUESTS_PER_DOMAIN", "CONCURRENT_REQUESTS",
    "OFFLINE_PACE", "DOWNLOAD_MAXSIZE", "HEADERS_MAXSIZE", "DOWNLOAD_TIMEOUT", "CONNECT_TIMEOUT", "DNS_TIMEOUT",
    "DOWNLOAD_VERIFY_CERTIFICATES", "URLLENGTH_LIMIT", "REDIRECT_MAX_TIMES", "RETRY_TIMES", "EXTRACTION_TIMEOUT",
    "EXTRACTION_MEMORY_MB",
)  # fmt: skip

# Those that touch the bytes between the wire and the record.
_LIBRARIES = ("scrapy", "twisted", "pyopenssl", "cryptography", "warcio")


def self_description(settings: BaseSettings) -> Mapping[str, str | None]:
    """The fields that a crawl adds to its `warcinfo` records. A publisher's own delay may be longer than this one."""
    return {
        "operator": settings["OPERATOR"] or None,
        "http-header-user-agent": settings["USER_AGENT"],
        "settings": json.dumps({name: settings[name] for name in _SETTINGS}),
        "libraries": " ".join(f"{name}/{version(name)}" for name in _LIBRARIES),
    }
