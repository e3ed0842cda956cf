"""Whether a name means an actor: most do; abbreviations and words need evidence."""

from collections.abc import Sequence
from functools import cache

from crawler.enrich.names.context import Context
from crawler.enrich.names.hits import Hit, is_a_person, words_of
from crawler.enrich.names.lexicon import Actor, fighters, firm_in, is_acronym, rivals
from crawler.enrich.names.reading import Reading

_TELLING = 3  # letters of an abbreviation that is no word


def strong(hits: Sequence[Hit], language: str | None) -> set[str]:
    """The actors that a report names beyond doubt, by their ids."""
    return {actor.id for hit in hits if not _is_weak(hit, language) for actor in hit.entry.actors}


def decide(
    hit: Hit, named: set[str], context: Context, others: frozenset[str], language: str | None
) -> tuple[Actor, bool] | None:
    """The actor that is meant, and whether surely; None where it is none.

    `named`: the actors that the report names beyond doubt. `others`: abbreviations that are somebody else's in it.
    """
    actors = hit.entry.actors
    if not _is_weak(hit, language):
        return actors[0], len(actors) == 1
    if hit.raw in others or (not is_acronym(hit.raw) and is_a_person(hit, context.taken[id(hit.reading)], None)):
        return None
    meant = next((actor for actor in actors if actor.id in named), None)
    if meant is not None:
        return meant, True
    supported = [actor for actor in actors if any(context.countries[country] for country in actor.countries)]
    if len(supported) == 1:
        return supported[0], hit.entry.weak or is_acronym(hit.raw)
    # an abbreviation of three letters is somebody's; in a report of other countries hardly theirs
    likely = is_acronym(hit.raw) and len(hit.raw) >= _TELLING and not context.countries
    beside = _is_beside_fighters(hit)
    return (actors[0], beside and len(actors) == 1) if beside or likely else None


def _is_beside_fighters(hit: Hit) -> bool:
    """Whether "fighters", "rebels" or the like stands beside the name: IS militants, مسلحو الشباب."""
    reading, words = hit.reading, _fighters()
    return any(
        reading.key(at) in words and not reading.gap(gap).strip()
        for at, gap in ((hit.first - 1, hit.first), (hit.last, hit.last))
    )


def _is_weak(hit: Hit, language: str | None) -> bool:
    """A form with other meanings; an abbreviation that the text writes as a name ("Isis") is one, too."""
    if hit.entry.weak:
        return hit.raw not in firm_in(language)
    forms = hit.entry.forms
    return bool(forms) and all(map(is_acronym, forms)) and not is_acronym(hit.raw.split("'")[0].split("’")[0])


def others(hits: Sequence[Hit], readings: Sequence[Reading]) -> frozenset[str]:
    """The abbreviations among the names for which the report has somebody else's name in full."""
    asked = {hit.raw for hit in hits} & _rivals().keys()
    texts = [f" {' '.join(reading.words)} " for reading in readings] if asked else []
    return frozenset(raw for raw in asked for phrase in _rivals()[raw] for text in texts if phrase in text)


@cache
def _rivals() -> dict[str, tuple[str, ...]]:
    return {form: tuple(f" {words} " for words in words_of(phrases)) for form, phrases in rivals().items()}


@cache
def _fighters() -> frozenset[str]:
    return words_of(fighters())
