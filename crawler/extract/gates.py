"""Pages that stand where an article should: walls, error pages, listings, galleries.

A wall taken for an article pollutes the archive with text that nobody wrote; an article taken for a wall is lost. Both
are judged by what speaks for and against: an article is dated and claimed as one, is signed, and reports who said what
and when; a wall speaks to the reader, of the page, and has buttons. A vendor's script alone proves nothing
(Cloudflare's runs on every third news page), nor does a status: challenges come with 200, 202, 403 and 503.

Titles, markers and addresses are data: gates.toml; words of more than fifty languages: wording.toml.
"""

import re
from collections.abc import Iterator

from crawler.extract.entries import clock_times, run_backwards
from crawler.extract.evidence import ARTICLE_TYPES, ENOUGH, LONG, SCANT, SENTENCE, Evidence, heading_length
from crawler.extract.signs import Gate, gates
from crawler.extract.walls import BLOCKED
from crawler.extract.wording import words

TEASER_LENGTH = 250
REPORTS = 3  # words of reporting that no page about the publisher has
FIGURES = 0.2  # share of digits in a table: weather, rates, results

FEED = re.compile(rb"<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]", re.I)
MARKUP = re.compile(rb"<(?:[a-z]|!doctype)", re.I)
# "Fatal error: Uncaught … on line 41", "Traceback (most recent call last)", "Error establishing a database connection"
TRACE = re.compile(
    r"fatal error\b.{0,400}\bon line\b|traceback \(most recent call|sqlstate\[|stack trace:|\bruntime error\b"
    r"|database (?:connection|error)|(?:warning|notice|parse error): .{0,300} on line \d|whitelabel error page"
    r"|exception in thread",
    re.I | re.S,
)
SERVER = re.compile(
    r"\bnginx\b|\bapache2?\b|\biis\b|\bcpanel\b|\bplesk\b|\blitespeed\b|index of /|\bit works\b|welcome to centos", re.I
)
# What walls and service pages speak of; an open letter speaks to somebody as well
OF_THE_PAGE = (
    "robot", "browser", "check", "refused", "cookie", "data", "consent", "page", "gone", "home", "repair", "abo",
    "read", "login", "domain", "region",
)  # fmt: skip
# The home page, of a language or not: "/", "/en/", "/ar/index.html". With a query it may be an article ("/?p=123").
HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)\.(?:html?|php|aspx?))?", re.I)
LIVE = re.compile(r"(?<![a-z])live(?![a-z])|liveblog|ticker")  # "live-updates", "newsticker"
STORE = re.compile(r"href=.https://(?:play\.google\.com/store|(?:apps|itunes)\.apple\.com)/")
LISTING_TYPES = frozenset(("CollectionPage", "SearchResultsPage", "ProfilePage", "ItemList", "OfferCatalog"))
PLAYED_TYPES = frozenset(
    (
        "VideoObject",
        "AudioObject",
        "PodcastEpisode",
        "RadioEpisode",
        "TVEpisode",
        "Clip",
        "ImageGallery",
        "MediaGallery",
    )
)


def page_kind(seen: Evidence) -> str | None:
    """Say what a page is that is no article: an outcome and, after a colon, its kind; None for an article.

    Kinds: blocked:challenge, :consent, :login, :paywall, :region; not_article:data, :error, :feed, :gallery, :index,
    :liveblog, :notice, :parked, :robots, :service, :shell. With an error status only walls are told, the rest is the
    status's business. Never raises.
    """
    return next(_kinds(seen), None)


