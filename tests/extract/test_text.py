"""Text that another tool extracted badly: look-alikes of each publisher and era, traps, hostile input.

The texts in `texts/` are invented, and so are their events. Beside each `.txt` a `.toml` says which of its lines are
the body and what the others say. The publishers' own founding examples are read from the corpus where it is there.
"""

import json
import os
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Article
from crawler.extract import extract_from_text

TEXTS = Path(__file__).parent / "texts"
CORPUS = Path(os.environ.get("DATELINE_CORPUS", Path(__file__).parents[2] / ".." / "shared" / "corpus"))


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def described(article: Article) -> dict[str, Any]:
    """What the golds can say of an article, in their form."""
    day = article.provenance.get("published_at_precision") == "day"
    published = article.published_at
    return {
        "headline": article.headline,
        "published": (str(published.date()) if day else published.isoformat()) if published else None,
        "modified": article.modified_at.isoformat() if article.modified_at else None,
        "section": article.section,
        "tags": list(article.tags),
        "wire": article.wire,
        "byline": article.byline,
        "dateline": article.dateline,
        "images": [
            {name: value for name, value in (("caption", image.caption), ("credit", image.credit)) if value}
            for image in article.images
        ],
        "related": sorted(story.title for story in article.related),
        "related_urls": [story.url for story in article.related],
        "related_times": [story.published_at and story.published_at.isoformat() for story in article.related],
        "language": article.language,
    }


def names() -> list[str]:
    return sorted(path.stem for path in TEXTS.glob("*.toml"))


