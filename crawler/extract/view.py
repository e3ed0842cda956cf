"""Another reading of a page, asked which of its blocks it holds."""

from collections.abc import Iterable

from crawler.extract.prose import letters

_WINDOW = 16  # letters in a row that tell one text from another
_LONGEST = 400_000  # letters of a reading that are looked up


class View:
    """A reading's lines, whole and in windows: it may cut the text elsewhere than the page does."""

    __slots__ = ("lines", "total", "windows")

    def __init__(self, lines: Iterable[str]) -> None:
        bare = [letters(line) for line in lines]
        whole = "".join(bare)[:_LONGEST]
        self.lines = frozenset(filter(None, bare))
        self.total = len(whole)
        self.windows = frozenset(whole[at : at + _WINDOW] for at in range(max(0, len(whole) - _WINDOW + 1)))

    def holds(self, bare: str) -> float:
        """How surely the reading holds a block of these letters: 1 whole, less in part, 0 not."""
        if bare in self.lines:
            return 1.0
        if len(bare) < _WINDOW:
            return 0.0
        middle = (len(bare) - _WINDOW) // 2
        parts = (bare[:_WINDOW], bare[middle : middle + _WINDOW], bare[-_WINDOW:])
        return sum(part in self.windows for part in parts) / len(parts)
