"""The lines of a page's text, and what each is by where it stands: above the story, between its paragraphs, below it.

The head ends where running text begins under the headline (`above`); the tail begins after its last sentence (`below`).
Between them every line is text unless it stands in a box (`between`).
"""

import re
from dataclasses import dataclass

from archive.model import Removed
from crawler.extract.findings import Findings, take
from crawler.extract.lines import is_prose
from crawler.extract.marks import Mark
from crawler.extract.residue_rules import Role

# "(File)" · "[FILE]" · "FILE PHOTO" · "is seen" · "left" · "(C)": only captions say these
CAPTION_CUE = re.compile(
    r"[(\[](?:file(?: photo)?|archive|illustration|[lrc]|left|right|center)[)\]]|^file photo|صورة أرشيفية|архивн", re.I
)
# "…, November 19, 2019." · "… on December 2, 2015" · "… 3 March 2018.": agencies end captions with the day
ENDS_WITH_DAY = re.compile(r"(?:[^\W\d_]{3,9}\.? \d{1,2},? \d{4}|\d{1,2} [^\W\d_]{3,12} \d{4})\.?(?: ?[(/].{0,40})?$")


@dataclass(kw_only=True, slots=True)
class Lines:
    """The lines of a text with their marks, and whether a blank line stood before each."""

    text: list[str]
    marks: list[Mark | None]
    gaps: list[bool]

    def __len__(self) -> int:
        return len(self.text)

    @property
    def spaced(self) -> bool:
        """Whether blank lines stand between all lines, so that they say nothing."""
        return sum(self.gaps) > 0.9 * len(self.gaps)

    def free(self, index: int) -> bool:
        """Whether nothing is known of the line."""
        return 0 <= index < len(self.marks) and self.marks[index] is None

    def role(self, index: int) -> Role | None:
        """The role of the line's mark; None for text and past the ends."""
        mark = self.marks[index] if 0 <= index < len(self.marks) else None
        return mark.role if mark else None

    def roles(self, start: int, stop: int) -> frozenset[Role | None]:
        """The roles of the lines [start, stop)."""
        return frozenset(self.role(index) for index in range(start, stop))

    def set(self, index: int, role: Role, rule: str, value: str | None = None, credit: str | None = None) -> None:
        """Say what a line is."""
        self.marks[index] = Mark(role=role, rule=rule, value=value, credit=credit)

    def prose(self, index: int) -> bool:
        """Whether the line is unmarked running text."""
        return self.free(index) and is_prose(self.text[index])


def take_all(lines: Lines, headline: int | None, start: int, found: Findings) -> tuple[list[str], list[Removed]]:
    """The text's lines, and the others with what they say read into `found`."""
    kept: list[str] = []
    removed: list[Removed] = []
    for index, (line, mark) in enumerate(zip(lines.text, lines.marks, strict=True)):
        found.open_image = index < start
        if index == headline:
            continue
        if mark is None:
            kept.append(line)
        else:
            removed.append(Removed(text=line, rule=mark.rule))
            take(mark, line, found)
    return kept, removed
