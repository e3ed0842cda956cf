"""The nouns that cross module boundaries: article, sighting, exchange, capture, outcome.

All are frozen and keyword-only. Times are aware; those that a publisher claims keep the offset they were printed with
(`published_at`, `modified_at`), ours are UTC (`captured_at`, `seen_at`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a capture ended. Each capture has exactly one; their sum equals the captures."""

    EXTRACTED = "extracted"  # a new article, or a new version of a known one
    UNCHANGED = "unchanged"  # a known article, same text
    OFF_TOPIC = "off_topic"  # an article, but not about conflict; kept as capture only
    NOT_ARTICLE = "not_article"  # robots.txt, feed, sitemap, section page, gallery, redirect …
    BLOCKED = "blocked"  # consent wall, challenge, paywall, login
    EMPTY = "empty"  # looks like an article page, no text could be found
    DEFERRED = "deferred"  # imported without being extracted; `scrapy reextract` does it
    FAILED = "failed"  # no usable response: network error, 4xx, 5xx, cut body, killed extraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Image:
    """A picture of the article. `caption` and `credit` are as printed, without the © sign in front of the credit."""

    url: str | None = None
    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """A story that the page linked to as related. `published_at` only where the page printed it."""

    title: str
    url: str | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """A line or block taken out as chrome, and the rule that did it."""

    text: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """What one page says, clean.

    `text` is `paragraphs` joined by blank lines: the lede is in it, the headline is not. Fields without evidence are
    None or empty. `provenance` maps each filled field to the rule that gave it:
    `layout | jsonld | meta | time | url | text | trafilatura | plain`, followed by detail after a colon where there is
    any (`layout:2019`); `published_at_zone` says `printed` or `publisher` (the publisher's own zone, none was printed),
    and `published_at_precision` is `day` when only the day is known (the time is then 00:00 UTC of that day).
    `text_agreement` is how far two readings of the page agree, from 0 to 1: the lower, the odder the page. Where a
    layout chose the text, it is the share of the words of the body or description in the page's head that it holds.
    `failed` says what broke the full extraction where a coarser one (`plain`) stands in.
    """

    url: str
    canonical_url: str
    publisher: str | None = None  # Publisher.name, or the page's registrable domain
    headline: str | None = None
    text: str = ""
    paragraphs: tuple[str, ...] = ()
    lede: str | None = None
    byline: str | None = None  # as printed
    authors: tuple[str, ...] = ()  # parsed
    dateline: str | None = None  # as printed: "Damascus - Arab Today"
    published_at: datetime | None = None
    modified_at: datetime | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    wire: str | None = None  # the agency's name as printed: "Xinhua"
    language: str | None = None  # ISO 639-1; None where unsure
    provenance: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TermMatch:
    """A term of the conflict vocabulary found in an article. `where` is headline, lede or text."""

    term: str
    where: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """An actor or a place named in one part of an article.

    `kind` is actor or place; `term` the actor's id in the vocabulary, the place's number in GeoNames or our own id of
    it; `part` headline, lede, text or caption. `spans`: where, in code points of that part. `certainty` is sure, or
    ambiguous where nothing says which of several is meant.
    """

    kind: str
    term: str
    label: str
    part: str
    spans: tuple[tuple[int, int], ...]
    certainty: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """The actors and places that an article names, by one version of the vocabulary and the rules."""

    mentions: tuple[Mention, ...]
    vocabulary: str  # the version of both


@dataclass(frozen=True, kw_only=True, slots=True)
class Relevance:
    """How much an article is about armed conflict, by one version of the vocabulary."""

    score: float
    relevant: bool
    matches: tuple[TermMatch, ...]
    vocabulary: str  # the vocabulary's version


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """What an intermediary, somebody else's archive, once captured of a publisher and hands on to us.

    `url` is where the page was, `address` where the intermediary has its capture (RFC 7089 calls them URI-R and URI-M);
    of one that lies in a larger file the fragment says where: `…/segment.warc.gz#bytes=1000-1999`, both included.
    `captured_at` is the intermediary's time, None where it answered with something else than a capture.
    """

    url: str
    address: str
    intermediary: str  # "web.archive.org", "commoncrawl.org"
    captured_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A URL seen in a source at a time, whether or not it was known."""

    url: str  # canonical: tracking parameters dropped
    raw_url: str  # as the source printed it
    publisher: str
    source: str  # URL of the feed, sitemap or section page
    seen_at: datetime
    position: int  # 0-based place in the source
    title: str | None = None  # as announced
    announced_at: datetime | None = None  # the source's own date of the entry
    memento: str | None = None  # the address of somebody else's capture of it, where the source is an index of those
    fields: Mapping[str, str | Sequence[str]] = field(default_factory=dict)  # what else the source says, as printed


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """How a connection was secured, as the TLS library names it: `TLSv1.3`, `TLS_AES_256_GCM_SHA384`.

    `issuers` are the certificates (DER) that the server sent with its own, nearest first. `verified` says whether its
    certificate was checked, name and all, against the authorities that this machine trusts.
    """

    protocol: str
    cipher: str
    issuers: tuple[bytes, ...] = ()
    verified: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request and its response as they crossed the wire, before anything is written."""

    url: str
    captured_at: datetime  # when the request was sent
    request: bytes
    response: bytes  # status line, headers and body, transfer coding included
    ip_address: str | None = None
    certificate: bytes | None = None  # the server's certificate, DER
    tls: Tls | None = None  # how the connection was secured, where it was
    truncated: str | None = None  # WARC-Truncated: length | time | disconnect | unspecified
    error: str | None = None  # what ended it early, for people
    publisher: str | None = None
    via: str | None = None  # the source or page that led here
    kind: str = "page"  # page | source | robots
    fetch_ms: int | None = None  # from sending the request to the last byte
    refers_to: str | None = None  # record id of the capture whose validators the request carried (If-None-Match …)
    original: Original | None = None  # what it is about, where it is an exchange with an intermediary


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """One archived exchange: where its response record lies and what it holds.

    `url` is the page's, also where the exchange was with an intermediary; its address is in `original` then.
    """

    id: int
    url: str
    captured_at: datetime
    status: int | None
    content_type: str | None
    file: str  # relative to the archive's folder: "warc/….warc.gz"
    offset: int
    length: int  # of the gzip member, bytes
    record_id: str
    payload_digest: str  # "sha256:<hex>", of the entity body without transfer coding
    publisher: str | None = None
    kind: str = "page"
    original: Original | None = None

    @property
    def as_of(self) -> datetime:
        """The moment whose state of the page it shows: the original capture's, where it came by an intermediary."""
        return (self.original.captured_at if self.original else None) or self.captured_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What extraction sees of a capture: the decoded entity body and its labels."""

    url: str
    body: bytes
    captured_at: datetime
    status: int = 200
    content_type: str | None = None
