"""`python -m benchmarks.train_blocks`: grow the trees that tell an article's blocks from the rest of its page.

Reads the folder of real pages with gold text, measures every block (`crawler.extract.features`), labels it by how much
of it stands in the gold text, and writes `crawler/extract/blocks.json`. First it says how the trees do on publishers
that they were not grown on: every page is judged by trees that saw no page of its registrable domain
(`--cross-validate`), or no page of its set (`--leave-set-out`).
"""

import argparse
import hashlib
import json
import logging
import random
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any
from unittest.mock import patch

from benchmarks import corpus, measures
from benchmarks.corpus import GoldPage
from benchmarks.extraction import body_gold
from crawler.extract import article as extraction
from crawler.extract import generic
from crawler.extract.features import NAMES
from crawler.extract.generic import Survey, Whole
from crawler.extract.judge import Forest, read_forest
from crawler.extract.prose import letters
from crawler.urls import registrable_domain

MODEL = Path(extraction.__file__).with_name("blocks.json")
# How much a page of a set weighs: the small, carefully made sets of today's pages more than the many of 2011 and 2012
SETS = {"aeb": 2.0, "fundus-eval": 2.5, "fundus-parser": 2.5, "conflict": 1.5, "daniel": 1.0, "trafilatura-eval": 1.0,
        "newspaper4k": 2.0}  # fmt: skip
THRESHOLD = 0.5
TREES = 150
# Small trees, half of the features for each, borders drawn at random (Geurts, Ernst and Wehenkel 2006): on publishers
# left out these leak less than trees with the best borders. Otherwise the settings matter little: fewer leaves, more
# leaves, other weights of publishers, names of boxes left out now and then change no figure by more than the seed does.
SETTINGS = {
    "objective": "cross_entropy", "extra_trees": True, "learning_rate": 0.12, "num_leaves": 24,
    "min_data_in_leaf": 60, "max_bin": 127,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1, "seed": 1,
    "deterministic": True, "num_threads": 2,
}  # fmt: skip
_SHINGLE = 4


@dataclass(kw_only=True)
class Sample:
    """A page's blocks: texts, features, labels (the share of a block in gold) and weights (0: unknown); the place of
    the first below the headline."""

    page: GoldPage
    domain: str
    start: int = 0
    texts: list[str] = field(default_factory=list)
    rows: list[Sequence[float]] = field(default_factory=list)
    labels: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


def sample(page: GoldPage) -> Sample:
    """Extract a page as though no publisher file existed, and keep what was measured on the way."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    surveys: list[Survey] = []

    def keep(tree: Any, **clues: Any) -> Whole:
        surveys.append(generic.survey(tree, **clues))
        return Whole(paragraphs=(), agreement=0.0)

    with (
        patch.object(extraction, "publisher_for", return_value=None),
        patch.object(extraction, "whole_page", keep),
    ):
        extraction.extract(page.html(), page.url)
    result = Sample(page=page, domain=_domain(page))
    if surveys:
        result.texts = [block.text for block in surveys[0].found]
        result.rows = list(surveys[0].rows)
        result.start = surveys[0].start
        label(result)
    return result


def _domain(page: GoldPage) -> str:
    """The publisher's domain, also where the page was saved by a web archive; the page's own name where it is lost."""
    start = page.url.find("/http", 8)
    return registrable_domain(page.url[start + 1 :] if start >= 0 else page.url) or page.id


def label(made: Sample) -> None:
    """Say of each block whether it is gold, and how much it weighs: its share of the page's gold text."""
    gold = body_gold(made.page)
    pairs = _by_text(made.texts, gold) if gold else _by_segments(made.texts, made.page.gold)
    made.labels = [share for share, _ in pairs]
    made.weights = [weight for _, weight in pairs]


