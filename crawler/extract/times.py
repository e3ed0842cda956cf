"""When it was published and modified: every claim on the page, in the order of trust, none of them a guess.

The order is: what the publisher's layout marks as more trustworthy than the rest (a unix time), linked data and meta
tags, `<time>` elements, what the layout prints, the URL.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.extract import time_words
from crawler.extract.dates import ParsedTime, day_in_url, parse_time, read_time, time_from_url
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.printed_dates import PrintedTime, Style, printed_times
from crawler.extract.select import bearing, clean, texts
from crawler.publisher import Layout, Publisher

_PUBLISHED_META = (
    "article:published_time", "article:published:time", "og:published_time",
    "published_time_telegram", "article:published", "datepublished",
    "pubdate", "publish-date", "publishdate", "publish_date", "publication_date",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "datecreated", "article.published", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "bt:pubdate", "dc.date.created", "dc.date", "date.available", "date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "article:modified:time", "og:updated_time",
    "article:modified", "datemodified", "lastmod", "dcterms.modified",
    "last-modified", "article.updated",
)  # fmt: skip
# What an element is marked with (a word of its `itemprop`, or `pubdate`), and the attribute that then holds the time
_PUBLISHED_MARKUP = (
    ("datePublished", "datetime"), ("datePublished", "content"), ("pubdate", "datetime"), ("dateCreated", "datetime"),
)  # fmt: skip
_MODIFIED_MARKUP = (("dateModified", "datetime"), ("dateModified", "content"))
_HOST = re.compile(r"[a-z]+://([^/:?#]+)", re.I)
# Where English-language press writes the day first (CLDR, short dates of en-GB, en-AU, en-IN and so on).
_DAY_FIRST_DOMAIN = re.compile(r"\.(?:uk|au|nz|ie|in|pk|lk|bd|my|sg|hk|ng|gh|ke|ug|tz|zm|zw|mt|cy|il|ae|eg|jm|tt)\Z")
_DAY_FIRST_ENGLISH = re.compile(
    r"en[-_](?:GB|AU|NZ|IE|IN|PK|LK|BD|MY|SG|HK|NG|GH|KE|UG|TZ|ZM|ZW|MT|CY|IL|AE|JM|TT)\b", re.I
)
_OFFSETS = timedelta(minutes=15)  # all zones are a multiple of it away from UTC
_WIDEST_OFFSET = timedelta(hours=14)  # Kiribati


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A time that the page claims, and the rule that read it."""

    time: ParsedTime
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """The times of an article; None where the page makes no claim that can be believed."""

    published: Claim | None
    modified: Claim | None


def find_times(
    tree: HtmlElement,
    url: str,
    *,
    layout: Layout | None,
    data: LinkedData,
    meta: Meta,
    publisher: Publisher | None,
    captured_at: datetime | None,
    headline: str | None = None,
    paragraphs: Sequence[str] = (),
) -> Times:
    """The publication and modification times of the page at `url`.

    A claim later than `captured_at` plus a day is not believed. Where the trusted clock shows that the page's own
    metadata label local time as UTC (Sputnik, 2019: `pubdate` says 21:17Z, `analytics:p_ts` is 18:17Z), the same
    error is taken out of the modification time.
    """
    zone = publisher.timezone if publisher is not None else None
    languages = publisher.languages if publisher is not None else ()
    trusted, printed = _printed(tree, layout, "published", zone, languages)
    marked = _marked(tree)
    structured = list(_claims(data.published, meta, _PUBLISHED_META, _marked_up(marked, _PUBLISHED_MARKUP), zone=zone))
    in_url = time_from_url(url, publisher) if publisher is not None else day_in_url(url)
    from_url = [Claim(time=in_url, rule="url")] if in_url is not None else []
    beside: list[PrintedTime] = []
    claimed = _best(structured, captured_at)
    settled = claimed is not None and claimed.time.precision != "day" and bool(claimed.time.at.utcoffset())
    if layout is None and not settled:  # the printed lines are dear to read
        spoken = _languages(data, meta)
        style = Style(languages=spoken, day_first=True if "en" in spoken and _is_day_first(url, meta) else None)
        beside = printed_times(tree, url, headline=headline, paragraphs=paragraphs, style=style)
        printed = [Claim(time=one.time, rule="time") for one in beside if not one.modified]
    published = _best([*trusted, *structured, *printed, *from_url], captured_at)

    trusted_modified, printed_modified = _printed(tree, layout, "modified", zone, languages)
    claimed_modified = _claims(data.modified, meta, _MODIFIED_META, _marked_up(marked, _MODIFIED_MARKUP), zone=zone)
    modified_claims = [*trusted_modified, *claimed_modified, *printed_modified]
    if trusted and zone and _labels_local_time_utc(trusted[0].time, structured, zone):
        modified_claims = [_relabelled(claim, zone) for claim in modified_claims]
    modified = _best(modified_claims, captured_at)
    published, modified = (_as_readers_saw(claim, beside) for claim in (published, modified))
    if modified is not None and published is not None and _precedes(modified, published):
        modified = None
    return Times(published=published, modified=modified)


