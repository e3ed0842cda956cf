"""Text folded as a whole, in the quick way, is the same as its tokens one by one."""

from hypothesis import given
from hypothesis import strategies as st

from archive.search.folding import count, folded, tokens

# Of each script that is written without spaces, with the marks that NFKD sorts; Korean, Arabic, Cyrillic beside them.
_LETTERS = "阿勒颇利豈のガがプーกำกุ่ป้าລ່າວັນភាសាមြန်မာ한국어القَصْفСирії éłßF-16 。’3\u3099\u0e48\u0e38\u0eb8\u0ec8\xa0\u2028"


@given(st.text(alphabet=_LETTERS, max_size=60) | st.text(max_size=60))
def test_folding_a_text_gives_its_tokens(text: str) -> None:
    terms = [token.term for token in tokens(text)]
    assert folded(text) == " ".join(terms)
    assert count(text) == len(terms)


_LATIN = "aZ3 '’`·-_é\n阿\u0301\u200c\u0640\ud800\x1c"


@given(st.text(alphabet=_LATIN, max_size=30))
def test_tokens_among_latin_letters_are_counted_by_their_bytes(text: str) -> None:
    plain = "The bridge at Tarn was reopened by its engineers, who had worked on it all winter. "
    assert count(plain * 2 + text + plain) == count(plain) * 2 + count(text + plain)
    assert count(plain + text) == len(list(tokens(plain + text)))


def test_letters_without_spaces_are_folded_in_pairs() -> None:
    assert folded("阿勒颇 3月") == "阿勒 勒颇 颇 3 月"
    assert folded("アレッポ") == "アレ レッ ッホ\u309a ホ\u309a"
