"""The words of walls and reports: what is found with one automaton is what a look at each place would find."""

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import wording

LETTERS = "aZ éÉ İıßﬁ½ \u0301\u0308\u064b\u200d\ufeff й и\u0306 بةالو 戦ガハ 가ᄀ ก 1.,_-’\n"


@given(st.text(st.sampled_from(LETTERS) | st.characters(), max_size=60))
def test_a_text_is_evened_as_letter_by_letter(text: str) -> None:
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = (letter for letter in apart if unicodedata.category(letter) not in {"Mn", "Cf"})
    plain = unicodedata.normalize("NFC", "".join(kept))
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    assert wording.evened(text) == f" {' '.join(words)} "


def test_stems_are_found_where_a_look_at_each_place_finds_them() -> None:
    stems, chance = wording._stems()._stems, random.Random(1)
    for _ in range(4):
        picked = [stem.text.strip() for stem in chance.choices(stems, k=12)]
        words = [chance.choice(("", "", "وال", "ה", "x")) + word + chance.choice(("", "", "s")) for word in picked]
        text = wording.evened(" ".join(words))
        expected = [
            (place, number)
            for place in range(1, len(text))
            for number, stem in enumerate(stems)
            if text.startswith(stem.text, place)
            and (stem.joined or text[:place].rpartition(" ")[2] in {"", *wording._PREFIXES})
        ]
        assert list(wording._stems().occurring(text)) == [stems[number] for _, number in expected]
        assert expected


def test_the_language_is_the_one_whose_words_occur_most() -> None:
    found = wording.words("Police said on Monday that two ferries ran aground; please click to read more.")
    assert found.language == "en"
    assert found.any("report")
    assert found.any("address")


def test_particles_before_arabic_and_hebrew_words_do_not_hide_them() -> None:
    stem = next(stem for stem in wording._stems()._stems if stem.language == "ar" and " " not in stem.text)
    assert wording.words(f"وال{stem.text}", language="ar")[stem.concept] == 1
    assert wording.words(f"ظظ{stem.text}", language="ar")[stem.concept] == 0