def _best(claims: Sequence[Claim], captured_at: datetime | None) -> Claim | None:
    """The first believable claim; one of a day alone gives way to a later one that knows the time of that day."""
    latest = captured_at + timedelta(days=1) if captured_at is not None else None
    believable = [claim for claim in claims if latest is None or claim.time.at <= latest]
    if not believable:
        return None
    first = believable[0]
    if first.time.precision != "day":
        return first
    day = first.time.at.date()
    finer = (c for c in believable if c.time.precision != "day" and abs(c.time.at.date() - day) <= timedelta(days=1))
    return next(finer, first)


def _as_readers_saw(claim: Claim | None, printed: Sequence[PrintedTime]) -> Claim | None:
    """The same moment in the page's own zone, where it is claimed in UTC and printed as another day.

    The zone is what parts the printed clock from UTC: "Apr 13, 2020 at 4:38 PM" beside 2020-04-14T00:38:07Z is eight
    hours behind. A day without a clock gives the zone where the moment is that day's midnight: "5 November" beside
    2021-11-04T23:00:00Z. Any other printed day leaves the claim as it is.
    """
    if claim is None or claim.time.precision == "day" or claim.time.at.utcoffset() != timedelta():
        return claim
    at = claim.time.at
    for reading in (one.reading for one in printed if one.reading is not None):
        hands = reading.clock.hands if reading.clock is not None and reading.clock.zone is None else (0, 0, None)
        wall = datetime.combine(reading.day, time(hands[0], hands[1]), tzinfo=UTC)
        exact = at.replace(second=0, microsecond=0) if reading.clock is not None else at
        ahead = wall - exact
        if reading.day != at.date() and abs(ahead) <= _WIDEST_OFFSET and ahead % _OFFSETS == timedelta():
            local = ParsedTime(at=at.astimezone(timezone(ahead)), zone="printed", precision=claim.time.precision)
            return Claim(time=local, rule=claim.rule)
    return claim


def _claims(
    linked: str | None, meta: Meta, names: Sequence[str], marked_up: Iterable[str], *, zone: str | None
) -> Iterator[Claim]:
    """Linked data, meta tags, then marked-up elements."""
    sources: list[tuple[str, str]] = [(linked, "jsonld")] if linked else []
    sources += [(value, "meta") for name in names for value in meta.all(name)[:1]]
    sources += [(value, "time") for value in marked_up]
    for text, rule in sources:
        found = parse_time(text, zone=zone)
        if found is not None:
            yield Claim(time=found, rule=rule)


def _marked(tree: HtmlElement) -> list[HtmlElement]:
    """The elements that say which time they hold: those with `itemprop` in the page's order, then `<time pubdate>`."""
    named = dict.fromkeys(name for name, _ in (*_PUBLISHED_MARKUP, *_MODIFIED_MARKUP))
    return [*bearing(tree, "itemprop", *named), *(node for node in tree.iter("time") if "pubdate" in node.attrib)]