def _by_text(texts: Sequence[str], gold: str) -> list[tuple[float, float]]:
    """The share of a block's shingles that gold holds; a shorter block is looked up with what is around it."""
    wanted = measures.shingles(gold, _SHINGLE)
    lines = Counter(letters(line) for line in gold.splitlines())
    tokens = [measures.TOKEN.findall(text) for text in texts]
    shares = []
    for place, own in enumerate(tokens):
        context = own
        if len(own) < _SHINGLE:
            before = [token for part in tokens[max(0, place - 3) : place] for token in part]
            after = [token for part in tokens[place + 1 : place + 4] for token in part]
            context = [*before[-3:], *own, *after[:3]]
        runs = [tuple(context[at : at + _SHINGLE]) for at in range(max(0, len(context) - _SHINGLE + 1))]
        share = sum(run in wanted for run in runs) / len(runs) if runs else 0.0
        if len(own) < _SHINGLE:
            share = float(bool(own) and (share > 0.7 or letters(texts[place]) in lines))
        shares.append(share)
    _one_of_repeats(texts, [share * len(own) for share, own in zip(shares, tokens, strict=True)], shares, lines)
    whole = sum(wanted.values()) + 30
    return [(share, (len(own) + 2) / whole) for share, own in zip(shares, tokens, strict=True)]


def _one_of_repeats(texts: Sequence[str], masses: Sequence[float], shares: list[float], lines: Counter[str]) -> None:
    """Of a block that stands on the page more often than in gold, take the copies in the thick of it."""
    copies: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if shares[place] > 0.5:
            copies[letters(text)].append(place)
    for bare, places in copies.items():
        places.sort(key=lambda place: -sum(masses[max(0, place - 5) : place + 6]))
        for place in places[max(1, lines[bare]) :]:
            shares[place] = 0.0


def _by_segments(texts: Sequence[str], gold: dict[str, Any]) -> list[tuple[float, float]]:
    """Blocks that hold a wanted or an unwanted segment; nothing is known of the others."""
    flat = [" ".join(text.split()) for text in texts]
    pairs = [(0.0, 0.0)] * len(texts)
    count = max(4, len(gold.get("with") or ()) + len(gold.get("without") or ()))
    for key, share in (("with", 1.0), ("without", 0.0)):
        for segment in gold.get(key) or ():
            plain = " ".join(segment.split())
            places = [place for place, text in enumerate(flat) if plain in text]
            for place in places if len(places) <= 6 else ():
                known, weight = pairs[place]
                torn = weight > 0 and known != share
                pairs[place] = (share, 0.0 if torn else max(weight, 1 / len(places) / count))
    return pairs


def balance(samples: Sequence[Sample]) -> list[list[float]]:
    """The weights to train with: no page, no publisher and no set drowns the others; cheap negatives are thinned."""
    pages = Counter(made.domain for made in samples)
    draw = random.Random(0)
    balanced = []
    for made in samples:
        factor = SETS[made.page.set_name] / pages[made.domain] ** 0.4 * min(1.0, 4 / (sum(made.weights) or 1))
        weights = []
        for text, share, weight in zip(made.texts, made.labels, made.weights, strict=True):
            cheap = share < 0.05 and len(text) < 60
            kept = not cheap or draw.random() < 1 / 3
            weights.append(weight * factor * (3 if cheap else 1) * kept)
        balanced.append(weights)
    return balanced


