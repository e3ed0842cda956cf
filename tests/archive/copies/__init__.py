"""Pairs of texts, labelled: copies of one text, and what only looks so.

A *copy* carries a greater part of another's text word for word, or nearly: cut, shortened sentence by sentence, with
figures brought up to date, names spelt otherwise, paragraphs of its own before, between or after. The same facts in
another reporter's words are a report of their own, and so is a translation. No copies are the reports of two days that
share their background, forms that are filled in anew each day, and whatever shares but a publisher's own lines.
"""

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two texts, whether one is a copy of the other, and how they came about."""

    one: str
    other: str
    is_copy: bool
    kind: str
    is_written: bool = True  # by hand, both of them


def pairs(name: str) -> list[Pair]:
    """All pairs of one file of texts."""
    data = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    stories = [{key: value.strip() for key, value in story.items()} for story in data["story"]]
    found = [pair for story in stories for pair in _of_story(story)]
    for mould in data["mould"]:
        for one, other in combinations(mould["texts"], 2):
            found.append(Pair(one=one.strip(), other=other.strip(), is_copy=False, kind=f"mould {mould['language']}"))
    return found + list(_across(stories)) + list(_made(stories))


def forms() -> list[list[str]]:
    """Texts of one mould each, of several days."""
    data = [tomllib.loads((HERE / name).read_text(encoding="utf-8")) for name in ("stories.toml", "held_out.toml")]
    return [[text.strip() for text in mould["texts"]] for one in data for mould in one["mould"]]


def _of_story(story: dict[str, str]) -> Iterator[Pair]:
    for one, other, is_copy in (
        ("base", "edited", True), ("base", "excerpt", True), ("edited", "excerpt", True),
        ("base", "rewrite", False), ("edited", "rewrite", False), ("excerpt", "rewrite", False),
        ("base", "followup", False), ("edited", "followup", False), ("excerpt", "followup", False),
        ("rewrite", "followup", False),
    ):  # fmt: skip
        kind = f"{one}/{other} {story['language']}"
        yield Pair(one=story[one], other=story[other], is_copy=is_copy, kind=kind)


def _across(stories: list[dict[str, str]]) -> Iterator[Pair]:
    """Texts of one language that share a sentence: who quotes has not copied."""
    for one, other in combinations(stories, 2):
        if one["language"] == other["language"]:
            quoted = "\n\n".join([*_paragraphs(other["base"])[:3], _paragraphs(one["base"])[2]])
            yield Pair(one=one["base"], other=quoted, is_copy=False, kind=f"quotes {one['language']}", is_written=False)


def _made(stories: list[dict[str, str]]) -> Iterator[Pair]:
    """What publishers do to a wire's text, done by rules."""
    chance = random.Random(6)
    for story in stories:
        base = story["base"]
        for name, change in _CHANGES.items():
            changed = change(base, chance)
            if changed != base:
                kind = f"{name} {story['language']}"
                yield Pair(one=base, other=changed, is_copy=True, kind=kind, is_written=False)
        framed = "\n\n".join([*_paragraphs(story["followup"])[:2], *_paragraphs(base)[:4]])
        yield Pair(one=base, other=framed, is_copy=True, kind=f"framed {story['language']}", is_written=False)
        light = _CHANGES["figures"](_CHANGES["names"](_CHANGES["cut"](story["edited"], chance), chance), chance)
        yield Pair(one=base, other=light, is_copy=True, kind=f"all {story['language']}", is_written=False)


def _paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def _cut(text: str, chance: random.Random) -> str:
    parts = _paragraphs(text)
    return "\n\n".join(parts[: chance.randint(2, max(2, len(parts) - 1))])


def _figures(text: str, chance: random.Random) -> str:
    """A third of the figures raised: "11" → "13", "eleven" → "thirteen"."""

    def raised(match: re.Match[str]) -> str:
        if chance.random() > 0.34:
            return match[0]
        return str(int(match[0]) + 2) if match[0].isdigit() else _RAISED[match[0]]

    return re.sub(r"\b\d+\b|" + "|".join(rf"\b{word}\b" for word in _RAISED), raised, text)


_RAISED = {
    "eleven": "thirteen", "nine": "ten", "seventeen": "nineteen", "forty": "fifty", "nineteen": "twenty",
    "девяти": "десяти", "четырёхсот": "пятисот", "шести": "семи", "ثمانية": "تسعة", "عشرون": "خمسة وعشرون",
    "dört": "beş", "yedi": "dokuz", "六人": "七人", "十四人": "十五人", "vingtaine": "trentaine", "sixième": "septième",
}  # fmt: skip


def _reparagraph(text: str, chance: random.Random) -> str:
    sentences = re.split(r"(?<=[.!?。])\s+|(?<=。)", text.replace("\n\n", " "))
    return "".join(sentence + (" " if chance.random() < 0.6 else "\n\n") for sentence in sentences).strip()


def _quotes(text: str, _: random.Random) -> str:
    return text.replace('"', "”").replace("«", "“").replace("»", "”").replace("'", "’").replace(", ", " , ")


def _names(text: str, _: random.Random) -> str:
    """Names spelt otherwise, each everywhere: Orvasti → Orwasti."""
    spelt = {"v": "w", "k": "c", "s": "ss", "л": "ль", "р": "рр", "ı": "i", "é": "e", "а": "о"}
    names = {name for name in re.findall(r"(?<=[a-zа-яçşğüöı,] )[^\W\d_]{4,}", text) if name[0].isupper()}
    for name in sorted(names):
        other = next((name[0] + name[1:].replace(a, b) for a, b in spelt.items() if a in name[1:]), name)
        text = re.sub(rf"\b{name}\b", other, text)
    return text


def _reordered(text: str, chance: random.Random) -> str:
    first, *rest = _paragraphs(text)
    chance.shuffle(rest)
    return "\n\n".join([first, *rest])


def _own_lede(text: str, _: random.Random) -> str:
    """The first paragraph gives way to one of the publisher's own."""
    own = "It was a day that nobody here will forget, and one that had been coming for longer than anyone cares to say."
    return "\n\n".join([own, *_paragraphs(text)[1:]])


_CHANGES = {
    "cut": _cut, "figures": _figures, "reparagraph": _reparagraph, "quotes": _quotes, "names": _names,
    "reordered": _reordered, "own lede": _own_lede,
}  # fmt: skip
