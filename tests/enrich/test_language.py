"""Languages by paragraphs written for it, and what the detector must not do."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich.language import Language, detect, normalise_code

SAMPLES = tomllib.loads(Path(__file__).with_name("language_samples.toml").read_text(encoding="utf-8"))
CODES = {"ckb": "ku"}  # ISO 639-1 has one code for Kurdish


@pytest.mark.parametrize("language", SAMPLES)
def test_paragraphs_are_recognised(language):
    verdict = detect(SAMPLES[language])
    assert verdict.code == CODES.get(language, language)
    assert verdict.confidence >= 0.85


@pytest.mark.parametrize("language", SAMPLES)
def test_a_wrong_declaration_does_not_win(language):
    declared = "en" if language != "en" else "de"
    assert detect(SAMPLES[language], declared=[declared]).code == CODES.get(language, language)


@pytest.mark.parametrize(
    "text",
    [
        "Gaza: strike on Rafah",  # langdetect: Croatian
        "Strike on Khan Younis",  # Finnish
        "Shelling in Kharkiv kills 3",  # Swedish
        "Обстрел Харькова",
        "قصف غزة",
        "",
        "12.11.2026 – 14:30",
    ],
)
def test_a_headline_alone_decides_nothing(text):
    assert detect(text) == Language(code=None, confidence=0.0, method="short")


def test_a_short_text_takes_the_declaration_of_its_script():
    assert detect("Shelling near the river", declared=["en-GB"]) == Language(
        code="en", confidence=0.5, method="declared"
    )
    # The template says English, the words are not written in Latin letters.
    assert detect("قصف غزة", declared=["en"]).code is None
    assert detect("قصف غزة", declared=["en"], expected=["en", "ar"]).code == "ar"


def test_one_expected_language_is_a_prior_and_two_are_none():
    assert detect("Shelling near the river", expected=["en"]).method == "expected"
    assert detect("Shelling near the river", expected=["en", "tr"]).code is None


@pytest.mark.parametrize(
    "text",
    [
        # Zulu, Māori, Quechua: no profile, and a detector that must choose calls them Swahili, Tagalog, Swahili
        "Ikhansela libike ngoLwesibili lokuthi isigayo esidala sizovulwa kabusha entwasahlobo, umgwaqo ulungisiwe",
        "Ka whakatuwheratia anō te mira tawhito i te taha o te awa a te kōanga, te kī a te kaunihera i te Rātū",
        "Mayu patapi kaq mawk'a kutanaqa pawqar mitapi watiqmanta kicharikunqa nispa willarqa martes punchawpi",
    ],
)
def test_unsupported_languages_are_not_guessed_with_confidence(text):
    verdict = detect(text)
    assert verdict.code in {None, "zu"}


def test_a_chinese_page_with_japanese_brands_stays_chinese():
    assert detect(SAMPLES["zh"] + "「カメラ」牌子").code == "zh"


def test_an_arabic_text_that_names_foreign_cities_stays_arabic():
    assert detect(SAMPLES["ar"] + " (Associated Press, New York)").code == "ar"


def test_the_verdict_does_not_change_between_calls():
    assert len({detect(SAMPLES["nl"][:140]) for _ in range(20)}) == 1


def test_only_the_beginning_is_read():
    assert detect(SAMPLES["ru"] * 6 + SAMPLES["en"] * 50).code == "ru"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-Hans-CN", "zh"),
        ("zh_CN", "zh"),
        ("EN-us", "en"),
        ("iw", "he"),
        ("nb-NO", "no"),
        ("ckb", "ku"),
        ("prs", "fa"),
    ],
)
def test_tags_are_normalised(tag, code):
    assert normalise_code(tag) == code


def test_odd_declarations_are_ignored():
    assert detect("Hello there", declared=["", "x", "english", "ar_", "en;q=0.8"]).code in {None, "en"}


@given(st.text(max_size=400), st.lists(st.text(max_size=8), max_size=3))
def test_any_text_gets_a_verdict(text, declared):
    verdict = detect(text, declared=declared)
    assert 0.0 <= verdict.confidence <= 1.0
    assert verdict.code is None or (len(verdict.code) == 2 and verdict.confidence > 0)


def test_langdetect_is_loaded_only_when_needed():
    code = (
        "import sys; from crawler.enrich.language import detect; detect('קצר'); sys.exit('langdetect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
