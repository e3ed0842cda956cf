"""One edited headline or sentence: which classes of change are in it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.diff import matches
from crawler.enrich.changes.attribution import Cue, attribution_edit, cues
from crawler.enrich.changes.figures import CASUALTIES, Figure, figure_edits, figures
from crawler.enrich.changes.lines import is_notice
from crawler.enrich.changes.names import Name, differing, has_akin, names
from crawler.enrich.changes.typography import Spelling, plain, reads_same
from crawler.enrich.changes.wording import Word, Wording, fold, words

ALIKE = 0.5  # share of the words that two sentences have in common of which one is an edit of the other
_WORD = re.compile(r"\w+")
# a capital behind a small letter and a space: "the mayor of Orhanli"
_NAMED = re.compile(r"(?<=[^\W\d_A-Z] )[^\W\d_]\w+")
_LONGEST = 400  # letters of a finding's old and new


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that changed. `where`: headline, "paragraph 3" (of the newer version, unless it is gone) or a field.

    `of`: for a number what it counts (killed, wounded, missing, captured, displaced, date, time, other), for what was
    reworded "moved" or "sentence" where that says more. `old` and `new` are None where there was or is nothing.
    """

    class_: str
    where: str
    old: str | None
    new: str | None
    of: str | None = None

    def as_dict(self) -> dict[str, str | None]:
        """As it is stored; long texts are cut, the versions have them whole."""
        fields = {"class": self.class_, "where": self.where, "of": self.of}
        texts = {"old": self.old and self.old[:_LONGEST], "new": self.new and self.new[:_LONGEST]}
        return {name: value for name, value in fields.items() if value is not None} | texts


@dataclass(frozen=True)
class Context:
    """What an edit is judged by besides itself: the language's words, and the whole text of both versions."""

    known: Wording
    old: str
    new: str

    @cached_property
    def old_words(self) -> tuple[str, ...]:
        """The folded words of the older version."""
        return _folded(self.old)

    @cached_property
    def new_words(self) -> tuple[str, ...]:
        """The folded words of the newer version."""
        return _folded(self.new)

    @cached_property
    def spelling(self) -> Spelling:
        """Which words are right as they are."""
        return Spelling(settled=frozenset(self.old_words).intersection(self.new_words), named=self.named)

    @cached_property
    def named(self) -> frozenset[str]:
        """The folded words that are capitalised within sentences: names, but in German, where all nouns are."""
        if self.known.nouns_capitalised:
            return frozenset()
        found = (word for text in (self.old, self.new) for word in _NAMED.findall(text))
        return frozenset(fold(word) for word in found if word[0].isupper())


def _folded(text: str) -> tuple[str, ...]:
    return tuple(sorted({fold(word) for word in set(_WORD.findall(text))}))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One version of the sentence, taken apart."""

    text: str
    words: Sequence[Word]
    figures: Sequence[Figure]
    plain: Sequence[str]


def _side(text: str, known: Wording) -> _Side:
    cut = words(text)
    counted = figures(cut, known)
    return _Side(text=text, words=cut, figures=counted, plain=plain(cut, counted, known.percent.find(cut)))


def edit(old: str, new: str, where: str, context: Context, *, is_headline: bool = False) -> list[Finding]:
    """The classes of change in a sentence that was edited; none when it says the same."""
    before, after = _side(old, context.known), _side(new, context.known)
    if reads_same(before.plain, after.plain, context.spelling):
        return []
    kept = sum(length for _, _, length in matches(before.plain, after.plain))
    likeness = 2 * kept / max(1, len(before.plain) + len(after.plain))
    one = cues(before.words, context.known, is_headline=is_headline)
    other = cues(after.words, context.known, is_headline=is_headline)
    found = list(_numbers(before, after, where, likeness, (one, other)))
    attributed = attribution_edit(before.words, after.words, one, other)
    if attributed is not None:
        found.append(Finding(class_="attribution", where=where, old=attributed.old, new=attributed.new))
    if likeness >= ALIKE and _may_name(before, after, context.known):
        claims = (one, other) if attributed is not None else ((), ())
        found += _names(before, after, where, context, claims, is_headline=is_headline)
    if is_notice(new, context.known) and not is_notice(old, context.known):
        found.append(Finding(class_="correction", where=where, old=old or None, new=new))
    return found or [Finding(class_="reworded", where=where, old=old or None, new=new or None)]


def _may_name(before: _Side, after: _Side, known: Wording) -> bool:
    """Whether any word that only one side has could be part of a name: looking names up is dear."""
    one, other = {word.form for word in before.words}, {word.form for word in after.words}
    lone = [word for side, others in ((before, other), (after, one)) for word in side.words if word.form not in others]
    lone = [word for word in lone if word.text[0].isalpha()]
    return any(not word.text[0].islower() or known.peoples.at((word,), 0) is not None for word in lone)


def _numbers(
    before: _Side, after: _Side, where: str, likeness: float, attributions: tuple[Sequence[Cue], ...]
) -> Iterator[Finding]:
    """Figures that became others; one that came or went counts where it counts casualties, and is one.

    "According to three residents" counts none.
    """
    gone, come = ({place for cue in some for place in cue.credit} for some in attributions)
    for found in figure_edits(before.figures, after.figures):
        if found.old is None or found.new is None:
            lone = found.old or found.new or ""
            credited = gone if found.new is None else come
            if found.kind not in CASUALTIES or not lone[:1].isdigit() or found.at in credited:
                continue
        elif found.kind not in CASUALTIES and likeness < ALIKE:
            continue
        yield Finding(class_="number", where=where, old=found.old, new=found.new, of=found.kind)


def _names(
    before: _Side,
    after: _Side,
    where: str,
    context: Context,
    claims: tuple[Sequence[Cue], Sequence[Cue]],
    *,
    is_headline: bool,
) -> Iterator[Finding]:
    """Names that became others, or came or went where the rest of the report does not have them."""
    gone, come = differing(
        names(before.words, context.known, context.named), names(after.words, context.known, context.named)
    )
    if not (gone and come):
        gone = [name for name in _unclaimed(gone, claims[0]) if not has_akin(name.form, context.new_words)]
        come = [name for name in _unclaimed(come, claims[1]) if not has_akin(name.form, context.old_words)]
        if is_headline:
            return
    else:
        free = _unclaimed(gone, claims[0]), _unclaimed(come, claims[1])
        gone, come = free if all(free) or not any(free) or claims[0] else (gone, come)
        if not (gone and come):
            return
    if gone or come:
        yield Finding(class_="place_or_name", where=where, old=_printed(before, gone), new=_printed(after, come))


def _unclaimed(some: Sequence[Name], claims: Sequence[Cue]) -> list[Name]:
    """Names that do not say who said so, where that has changed: they are part of the attribution."""
    return [name for name in some if not any(name.begin in cue.span for cue in claims)]


def _printed(side: _Side, some: Sequence[Name]) -> str | None:
    return ", ".join(side.text[side.words[name.begin].begin : side.words[name.end - 1].end] for name in some) or None
