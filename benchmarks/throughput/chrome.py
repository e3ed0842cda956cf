"""What stands around an article on a real news page: menus, scripts, state as JSON, style sheets, pictures, teasers.

How much of each there is follows 150 saved pages of real publishers: half of the bytes are scripts and styles, in a
quarter of the pages most of them; 800 elements, 150 links, 30 scripts, 11 kB of text that is no article. Sizes are
log-normal: 174 kB on average, half of the pages below 140 kB, one in twenty above 430 kB, a quarter of it on the wire.
"""

import json
import random
from math import log

from benchmarks.throughput.prose import WORDS, Reporter

_NAMES = WORDS["boxes"]
_PARTS = WORDS["box_parts"]
MEDIAN, SIGMA = 145_000, 0.7  # bytes; the mean of a log-normal is median · e^(σ²/2)
LEAST, MOST = 40_000, 900_000
DEEP = 6  # divisions around the teasers
OUTER = "".join(f'<div class="layout__{level}">' for level in range(DEEP))
POOL = 400  # different teasers and so on of a house


class House:
    """The chrome of one publisher: its menu, classes and style sheet are the same on every page."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)
        self._reporter = Reporter(self._dice)
        self._classes = [f"{name}__{part}" for name in _NAMES for part in _PARTS]
        self._dice.shuffle(self._classes)
        self._style = "".join(self._rule(name) for name in self._classes * 8)
        words = [word for _ in range(20) for word in self._reporter.headline().lower().split() if word.isalpha()]
        self._menu = "".join(
            f'<li class="{name}"><a href="/{word}/">{word.title()}</a></li>'
            for name, word in zip(self._classes, words[:40], strict=False)
        )
        self._teasers = [self._teaser() for _ in range(POOL)]
        self._states = [self._state() for _ in range(POOL)]
        self._symbols = [self._symbol() for _ in range(POOL)]

    def around(self, number: int, article_bytes: int) -> tuple[str, str, str]:
        """What goes into a page's head, before its article and behind it; with the article, as long as a real page."""
        dice = random.Random(f"chrome {number}")
        size = min(MOST, max(LEAST, dice.lognormvariate(log(MEDIAN), SIGMA))) - article_bytes
        head = f"<style>{self._style[: max(0, int(size * dice.uniform(0.05, 0.4)))]}</style>"
        symbols = "".join(dice.choices(self._symbols, k=max(1, int(size * 0.06 / len(self._symbols[0])))))
        before = (
            f'<header class="topbar"><nav class="topbar__list"><ul>{self._menu}</ul></nav>'
            f'<svg style="display:none" xmlns="http://www.w3.org/2000/svg">{symbols}</svg></header>'
        )
        rail = "".join(dice.sample(self._teasers, dice.randint(20, 70)))
        footer = f'<footer class="stack"><ul>{self._menu}</ul><p>© The publisher. All rights reserved.</p></footer>'
        left = size - len(head) - len(before) - len(rail) - len(footer)
        items = dice.choices(self._states, k=max(0, int(left / len(self._states[0]))))
        scripts = dice.randint(8, 40)
        states = "".join(
            f"<script>window.__state=(window.__state||[]).concat([{','.join(items[nth::scripts])}]);</script>\n"
            for nth in range(scripts)
        )
        return head, before, f"{OUTER}<aside class='rail'>{rail}</aside>{'</div>' * DEEP}{states}{footer}"

    def _rule(self, name: str) -> str:
        dice = self._dice
        return (
            f".{name}{{margin:{dice.randrange(48)}px {dice.randrange(48)}px;color:#{dice.getrandbits(24):06x};"
            f"font-size:{dice.randint(10, 40)}px;display:{dice.choice(('flex', 'grid', 'block', 'none'))}}}\n"
        )

    def _teaser(self) -> str:
        dice = self._dice
        name, slug = dice.choice(self._classes), f"{dice.getrandbits(32)}-{dice.choice(self._classes)}"
        picture = f"https://img.press.example/{dice.getrandbits(48):012x}/640x360.jpg"
        return (
            f'<div class="grid__cell"><div class="grid__inner"><div class="{name} {name}--wide" data-id='
            f'"{dice.getrandbits(32):08x}">'
            f'<a class="{name}-link" href="/stories/{slug}"><img loading="lazy" width="640" src="{picture}"'
            f' srcset="{picture} 2x" alt=""><h3>{self._reporter.headline()}</h3></a>'
            f"{self._summary() if dice.random() < 0.5 else ''}"
            f'<div class="{name}-meta"><div class="{name}-line"><span>{dice.randint(1, 59)} minutes ago</span>'
            f'<a href="/topics/{dice.choice(self._classes)}">{self._reporter.name()}</a>'
            "</div></div></div></div></div>\n"
        )

    def _summary(self) -> str:
        return f'<p class="{self._dice.choice(self._classes)}">{self._reporter.headline()}. <span>Read more</span></p>'

    def _state(self) -> str:
        """What a page's own scripts know of one thing: title, tokens, address."""
        dice = self._dice
        return json.dumps(
            {
                "id": f"{dice.getrandbits(64):016x}", "title": self._reporter.headline(), "lazy": True,
                "href": f"/stories/{dice.getrandbits(32)}", "slot": dice.choice(self._classes),
                "size": [dice.randint(1, 999), 250], "token": f"{dice.getrandbits(256):064x}",
            }
        )  # fmt: skip

    def _symbol(self) -> str:
        path = " ".join(f"L{self._dice.randrange(64)} {self._dice.randrange(64)}" for _ in range(30))
        return f'<symbol viewBox="0 0 64 64"><path d="M0 0 {path} Z"/></symbol>'
