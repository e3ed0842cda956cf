"""A text as the automaton reads it: each word with its place, whatever stands between them."""

from hypothesis import given
from hypothesis import strategies as st

from archive.search import folding
from crawler.enrich.names.reading import _parts, read

KNOWN = frozenset(("رقه", "שוריה"))
LETTERS = "aZé ﬁ'’-_1.\n\u0301\u200cبالرقةו שוריה阿勒颇市กa l'"


WORDS = st.sampled_from(("l'armée", "Halep'te", "阿勒颇市", "F-16战机", "بالرقة", "حوثی\u200cها", "Aleppo's", "—"))
SIGNS = st.text(st.sampled_from(LETTERS) | st.characters(), max_size=8)


@given(st.lists(WORDS | SIGNS, max_size=8), st.sampled_from(("en", "tr")))
def test_words_stand_where_the_text_has_them(words: list[str], language: str) -> None:
    text = " ".join(words)
    reading = read(text, language, KNOWN)
    expected = [
        (piece, match.start() + start, match.start() + end)
        for match in folding.WORD.finditer(text)
        for piece, start, end in _parts(match[0], KNOWN, turkish=language == "tr")
    ]
    assert reading.joined == "".join(piece for piece, _, _ in expected)
    for at, (piece, start, end) in enumerate(expected):
        assert reading.place(at, at + 1) == (start, end)
        assert (reading.raw(at), reading.key(at)) == (text[start:end], piece.strip())
        assert reading.gap(at) == (text[expected[at - 1][2] : start] if at else "\n")
    assert reading.raw(len(expected)) == reading.key(len(expected)) == reading.raw(-1) == ""
