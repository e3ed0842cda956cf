"""Two versions of an article side by side; see the package."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.diff import Passage, align, fold
from crawler.enrich.changes import wording
from crawler.enrich.changes.edits import Context, Finding, edit
from crawler.enrich.changes.lines import is_chrome, is_notice, without_slug
from crawler.enrich.changes.names import akin
from crawler.enrich.changes.wording import flat, languages_of

CLASSES = (
    "headline", "number", "attribution", "place_or_name", "correction", "paragraph_added", "paragraph_cut", "reworded",
    "cosmetic",
)  # fmt: skip
LONGEST = 100_000  # letters in which two versions differ that are still compared word by word
# Ends of sentences; a wrong one ("Mr. Velk") does no harm, since both versions are cut there
_SENTENCE = re.compile(r"(?<=[.!?؟…])[\"'”’»)\]]*\s+|(?<=[。！？])[”」』]?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """One state of an article, as far as it is compared."""

    headline: str | None
    paragraphs: tuple[str, ...]
    language: str | None = None
    byline: str | None = None
    wire: str | None = None
    dateline: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What one version changed in the one before it. `rules`: the version of the words and rules that say so."""

    classes: tuple[str, ...]
    findings: tuple[Finding, ...]
    rules: str

    @property
    def is_real(self) -> bool:
        """Whether it says something else than before."""
        return self.classes not in {(), ("cosmetic",)}


def compare(old: Version, new: Version) -> Change:
    """Class what the newer version changed."""
    findings: list[Finding] = []
    looks_different = _looks_different(old, new)
    if looks_different:
        old, new = _composed(old), _composed(new)
        texts = ["\n".join([version.headline or "", *version.paragraphs]) for version in (old, new)]
        known = wording.wording(languages_of(new.language or old.language, texts[1]))
        context = Context(known=known, old=texts[0], new=texts[1])
        findings += [*_headline(old, new, context), *_paragraphs(old, new, context)]
    findings += _fields(old, new)
    found = {finding.class_ for finding in findings}
    classes = tuple(name for name in CLASSES if name in found)
    if not classes and looks_different:
        classes = ("cosmetic",)
    return Change(classes=classes, findings=tuple(findings), rules=wording.version())


def _looks_different(old: Version, new: Version) -> bool:
    return (old.headline, old.paragraphs) != (new.headline, new.paragraphs)


def _composed(version: Version) -> Version:
    """With letters and their marks as single signs wherever there is one (NFC)."""
    paragraphs = tuple(unicodedata.normalize("NFC", text) for text in version.paragraphs)
    headline = unicodedata.normalize("NFC", version.headline) if version.headline is not None else None
    return replace(version, headline=headline, paragraphs=paragraphs)


def _headline(old: Version, new: Version, context: Context) -> Iterator[Finding]:
    if old.headline == new.headline:
        return
    before, after = (without_slug(version.headline or "", context.known) for version in (old, new))
    found = edit(before, after, "headline", context, is_headline=True)
    if found:
        yield Finding(class_="headline", where="headline", old=old.headline, new=new.headline)
        yield from (finding for finding in found if finding.class_ != "reworded")


# --- the text ---


def _paragraphs(old: Version, new: Version, context: Context) -> Iterator[Finding]:
    if _length_of_edit(old.paragraphs, new.paragraphs) > LONGEST:
        yield Finding(class_="reworded", where="text", old=None, new=None, of="too long to compare")
        return
    for passage in align(old.paragraphs, new.paragraphs):
        before, after = _text(old.paragraphs, passage.old), _text(new.paragraphs, passage.new)
        if passage.kind == "same" or all(is_chrome(text, context.known) for text in (before, after) if text):
            continue
        where = f"paragraph {(passage.new or passage.old)[0] + 1}"
        match passage.kind:
            case "added" if is_notice(after, context.known):
                yield Finding(class_="correction", where=where, old=None, new=after)
            case "added":
                yield Finding(class_="paragraph_added", where=where, old=None, new=after)
            case "cut":
                yield Finding(class_="paragraph_cut", where=where, old=before, new=None)
            case "moved":
                yield Finding(class_="reworded", where=where, old=None, new=after, of="moved")
            case _:
                yield from _passage(before, after, where, context)


def _length_of_edit(old: Sequence[str], new: Sequence[str]) -> int:
    """Letters of both versions without the paragraphs with which they begin and end alike."""
    begin = next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
    if begin is None:
        begin = min(len(old), len(new))
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    return sum(len(text) for texts in (old, new) for text in texts[begin : len(texts) - end])


def _text(paragraphs: Sequence[str], places: Sequence[int]) -> str:
    return " ".join(paragraphs[place] for place in places)


def _passage(before: str, after: str, where: str, context: Context) -> Iterator[Finding]:
    """What became of an edited paragraph, sentence by sentence: a whole one that came in is no edit of another."""
    old, new = _sentences(before), _sentences(after)
    if len(old) == len(new) == 1:
        yield from edit(before, after, where, context)
        return
    for passages in _edits(align(old, new)):
        gone, come = (_text(texts, [place for passage in passages for place in places(passage)]) for texts, places in
                      ((old, _old_of), (new, _new_of)))  # fmt: skip
        if not fold(gone + come):
            continue  # marks alone
        if passages[0].kind == "moved":
            yield Finding(class_="reworded", where=where, old=None, new=come, of="moved")
        elif not gone and is_notice(come, context.known):
            yield Finding(class_="correction", where=where, old=None, new=come)
        elif gone and come:
            yield from edit(gone, come, where, context)
        elif not is_chrome(gone or come, context.known):
            yield Finding(class_="reworded", where=where, old=gone or None, new=come or None, of="sentence")


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text) if part and part.strip()]


def _edits(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    """The edits among sentences; those that went and those that came at one place are one."""
    together: list[Passage] = []
    for passage in passages:
        if passage.kind in {"cut", "added"}:
            together.append(passage)
            continue
        if together:
            yield together
            together = []
        if passage.kind != "same":
            yield [passage]
    if together:
        yield together


def _old_of(passage: Passage) -> tuple[int, ...]:
    return passage.old


def _new_of(passage: Passage) -> tuple[int, ...]:
    return passage.new


# --- the fields beside it ---


def _fields(old: Version, new: Version) -> Iterator[Finding]:
    """The credits: who wrote it or whose report it is, and where from, where both versions say so.

    One that only one version has says more of how its page was read than of who wrote it.
    """
    for name, class_ in (("wire", "attribution"), ("byline", "attribution"), ("dateline", "place_or_name")):
        before, after = getattr(old, name), getattr(new, name)
        if before and after and _letters(before) != _letters(after):
            if name == "dateline" and all(map(akin, _letters(before).split(), _letters(after).split())):
                continue
            yield Finding(class_=class_, where=name, old=before, new=after)


def _letters(text: str) -> str:
    """A credit without its times and numbers: "By A. Orr, 2 hours ago"."""
    return " ".join(word for word in flat(text).split() if not word[0].isdigit())