def _marked_up(marked: Sequence[HtmlElement], rules: Sequence[tuple[str, str]]) -> Iterator[str]:
    """By each rule the first time that an element so marked holds."""
    for name, attribute in rules:
        held = (
            clean(node.get(attribute) or "")
            for node in marked
            if name in (node.get("itemprop") or "").split() or (name == "pubdate" and name in node.attrib)
        )
        yield from islice(filter(None, held), 1)


def _printed(
    tree: HtmlElement, layout: Layout | None, which: str, zone: str | None, languages: Sequence[str]
) -> tuple[list[Claim], list[Claim]]:
    """What the layout's `published` or `modified` nodes say: unix times, and times in print.

    A unix time is trusted above all: it has no zone to get wrong.
    """
    if layout is None:
        return [], []
    specs, published = layout.published if which == "published" else layout.modified, set[str]()
    if which == "modified" and specs:
        # An unlabelled line that the layout reads as the publication time says nothing of a modification.
        published = {t for spec in layout.published for t in texts(tree, spec.css) if not time_words.modification(t)}
    trusted: list[Claim] = []
    printed: list[Claim] = []
    for spec in specs:
        for text in texts(tree, spec.css):
            part = "" if text in published else _part(text, which)
            found = read_time(part, spec, zone=zone or "UTC", languages=languages) if part else None
            if found is not None:
                claims = trusted if spec.format == "unix" else printed
                claims.append(Claim(time=found, rule=f"layout:{layout.name}"))
                break
    return trusted, printed


def _is_day_first(url: str, meta: Meta) -> bool:
    """Whether an English page comes from where "03/04/2020" is the third of April, by its domain or its declaration.

    "en-US" says nothing: it is what content management systems declare that nobody asked.
    """
    host = _HOST.match(url)
    return bool((host and _DAY_FIRST_DOMAIN.search(host[1].lower())) or _DAY_FIRST_ENGLISH.match(meta.language or ""))


def _languages(data: LinkedData, meta: Meta) -> tuple[str, ...]:
    declared = (meta.language, data.language, meta.first("og:locale", "content-language"))
    return tuple(dict.fromkeys(claim[:2].lower() for claim in declared if claim))


def _part(text: str, which: str) -> str:
    """The part of a printed line that speaks of `which` time.

    "Published time: 5 Dec, 2014 10:31 / Edited time: 6 Dec, 2014 01:02" holds both; a line without a label of change
    says nothing of a modification, unless it is nothing but a time.
    """
    label = time_words.modification(text)
    if which == "published":
        return text if label is None else text[: label.start()]
    if label is not None:
        return text[label.start() :]
    return "" if time_words.labelled(text) else text


def _labels_local_time_utc(trusted: ParsedTime, structured: Sequence[Claim], zone: str) -> bool:
    offset = trusted.at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    return bool(offset) and any(
        claim.time.precision != "day"
        and claim.time.at.utcoffset() == timedelta()
        and abs(claim.time.at - trusted.at - offset) < timedelta(minutes=1)
        for claim in structured
    )


def _relabelled(claim: Claim, zone: str) -> Claim:
    """The same wall clock in the zone it was really read from, where it was labelled UTC."""
    at = claim.time.at
    if claim.time.precision == "day" or claim.rule.startswith("layout") or at.utcoffset() != timedelta():
        return claim
    moved = ParsedTime(at=at.replace(tzinfo=ZoneInfo(zone)), zone="publisher", precision=claim.time.precision)
    return Claim(time=moved, rule=claim.rule)


def _precedes(modified: Claim, published: Claim) -> bool:
    """Whether a modification is claimed for before publication: then it is some other thing's time."""
    if "day" in {modified.time.precision, published.time.precision}:
        return modified.time.at.date() < published.time.at.date()
    return modified.time.at < published.time.at - timedelta(minutes=1)
