"""Which place a name means, and whether it means one at all. Each verdict names its rule.

1. what stands beside the name   a paper, a treaty, a person; the country it is said to lie in
2. which of several places       the one whose country the sentence, then the report speaks of; the one near places that
                                 are beyond doubt; the one that is ten times as large
3. whether it is a place         a well-known one is; others need evidence of their country, a word that says that a
                                 place comes ("near"), or both, the more the smaller and the more ordinary the name
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from archive.gazetteer import Spot
from archive.search import folding
from archive.search.folding import is_unspaced
from crawler.enrich.names import hits as beside
from crawler.enrich.names.context import NEAR, Context, distance, is_beside_one, is_off_one, said_country
from crawler.enrich.names.hits import Hit, is_cased
from crawler.enrich.names.lexicon import LARGE
from crawler.enrich.names.ordinary import Sense, sense

TOWN = 5_000
_TIMES = 10  # so many times larger than all others of its name: it is meant
_FRACTION = 5  # … or so many, where none of them is in or around a war
_FAMOUS = 20  # … or so many, and a large city: the report need not speak of its country (Moscow is not in Idaho)
_PHRASE = 7  # letters of two words that come together by chance: زیر آب, under water
_LETTERS = 3  # of a name in a script without spaces from which on it stands out
_SAME = 12.0  # km; two entries of one name and country that are nearer are one town


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What speaks for a place: a word before it ("near"), what it is or is off ("town"), its country in the report."""

    located: bool
    of_a_kind: bool
    supported: bool

    @property
    def named(self) -> bool:
        """Whether something beside the name says that it is a place's."""
        return self.located or self.of_a_kind


@dataclass(frozen=True, slots=True)
class Verdict:
    """`spot` is meant, `sure` or ambiguously; None: no place that we know is. `rule` says why."""

    spot: Spot | None
    sure: bool
    rule: str


NO_PLACE = "not a place"
NO_EVIDENCE = "no evidence"
SEVERAL = "several"
ALONE = "the only one"


def is_beyond_doubt(hit: Hit, context: Context, language: str | None) -> bool:
    """A name of our own list that nothing else bears, with nothing beside it that says otherwise."""
    entry = hit.entry
    if entry.doubtful or entry.is_word or sense(hit, language) or beside.is_named_after(hit):
        return False
    spots = _rivals(entry.spots)
    rivals = [spot for spot in spots if not spot.curated and spot.population >= LARGE / 5]
    own = [spot for spot in spots if spot.curated]
    large = [spot for spot in spots if spot.population >= LARGE]
    if len(own) == 1 and not rivals:
        meant = own[0]
    elif len(spots) == 1 and large and _is_alone(large[0], entry.elsewhere):
        meant = large[0]
    else:
        return False
    said = said_country(hit, context)
    if said is None:
        return not _is_at_home_elsewhere([hit], meant, context)
    return said == meant.country or said not in entry.elsewhere


def decide(group: Sequence[Hit], context: Context, language: str | None) -> list[Verdict]:
    """A verdict for each hit of one name in a report, in their order."""
    alone = [_said(hit, context, language) for hit in group]
    left = [hit for hit, verdict in zip(group, alone, strict=True) if verdict is None]
    common = _decide_together(left, context, language) if left else None
    return [verdict or common or Verdict(None, False, NO_PLACE) for verdict in alone]


def _said(hit: Hit, context: Context, language: str | None) -> Verdict | None:
    """What stands beside this one name settles it."""
    if beside.is_named_after(hit):
        return Verdict(None, False, "named after a place")
    entry = hit.entry
    if sense(hit, language) is Sense.OTHER:
        return Verdict(None, False, "another word")
    own = not entry.doubtful and any(spot.curated for spot in entry.spots)
    if not own and beside.is_a_person(hit, context.taken[id(hit.reading)], language):
        return Verdict(None, False, "part of a person's name")
    said = said_country(hit, context)
    if said is None:
        return None
    there = [spot for spot in entry.spots if spot.country == said]
    is_ordinary = entry.is_word or sense(hit, language) is not None
    if there and (not is_ordinary or beside.is_located(hit, language) or beside.is_of_a_kind(hit)):
        spot, is_clear = _largest(there)
        return Verdict(spot, is_clear, "said to lie in its country")
    return Verdict(None, False, "said to lie elsewhere") if said in entry.elsewhere else None


