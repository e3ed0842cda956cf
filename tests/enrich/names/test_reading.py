"""A text as names are sought in it: each word with its place, whatever stands between them."""

from hypothesis import given
from hypothesis import strategies as st

from crawler.enrich.names.lexicon import Lexicon
from crawler.enrich.names.reading import parts, read

NAMES = Lexicon(dict.fromkeys(("رقه", "שוריה", "阿 勒 颇", "armee"), "1"))
LETTERS = "aZé ﬁ'’-_1.\n\u0301\u200cبالرقةו שוריה阿勒颇市กa l'"


WORDS = st.sampled_from(("l'armée", "Halep'te", "阿勒颇市", "F-16战机", "بالرقة", "حوثی\u200cها", "Aleppo's", "—"))
SIGNS = st.text(st.sampled_from(LETTERS) | st.characters(), max_size=8)


@given(st.lists(WORDS | SIGNS, max_size=8), st.sampled_from(("en", "tr")))
def test_words_stand_where_the_text_has_them(words: list[str], language: str) -> None:
    text = " ".join(words)
    reading = read(text, language, NAMES)
    expected = list(parts(text, NAMES, turkish=language == "tr"))
    assert reading.words == tuple(word for word, _, _ in expected)
    assert reading.behind == tuple(map(NAMES.behind, reading.words))
    for at, (word, start, end) in enumerate(expected):
        assert reading.place(at, at + 1) == (start, end)
        assert (reading.raw(at), reading.key(at)) == (text[start:end], word)
        assert reading.gap(at) == (text[expected[at - 1][2] : start] if at else "\n")
    assert reading.raw(len(expected)) == reading.key(len(expected)) == reading.raw(-1) == ""


def test_a_text_is_read_as_its_words_are() -> None:
    words = [word for word, _, _ in parts("L'armée d'Alep, 阿勒颇市; Halep'te وبالرقة F-16", NAMES, turkish=True)]
    assert words == ["l", "armee", "d", "alep", *"阿勒颇市", "halep", "رقه", "f", "16"]
