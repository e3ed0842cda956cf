"""JSON as pages hold it, whole, mended or passed over."""

import json
import time
from typing import Any

import pytest

from crawler.extract.loose_json import MAX_CHARACTERS, mend, read_values
from crawler.extract.metadata import read_linked_data

ARTICLE = {"@type": "NewsArticle", "headline": "Ferry to the islands resumes", "keywords": ["ferry", "sea"]}
TEXT = json.dumps(ARTICLE)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f" \n{TEXT};\n",
        f"<!-- {TEXT} -->",
        f"<![CDATA[ {TEXT} ]]>",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        f"/*<![CDATA[*/ {TEXT} /*]]>*/",
        f"var data = {TEXT};",
        TEXT.replace("}", ",}").replace("]", ", ]"),
        TEXT.replace("{", "{,").replace('", "', '",, "'),
        TEXT.replace('{"@type"', '{ // what it is\n "@type"').replace('"headline"', '/* its "title" */ "headline"'),
        TEXT.replace('", "headline', '"\n "headline').replace('"headline"', '"headline" /* here */'),
        TEXT.replace("resumes", "re\\\nsumes").replace("re\\\n", "re"),
        TEXT.replace('"', "&quot;"),
        TEXT.replace("Ferry", "\\Ferry"),
        TEXT.replace('"Ferry to the islands resumes"', "'Ferry to the islands resumes'"),
    ],
)
def test_an_object_in_whatever_wrapping_and_state(text: str) -> None:
    assert read_values(text) == [ARTICLE]


def test_line_breaks_and_tabs_inside_strings_are_kept() -> None:
    assert read_values('{"a": "one\ntwo\tthree"}') == [{"a": "one\ntwo\tthree"}]


def test_quotes_inside_strings_are_text() -> None:
    text = '{"headline": "The "Selby Star", a ferry, is "back" now", "section": "Sea, "the" islands", "n": [1]}'
    expected = {"headline": 'The "Selby Star", a ferry, is "back" now', "section": 'Sea, "the" islands', "n": [1]}
    assert read_values(text) == [expected]
    assert read_values("{'a': 'it\\'s \"on\"', \"b\": 'x'}") == [{"a": 'it\'s "on"', "b": "x"}]


def test_addresses_and_comment_signs_inside_strings_are_text() -> None:
    text = '{"url": "https://news.example.org/a//b", "b": "/* no comment */ <!-- nor this -->, ]",}'
    expected = {"url": "https://news.example.org/a//b", "b": "/* no comment */ <!-- nor this -->, ]"}
    assert read_values(text) == [expected]


def test_several_values_one_after_another() -> None:
    assert read_values(f"{TEXT}\n{TEXT}, [1, 2]") == [ARTICLE, ARTICLE, [1, 2]]
    assert read_values(f'{TEXT}\n{{"b": 1,}}{TEXT}') == [ARTICLE, {"b": 1}, ARTICLE], "the middle one is mended"
    assert read_values(f"{TEXT} {{broken") == [ARTICLE], "what comes before the broken one stays"


@pytest.mark.parametrize(
    "text", ["", "   ", "null", '"text"', "undefined", "{", "[", '{"a"', "{]", "\0", "<![CDATA[]]>"]
)
def test_what_is_no_json_gives_nothing(text: str) -> None:
    assert read_values(text) == []


@pytest.mark.parametrize(
    "value",
    [
        ARTICLE,
        {"a": '", "b": "c'},
        {"a": 'say "no", 5'},
        {"a": ["", "'", "\\", "\u2028", "a\\", '"']},
        [{}, [[]], 1.5, None],
    ],
)
def test_mending_leaves_sound_json_as_it_is(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=2, ensure_ascii=False)):
        assert json.loads(mend(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"author":' * 20_000,
        '{"author":{"name":"x",' * 10_000,
        '{"a":"' + '" x' * 80_000,
        '{"a":"' + ('"' + " " * 499) * 500,
        '{"a": ' + " " * 250_000 + "x",
        "{" + "," * 250_000,
        "{" + "/*" * 120_000,
        '{"a":"' + "\\" * 250_000,
        "[" * 250_000,
        "{}" * 125_000,
        '{"a":"b" ' * 25_000,
        "&quot;" * 40_000,
        '{"author":{"name":"x",' * 250_000,  # 5 MB
        " " * 250_000 + ";",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_json_never_stalls(text: str) -> None:
    started = time.process_time()
    read_values(text)
    read_linked_data([text], "https://news.example.org/a")
    assert time.process_time() - started < 2.0, "a quadratic reader takes minutes"


def test_too_much_json_is_passed_over_and_the_rest_read() -> None:
    long = json.dumps({"a": "x" * MAX_CHARACTERS})
    assert read_linked_data([long, TEXT], "https://news.example.org/a").headline is None
    assert read_linked_data([TEXT, long], "https://news.example.org/a").headline == ARTICLE["headline"]


@pytest.mark.parametrize(
    "data",
    [
        [ARTICLE],
        {"@graph": [{"@type": "WebSite", "name": "Courier"}, ARTICLE]},
        {"@type": "WebPage", "name": "Page", "mainEntity": ARTICLE},
        {"@type": "WebPage", "mainEntity": [{"@type": "ItemPage", "mainEntity": ARTICLE}]},
        ARTICLE | {"@type": ["Thing", "NewsArticle"]},
        ARTICLE | {"@type": "https://schema.org/NewsArticle"},
        ARTICLE | {"headline": ["Ferry to the islands resumes", "Ferry"]},
        ARTICLE | {"headline": {"@value": "Ferry to the islands resumes", "@language": "en"}},
        ARTICLE | {"headline": "Ferry to the <i>islands</i> resumes"},
    ],
)
def test_the_article_is_found_wherever_it_lies(data: Any) -> None:
    assert read_linked_data([json.dumps(data)], "https://news.example.org/a").headline == ARTICLE["headline"]


def test_entities_escaped_twice_are_read() -> None:
    data = ARTICLE | {"headline": "Boats &amp;amp; islands: &quot;back&quot;"}
    assert read_linked_data([json.dumps(data)], "https://news.example.org/a").headline == 'Boats & islands: "back"'


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a\ud800b", "ab"),
        (r"a\ude00b", "ab"),
        (r"a\ud83d\ude00b", "a😀b"),
        (r"a\ud83d\ud83d\ude00b", "a😀b"),
        (r"a\u0000\u001F\u0009b", "a\tb"),
    ],
)
def test_escapes_of_no_character_are_dropped(escaped: str, text: str) -> None:
    assert read_values(f'{{"a": "{escaped}"}}') == [{"a": text}]