def grow(samples: Sequence[Sample], weights: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The forest's data from labelled blocks."""
    import lightgbm
    import numpy as np

    rows, labels, heavy = [], [], []
    for made, weighed in zip(samples, weights, strict=True):
        for row, share, weight in zip(made.rows, made.labels, weighed, strict=True):
            if weight > 0 and row:
                rows.append(row)
                labels.append(share)
                heavy.append(weight)
    scale = fmean(heavy)
    data = lightgbm.Dataset(
        np.array(rows, dtype=np.float32), np.array(labels), weight=np.array(heavy) / scale, feature_name=list(NAMES)
    )
    dumped = lightgbm.train(SETTINGS, data, TREES).dump_model()
    return {"threshold": THRESHOLD, "trees": [_plain(tree["tree_structure"]) for tree in dumped["tree_info"]]}


def _plain(node: dict[str, Any]) -> Any:
    """A tree as nested lists `[feature, value, left, right]`; four digits are enough."""
    if "leaf_value" in node:
        return round(node["leaf_value"], 4)
    branches = _plain(node["left_child"]), _plain(node["right_child"])
    return [NAMES[node["split_feature"]], float(f"{node['threshold']:.5g}"), *branches]


def judged(forest: Forest, made: Sample) -> str:
    """The text that a forest takes of a page."""
    likelihoods = [forest.likelihood(row) for row in made.rows]
    return "\n\n".join(generic.take(made.texts, likelihoods, start=made.start, threshold=forest.threshold))


def figures(pairs: Iterable[tuple[Sample, str]]) -> dict[str, str]:
    """A line of figures a set."""
    overlaps, counts = defaultdict(list), Counter[str]()
    for made, text in pairs:
        gold = body_gold(made.page)
        if gold:
            overlaps[made.page.set_name].append(measures.overlap(gold, text))
        for key in ("with", "without"):
            found, all_ = measures.segments_found(made.page.gold.get(key) or (), text)
            counts[key] += found
            counts[f"{key}, all"] += all_
    lines = {
        name: f"F1 {fmean(page.f1 for page in pages):.4f}, benchmark F1 {measures.benchmark_f1(pages):.4f}"
        for name, pages in overlaps.items()
    }
    if counts["with, all"]:
        shares = (counts[key] / max(1, counts[f"{key}, all"]) for key in ("with", "without"))
        lines["segments"] = "kept {:.4f}, leaked {:.4f}".format(*shares)
    return lines


def held_out(samples: Sequence[Sample], part: Callable[[Sample], object]) -> list[tuple[Sample, str]]:
    """Every page's text as trees take it that saw none of the pages of its part."""
    weights = balance(samples)
    texts = []
    for name in sorted({str(part(made)) for made in samples}):
        seen = [place for place, made in enumerate(samples) if str(part(made)) != name]
        forest = read_forest(grow([samples[place] for place in seen], [weights[place] for place in seen]))
        texts += [(made, judged(forest, made)) for made in samples if str(part(made)) == name]
    return texts


def fold_of(made: Sample, folds: int) -> int:
    """The part of a cross-validation that a page is in: one for all pages of a domain."""
    return int(hashlib.sha256(made.domain.encode()).hexdigest(), 16) % folds


def main() -> None:
    """Parse the arguments, measure, validate, grow, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_blocks", description=__doc__)
    parser.add_argument("--cross-validate", type=int, metavar="FOLDS", default=0, help="parts, by registrable domain")
    parser.add_argument("--leave-set-out", action="store_true", help="judge each set by trees grown on the others")
    parser.add_argument("--processes", type=int, default=None)
    parser.add_argument("--output", type=Path, default=MODEL)
    arguments = parser.parse_args()
    pages = [page for name in SETS for page in corpus.pages(name)]
    with ProcessPoolExecutor(arguments.processes) as pool:
        samples = [made for made in pool.map(sample, pages, chunksize=8) if made.rows]
    if arguments.cross_validate:
        report("judged by trees of other publishers", held_out(samples, lambda m: fold_of(m, arguments.cross_validate)))
    if arguments.leave_set_out:
        report("judged by trees of other sets", held_out(samples, lambda made: made.page.set_name))
    data = grow(samples, balance(samples))
    report("judged by these trees", [(made, judged(read_forest(data), made)) for made in samples])
    lines = ",\n".join(f"  {json.dumps(tree)}" for tree in data["trees"])
    arguments.output.write_text(f'{{"threshold": {data["threshold"]}, "trees": [\n{lines}\n]}}\n', encoding="utf-8")


def report(title: str, pairs: Iterable[tuple[Sample, str]]) -> None:
    """Print the figures."""
    print(title)
    for name, line in figures(pairs).items():
        print(f"  {name:18}{line}")


if __name__ == "__main__":
    main()
