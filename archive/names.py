"""The actors and places of an article as readers see them: each once with its count, and where its text names them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = ("actor", "place")


@dataclass(frozen=True, slots=True)
class Name:
    """An actor or place that an article names `count` times in headline, text and captions; the text holds the lede.

    `is_sure`: at least once beyond doubt.
    """

    kind: str
    term: str
    label: str
    count: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a paragraph; `kind` and `term` of what it names, if it names anything."""

    text: str
    kind: str | None = None
    term: str | None = None
    is_sure: bool = True


def listed(mentions: Iterable[Mapping[str, Any]]) -> list[Name]:
    """The actors and places, actors first, those beyond doubt and named most at the front."""
    found: dict[tuple[str, str], Name] = {}
    for mention in mentions:
        if mention["kind"] in KINDS:
            key = (mention["kind"], mention["term"])
            known = found.get(key) or Name(*key, mention["label"] or mention["term"], 0, is_sure=False)
            count = known.count + (mention["count"] if mention["part"] != "lede" else 0)
            found[key] = Name(*key, known.label, count, is_sure=known.is_sure or mention["certainty"] == "sure")
    return sorted(found.values(), key=lambda name: (name.kind, not name.is_sure, -name.count, name.label))


def pieces(text: str, mentions: Iterable[Mapping[str, Any]]) -> list[list[Piece]]:
    """The paragraphs of an article's text, cut where names begin and end.

    Spans that do not fit the text are left out: the pieces of a paragraph always make up all of it.
    """
    spans = sorted(_spans(mentions), key=lambda span: span[:2])
    found, begin = [], 0
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            found.append(_cut(paragraph, begin, spans))
        begin += len(paragraph) + 2
    return found


def _spans(mentions: Iterable[Mapping[str, Any]]) -> list[tuple[int, int, Mapping[str, Any]]]:
    named = [mention for mention in mentions if mention["kind"] in KINDS and mention["part"] == "text"]
    return [(start, end, mention) for mention in named for start, end in json.loads(mention["spans"])]


def _cut(paragraph: str, begin: int, spans: Sequence[tuple[int, int, Mapping[str, Any]]]) -> list[Piece]:
    found, at = [], 0
    for start, end, mention in spans:
        first, last = start - begin, end - begin
        if at <= first < last <= len(paragraph):
            found += [Piece(paragraph[at:first])] if first > at else []
            is_sure = mention["certainty"] == "sure"
            found.append(Piece(paragraph[first:last], mention["kind"], mention["term"], is_sure))
            at = last
    return found + ([Piece(paragraph[at:])] if at < len(paragraph) else [])
