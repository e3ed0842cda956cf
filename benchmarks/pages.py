"""News pages as heavy as real ones, made up to the last word: 168 kB on average, a quarter of it when compressed.

Size, share of markup and how well they compress are those of the front ranks of real news sites: the text of an article
is a fortieth of its page, the rest is navigation, teasers, inline scripts with tokens of their own, and style sheets.
"""

import random
from collections.abc import Iterator
from itertools import accumulate

_SYLLABLES = "ka ro mi ten dal vor sa li pen tur ge no bar ish el ond ra mu fe ki ost an der wil"
_WARS = "ceasefire shelling artillery convoy front army rebels mediator troops village bridge observers"
_KINDS = "card teaser story promo item media widget rail stack tile"


class Pages:
    """A made-up site. The same seed gives the same pages."""

    def __init__(self, seed: int = 1) -> None:
        self._dice = random.Random(seed)
        syllables = _SYLLABLES.split()
        self._words = [
            "".join(self._dice.choices(syllables, k=self._dice.randint(1, 4))) for _ in range(4000)
        ] + _WARS.split()
        self._often = list(accumulate(1 / (rank + 20) for rank in range(len(self._words))))  # Zipf's law
        names = [f"{kind}__{self._word()}" for kind in _KINDS.split() for _ in range(12)]
        self._style = "".join(
            f".{name}{{margin:{self._dice.randint(0, 48)}px {self._dice.randint(0, 48)}px;color:#{self._token(6)};"
            f"font-size:{self._dice.randint(10, 40)}px;display:{self._dice.choice(('flex', 'grid', 'block'))}}}\n"
            for name in names
        )
        self._names = names
        self._menu = "".join(f'<li class="{name}"><a href="/{self._word()}/">{self._word()}</a></li>' for name in names)

    def page(self) -> bytes:
        """One page, of 90 to 260 kB."""
        size = self._dice.randint(90_000, 260_000)
        headline = self._sentence(9)
        paragraphs = "".join(f"<p>{self._sentence(28)} {self._sentence(22)}</p>\n" for _ in range(14))
        head = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{headline}</title>'
            f"<style>{self._style}</style></head><body><nav><ul>{self._menu}</ul></nav>"
            f"<article><h1>{headline}</h1><time datetime='2026-03-04T12:00:00Z'>4 March 2026</time>{paragraphs}"
            "</article>"
        )
        parts, length = [head], len(head)
        while length < size:
            part = self._script() if self._dice.random() < 0.25 else self._teaser()
            parts.append(part)
            length += len(part)
        return "".join([*parts, "</body></html>"]).encode()

    def pages(self, count: int) -> Iterator[bytes]:
        """So many pages."""
        return (self.page() for _ in range(count))

    def _teaser(self) -> str:
        name, path = self._dice.choice(self._names), "-".join(self._dice.choices(self._words, k=6))
        picture = self._token(12)
        return (
            f'<div class="{name} {name}--wide" data-id="{self._token(8)}"><a class="{name}-link" href="/news/{path}/">'
            f'<img loading="lazy" width="640" height="360" src="https://img.tarn.example/{picture}/640x360.jpg" '
            f'srcset="https://img.tarn.example/{picture}/1280x720.jpg 2x" alt=""><h3>{self._sentence(8)}</h3></a>'
            f'<p class="{name}-text">{self._sentence(16)}</p><span class="{name}-time">'
            f"{self._dice.randint(1, 59)} minutes ago</span></div>\n"
        )

    def _script(self) -> str:
        items = ",".join(
            f'{{"id":"{self._token(10)}","slot":"{self._word()}","size":[{self._dice.randint(1, 999)},250],"lazy":true,'
            f'"targeting":{{"section":"{self._word()}","keywords":["{self._word()}","{self._word()}"]}}}}'
            for _ in range(6)
        )
        return f"<script>window.__slots=(window.__slots||[]).concat([{items}]);</script>\n"

    def _word(self) -> str:
        return self._dice.choice(self._words)

    def _sentence(self, count: int) -> str:
        return " ".join(self._dice.choices(self._words, cum_weights=self._often, k=count)).capitalize() + "."

    def _token(self, length: int) -> str:
        return f"{self._dice.getrandbits(4 * length):0{length}x}"
