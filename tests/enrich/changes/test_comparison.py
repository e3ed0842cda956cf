"""How two versions are compared: figures, marks, sizes, languages without words of their own."""

import random
import time

import pytest

from crawler.enrich.changes import Version, compare, rules_version
from crawler.enrich.changes.figures import figures
from crawler.enrich.changes.wording import known, wording, words


def version(*paragraphs: str, headline: str | None = "Raid on depot", language: str | None = "en") -> Version:
    return Version(headline=headline, paragraphs=paragraphs, language=language)


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "killed twenty-five people and wounded half a dozen", [("25", "killed"), ("6", "wounded")]),
        ("en", "1,200 people fled, 1.5 million euros burned", [("1200", "displaced"), ("1500000", "other")]),
        ("en", "five, six", [("5", "other"), ("6", "other")]),
        ("en", "two hundred and twelve dead", [("212", "killed")]),
        ("en", "on 3 March 2026 at 14:32", [("3", "date"), ("2026", "date"), ("14:32", "time")]),
        ("en", "several people were injured", [("several", "wounded")]),
        ("de", "einundzwanzig Tote, zweihundertfünfzig Verletzte", [("21", "killed"), ("250", "wounded")]),
        ("fr", "quatre-vingt-dix-sept morts et une vingtaine de blessés", [("97", "killed"), ("20", "wounded")]),
        ("es", "treinta y cinco heridos", [("35", "wounded")]),
        ("ru", "погибли двадцать пять человек, 1,2 млн бежали", [("25", "killed"), ("1200000", "displaced")]),
        ("uk", "загинуло п'ятеро, поранено двадцять двоє", [("5", "killed"), ("22", "wounded")]),
        ("ar", "مقتل خمسة وعشرين شخصا وإصابة ٣٬٥٠٠", [("25", "killed"), ("3500", "wounded")]),
        ("ar", "قتل شخصان", [("2", "killed")]),
        ("fa", "بیست و پنج نفر کشته شدند", [("25", "killed")]),
        ("tr", "yirmi beş kişi öldü", [("25", "killed")]),
        ("zh", "造成三十五人死亡，1.2万人逃离", [("35", "killed"), ("12000", "displaced")]),
    ],
)  # fmt: skip
def test_figures_are_read_in_every_language(language: str, text: str, found: list[tuple[str, str]]) -> None:
    read = figures(words(text), wording((language,)))
    assert [(figure.value, figure.kind) for figure in read] == found


def test_a_comma_that_makes_another_number_is_no_mark() -> None:
    change = compare(version("Losses came to 1.5 million euros."), version("Losses came to 15 million euros."))
    assert change.classes == ("number",)


def test_a_negation_is_no_misprint() -> None:
    change = compare(version("The men were armed, he said."), version("The men were unarmed, he said."))
    assert change.classes == ("reworded",)


def test_figures_that_change_places_are_found() -> None:
    change = compare(
        version("The raid killed 12 people and wounded 30."), version("The raid killed 30 people and wounded 12.")
    )
    assert {(finding.of, finding.old, finding.new) for finding in change.findings} == {
        ("killed", "12", "30"),
        ("wounded", "30", "12"),
    }


def test_a_sentence_that_was_turned_round_says_the_same_figures() -> None:
    change = compare(
        version("The raid killed 12 people and wounded 30."),
        version("30 people were wounded and 12 killed in the raid."),
    )
    assert change.classes == ("reworded",)


@pytest.mark.parametrize(
    ("old", "new", "classes"),
    [
        ("Shells fell, the town's only clinic said.", "Shells fell, a rescue worker said.", ("attribution",)),
        ("Two died, according to three residents.", "Two died, according to the ministry.", ("attribution",)),
        ("Hill 402 was captured.", "Hill 402 was captured at dawn.", ("reworded",)),
        ("Prices rose by 12% in May.", "Prices rose by 12 per cent in May.", ("cosmetic",)),
        ("It was the third raid of the week.", "It was the fourth raid of the week.", ("number",)),
        ("The envoy told the Associated Press so.", "The envoy told Reuters so.", ("attribution",)),
        ("Both gunmen fled to the hills.", "One gunman fled to the hills.", ("number",)),
    ],
)  # fmt: skip
def test_what_is_no_figure_and_who_is_a_source(old: str, new: str, classes: tuple[str, ...]) -> None:
    assert compare(version(old), version(new)).classes == classes