def _decide_together(group: Sequence[Hit], context: Context, language: str | None) -> Verdict:
    spot, rule = _choose(group, context)
    if spot is None:
        return Verdict(None, False, rule)
    apart = any(beside.has_ending_apart(hit, language) for hit in group)
    evidence = Evidence(
        located=apart
        or any(beside.is_located(hit, language) or is_beside_one(hit, spot.country, context) for hit in group),
        of_a_kind=any(beside.is_of_a_kind(hit) or is_off_one(hit, spot, context) for hit in group),
        supported=context.countries[spot.country] > 0,
    )
    if verdict := _judge_ordinary(group, spot, evidence, language, rule):
        return verdict
    if spot.curated or spot.population >= LARGE:
        return _judge_known(group, spot, evidence, context, rule)
    return _judge_small(group[0], spot, evidence, rule)


def _judge_ordinary(
    group: Sequence[Hit], spot: Spot, evidence: Evidence, language: str | None, rule: str
) -> Verdict | None:
    """A name that is a word or a person's as well; None where it is not."""
    entry, senses = group[0].entry, {sense(hit, language) for hit in group}
    is_known = spot.curated or spot.population >= LARGE
    is_word = entry.is_word and not any(beside.has_ending_apart(hit, language) for hit in group)
    if is_word or (Sense.WORD in senses and None not in senses and not is_known):
        possible = evidence.of_a_kind or (evidence.located and evidence.supported)
        return _verdict(spot, evidence.of_a_kind and evidence.supported, possible, rule)
    if rule == SEVERAL:
        likely = spot.curated or (spot.population >= TOWN and None in senses and _stands_out(group[0]))
        return _verdict(spot, False, evidence.named or likely, rule)
    if None not in senses:
        sure = (evidence.named and evidence.supported) or (evidence.of_a_kind and is_known)
        return _verdict(spot, sure, evidence.of_a_kind or (evidence.named and spot.curated), rule)
    if not entry.doubtful:
        return None
    known = spot.curated or (spot.population >= LARGE and evidence.of_a_kind)
    known = known or (spot.population >= 10 * LARGE and rule == ALONE)
    sure = (evidence.named and (evidence.supported or known)) or (evidence.supported and spot.curated)
    possible = evidence.of_a_kind or (evidence.named and (evidence.supported or spot.curated))
    return _verdict(spot, sure, possible or (evidence.named and spot.population >= LARGE), rule)


def _judge_known(group: Sequence[Hit], spot: Spot, evidence: Evidence, context: Context, rule: str) -> Verdict:
    """A place of our own list, or a large one."""
    if not (spot.curated or evidence.supported or evidence.named or is_cased(group[0].raw)):
        return Verdict(None, False, NO_EVIDENCE)
    if is_unspaced(group[0].raw[0]) and len(group[0].raw) < _LETTERS and not (spot.curated or evidence.named):
        return Verdict(None, False, NO_EVIDENCE)  # 省长沙巴兹: two letters may belong to two words
    alone = _is_alone(spot, group[0].entry.elsewhere) and not _is_at_home_elsewhere(group, spot, context)
    return _verdict(spot, evidence.supported or alone or (spot.curated and not context.countries), True, rule)


def _judge_small(hit: Hit, spot: Spot, evidence: Evidence, rule: str) -> Verdict:
    """A place that is named seldom: its country and a word that says that a place comes, unless it is a unique town."""
    named, supported = evidence.named, evidence.supported
    unique = len(hit.entry.spots) == 1 and not hit.entry.elsewhere
    if not _stands_out(hit):  # any word might be a small place's name
        return _verdict(spot, named and (supported or (unique and spot.population >= 4 * TOWN)), named, rule)
    if spot.population >= TOWN:
        return _verdict(spot, supported or (unique and named), named or supported, rule)
    return _verdict(spot, supported and named, evidence.of_a_kind, rule)