def _kinds(seen: Evidence) -> Iterator[str]:
    """The kinds that the page shows the signs of, the surest first; with an error status walls only."""
    known, is_long, is_page = gates(), seen.prose >= ENOUGH, seen.status < 400
    if is_page and (kind := _kind_by_address(seen)):
        yield kind
    if is_page and _is_liveblog(seen):
        yield "not_article:liveblog"
    if is_long and (seen.date == 2 or seen.is_declared):
        return
    if is_page and not is_long and _is_parked(seen, known["parked"]) and not known["challenge"].proven(seen):
        yield "not_article:parked"
    for kind, is_shown in BLOCKED.items():
        if not (is_long and (kind != "consent" or seen.date)) and is_shown(seen, known[kind]):
            yield f"blocked:{kind}"
    for kind, is_shown in NOT_ARTICLE.items() if is_page else ():
        if not (is_long and kind not in {"service", "index"}) and is_shown(seen, known[kind]):
            yield f"not_article:{kind}"


def _kind_by_address(seen: Evidence) -> str | None:
    if seen.segments == ("robots.txt",):
        return "not_article:robots"
    start = seen.start
    if FEED.search(start):
        return "not_article:feed"
    if start.lstrip()[:1] in {b"{", b"["} and not MARKUP.search(start):
        return "not_article:data"
    if HOME.fullmatch(seen.path) and not seen.query:
        return "not_article:index"
    return None


# --- what is no article ---


def _is_liveblog(seen: Evidence) -> bool:
    """Live coverage: said by linked data, or entries that open with the time, the newest on top."""
    if seen.has_type("LiveBlogPosting"):
        return True
    headline, language = seen.article.headline or "", seen.article.language
    named = any(words(headline, language=code)["live"] for code in (None, language))
    named = named or any(LIVE.search(part) for part in seen.segments)
    clocks = seen.clocks if named else clock_times(seen.paragraphs)
    if len(clocks) < 3 or len(clocks) < len(seen.paragraphs) / 6:
        return False
    return named or (len(clocks) >= 5 and run_backwards(clocks) and seen.listing.share < 0.5)


def _is_error(seen: Evidence, gate: Gate) -> bool:
    if seen.prose >= ENOUGH or seen.date == 2:
        return _is_dated_error(seen)
    if seen.news <= 2 and (_is_server(seen) or (seen.prose < 2 * SCANT and gate.proven(seen))):
        return True
    if (gate.at(seen) or gate.titled(seen)) and seen.prose < SCANT and seen.news <= 2:
        return True
    titled, told = seen.titled, seen.body
    if not (titled.any("gone", "repair") or told.any("gone", "repair")):
        return False
    signs = 2 * titled.any("gone", "repair") + titled.any("page") + told.any("gone") + told.any("page")
    signs += told.any("home") + told.any("repair") + seen.told.any("address") + seen.is_hidden
    return signs - seen.news >= 4


def _is_dated_error(seen: Evidence) -> bool:
    """Systems date their error pages as articles; those still speak to the reader, and nobody says anything."""
    if seen.prose >= SCANT or seen.told["report"] or seen.quotes or not seen.titled["gone"]:
        return False
    # "Content not found. This content may have been removed": of nothing but the page, title and text
    repeats = seen.titled["page"] > 0 and seen.body["gone"] > 0 and seen.prose < SCANT / 2
    return seen.body["page"] > 0 and (seen.told["address"] > 0 or repeats)


def _is_server(seen: Evidence) -> bool:
    """Whether the server speaks for itself: a stack trace, a folder's files, its default page."""
    if any(title.startswith("Index of /") for title in seen.titles) or TRACE.search(seen.text):
        return True
    return seen.is_bare and SERVER.search(" ".join(seen.titles)) is not None


def _is_parked(seen: Evidence, gate: Gate) -> bool:
    told = seen.told
    if seen.news > 1 or seen.prose > ENOUGH or not (told["domain"] or gate.titled(seen) or gate.marked(seen)):
        return False
    if seen.is_bare and seen.titled["domain"] and seen.names_host and seen.news == 0:
        return True
    return told["sale"] > 0 and (seen.names_host or told["address"] > 0 or seen.controls > 0)


