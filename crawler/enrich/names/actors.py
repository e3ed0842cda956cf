"""Whether a name means an actor: most do; abbreviations and words need evidence."""

from collections.abc import Sequence
from functools import cache

from crawler.enrich.names.context import Context
from crawler.enrich.names.hits import Hit, is_a_person, words_of
from crawler.enrich.names.lexicon import Actor, is_acronym, rivals
from crawler.enrich.names.reading import Reading


def strong(hits: Sequence[Hit]) -> set[str]:
    """The actors that a report names beyond doubt, by their ids."""
    return {actor.id for hit in hits if not _is_weak(hit) for actor in hit.entry.actors}


def decide(hit: Hit, named: set[str], context: Context, others: frozenset[str]) -> tuple[Actor, bool] | None:
    """The actor that is meant, and whether surely; None where it is none.

    `named`: the actors that the report names beyond doubt. `others`: abbreviations that are somebody else's in it.
    """
    actors = hit.entry.actors
    if not _is_weak(hit):
        return actors[0], len(actors) == 1
    if not is_acronym(hit.raw) and is_a_person(hit, context.taken[id(hit.reading)], None):
        return None
    if hit.raw in others:
        return None
    meant = next((actor for actor in actors if actor.id in named), None)
    if meant is not None:
        return meant, True
    supported = [actor for actor in actors if any(context.countries[country] for country in actor.countries)]
    if len(supported) == 1:
        return supported[0], hit.entry.weak or is_acronym(hit.raw)
    return (actors[0], False) if is_acronym(hit.raw) or hit.raw[:1].isupper() else None


def _is_weak(hit: Hit) -> bool:
    """A form with other meanings; an abbreviation that the text writes as a name ("Isis") is one, too."""
    if hit.entry.weak:
        return True
    forms = hit.entry.forms
    return bool(forms) and all(map(is_acronym, forms)) and not is_acronym(hit.raw.split("'")[0].split("’")[0])


def others(hits: Sequence[Hit], readings: Sequence[Reading]) -> frozenset[str]:
    """The abbreviations among the names for which the report has somebody else's name in full."""
    asked = {hit.raw for hit in hits} & _rivals().keys()
    texts = [reading.joined.replace("  ", " ") for reading in readings] if asked else []
    return frozenset(raw for raw in asked for phrase in _rivals()[raw] for text in texts if phrase in text)


@cache
def _rivals() -> dict[str, tuple[str, ...]]:
    return {form: tuple(f" {words} " for words in words_of(phrases)) for form, phrases in rivals().items()}
