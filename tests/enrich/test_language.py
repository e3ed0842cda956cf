"""Languages by paragraphs written for it, and what the detector must not do."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich import language
from crawler.enrich.language import Language, detect, normalise_code

SAMPLES = tomllib.loads(Path(__file__).with_name("language_samples.toml").read_text(encoding="utf-8"))
NEWS = tomllib.loads(Path(__file__).with_name("language_news.toml").read_text(encoding="utf-8"))
NEWS_TEXTS = [(tag, number) for tag, entry in NEWS.items() for number in range(len(entry["texts"]))]
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


@pytest.mark.parametrize(("tag", "number"), NEWS_TEXTS)
def test_news_is_recognised_or_left_open_and_never_mistaken(tag, number):
    text, wanted = NEWS[tag]["texts"][number], normalise_code(tag)
    allowed = {wanted, None} if NEWS[tag].get("unsure") else {wanted}
    assert detect(text).code in allowed
    assert detect(text, declared=[tag]).code == wanted
    for declared in ("en", "ru", "ar", "hr", "id", "fa", "tr", "da", "zh"):
        if declared != wanted:
            assert detect(text, declared=[declared]).code in {wanted, None}, declared


def test_langdetect_would_change_no_verdict_that_words_give_without_it(monkeypatch):
    texts = [*SAMPLES.values(), *(text for entry in NEWS.values() for text in entry["texts"])]
    verdicts = [detect(text) for text in texts]
    monkeypatch.setattr(language, "_evident", lambda *_: None)
    assert [detect(text).code for text in texts] == [verdict.code for verdict in verdicts]
    assert sum(verdict.method == "langdetect" for verdict in verdicts) < 0.2 * len(texts)


def test_the_news_speaks_at_least_forty_languages():
    assert len({normalise_code(tag) for tag in NEWS}) >= 70
    assert all(len(entry["texts"]) >= 2 or entry.get("unsure") for entry in NEWS.values())


@pytest.mark.parametrize("tag", NEWS)
def test_the_first_words_alone_are_never_mistaken(tag):
    """Sixty characters are a headline; a script of one language may decide it, nothing else may."""
    verdict = detect(NEWS[tag]["texts"][0][:60])
    assert verdict.code in {normalise_code(tag), None}
    assert verdict.code is None or verdict.method == "script"


@pytest.mark.parametrize(
    ("declared", "code"), [(["hr"], "hr"), (["bs"], "bs"), (["sr"], "sr"), (["en"], None), ([], None)]
)
def test_siblings_without_a_word_of_their_own_are_left_to_the_page(declared, code):
    """No word in it is only Croatian, Bosnian or Serbian."""
    text = "Vojska je u noći na petak otvorila vatru na selo kod granice i ranila troje ljudi, a most je zatvoren. "
    assert detect(text * 2, declared=declared).code == code


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
        # Zulu, Māori, Quechua, Cebuano: no profile; a detector that must choose calls them Swahili or
        # Tagalog
        "Ang karaang galingan duol sa suba ablihan pag-usab sa sunod tuig, matud sa konseho niadtong Martes. Ang dalan "
        "padulong niini giayo na ug ang tunghaan sa baryo mogamit sa mga lawak sa taas alang sa mga bata.",
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