@pytest.mark.parametrize(
    ("old", "new", "classes"),
    [
        ("Raid on depot kills 12", "UPDATE 2-Raid on depot kills 12", ("cosmetic",)),
        ("BREAKING: Raid on depot kills 12", "Raid on depot kills 12", ("cosmetic",)),
        ("UPDATE 1-Raid on depot kills 12", "UPDATE 2-Raid on depot kills 15", ("headline", "number")),
        ("Live fire at the depot", "Fire at the depot", ("headline",)),
        ("Raid on depot", "CORRECTED-Raid on depot", ("headline", "correction")),
    ],
)
def test_what_a_desk_puts_before_a_headline_is_none_of_it(old: str, new: str, classes: tuple[str, ...]) -> None:
    assert compare(version("A.", headline=old), version("A.", headline=new)).classes == classes


def test_a_headline_that_comes_or_goes_is_a_change() -> None:
    assert compare(version("A."), version("A.", headline=None)).classes == ("headline",)
    assert compare(version("A.", headline=None), version("A.")).classes == ("headline",)


@pytest.mark.parametrize("language", [None, "sw", "ka"])
def test_languages_without_words_are_compared_all_the_same(language: str | None) -> None:
    change = compare(
        version("Watu 12 waliuawa leo.", language=language), version("Watu 15 waliuawa leo.", language=language)
    )
    assert change.classes == ("number",)
    assert change.rules == rules_version()


def test_credits_count_where_both_versions_have_them() -> None:
    old = Version(headline="H", paragraphs=("A.",), wire="AFP", byline="By A. Orr, 2 hours ago")
    assert compare(
        old, Version(headline="H", paragraphs=("A.",), wire="Reuters", byline="By A. Orr, 5 hours ago")
    ).classes == ("attribution",)
    assert compare(old, Version(headline="H", paragraphs=("A.",))).classes == ()


@pytest.mark.parametrize("language", sorted(known()))
def test_every_language_has_all_words(language: str) -> None:
    words_of = wording((language,))
    assert words_of.notices.pattern != r"(?!)"
    assert words_of.notice_labels
    assert words_of.labels


def test_a_long_article_takes_no_time() -> None:
    drawn = random.Random(7)
    pool = [f"word{number}" for number in range(2500)]

    def paragraph() -> str:
        return " ".join(drawn.choice(pool) for _ in range(50)).capitalize() + "."

    old = [paragraph() for _ in range(100)]
    new = list(old)
    for place in range(0, 100, 10):
        new[place] = new[place].replace("word1", "other", 3) + " Officials said 12 were killed."
    took = []
    for _ in range(3):
        begun = time.process_time()
        assert compare(version(*old), version(*new)).is_real
        took.append(time.process_time() - begun)
    assert min(took) < 0.1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["a b " * 12_000], ["b a a " * 8_000]),
        (["1 " * 24_000], ["2 " * 24_000]),
        (["x"] * 16_000, ["y x"] * 20_000),
        ([f"a{number}." for number in range(7_000)], [f"b{number}." for number in range(7_000)]),
        (["said killed " * 4_000], ["killed said 12 " * 3_200]),
        (["A. " * 16_000], ["B. A. " * 8_000]),
        (["x y. " * 400_000], ["y x. " * 400_000]),
    ],
    ids=["two words", "numbers", "one line", "all other", "cues", "sentences", "too long"],
)
def test_hostile_sizes_are_bounded(old: list[str], new: list[str]) -> None:
    begun = time.process_time()
    assert compare(version(*old), version(*new)).is_real
    assert time.process_time() - begun < 3
