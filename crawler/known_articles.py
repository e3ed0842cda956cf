"""What a visit to a page leaves in the archive: an article or a version of it, an edit, a removal, a return.

Only an article makes a version. A wall, an error page or an empty one is an outcome of its capture and, where an
article is known there, at most a row in `changes` that says how it is gone: by 404, by 410, by a redirect to what is no
article, by a page that says so with status 200; or that a wall stands before it, which is no removal.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from archive.articles import storable, text_hash, utc
from archive.changes import ChangeKind, Judged, Row
from archive.model import Article, Capture, Outcome
from archive.store import Archive
from archive.surt import surt
from crawler.processed import Processed
from crawler.publisher import publishers

if TYPE_CHECKING:
    from crawler.enrich.changes import Version

GONE = {404: "http_404", 410: "http_410"}
SOFT = frozenset(("error", "notice", "parked"))  # kinds of `page_kind` that say with status 200 that nothing is there
ELSEWHERE = SOFT | {"index", "service"}  # … and of where redirects from a removed page lead


@dataclass(frozen=True, kw_only=True, slots=True)
class PageVisit:
    """A captured page and what `extractor`, the rules of today, read in it; `asked` is the URL that led to it."""

    capture: Capture
    asked: str
    processed: Processed
    extractor: str
    has_read: bool = False  # whether the capture that `Kept.to_read` named was read again
    older: Article | None = None  # … and what it is by today's rules


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """How a visit ended; or, where `to_read` is set, that nothing was stored yet: that capture is to be read again.

    Another version of the program extracted the text in force. Whether the publisher edited it shows only when both
    are read by the same rules.
    """

    outcome: Outcome
    detail: str | None
    removed: bool = False  # an article was here, and is gone
    to_read: int | None = None


def keep(archive: Archive, visit: PageVisit) -> Kept:
    """Store what a visit shows, all but the capture's outcome. Call it in the archive's thread. Raises ArchiveError."""
    processed = visit.processed
    article, ending = processed.article, Kept(outcome=processed.outcome, detail=processed.detail)
    if article is None:
        if processed.outcome is Outcome.UNCHANGED:  # the server says so
            _note_presence(archive, visit, archive.changes.article_of([visit.asked]))
        else:
            return replace(ending, removed=_note_absence(archive, visit) is ChangeKind.REMOVED)
        return ending
    known = archive.changes.article_of([article.canonical_url])
    basis = archive.changes.basis(known, str(utc(visit.capture.as_of))) if known is not None else None
    if basis is not None and basis["text_hash"] != text_hash(article) and basis["extractor"] != visit.extractor:
        if not visit.has_read:
            return replace(ending, to_read=int(basis["capture_id"]))
        if visit.older is not None and text_hash(visit.older) == text_hash(article):
            return _unchanged(archive, visit, known)
    remark, stored = archive.store_article(
        visit.capture, article, relevance=processed.relevance, named=processed.named, extractor=visit.extractor
    )
    if remark == "unchanged":
        return _unchanged(archive, visit, stored)
    if remark == "changed":
        _note_presence(archive, visit, stored)
        archive.changes.record_edit(stored, _Judge(visit.older, basis))
    return replace(ending, detail=remark)


def is_known(archive: Archive, url: str) -> bool:
    """Whether an article is known at a URL: then it stays one, whatever it is about today."""
    return archive.changes.article_of([url]) is not None


def _unchanged(archive: Archive, visit: PageVisit, article_id: int | None) -> Kept:
    _note_presence(archive, visit, article_id)
    return Kept(outcome=Outcome.UNCHANGED, detail="unchanged")


def _note_presence(archive: Archive, visit: PageVisit, article_id: int | None) -> None:
    if article_id is not None:
        archive.changes.record_presence(article_id, visit.capture, rules=_rules())


# --- edits ---


class _Judge:
    """Compares two stored versions; where today's rules read the older one otherwise, that reading."""

    def __init__(self, older: Article | None, basis: Row | None) -> None:
        self._reread = (basis["id"], _version_of(older)) if older is not None and basis is not None else (None, None)

    def __call__(self, old: Row, new: Row) -> Judged:
        from crawler.enrich import changes  # noqa: PLC0415 - it takes a second to load, and most runs see no edit

        version, reading = self._reread
        before = reading if reading is not None and old["id"] == version else _stored_version(old)
        change = changes.compare(before, _stored_version(new))
        return Judged(
            classes=change.classes,
            details=tuple(finding.as_dict() for finding in change.findings),
            rules=change.rules,
        )