def _stands_out(hit: Hit) -> bool:
    """Whether its letters say that it is a name: a capital, or several words that would be chance together."""
    several = hit.last - hit.first > 1 and len(hit.raw) > _PHRASE
    return is_cased(hit.raw) or (several and not is_unspaced(hit.raw[0]))


def _verdict(spot: Spot, sure: bool, possible: bool, rule: str) -> Verdict:
    if sure or possible:
        return Verdict(spot, sure, rule)
    return Verdict(None, False, NO_EVIDENCE)


def _choose(group: Sequence[Hit], context: Context) -> tuple[Spot | None, str]:
    """The place that the evidence speaks for, and the rule; None where it speaks for one that we do not know."""
    entry = group[0].entry
    spots = _rivals(entry.spots)
    here = {country for hit in group for country in context.by_sentence.get(hit.sentence, ())}
    for rule, evidence in (
        ("country in the sentence", here),
        ("country in the report", set(context.countries)),
        ("country of an actor", context.hints),
    ):
        there = [spot for spot in spots if spot.country in evidence]
        if not there:
            continue
        weights = {spot.country: context.countries[spot.country] + (spot.country in context.hints) for spot in there}
        best = max(weights.values())
        likely = [spot for spot in there if weights[spot.country] == best]
        if len(likely) == 1:
            return likely[0], rule
        own, is_clear = _largest(likely)
        if own.curated and is_clear:
            return own, rule
        return _nearest(likely, context) or _dominant(likely)
    if here & set(entry.elsewhere) and not any(spot.curated for spot in spots):
        return None, "country elsewhere"
    if len(spots) == 1:
        return spots[0], ALONE
    return _nearest(spots, context) or _dominant(spots)


def _rivals(spots: Sequence[Spot]) -> Sequence[Spot]:
    """Without those that only share an old or foreign form with one of our own list: Engels was Pokrovsk once."""
    own = next((spot for spot in spots if spot.curated), None)
    if own is None or len(spots) == 1:
        return spots
    label = folding.folded(own.label)
    return [
        spot
        for spot in spots
        if spot is own
        or (SequenceMatcher(None, label, folding.folded(spot.label)).ratio() > 0.6 and not _is_same(spot, own))
    ]


def _is_same(spot: Spot, own: Spot) -> bool:
    """A part of the same town: El Geneina and its fort."""
    return spot.country == own.country and distance(spot, own) < _SAME


def _is_at_home_elsewhere(group: Sequence[Hit], spot: Spot, context: Context) -> bool:
    """The report speaks of a country that has a place of the name, and not of this one's."""
    if context.countries[spot.country]:
        return False
    others = group[0].entry.elsewhere
    rivals = {country for country, number in others.items() if max(number * _FAMOUS, LARGE) > spot.population}
    return any(country in rivals for country in context.countries)


def _nearest(spots: Sequence[Spot], context: Context) -> tuple[Spot, str] | None:
    """The only one that lies near a place beyond doubt."""
    near = [spot for spot in spots if any(_is_near(spot, other) for other in context.sure.values())]
    return (near[0], "near others") if len(near) == 1 else None


def _is_near(spot: Spot, other: Spot) -> bool:
    return spot.term != other.term and distance(spot, other) <= NEAR


def _dominant(spots: Sequence[Spot]) -> tuple[Spot, str]:
    spot, is_clear = _largest(spots)
    return spot, "far the largest" if is_clear else SEVERAL


def _largest(spots: Sequence[Spot]) -> tuple[Spot, bool]:
    """The one to name, and whether no other can be meant: of our own list, or ten times as large."""
    ordered = sorted(spots, key=lambda spot: (not spot.curated, -spot.population))
    if len(ordered) == 1:
        return ordered[0], True
    first = ordered[0]
    others = max((spot.population for spot in ordered[1:] if not _is_same(spot, first)), default=0)
    if first.curated:
        return first, others < LARGE
    return first, first.population >= TOWN and first.population >= _TIMES * others


def _is_alone(spot: Spot, elsewhere: Mapping[str, int]) -> bool:
    """Whether no place of the name in another country is more than a fraction of it; our own list's need no proof."""
    others = max((number for country, number in elsewhere.items() if country != spot.country), default=0)
    return spot.curated or spot.population >= _FRACTION * others