@pytest.mark.parametrize("name", names())
def test_look_alike_comes_out_clean(name: str) -> None:
    gold = tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))
    text = (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    article = extract_from_text(text, url=gold.get("url"))

    lines = text.split("\n")
    assert lines_of(article.text) == [" ".join(lines[number - 1].split()) for number in gold["body"]]
    found = described(article)
    expected = {field: value for field, value in gold.items() if field in found}
    if "related" in expected:
        expected["related"] = sorted(expected["related"])
    if "related" in gold and gold.get("related_at_least"):
        assert set(gold["related"]) <= set(found["related"])
        expected["related"] = found["related"]
    for field in ("published", "modified", "wire", "tags", "related"):
        expected.setdefault(field, [] if field in {"tags", "related"} else None)
    assert {field: found[field] for field in expected} == expected


# --- the founding examples, read where the corpus is


def seeds() -> list[dict[str, Any]]:
    path = CORPUS / "seeds" / "gold.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.mark.corpus
@pytest.mark.skipif(not seeds(), reason=f"no corpus at {CORPUS} (set DATELINE_CORPUS)")
@pytest.mark.parametrize("gold", seeds(), ids=lambda gold: gold["id"])
def test_founding_example_equals_its_gold(gold: dict[str, Any]) -> None:
    text = (CORPUS / "seeds" / f"{gold['id']}.txt").read_text(encoding="utf-8")
    article = extract_from_text(text, url=gold["url"])
    found = described(article)

    assert lines_of(article.text) == lines_of(gold["text"])
    lines = text.split("\n")
    for number in gold["keep_lines"]:
        assert " ".join(lines[number - 1].split()) in lines_of(article.text), f"line {number} is body"
    assert found["published"] in {gold["published"], f"{gold['published']}+04:30"}  # one gold leaves out Tehran's zone
    assert found["modified"] == gold.get("updated")
    assert found["tags"] == gold.get("tags", [])
    for name, printed in (("headline", "title"), ("wire", "agency")):
        if printed in gold or "agencies_cited" in gold:
            assert found[name] == gold.get(printed), name
    if "section" in gold:
        assert article.section == gold["section"].split(" (")[0]
    if "related" in gold:
        assert found["related"] == sorted(story["title"] for story in gold["related"])
        times = [story["published"].replace("Z", ":00+00:00") for story in gold["related"] if "published" in story]
        assert [at for at in found["related_times"] if at] == times
    captions = [image["caption"] for image in gold.get("images", [])] or [gold.get("image_caption")]
    assert [caption for caption in captions if caption] == [
        image["caption"] for image in found["images"] if "caption" in image and "image_credit" not in gold
    ]
    assert gold.get("image_credit") in {None, *(image.get("credit") for image in found["images"])}


# --- nothing of the body is lost

HEAD = "Bridge at Tarsk reopens after nine days\n\n12 Mar, 2018 09:41\n\n"
BEFORE = "The bridge over the Tarn at Tarsk reopened on Monday, nine days after shells hit it, the governor said."
AFTER = "Engineers replaced two spans and tested them with lorries loaded with sand."
END = "The next inspection is due in June, according to the road office."
TRAPS = """
He ran.
“Never again”
“We stayed,” she said.
What happened next
Share of the blame
Residents share one well and one generator.
He declined to comment.
Comment is free, he joked.
Comments
Related cases are before the court in Velan.
RELATED
Reuters could not reach the officers.
AFP
Published accounts differ on who fired first.
Updated maps were handed out.
12 March is remembered in Tarsk as the day of the shells.
June 30, 2017
- two lorries of flour
• one tank of diesel
1. Close the road
Bridge at Tarsk reopens after nine days
Bridge at Tarsk reopens after nine days.
Search
World
17302
218-12
Tags: that is what the soldiers called the metal plates.
Topic: Tarsk
Source: the river, says the engineer, who drinks from it.
Photo by photo, the archive was restored.
See also the second annex, the lawyer told judges.
By John Roe
Fire, water, mud, smoke
Facebook, Twitter, Telegram
Follow us on foot, the guide said.
Email from the front: "Send socks."
At 12:03 GMT the first lorry crossed
The icon was saved from the church
The Truth About the Tarsk Bridge and Those Who Built It
© is the sign he painted on the wall.
All rights reserved, the deed said; nobody listened.
Copyright of the film belongs to the widow of its director.
Tarsk - Velan
Subscribe to our pain, he sang.
Name *
شارك الأهالي في إصلاح الجسر
Комментарии жителей собрали в книгу
""".strip().split("\n")
ADDRESSES = (
    None,
    "https://www.rt.com/news/421001-tarsk-bridge-reopens/",
    "https://sputniknews.com/world/201803121062450000-tarsk-bridge-reopens/",
    "https://www.dailysabah.com/mideast/2018/03/12/bridge-at-tarsk-reopens",
    "https://en.alalam.ir/news/1793318",
    "https://www.arabstoday.net/en/314/bridge-at-tarsk-reopens-120318094100",
)


@pytest.mark.parametrize("url", ADDRESSES)
@pytest.mark.parametrize("trap", TRAPS)
def test_a_line_of_the_body_stays(trap: str, url: str | None) -> None:
    article = extract_from_text(HEAD + "\n\n".join([BEFORE, trap, AFTER, END]), url=url)
    assert article.paragraphs == (BEFORE, trap, AFTER, END)
    assert article.headline == "Bridge at Tarsk reopens after nine days"


@pytest.mark.parametrize(
    "last",
    [
        "The governor will speak on Tuesday and the road office expects that buses will run by the end of the week",
        "“Nobody asked us”",
        "He ran.",
        "- the third span, which is still closed",
    ],
)
def test_a_last_paragraph_without_full_stop_stays(last: str) -> None:
    article = extract_from_text(HEAD + "\n\n".join([BEFORE, AFTER, last]) + "\n\nShare on Facebook Share on Twitter")
    assert article.paragraphs == (BEFORE, AFTER, last)


@pytest.mark.parametrize("first", ["He ran.", "“Never again”", "- two lorries of flour", "1. Close the road"])
def test_a_short_first_line_stays(first: str) -> None:
    assert extract_from_text(HEAD + "\n\n".join([first, BEFORE, AFTER])).paragraphs == (first, BEFORE, AFTER)


def test_a_last_line_of_names_stays_where_no_chrome_is_about() -> None:
    last = "Fire, water, mud, smoke"
    assert extract_from_text(HEAD + "\n\n".join([BEFORE, AFTER, last])).paragraphs == (BEFORE, AFTER, last)


def test_defects_of_the_source_stay_and_white_space_does_not() -> None:
    broken = 'The  gouvernor\u00a0said \t the bridge\u2009is open," and left teh room.'
    article = extract_from_text(f"\ufeff{HEAD}    {broken}\r\n\r\n\u00a0\u00a0{AFTER}")
    assert article.paragraphs == ('The gouvernor said the bridge is open," and left teh room.', AFTER)
    assert article.text == "\n\n".join(article.paragraphs)


def test_every_line_is_kept_or_removed_with_its_rule() -> None:
    text = (TEXTS / "sputnik_2016_related_and_tags.txt").read_text(encoding="utf-8")
    article = extract_from_text(text, url="https://sputniknews.com/world/201605141039573712-coastal-brigade/")
    shown = {*article.paragraphs, article.headline, *(line.text for line in article.removed)}
    lost = [line for line in lines_of(text) if not any(part and line.startswith(part) for part in shown)]
    assert lost == []  # a line of two glued ones comes back in two
    assert all(line.rule for line in article.removed)


# --- publisher and times


def test_publisher_by_name_by_spider_and_by_domain() -> None:
    text = HEAD + BEFORE
    assert extract_from_text(text, publisher="dailysabah").publisher == "Daily Sabah"
    assert extract_from_text(text, publisher="Daily Sabah").publisher == "Daily Sabah"
    assert extract_from_text(text, url="https://en.alalam.ir/news/1793318").publisher == "Al-Alam"
    assert extract_from_text(text, publisher="The Marlow Post").publisher == "The Marlow Post"


def test_a_site_clock_is_not_the_time_of_publication() -> None:
    text = f"14:53 GMT +320 November 2019\n{HEAD.replace('12 Mar, 2018 09:41', '')}{BEFORE}"
    url = "https://sputniknews.com/world/201803121062450000-tarsk-bridge-reopens/"
    article = extract_from_text(text, url=url)
    assert described(article)["published"] == "2018-03-12"
    assert article.provenance["published_at"] == "url"


def test_a_printed_time_far_from_the_day_in_the_address_is_not_believed() -> None:
    url = "https://sputniknews.com/world/201803121062450000-tarsk-bridge-reopens/"
    article = extract_from_text(HEAD.replace("2018", "2021") + BEFORE, url=url)
    assert described(article)["published"] == "2018-03-12"


def test_no_time_is_invented() -> None:
    article = extract_from_text(f"{BEFORE}\n\nOn 3 March 2017 the first shell fell, he said.")
    assert article.published_at is None
    assert article.headline is None


def test_the_story_that_microdata_repeats_is_taken_once() -> None:
    text = f"{BEFORE}\n2018-03-12T09:41+0000\nMarlow Post\n{HEAD}{BEFORE}\n\n{AFTER}\n\n{END}"
    article = extract_from_text(text, url="https://news.example.org/bridge-at-tarsk-reopens-after-nine-days")
    assert article.paragraphs == (BEFORE, AFTER, END)
    assert article.headline == "Bridge at Tarsk reopens after nine days"


def test_the_headline_is_found_below_notices() -> None:
    notices = (
        "We use the data of your visit to improve this site.\nYou may change your mind at any time.\nHome\nWorld\n"
    )
    article = extract_from_text(
        notices + HEAD + "\n\n".join([BEFORE, AFTER, END]),
        url="https://news.example.org/bridge-at-tarsk-reopens-after-nine-days",
    )
    assert article.headline == "Bridge at Tarsk reopens after nine days"
    assert article.paragraphs == (BEFORE, AFTER, END)


def test_what_follows_the_call_to_share_is_not_the_story() -> None:
    promos = "Like this story? Share it with a friend!\n\nMiss Marlow picked from forty.\n\nPodcasts\n\nAll podcasts"
    article = extract_from_text(HEAD + "\n\n".join([BEFORE, AFTER, END, promos]))
    assert article.paragraphs == (BEFORE, AFTER, END)


# --- hostile input

hostile = st.one_of(
    st.text(max_size=2000),
    st.lists(
        st.sampled_from(
            [
                'string(99999) "[{"id":"1","title":"',
                'string(12) "[{"title":"a"}]"',
                "array(2) {",
                '["a"]=>',
                "GMT 20:04 2017 Tuesday ,10 October",
                "icon close" * 50,
                "Related:",
                "Tags:",
                "READ MORE:",
                "©",
                "© AFP 2017 / X",
                "emAP Photo/em",
                "Community standards",
                "Name *",
                "A sentence that ends here, as they do.",
                "A Headline Without an End",
                "",
                "12:00 GMT +312 May 2017",
                "source: Xinhua",
                "(" * 500,
                "a" * 3000,
            ]
        ),
        max_size=40,
    ).map("\n".join),
)


@settings(max_examples=150)
@given(text=hostile, url=st.sampled_from([*ADDRESSES, "http://[", "::", "https://x/%ff%fe/\u0000"]))
def test_no_text_breaks_it(text: str, url: str | None) -> None:
    article = extract_from_text(text, url=url)
    assert article.text == "\n\n".join(article.paragraphs)


@pytest.mark.parametrize(
    "unit",
    [
        "a ",
        "A. ",
        "(",
        "([{",
        "icon ",
        "iconx",
        "GMT 20:04 2017 ",
        "GMT 20:04 2017 Tuesday ,10 October",
        'string(9) "',
        'string(9) "[{"',
        '{"title":"',
        "emAP Photo",
        "- ",
        "share on facebook ",
        "according to the ",
        "told AFP ",
        "/ТАСС/",
        "\u0627\u064b",
        "© ",
        "Source: ",
        "12:00 GMT ",
        "Updated ",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    """100 kB of anything, as one line and as many, is read within a few seconds."""
    line = unit * (100_000 // len(unit))
    lines = "\n".join([line[:400]] * 250)
    start = time.process_time()
    extract_from_text(line)
    extract_from_text(lines, url="https://en.alalam.ir/news/1793318")
    assert time.process_time() - start < 6, unit


CAPTIONS = [f"Soldiers stand on the quay at Port Marlow {number} (AA Photo)" for number in range(300)]
SENTENCE = "A sentence of some words stands here."


@pytest.mark.parametrize(
    "lines",
    [
        ["A Heading of Some Words"] * 8_000,
        [SENTENCE] * 8_000,
        ["A Heading of Some Words", "5 May, 10:12 GMT", "© AP Photo / X", SENTENCE] * 2_000,
        [SENTENCE, *["The list of the things:"] * 8_000],
        ["A headline of things", *CAPTIONS, SENTENCE, *["Short free line number"] * 8_000, SENTENCE],
        ["— " + "a" * 60 + "(@" + "b" * 30] * 8_000,
        [f'string(999) "[{{"title":"{"a" + chr(34) + " "}' + 'a" ' * 8_000],
    ],
    ids=["headings", "prose", "mixed", "colons", "captions", "posts", "dump"],
)
def test_many_lines_take_linear_time(lines: list[str]) -> None:
    start = time.process_time()
    extract_from_text("\n".join(lines), url="https://sputniknews.com/world/201512021031115678-a-b-c/")
    # CPU seconds for up to 500 kB: five times what it takes; a quadratic loop takes a minute
    assert time.process_time() - start < 8
