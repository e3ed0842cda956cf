"""The vocabulary against labelled articles, and the matcher's rules one by one."""

import random
import time
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.enrich import conflict

CASES = tomllib.loads(Path(__file__).with_name("conflict_cases.toml").read_text(encoding="utf-8"))


def judge(language, headline, text):
    return conflict.score(headline=headline, lede=None, text=text, language=language)


@pytest.mark.parametrize("label", ["relevant", "off_topic"])
def test_labelled_articles(label):
    wanted = label == "relevant"
    judged = [(judge(*case), case) for case in CASES[label]]
    wrong = [
        (relevance.score, case[1], [match.term for match in relevance.matches])
        for relevance, case in judged
        if relevance.relevant is not wanted
    ]
    assert len(judged) >= 60
    assert len(wrong) <= 0.03 * len(judged), wrong


def test_seven_languages_have_labelled_articles_of_both_kinds():
    per_label = [{case[0] for case in CASES[label]} for label in ("relevant", "off_topic")]
    assert {"en", "ar", "fa", "ru", "tr", "de", "fr", "es", "pt", "uk", "he", "zh", "el", "pl"} <= set.intersection(
        *per_label
    )


@pytest.mark.parametrize("language", conflict.languages())
def test_every_vocabulary_speaks_of_every_category(language):
    terms = conflict._vocabulary(language).terms
    categories = {"fighting", "weapons", "casualties", "actors", "diplomacy", "displacement", "control", "not_conflict"}
    assert categories == {term.category for term in terms}
    assert {"certain", "likely", "ambiguous", "phrases", "domains"} == {term.level for term in terms}
    assert not [term.printed for term in terms if term.words[0] in {"*", ""}]


@pytest.mark.parametrize("language", conflict.languages())
def test_no_term_stands_at_two_levels(language):
    levels = {}
    for term in conflict._vocabulary(language).terms:
        levels.setdefault(term.words, set()).add(term.level)
    assert {words: level for words, level in levels.items() if len(level) > 1} == {}


LETTERS = "aZ éÉ İıßﬁŁø½№٣٠ \u0301\u0308\u064b\u0640\u093c й и\u0306 بةىیک 戦ガハ 가한 1.,000_-’\n"


def test_letters_of_another_design_are_the_same_letters():
    assert conflict.fold("𝑺helling near 𝐁𝐀𝐊𝐇𝐌𝐔𝐓, Ⓕⓡⓞⓝⓣ ＬＩＮＥ") == ["shelling", "near", "bakhmut", "front", "line"]


@given(st.text(st.sampled_from(LETTERS) | st.characters(), max_size=60))
@example("𝑨")
@example("Ferry™ № 5 ・")
def test_words_are_folded_as_letter_by_letter(text):
    plain = unicodedata.normalize("NFKD", text.casefold()).casefold()
    plain = plain.replace("и\u0306", "й").translate(conflict.SAME_LETTERS)
    assert conflict.fold(text) == conflict.TOKEN.findall("".join(c for c in plain if not unicodedata.combining(c)))


def longest_of_all(vocabulary, words):
    """The ranks of what `_match` finds, with every term tried at every word; of equal ranks either term may count."""
    found, at = Counter(), 0
    while at < len(words):
        best = None
        for term in vocabulary.terms:
            behind = [conflict._forms(word, vocabulary.language) for word in words[at : at + len(term.words)]]
            if len(behind) == len(term.words) and all(map(conflict._fits, term.words, behind)):
                best = term if best is None or conflict._rank(term) > conflict._rank(best) else best
        if best is not None:
            found[conflict._rank(best)] += 1
        at += len(best.words) if best is not None else 1
    return found


@pytest.mark.parametrize("language", ["en", "ar", "ru", "zh"])
def test_the_longest_term_at_each_word_is_the_one_that_trying_all_would_find(language):
    vocabulary = conflict._vocabulary(language)
    chance = random.Random(language)
    particles = ("", "و", "بال") if language == "ar" else ("",)
    for _ in range(20):
        terms = chance.choices(vocabulary.terms, k=12)
        words = [
            chance.choice(particles) + word.replace("*", chance.choice(("", "s"))).replace("#", "12")
            for term in terms
            for word in term.words[: chance.randint(1, 4)]
        ]
        found, count = conflict._match(vocabulary, " ".join(words))
        assert count == len(conflict.fold(" ".join(words)))
        ranks = Counter(map(conflict._rank, found.elements()))
        assert ranks == longest_of_all(vocabulary, conflict.fold(" ".join(words)))


