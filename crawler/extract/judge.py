"""How likely each block of a page is the article's: a small forest of decision trees, kept as readable data.

`blocks.json` holds the trees that `benchmarks.train_blocks` grew on pages with gold text (gradient boosting, Friedman
2001). A leaf is a number of log odds; the sum over the trees, through the logistic function, is the likelihood.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from pathlib import Path
from typing import Any, TypeAlias

from crawler.extract.features import NAMES

# A branch: a feature's place, the value up to which the left side is taken, left, right. A leaf: log odds.
Node: TypeAlias = "float | tuple[int, float, Node, Node]"

_HOPELESS = -4.0  # log odds after some of the trees from which hardly a block was seen to recover: 2 of 94,000
_SOME = (30, 60)  # trees


@dataclass(frozen=True, kw_only=True, slots=True)
class Forest:
    """The trees, and the likelihood from which on a block is taken."""

    trees: tuple[Node, ...]
    threshold: float

    def likelihood(self, row: Sequence[float]) -> float:
        """How likely a block with these features (in the order of `features.NAMES`) is the article's; without, not."""
        if not row:
            return 0.0
        odds = 0.0
        for number, tree in enumerate(self.trees):
            node = tree
            while not isinstance(node, float):
                place, most, low, high = node
                node = low if row[place] <= most else high
            odds += node
            if number in _SOME and odds < _HOPELESS:
                break
        return 1 / (1 + exp(-odds))


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
