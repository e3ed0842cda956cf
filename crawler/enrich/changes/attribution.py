"""Who says so: verbs of telling, "according to", words of doubt, and the sources beside them."""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.enrich.changes.wording import Hit, Word, Wording

REACH = 8  # words between a verb and who it is that says so
SENTENCE = 60  # … in languages that end with the verb
_QUOTES = frozenset('"“”„«»‘’「」『』')
_LITTLE = 3  # letters of words that say little
_ASIDE = frozenset(",，،–—-" + '"”“»«')
_LABEL = 6  # words before the colon of a headline: "Ministry: 12 killed"
_TAIL = 3  # … or behind its last dash or colon: "12 killed - ministry"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """A word that shows that somebody says so. `label`: the same for all forms of a verb. `sources` stand beside it."""

    label: str
    begin: int
    end: int
    sources: frozenset[str]
    span: range  # the words among which the source is
    credit: range  # the words that do nothing but say who says so; their figures count sources


def cues(text: Sequence[Word], known: Wording, *, is_headline: bool = False) -> list[Cue]:
    """The attributions of a text, in order."""
    sources, agencies = known.sources.find(text), known.agencies.find(text)
    named = known.gazetteer.find(text)
    found: list[Cue] = []
    covered: set[int] = set()
    for lexicon in (known.hedges, known.by, known.says):
        for hit in lexicon.find(text):
            if covered.isdisjoint(range(hit.begin, hit.end)):
                covered |= set(range(hit.begin, hit.end))
                found.append(_cue(text, hit, known, lexicon is known.says, (sources, named, agencies)))
    if is_headline and not found:
        found += _labels(text, sorted([*sources, *named, *agencies], key=_begin))
    return sorted(found, key=lambda cue: cue.begin)


def _cue(text: Sequence[Word], hit: Hit, known: Wording, is_verb: bool, sources: tuple[Sequence[Hit], ...]) -> Cue:
    left, right = _left(text, hit.begin, known), _right(text, hit.end, known)
    said_before = hit.begin == 0 or text[hit.begin - 1].is_mark or text[hit.begin - 1].text in _QUOTES
    if is_verb and known.verb_last:
        span = range(_sentence_start(text, hit.begin), hit.begin)
    elif is_verb and known.source_first and not said_before:
        span = range(left, hit.begin)
    else:
        span = range(left, right)
    offices, places, agencies = sources
    labels = {_singular(source.label) for source in _among(offices, span)}
    # "Israel says": a country speaks where nobody of it does, and then it stands beside the verb
    labels = labels or {
        place.label for place in _among(places, span) if place.end >= hit.begin - 1 and place.begin <= hit.end + 1
    }
    is_aside = not known.verb_last and _is_aside(text, left, right)
    credit = range(left, right) if is_aside else range(hit.begin, hit.end if is_verb else right)
    if is_aside:
        labels |= {word.form for place, word in enumerate(text[left:right], left) if _is_plain(word, place, hit)}
    # "told Reuters": whose report it is, on whichever side
    labels |= {agency.label for agency in _among(agencies, range(left, right))}
    return Cue(label=hit.label, begin=hit.begin, end=hit.end, sources=frozenset(labels), span=span, credit=credit)


def _is_aside(text: Sequence[Word], left: int, right: int) -> bool:
    """Whether a clause only says who says so: ", a rescue worker at the scene said." """
    is_parted = left > 0 and text[left - 1].text in _ASIDE
    return is_parted and (right == len(text) or text[right].is_mark) and right - left <= REACH


def _is_plain(word: Word, place: int, hit: Hit) -> bool:
    """A word of its own, small: names are told by themselves, and articles and prepositions come and go."""
    return len(word.form) > _LITTLE and word.text[0].islower() and not hit.begin <= place < hit.end


def _among(hits: Sequence[Hit], span: range) -> Sequence[Hit]:
    return hits[bisect_left(hits, span.start, key=_begin) : bisect_left(hits, span.stop, key=_begin)]


def _begin(hit: Hit) -> int:
    return hit.begin


def _singular(label: str) -> str:
    return label.removesuffix("s")


def _left(text: Sequence[Word], begin: int, known: Wording) -> int:
    place = begin
    while place > max(0, begin - REACH) and not _parts(text, place - 1, known):
        place -= 1
    return place


def _right(text: Sequence[Word], end: int, known: Wording) -> int:
    place = end
    while place < min(len(text), end + REACH) and not _parts(text, place, known):
        place += 1
    return place


def _parts(text: Sequence[Word], place: int, known: Wording) -> bool:
    return text[place].is_mark or known.that.at(text, place) is not None


def _sentence_start(text: Sequence[Word], begin: int) -> int:
    first = max(0, begin - SENTENCE)
    return next((place + 1 for place in range(begin - 1, first - 1, -1) if text[place].text in ".!?؟…:"), first)


def _labels(text: Sequence[Word], sources: Sequence[Hit]) -> Iterator[Cue]:
    """A source in front of a colon, or behind the last dash: a headline's short way to say who says so."""
    marks = [place for place, word in enumerate(text) if word.is_mark or word.text in "-–—|"]
    parts = [range(place) for place in marks[:1] if text[place].text in ":：" and place <= _LABEL]
    parts += [range(place + 1, len(text)) for place in marks[-1:] if len(text) - place <= _TAIL + 1]
    for part in parts:
        named = frozenset(_singular(source.label) for source in sources if source.begin in part)
        if named:
            yield Cue(label=":", begin=part.start, end=part.stop, sources=named, span=part, credit=part)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attributed:
    """What became of the attributions of a passage: the words that told it; None where there were or are none."""

    old: str | None
    new: str | None


def attribution_edit(
    old: Sequence[Word], new: Sequence[Word], before: Sequence[Cue], after: Sequence[Cue]
) -> Attributed | None:
    """Whether somebody else says so, in other words, or nobody any more; what only stands elsewhere is no change."""
    gone, come = _unpaired(before, after), _unpaired(after, before)
    if gone or come:
        return Attributed(old=_said(old, gone), new=_said(new, come))
    others: dict[str, deque[Cue]] = {}
    for cue in after:
        others.setdefault(cue.label, deque()).append(cue)
    for cue in before:
        same = others[cue.label].popleft()
        if cue.sources != same.sources:
            return Attributed(old=_span(old, cue), new=_span(new, same))
    return None


def _unpaired(some: Sequence[Cue], others: Sequence[Cue]) -> list[Cue]:
    left = Counter(cue.label for cue in others)
    found: list[Cue] = []
    for cue in some:
        if left[cue.label]:
            left[cue.label] -= 1
        else:
            found.append(cue)
    return found


def _said(text: Sequence[Word], some: Sequence[Cue]) -> str | None:
    return "; ".join(_span(text, cue) for cue in some[:3]) or None


def _span(text: Sequence[Word], cue: Cue) -> str:
    """The cue and who is beside it, as printed but for white space."""
    begin, end = min(cue.begin, cue.span.start), max(cue.end, cue.span.stop)
    return " ".join(word.text for word in text[begin:end])