def test_one_ambiguous_term_never_suffices_however_often():
    relevance = judge("en", "Attack", "An attack. " * 50)
    assert not relevance.relevant
    assert relevance.matches[0].term == "attack"


def test_matches_say_where_and_how_often():
    relevance = conflict.score(
        headline="Ceasefire", lede="A ceasefire.", text="A ceasefire. The cease-fire holds.", language="en"
    )
    found = {(match.term, match.where): match.count for match in relevance.matches}
    assert found == {
        ("ceasefire*", "headline"): 1,
        ("ceasefire*", "lede"): 1,
        ("ceasefire*", "text"): 1,
        ("cease fire*", "text"): 1,
    }
    assert relevance.vocabulary == conflict.vocabulary_version() == "2026.11"


def test_headline_and_lede_weigh_more_than_the_text():
    text = (
        "Ships left the port. The truce was mentioned in talks. " + "The harbour was quiet and the sea was calm. " * 20
    )
    in_text = conflict.score(headline="Harbour", lede=None, text=text, language="en")
    in_lede = conflict.score(headline="Harbour", lede="The truce was mentioned in talks.", text=text, language="en")
    in_headline = conflict.score(headline="Truce at the harbour", lede=None, text=text, language="en")
    assert in_text.score < in_lede.score < in_headline.score
    assert not in_text.relevant
    assert in_headline.relevant


def test_a_passing_mention_in_a_long_text_is_not_relevance():
    text = "Tomatoes need water and sun. " * 200 + "His father fought in the civil war."
    assert not judge("en", "How to grow tomatoes", text).relevant


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("ar", "وبالقصف والغارات", "قصف"),  # و + ب + ال
        ("ar", "للنازحين", "نازحين"),
        ("ar", "الإرهابيّين", "ارهابيين"),  # hamza and vowel signs
        ("fa", "آتش‌بس", "آتش بس"),  # zero width non-joiner
        ("ru", "военнослужащими", "военнослужащ*"),
        ("tr", "Suriye'deki ATEŞKES", "ateskes*"),
        ("tr", "SALDIRILAR", "saldirilar*"),  # dotless i
        ("he", "והפגזות", "הפגזות"),
        ("zh", "双方停火后", "停火"),
        ("el", "ΕΚΕΧΕΙΡΊΑ", "εκεχειρι*"),
        ("en", "Two soldiers, 14 civilians", "# civilians"),
    ],
)
def test_terms_are_found_in_the_forms_that_languages_write(language, text, term):
    assert term in {match.term for match in judge(language, None, text).matches}


def test_a_term_is_not_found_inside_another_word():
    matches = judge("en", None, "A warm warden warned of warts; Armyworms ate the truceless, peaceably.").matches
    assert matches == ()


def test_a_phrase_swallows_the_words_it_covers():
    assert judge("en", "Heart attack", "He had a heart attack.").matches == ()


@pytest.mark.parametrize("language", [None, "sr", "xx"])
def test_an_unknown_language_is_scored_by_its_script(language):
    text = "Авиаудар по складу боеприпасов: четверо погибших, сообщило минобороны."
    assert judge(language, "Авиаудар по складу", text).relevant


def test_kana_does_not_hide_the_chinese_signs():
    text = "両軍の停戦交渉が再開され、人質の解放と軍隊の撤退が議題になった。空襲で民兵が死亡した。"
    assert judge("ja", "停戦交渉が再開", text).relevant


def test_a_script_without_vocabulary_scores_nothing():
    relevance = judge("ka", "თბილისი", "საქართველოს დედაქალაქი")
    assert (relevance.score, relevance.relevant, relevance.matches) == (0.0, False, ())


def test_nothing_scores_nothing():
    assert conflict.score(headline=None, lede=None, text="", language=None).score == 0.0


def test_five_kilobytes_take_milliseconds_and_time_is_linear():
    sentence = "The army shelled the town while traders in the market hall priced their striking tomatoes. "
    judge("en", None, sentence)  # loads the vocabulary

    def seconds(text):
        best = 9.0
        for _ in range(3):
            started = time.process_time()
            judge("en", None, text)
            best = min(best, time.process_time() - started)
        return best

    short, long = seconds(sentence * 55), seconds(sentence * 550)
    assert short < 0.05  # 2 ms on an idle machine
    assert long < 30 * short


@given(st.text(max_size=300), st.sampled_from([None, *conflict.languages()]))
def test_any_text_scores_between_nought_and_one(text, language):
    relevance = conflict.score(headline=text[:40], lede=text[:80], text=text, language=language)
    assert 0.0 <= relevance.score < 1.0
    assert relevance.relevant == (relevance.score >= conflict.THRESHOLD)
