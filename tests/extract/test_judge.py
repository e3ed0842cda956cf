"""Which blocks of an unknown page are the article: what is measured of them, and how the trees judge it."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import lxml.html
import pytest

from crawler.extract import extract, judge
from crawler.extract.body import Block, blocks
from crawler.extract.features import NAMES, Clues, measure
from crawler.extract.generic import whole_page
from crawler.extract.prose import letters
from crawler.extract.spots import WORDS
from crawler.extract.view import View

URL = "https://news.example.org/world/dam"
HEADLINE = "Engineers drain the reservoir above Lower Marten"
STORY = (
    "Engineers began to drain the reservoir above Lower Marten on Friday after a crack was found in its eastern wall.",
    "The water will be let out over nine days, the river board said, so that no field below the dam is flooded.",
    "Families from the two nearest villages were taken to a school in the market town, where beds had been set up.",
    "The dam was built sixty years ago and was last inspected in spring, when nothing unusual was written down.",
)
PAGE = f"""<html><head><title>{HEADLINE} | The Marten Post</title></head><body>
<div class="top-nav"><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></div>
<div class="story-box"><h1>{HEADLINE}</h1><div class="story-text"><p>{STORY[0]}</p><p>{STORY[1]}</p></div></div>
<div class="related-news"><p><a href="/7">The ferry to the northern islands is late again</a></p></div>
</body></html>"""


def measured(
    html: str, start: int = 0, *, reading: Sequence[str] = (), **clues: Any
) -> list[tuple[Block, dict[str, float]]]:
    found = blocks(lxml.html.document_fromstring(html))
    rows = measure(found, start, Clues(reading=View(reading), **clues))
    return [(block, dict(zip(NAMES, row, strict=bool(row)))) for block, row in zip(found, rows, strict=True)]


def of(html: str, text: str, start: int = 0, **clues: Any) -> dict[str, float]:
    return next(row for block, row in measured(html, start, **clues) if block.text.startswith(text))


def test_every_name_has_one_number() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert measured(PAGE)


def test_text_is_measured() -> None:
    row = of(PAGE, STORY[0])
    assert row["size"] == len(STORY[0])
    assert (row["linked"], row["ends_well"], row["label"], row["tag"]) == (0.0, 1.0, 0.0, 0.0)
    link = of(PAGE, "The ferry", reading=STORY)
    assert (link["linked"], link["ends_well"], link["label"]) == (1.0, 0.0, 1.0)


def test_a_link_among_links_is_not_judged() -> None:
    assert of(PAGE, "Home") == {}
    assert of(PAGE, "Home", reading=STORY)  # the story begins three blocks below: it may be a rubric's name
    assert judge.forest().likelihood([]) == 0.0


def test_place_is_measured_from_the_headline() -> None:
    found = [block.text for block, _ in measured(PAGE)]
    start = found.index(HEADLINE) + 1
    assert of(PAGE, STORY[1], start)["since_headline"] == 1
    assert of(PAGE, "Home", start, reading=STORY)["since_headline"] < 0
    assert of(PAGE, HEADLINE, start, headline=HEADLINE.upper())["is_headline"] == 1


def test_boxes_are_known_by_the_words_in_their_names() -> None:
    row, beside = of(PAGE, STORY[0], 4), of(PAGE, "The ferry", 4, reading=STORY)
    assert (row["named_story"], row["named_related"]) == (1.0, 0.0)
    assert (beside["named_related"], beside["named_story"]) == (3.0, 0.0)
    assert (row["at_heart"], beside["at_heart"]) == (1.0, 0.0)


def test_no_word_speaks_for_two_kinds_of_box() -> None:
    words = list(chain.from_iterable(group.split() for group in WORDS.values()))
    assert [word for word in words if words.count(word) > 1] == []


def test_other_readings_of_the_page_count() -> None:
    row = of(PAGE, STORY[0], reading=[STORY[0]], claimed=" ".join(STORY), descriptions=[STORY[0][:60]])
    assert (row["held"], row["claimed"], row["described"]) == (1.0, 1.0, 1.0)
    assert 0.4 < row["claim_covered"] < 0.6
    bare = of(PAGE, STORY[0])
    assert (bare["held"], bare["claimed"], bare["described"], bare["claim_covered"]) == (0.0, 0.0, 0.0, -1.0)


def test_view_finds_a_text_that_was_cut_elsewhere() -> None:
    view = View([f"{STORY[0]} {STORY[1]}"])
    assert view.holds(letters(STORY[1])) == 1.0
    assert view.holds(letters(STORY[2])) == 0.0
    assert view.holds("") == 0.0


def test_measuring_is_linear_in_depth_and_breadth() -> None:
    deep = f"<body>{'<div>' * 140}{'<p>x</p><div>y</div>' * 3000}{'</div>' * 140}</body>"
    assert len(measured(deep)) == 6000


def test_shipped_trees_are_whole() -> None:
    forest = judge.forest()
    assert 20 <= len(forest.trees) <= 200
    assert 0.3 <= forest.threshold <= 0.7


def test_trees_are_read_by_the_names_of_features() -> None:
    forest = judge.read_forest({"threshold": 0.5, "trees": [["size", 80, -2.0, ["linked", 0.4, 2.0, -1.0]]]})
    row = dict.fromkeys(NAMES, 0.0)
    short, prose, links = ({**row, "size": long, "linked": share} for long, share in ((80, 0.0), (81, 0.0), (300, 0.9)))
    likelihoods = [forest.likelihood(list(values.values())) for values in (short, prose, links)]
    assert likelihoods[1] > 0.8 > 0.3 > likelihoods[2] > likelihoods[0]


def test_feature_that_is_not_measured_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        judge.read_forest({"threshold": 0.5, "trees": [["colour", 1, 0.0, 1.0]]})


UNSEEN = f"""<html><head><title>{HEADLINE} — Marten Post</title></head><body><section id="x1"><i>Saturday</i>
<span><a href="/a">Weather</a> <a href="/b">Tides</a> <a href="/c">Markets</a></span></section>
<section id="x2"><h1>{HEADLINE}</h1><section><b>{STORY[0]}</b></section>
<section>{STORY[1]}<br><br>{STORY[2]}</section><h3>An old wall</h3><section>{STORY[3]}</section></section>
<section id="x3"><h4>Elsewhere</h4>
<section><a href="/1">Bakers of the valley ask for cheaper flour before winter</a></section>
<section><a href="/2">A chart stolen forty years ago is back in the museum</a></section>
<section><a href="/3">Snow closes the pass to lorries until Thursday morning</a></section></section>
<section id="x4">© The Marten Post. All rights reserved. No part of this site may be printed elsewhere.</section>
</body></html>"""


def test_page_of_a_design_nobody_has_seen() -> None:
    assert extract(UNSEEN.encode(), URL).paragraphs == (*STORY[:3], "An old wall", STORY[3])


def test_agreement_of_the_readings_is_noted() -> None:
    agreement = float(extract(UNSEEN.encode(), URL).provenance["text_agreement"])
    assert 0.5 < agreement <= 1.0
    nothing = whole_page(lxml.html.document_fromstring("<body><p></p></body>"), claimed=None)
    assert (nothing.paragraphs, nothing.agreement) == ((), 1.0)


def test_a_page_of_few_words_gives_them() -> None:
    html = f"<html><head><title>{HEADLINE}</title></head><body><h1>{HEADLINE}</h1><p>No injuries.</p></body></html>"
    assert extract(html.encode(), URL).paragraphs == ("No injuries.",)


def test_the_same_paragraph_is_taken_once() -> None:
    body = "".join(f"<p>{line}</p>" for line in (*STORY, STORY[0]))
    html = f"<html><head><title>{HEADLINE}</title></head><body><h1>{HEADLINE}</h1><div>{body}</div></body></html>"
    assert extract(html.encode(), URL).paragraphs == STORY