class StoredPages:
    """Judges versions and captures by their rows alone, for a merge of archives (see `archive.merging`)."""

    def edit(self, old: Row, new: Row) -> Judged:
        """What the newer of two stored versions changed in the older one."""
        return _Judge(None, None)(old, new)

    def absence(
        self, capture: Capture, asked: str, outcome: str, detail: str | None
    ) -> tuple[ChangeKind, Judged] | None:
        """How an article is not there, where the capture of its page says so."""
        processed = Processed(outcome=Outcome(outcome), detail=detail)
        visit = PageVisit(capture=capture, asked=asked, processed=processed, extractor="")
        found = absence(visit)
        return (found[0], _judged_absence(visit, found[1])) if found is not None else None

    def rules(self) -> str:
        """The version of the rules for edits and removals."""
        return _rules()

    def retired(self) -> Collection[str]:
        """Sources that publishers declare as ones that may be gone or have fallen silent."""
        return {source.url for publisher in publishers().values() for source in publisher.sources if source.optional}


def _rules() -> str:
    from crawler.enrich.changes import rules_version  # noqa: PLC0415 - as above

    return rules_version()


def _version_of(article: Article) -> "Version":
    from crawler.enrich.changes import Version  # noqa: PLC0415 - as above

    return Version(
        headline=article.headline,
        paragraphs=tuple(article.text.split("\n\n")),
        language=article.language,
        byline=article.byline,
        wire=article.wire,
        dateline=article.dateline,
        tags=article.tags,
    )


def _stored_version(row: Row) -> "Version":
    from crawler.enrich.changes import Version  # noqa: PLC0415 - as above

    return Version(
        headline=row["headline"],
        paragraphs=tuple(str(row["text"]).split("\n\n")),
        language=row["language"],
        byline=row["byline"],
        wire=row["wire"],
        dateline=row["dateline"],
        tags=tuple(json.loads(row["tags"])),
    )


# --- removals ---


def _note_absence(archive: Archive, visit: PageVisit) -> ChangeKind | None:
    """How a known article is not there, if it is not."""
    found = absence(visit)
    article_id = archive.changes.article_of([visit.asked]) if found is not None else None
    if found is None or article_id is None:
        return None
    kind, class_ = found
    archive.changes.record_absence(article_id, visit.capture, kind, _judged_absence(visit, class_))
    return kind


def _judged_absence(visit: PageVisit, class_: str) -> Judged:
    details = {
        "url": storable(visit.capture.url),
        "status": visit.capture.status,
        "detail": storable(visit.processed.detail),
    }
    return Judged(classes=(class_,), details=(details,), rules=_rules())


def absence(visit: PageVisit) -> tuple[ChangeKind, str] | None:
    """How the article that was asked for is not there, and that as a class; None where the visit does not say.

    A page without text may be one whose design has changed; a server's trouble passes: neither is a removal. Nor is it
    one that another archive has no capture of the page, or gives none away.
    """
    original = visit.capture.original
    if original is not None and original.captured_at is None:
        return None
    kind = (visit.processed.detail or "").partition(":")[0]
    match visit.processed.outcome:
        case Outcome.BLOCKED:
            return ChangeKind.BLOCKED, kind or "wall"
        case Outcome.FAILED if visit.capture.status in GONE:
            return ChangeKind.REMOVED, GONE[visit.capture.status]
        case Outcome.NOT_ARTICLE if kind in ELSEWHERE and surt(visit.asked) != surt(visit.capture.url):
            return ChangeKind.REMOVED, "redirect"
        case Outcome.NOT_ARTICLE if kind in SOFT:
            return ChangeKind.REMOVED, "soft_404"
        case _:
            return None
