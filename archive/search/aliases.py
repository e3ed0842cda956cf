"""Names that are one: `Daesh`, `ISIL`, `داعش`, `ИГИЛ`; `Raqqa`, `ar-Raqqah`, `الرقة`.

The names are data: `vocabulary/*.toml` beside this module, each entry with its source and the forms that texts of any
language give it, and the towns of `archive.gazetteer`. A form under `exact` counts only where it is written just so
(`IS` is a word otherwise), and is never looked for: the index does not know capitals.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from archive.gazetteer import places
from archive.search.folding import wanted

TOWN = 5000  # inhabitants of a place whose name is taken for it; a village's may be any word or person


@dataclass(frozen=True, slots=True)
class Name:
    """One actor or place. `forms` as written, the first is how we show it; `folded` as the index holds them."""

    id: str
    kind: str
    forms: tuple[str, ...]
    folded: tuple[tuple[str, ...], ...]


class Aliases:
    """A vocabulary of names."""

    def __init__(self, version: str, names: tuple[tuple[Name, tuple[str, ...]], ...]) -> None:
        """`names`: each with its exact forms."""
        self.version = version
        self._exact = {form: name for name, exact in names for form in exact}
        self._folded: dict[tuple[str, ...], Name] = {}
        for name, _ in names:
            for form in name.folded:
                self._folded.setdefault(form, name)
        self._actors = {name.id: name for name, _ in names if name.kind == "actor"}
        self.longest = max((len(form.split()) for name, _ in names for form in name.forms), default=1)  # in typed words

    def find(self, text: str) -> Name | None:
        """The name that `text` is a form of, or None."""
        return self._exact.get(text.strip()) or self._folded.get(folded(text))

    def label(self, actor: str) -> str:
        """What readers call the actor with an id, where that name finds this actor and no other; else the id."""
        name = self._actors.get(actor)
        return name.forms[0] if name is not None and self.find(name.forms[0]) is name else actor

    def actor(self, text: str) -> str:
        """The id of the actor that somebody means by a name, or by the id itself."""
        name = self.find(text)
        return name.id if name is not None and name.kind == "actor" else text.lower()

    def __len__(self) -> int:
        return len({name.id for name in self._folded.values()})


def folded(text: str) -> tuple[str, ...]:
    """A form as it is looked for."""
    return wanted(text)[0]


@cache
def vocabulary() -> Aliases:
    """The vocabulary that ships with the program."""
    entries: list[tuple[Name, tuple[str, ...]]] = []  # of two names with one form, the first has it
    versions = []
    for file in sorted(files("archive.search").joinpath("vocabulary").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            parsed = tomllib.loads(file.read_text(encoding="utf-8"))
            versions.append(parsed["version"])
            entries += [_entry(kind, fields) for kind in ("actor", "place") for fields in parsed.get(kind, ())]
    towns = sorted((place for place in places() if place.population >= TOWN), key=lambda place: -place.population)
    for place in towns:
        if place.forms:
            own = tuple(tuple(words.split(" ")) for words in place.words)
            entries.append((Name(f"geonames:{place.id}", "place", place.forms, own), ()))
    return Aliases("+".join(dict.fromkeys(versions)), tuple(entries))


def _entry(kind: str, fields: dict[str, Any]) -> tuple[Name, tuple[str, ...]]:
    forms = tuple(fields["forms"])
    own = tuple(dict.fromkeys(form for form in map(folded, forms) if form))
    return Name(fields["id"], kind, forms, own), tuple(fields.get("exact", ()))
