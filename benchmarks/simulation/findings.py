"""What a judgement is made of: figures that were counted, and problems, each with its moment."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that must not be. `at`: the simulated moment, where it has one."""

    check: str
    text: str
    at: datetime | None = None


@dataclass(kw_only=True)
class Findings:
    """What the checks found so far."""

    figures: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def count(self, figure: str, number: int = 1) -> None:
        """Add to a figure."""
        self.figures[figure] += number

    def problem(self, check: str, text: str, at: datetime | None = None) -> None:
        """Note what must not be."""
        self.problems.append(Problem(check=check, text=text, at=at))
