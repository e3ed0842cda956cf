"""Actors and places that an article names, each with the spans where it stands.

    from crawler.enrich import names
    names.find(headline=…, lede=…, text=…, captions=(…), language="en")  → (Mention(kind="place", term="172955", …), …)

Names are found among the folded words of the text, the longest at each place; rules then say what each means
(`places.py`, `actors.py`). A name that may mean several and nothing says which is `ambiguous`.
"""

from collections.abc import Sequence

from archive.gazetteer import Spot
from archive.model import Article, Mention, Named
from crawler.enrich.names import actors, places
from crawler.enrich.names.context import Context, begin
from crawler.enrich.names.hits import Hit
from crawler.enrich.names.hits import find as _find
from crawler.enrich.names.lexicon import Actor, lexicon
from crawler.enrich.names.reading import read

_MANY = 4  # countries of an actor that says little of where a report plays
_HOME = {
    "fa": "IR",
    "he": "IL",
    "tr": "TR",
    "uk": "UA",
    "ur": "PK",
}  # where a report plays that names no country, if we know no more of it
RULES = "5"  # of the rules in this package; raise it with every change


def version() -> str:
    """Of vocabulary and rules together: what is kept with each version of an article."""
    return f"{lexicon().version}/{RULES}"


def of_article(article: Article, *, country: str | None) -> Named:
    """The actors and places that an article names; `country` is its publisher's."""
    mentions = find(
        headline=article.headline,
        lede=article.lede,
        text=article.text,
        captions=[image.caption for image in article.images if image.caption],
        language=article.language,
        dateline=article.dateline,
        country=country,
    )
    return Named(mentions=mentions, vocabulary=version())


def find(
    *,
    headline: str | None,
    lede: str | None,
    text: str,
    captions: Sequence[str] = (),
    language: str | None = None,
    dateline: str | None = None,
    country: str | None = None,
) -> tuple[Mention, ...]:
    """The actors and places of one report.

    `captions` are one part, a line each. `dateline` and `country` (the publisher's, ISO 3166-1) are evidence and are
    not searched for mentions. Spans are code points of the part. Never raises.
    """
    parts = {"headline": headline, "lede": lede, "text": text, "caption": "\n".join(captions)}
    readings = {part: read(words, language, lexicon()) for part, words in parts.items() if words}
    hits = [hit for part, reading in readings.items() for hit in _find(reading, part, language)]
    named = [hit for hit in hits if hit.entry.actors and not hit.entry.countries]
    placed = [hit for hit in hits if hit.entry.spots and not hit.entry.countries and not hit.entry.actors]
    if not (named or placed):
        return ()
    context = begin(hits)
    if dateline:
        near = _find(read(dateline, language, lexicon()), "dateline", language)
        context.countries.update(spot.country for hit in near for spot in hit.entry.spots if spot.curated)
    strong = actors.strong(named, language)
    _note_actors(named, strong, context)
    _settle(placed, context, language)
    home = country or _HOME.get(language or "")
    if home and not context.countries:
        context.countries[home] = 1
    meant = _placed(placed, context, language)
    if _learn(meant, context):
        sure = {hit.name for _, hit, is_sure in meant if is_sure}
        meant = [found for found in meant if found[1].name in sure]
        meant += _placed([hit for hit in placed if hit.name not in sure], context, language)
    others = actors.others(named, tuple(readings.values()))
    for hit in named:
        verdict = actors.decide(hit, strong, context, others, language)
        if verdict is not None:
            meant.append((verdict[0], hit, verdict[1]))
    return _mentions(meant)


def _note_actors(named: Sequence[Hit], strong: set[str], context: Context) -> None:
    """Actors beyond doubt are evidence of where they are at home."""
    for hit in named:
        for actor in hit.entry.actors:
            if actor.id in strong and len(actor.countries) < _MANY:
                context.add(hit.sentence, actor.countries)
            elif actor.id in strong:
                context.hints.update(actor.countries)


def _settle(placed: Sequence[Hit], context: Context, language: str | None) -> None:
    """Places beyond doubt are evidence for the others."""
    for hit in placed:
        if places.is_beyond_doubt(hit, context, language):
            spot = max(hit.entry.spots, key=lambda spot: (spot.curated, spot.population))
            context.add_place(spot, hit)


def _placed(placed: Sequence[Hit], context: Context, language: str | None) -> list[tuple[Actor | Spot, Hit, bool]]:
    groups: dict[str, list[Hit]] = {}
    for hit in placed:
        groups.setdefault(hit.name, []).append(hit)
    found: list[tuple[Actor | Spot, Hit, bool]] = []
    for group in groups.values():
        for hit, verdict in zip(group, places.decide(group, context, language), strict=True):
            if verdict.spot is not None:
                found.append((verdict.spot, hit, verdict.sure))
    return found


def _learn(meant: Sequence[tuple[Actor | Spot, Hit, bool]], context: Context) -> bool:
    """Places that are sure by now are evidence for those that are not; whether that is news."""
    known = {spot.country for spot in context.sure.values()}
    for what, hit, is_sure in meant:
        if is_sure and isinstance(what, Spot):
            if what.term not in context.sure:
                context.add_place(what, hit)
            context.settle(what, hit)
    return not {spot.country for spot in context.sure.values()} <= known


def _mentions(meant: Sequence[tuple[Actor | Spot, Hit, bool]]) -> tuple[Mention, ...]:
    """One for each name and part; sure where one of its spans is."""
    spans: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    labels: dict[tuple[str, str, str], str] = {}
    sure: set[tuple[str, str, str]] = set()
    for what, hit, is_sure in meant:
        kind, term = ("actor", what.id) if isinstance(what, Actor) else ("place", what.term)
        key = (kind, term, hit.part)
        spans.setdefault(key, []).append(hit.span)
        labels[key] = what.label
        if is_sure:
            sure.add(key)
    return tuple(
        Mention(
            kind=kind,
            term=term,
            label=labels[kind, term, part],
            part=part,
            spans=tuple(sorted(found)),
            certainty="sure" if (kind, term, part) in sure else "ambiguous",
        )
        for (kind, term, part), found in spans.items()
    )