def _is_shell(seen: Evidence, _gate: Gate) -> bool:
    """An application that needs its script, a newer browser, or to be installed, to show anything."""
    told = seen.told
    if not seen.is_bare or seen.news > 0 or seen.prose >= 1.5 * SCANT:
        return False
    if STORE.search(seen.markup):
        return told["address"] > 0
    return told["browser"] > 0 and (told["address"] > 0 or seen.prose < SENTENCE)


def _is_service(seen: Evidence, gate: Gate) -> bool:
    """Terms, privacy, contact, offers, newsletters: pages about the publisher."""
    if seen.date == 2:
        return False
    here = bool(seen.segments) and not gate.paths.isdisjoint(
        (seen.segments[0], re.sub(r"\.\w+$", "", seen.segments[-1]))
    )
    named = gate.titled(seen) or (here and seen.date == 0 and seen.prose < LONG)
    return named and seen.told["report"] < REPORTS


def _is_index(seen: Evidence, gate: Gate) -> bool:
    if seen.date == 2 or (seen.paragraphs and seen.prose >= TEASER_LENGTH * len(seen.paragraphs)):
        return False  # dated, or too long for teasers
    listing = seen.listing
    if listing.share >= 0.7 and listing.spread >= 3 and listing.outside < SCANT * 1.5:
        return True  # what was taken for an article are teasers
    if seen.prose < ENOUGH and not seen.types.isdisjoint(LISTING_TYPES) and seen.types.isdisjoint(ARTICLE_TYPES):
        return True
    return _is_list(seen, gate) and not seen.claims_article


def _is_list(seen: Evidence, gate: Gate) -> bool:
    """Whether there is little but links, as far as the address and what else there is make it likely."""
    listing = seen.listing
    if gate.at(seen):
        if listing.spread >= 3 and listing.share >= 0.5:
            return True
        short = seen.prose < SCANT and (seen.told["report"] == 0 or listing.entries >= 6)
        return short or (seen.link_share >= 0.6 and seen.news <= 1)
    if seen.prose >= SCANT:
        return False
    said = seen.prose >= SENTENCE / 2 and seen.has_sentence
    if seen.prose < SENTENCE and (seen.prose < SENTENCE / 4 or (seen.news == 0 and not said)):
        return seen.link_share >= 0.5 or listing.entries >= 6
    return seen.link_share >= 0.8 and seen.news == 0 and heading_length(seen) < 25


def _is_gallery(seen: Evidence, gate: Gate) -> bool:
    # Not the last segment: "/news/photos" may be a story's slug.
    in_gallery = not gate.paths.isdisjoint(seen.segments[:-1])
    played = seen.meta_type.startswith(("video", "music")) or not seen.types.isdisjoint(PLAYED_TYPES)
    if in_gallery or (played and not seen.claims_article):
        return seen.prose < 1.5 * SCANT
    return seen.prose < SCANT / 2 and (
        seen.pictures >= 8 or (seen.prose < SENTENCE and seen.has_player and seen.news <= 1)
    )


def _is_notice(seen: Evidence, _gate: Gate) -> bool:
    """The rest: a few words to the reader, or a table, and nothing of an article about them."""
    if seen.page is not None and not MARKUP.search(seen.start) and seen.prose < ENOUGH:
        return True
    if seen.news > 0 or seen.prose >= 2 * SCANT:
        return False
    if seen.article.headline is None and not seen.paragraphs and not seen.told["address"]:
        return False  # nothing is there to say what it is: it is empty
    if seen.article.headline is None or seen.stands_for_home or seen.figures >= FIGURES:
        return True
    if seen.is_hidden and seen.prose < SCANT:
        return True
    asks = seen.prose < SENTENCE or (seen.is_bare and seen.has_fields)
    speaks = seen.told["address"] >= (1 if asks else 2) and (asks or seen.body["address"] > 0)
    return (speaks and seen.told.any(*OF_THE_PAGE)) or not seen.has_sentence


NOT_ARTICLE = {
    "service": _is_service, "error": _is_error, "gallery": _is_gallery, "index": _is_index, "shell": _is_shell,
    "notice": _is_notice,
}  # fmt: skip
