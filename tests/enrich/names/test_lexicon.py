"""The file of names is what its sources give, and the longest names are found in a text wherever they stand."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich.names.compiler import compiled, text_of
from crawler.enrich.names.lexicon import Lexicon, file_of_names, key_of, lexicon
from crawler.enrich.names.reading import read

WORDS = ("khan", "al", "shih", "sheikh", "rural", "阿", "勒", "颇")


def test_the_file_is_made_of_what_it_is_said_to_be_made_of() -> None:
    assert file_of_names() == text_of(compiled()), "a source was changed: run `make names`"


def test_a_name_is_looked_up_with_all_that_is_known_of_it() -> None:
    entry = lexicon().entry("sdf")
    assert [actor.id for actor in entry.actors] == ["syrian-democratic-forces"]
    assert (entry.forms, entry.weak, entry.spots) == (("SDF",), True, ())
    entry = lexicon().entry("tripoli")
    assert {spot.country for spot in entry.spots} >= {"LY", "LB"}
    assert entry.elsewhere.keys() == {"GR", "US"}
    entry = lexicon().entry(key_of("الرقة"))
    assert ([spot.label for spot in entry.spots], entry.articles) == (["Raqqa"], {"1"})
    assert lexicon().entry(key_of("Сирия")).countries[0].code == "SY"


@given(
    st.sets(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)),
    st.lists(st.sampled_from(WORDS), max_size=20),
)
def test_the_longest_names_are_found_from_left_to_right(names: set[str], words: list[str]) -> None:
    expected = []
    at = 0
    while at < len(words):
        ends = [end for end in range(at + 1, len(words) + 1) if " ".join(words[at:end]) in names]
        if ends:
            expected.append((" ".join(words[at : ends[-1]]), at, ends[-1]))
        at = ends[-1] if ends else at + 1
    made = Lexicon(dict.fromkeys(names, ""))
    assert made.find(read(" ".join(words), None, made)) == expected


def test_an_older_file_does_not_count() -> None:
    assert Lexicon.of(file_of_names()) is not None
    assert Lexicon.of(file_of_names().replace("SHA-256 is ", "SHA-256 is 0", 1)) is None
