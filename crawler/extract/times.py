"""When it was published and modified: every claim on the page, in the order of trust, none of them a guess.

The order is: what the publisher's layout marks as more trustworthy than the rest (a unix time), linked data and meta
tags, `<time>` elements, what the layout prints, the URL.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.extract.dates import ParsedTime, parse_time, read_time, time_from_url
from crawler.extract.metadata import LinkedData, Meta
from crawler.extract.select import below_headline, text_of, texts
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
_PUBLISHED_MARKUP = (
    "[itemprop~=datePublished]::attr(datetime)", "[itemprop~=datePublished]::attr(content)",
    "time[pubdate]::attr(datetime)", "[itemprop~=dateCreated]::attr(datetime)",
    "article header time::attr(datetime)", "article time::attr(datetime)", "main time::attr(datetime)",
)  # fmt: skip
_MODIFIED_MARKUP = ("[itemprop~=dateModified]::attr(datetime)", "[itemprop~=dateModified]::attr(content)")
_DAY_FOLDERS = re.compile(r"/((?:19|20)\d\d)/(\d{1,2})/(\d{1,2})(?=/)")
_DATE_MARK = re.compile(
    r"(?<![a-z])(?:date|datetime|timestamp|pub(?:lish(?:ed)?)?-?(?:date|time)?|posted)(?![a-z])", re.I
)
_LONGEST = 100  # characters of a line that prints a date
_BARE_DATE = 32  # characters of a line that is nothing else: "Wednesday, 20 November 2019"
_MODIFIED_LABEL = re.compile(
    r"edited|updated|modified|last update|محدث|تحديث|обновл|изменен|güncelle|mis à jour|aktualisiert|actualizado", re.I
)
_PUBLISHED_LABEL = re.compile(r"publi|posted|created|نشر|опублик|yayın|veröffentlicht", re.I)


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
) -> Times:
    """The publication and modification times of the page at `url`.

    A claim later than `captured_at` plus a day is not believed. Where the trusted clock shows that the page's own
    metadata label local time as UTC (Sputnik, 2019: `pubdate` says 21:17Z, `analytics:p_ts` is 18:17Z), the same
    error is taken out of the modification time.
    """
    zone = publisher.timezone if publisher is not None else None
    languages = publisher.languages if publisher is not None else ()
    trusted = list(_printed(tree, layout, "published", zone, languages, trusted=True))
    structured = list(_claims(tree, data.published, meta, names=_PUBLISHED_META, markup=_PUBLISHED_MARKUP, zone=zone))
    printed = list(_printed(tree, layout, "published", zone, languages, trusted=False))
    in_url = time_from_url(url, publisher) if publisher is not None else _day_in_path(url)
    from_url = [Claim(time=in_url, rule="url")] if in_url is not None else []
    if publisher is None:
        printed = list(_printed_beside_headline(tree))
    published = _best([*trusted, *structured, *printed, *from_url], captured_at)

    modified_claims = [
        *_printed(tree, layout, "modified", zone, languages, trusted=True),
        *_claims(tree, data.modified, meta, names=_MODIFIED_META, markup=_MODIFIED_MARKUP, zone=zone),
        *_printed(tree, layout, "modified", zone, languages, trusted=False),
    ]
    if trusted and zone and _labels_local_time_utc(trusted[0].time, structured, zone):
        modified_claims = [_relabelled(claim, zone) for claim in modified_claims]
    modified = _best(modified_claims, captured_at)
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


def _claims(
    tree: HtmlElement, linked: str | None, meta: Meta, *, names: Sequence[str], markup: Sequence[str], zone: str | None
) -> Iterator[Claim]:
    """Linked data, meta tags, then marked-up elements."""
    sources: list[tuple[str, str]] = [(linked, "jsonld")] if linked else []
    sources += [(value, "meta") for name in names for value in meta.all(name)[:1]]
    sources += [(value, "time") for css in markup for value in texts(tree, css)[:1]]
    for text, rule in sources:
        time = parse_time(text, zone=zone)
        if time is not None:
            yield Claim(time=time, rule=rule)


def _printed(
    tree: HtmlElement, layout: Layout | None, which: str, zone: str | None, languages: Sequence[str], *, trusted: bool
) -> Iterator[Claim]:
    """What the layout's `published` or `modified` nodes say.

    A unix time is trusted above all: it has no zone to get wrong.
    """
    if layout is None:
        return
    specs, published = layout.published, set[str]()
    if which == "modified":
        # An unlabelled line that the layout reads as the publication time says nothing of a modification.
        published = {t for spec in layout.published for t in texts(tree, spec.css) if not _MODIFIED_LABEL.search(t)}
        specs = layout.modified
    for spec in specs:
        if (spec.format == "unix") is not trusted:
            continue
        for text in texts(tree, spec.css):
            part = "" if text in published else _part(text, which)
            time = read_time(part, spec, zone=zone or "UTC", languages=languages) if part else None
            if time is not None:
                yield Claim(time=time, rule=f"layout:{layout.name}")
                break


def _day_in_path(url: str) -> ParsedTime | None:
    """The day that folders of the path spell out: "/2020/02/17/ferry-resumes"."""
    found = _DAY_FOLDERS.search(re.split("[?#]", url, maxsplit=1)[0])
    return parse_time("-".join(found.groups()), zone=None) if found is not None else None


def _printed_beside_headline(tree: HtmlElement) -> Iterator[Claim]:
    """The first date printed below the headline, in a line of its own or one that the markup calls a date.

    In a link it is another story's.
    """
    for node in below_headline(tree):
        text = text_of(node)
        marked = node.tag == "time" or _DATE_MARK.search(f"{node.get('class') or ''} {node.get('itemprop') or ''}")
        longest = _LONGEST if marked else _BARE_DATE if next(node.iter("a"), None) is None else 0
        time = parse_time(_part(text, "published"), zone=None) if len(text) <= longest else None
        if time is not None and next(node.iterancestors("a"), None) is None:
            yield Claim(time=time, rule="time")
            return


def _part(text: str, which: str) -> str:
    """The part of a printed line that speaks of `which` time.

    "Published time: 5 Dec, 2014 10:31 / Edited time: 6 Dec, 2014 01:02" holds both; a line without a label of change
    says nothing of a modification, unless it is nothing but a time.
    """
    label = _MODIFIED_LABEL.search(text)
    if which == "published":
        return text if label is None else text[: label.start()]
    if label is not None:
        return text[label.start() :]
    return "" if _PUBLISHED_LABEL.search(text) else text


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
