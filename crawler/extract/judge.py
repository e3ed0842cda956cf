"""How likely each block of a page is the article's: a small forest of decision trees, kept as readable data.

`blocks.json` holds the trees that `benchmarks.train_blocks` grew on pages with gold text (gradient boosting, Friedman
2001). A leaf is a number of log odds; the sum over the trees, through the logistic function, is the likelihood.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any, TypeAlias

from crawler.extract.features import NAMES

# A branch: a feature's place, the value up to which the left side is taken, left, right. A leaf: log odds.
Node: TypeAlias = "float | tuple[int, float, Node, Node]"

_HOPELESS = -4.0  # log odds after some of the trees from which hardly a block was seen to recover: 2 of 94,000
_CERTAIN = 3.5  # those from which none was seen to fall below 2: of 12,500
_SOME = (31, 61)  # trees


@dataclass(frozen=True, kw_only=True)
class Forest:
    """The trees, and the likelihood from which on a block is taken."""

    trees: tuple[Node, ...]
    threshold: float

    def likelihood(self, row: Sequence[float]) -> float:
        """How likely a block with these features (in the order of `features.NAMES`) is the article's; without, not.

        Where some of the trees leave no doubt, what they say: the others take most of the time.
        """
        if not row:
            return 0.0
        odds = 0.0
        for added in self._stages:
            odds = added(odds, *row)
            if not _HOPELESS <= odds <= _CERTAIN:
                break
        return 1 / (1 + exp(-odds))

    @cached_property
    def _stages(self) -> tuple[Callable[..., float], ...]:
        """Functions that add up the trees, each up to where the hopeless and the certain are sorted out."""
        parts = (self.trees[start:end] for start, end in pairwise((0, *_SOME, len(self.trees))))
        return tuple(map(_compiled, parts))


def _compiled(trees: Sequence[Node]) -> Callable[..., float]:
    """A function that adds to some log odds those that the trees give the features behind them: four times as fast as
    to walk along the trees."""
    names = ", ".join(f"f{place}" for place in range(len(NAMES)))
    added: Callable[..., float] = eval(  # noqa: S307 - numbers and comparisons, nothing else
        f"lambda odds, {names}: {' + '.join(('odds', *map(_expression, trees)))}"
    )
    return added


def _expression(node: Node) -> str:
    """A tree as a Python expression: "(0.25 if f3 <= 1.5 else -0.1)"."""
    if isinstance(node, float):
        return repr(node)
    place, most, low, high = node
    return f"({_expression(low)} if f{place:d} <= {float(most)!r} else {_expression(high)})"


@cache
def forest() -> Forest:
    """The forest that is shipped."""
    return read_forest(json.loads(Path(__file__).with_name("blocks.json").read_text(encoding="utf-8")))


def read_forest(data: Mapping[str, Any]) -> Forest:
    """A forest from its data: features by name, trees as nested lists `[feature, value, left, right]`."""
    places = {name: place for place, name in enumerate(NAMES)}
    trees = tuple(_node(tree, places) for tree in data["trees"])
    return Forest(trees=trees, threshold=float(data["threshold"]))


def _node(data: Any, places: Mapping[str, int]) -> Node:
    if isinstance(data, int | float):
        return float(data)
    name, value, left, right = data
    return places[name], float(value), _node(left, places), _node(right, places)
