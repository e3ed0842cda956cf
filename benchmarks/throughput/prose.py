"""Reports of invented wars, each of its own: an article of 4,500 characters is put together word by word.

Stock phrases would make every report a copy of every other, which real ones are not: of five words in a row three or
four are drawn.
"""

import random
import re
import tomllib
from pathlib import Path

_FILE = Path(__file__).with_name("words.toml")
WORDS = {
    name: re.split(r";\s+" if ";" in words else r"\s+", words.strip())
    for name, words in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
}


class Reporter:
    """Writes reports. The same dice write the same."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def headline(self) -> str:
        """Eight words or so: "Border guards retook the northern dam at Leskond, killing 7"."""
        said = f"{self._one('who')} {self._one('did')} {self._thing()} near {self._place()}"
        return self._begun(f"{said}, killing {self._dice.randint(2, 60)}")

    def paragraphs(self, characters: int) -> tuple[str, ...]:
        """Paragraphs of two or three sentences that come to so many characters."""
        written: list[str] = []
        while sum(map(len, written)) < characters:
            written.append(" ".join(self._sentence() for _ in range(self._dice.randint(2, 3))))
        return tuple(written)

    def name(self) -> str:
        """A person's."""
        return f"{self._one('given')} {self._place()}"

    def _sentence(self) -> str:
        when = f"{self._dice.choice(('on', 'before', 'since', 'until'))} {self._one('when')}"
        forms = (
            f"{when}, {self._clause()}.",
            f"{self._clause()} {self._one('why')}, {self.name()} {self._one('says')}.",
            f"“{self._begun(self._clause())},” {self.name()} {self._one('says')} {when}.",
            f"{self._clause()}, while {self._dice.randint(2, 900)} {self._clause()} {self._one('why')}.",
            f"in {self._place()} {self._clause()} and {self._one('did')} {self._thing()}.",
        )
        return self._begun(self._dice.choice(forms))

    def _clause(self) -> str:
        who = f"{self._one('how')} {self._one('who')}" if self._dice.random() < 0.4 else self._one("who")
        where = f" {self._dice.choice(('at', 'near', 'in', 'outside'))} {self._place()}"
        return f"{who} {self._one('did')} {self._thing()}{where if self._dice.random() < 0.5 else ''}"

    def _thing(self) -> str:
        how = f"{self._one('how')} " if self._dice.random() < 0.6 else ""
        return f"the {how}{self._one('what')}"

    def _place(self) -> str:
        return "".join(self._dice.choices(WORDS["parts"], k=self._dice.randint(2, 3))).capitalize()

    def _one(self, kind: str) -> str:
        return self._dice.choice(WORDS[kind])

    @staticmethod
    def _begun(text: str) -> str:
        return text[0].upper() + text[1:]
