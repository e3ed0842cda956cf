"""What a crawl must not do without, whatever the settings say: a name, a contact, robots.txt, scope, the archive.

Manners that a switch turns off are none. Settings of a command line or a spider that would take one of these away are
refused before the first request; the download handler asks once more, so that nothing leaves another way.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from crawler.errors import ConfigurationError

PRODUCT = "Dateline"  # the token that a robots.txt would name, RFC 9309 section 2.2.1

# The middlewares and handlers that each request passes, where they have to stand.
MIDDLEWARES: Mapping[str, int] = {
    "crawler.middlewares.scope.ScopeMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.pace.PaceMiddleware": 700,  # the last: what passes it is sent
}
HANDLER = "crawler.handlers.ArchivingHandler"

# someone@example.org; a mail address of everyday shape, RFC 5321 allows stranger ones
_MAIL = re.compile(r"(?:mailto:)?[^\s@<>()\[\],;:\"]+@(?:[\w-]+\.)+\w{2,}")
_HOW = "export DATELINE_CONTACT=https://example.org/about-our-crawler, or a mail address"


def check(settings: BaseSettings) -> None:
    """Raise ConfigurationError where `settings` would make requests that are not as they have to be."""
    check_contact(settings)
    given = settings.getdict("DOWNLOADER_MIDDLEWARES")
    for name, place in MIDDLEWARES.items():
        if given.get(name) != place:
            raise ConfigurationError(f"DOWNLOADER_MIDDLEWARES without {name} at {place}: it cannot be switched off")
    handlers = settings.getdict("DOWNLOAD_HANDLERS")
    for scheme in ("http", "https"):
        if handlers.get(scheme) != HANDLER:
            raise ConfigurationError(f"DOWNLOAD_HANDLERS without {HANDLER} for {scheme}: nothing would be archived")
    if settings["ROBOTSTXT_USER_AGENT"] != PRODUCT:
        raise ConfigurationError(f"ROBOTSTXT_USER_AGENT is not {PRODUCT!r}: robots.txt is obeyed by the own name")
    agent, contact = str(settings["USER_AGENT"]), str(settings["CONTACT"] or "")
    if not agent.startswith(f"{PRODUCT}/") or contact not in agent:
        raise ConfigurationError(f"USER_AGENT is {agent!r}: it has to begin with {PRODUCT!r} and name the contact")


def check_contact(settings: BaseSettings) -> None:
    """Raise ConfigurationError unless webmasters can reach the operator. Nobody asks on the offline web."""
    contact = str(settings["CONTACT"] or "")
    if not contact and settings["OFFLINE_WEB"]:
        return
    if not contact:
        raise ConfigurationError(
            f"no contact is set: a webmaster must be able to reach whoever crawls. Set one and start again: {_HOW}"
        )
    if not is_contact(contact):
        raise ConfigurationError(f"DATELINE_CONTACT={contact!r} is no web or mail address; set one as in {_HOW}")


def is_contact(text: str) -> bool:
    """Whether `text` is an http(s) URL with a host, or a mail address, fit for a header."""
    if not text.isascii() or not text.isprintable() or " " in text or any(sign in text for sign in "()<>\\"):
        return False
    if _MAIL.fullmatch(text):
        return True
    try:
        parts = urlsplit(text)
    except ValueError:  # "https://[::1"
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not parts.username
