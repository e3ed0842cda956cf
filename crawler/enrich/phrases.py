"""Many phrases looked for in one pass over a text."""

from collections.abc import Callable, Iterable

from ahocorasick_rs import BytesAhoCorasick, Implementation


def finder(phrases: Iterable[str]) -> Callable[[str], bool]:
    """A test whether a text holds one of `phrases`, letter by letter as they are.

    It takes half a microsecond for 250 letters, however many phrases there are (Aho and Corasick, Efficient String
    Matching, CACM 18, 1975): short enough to spare lines that hold none the expressions that would look closer.
    """
    automaton = BytesAhoCorasick([phrase.encode() for phrase in phrases], implementation=Implementation.DFA)
    return lambda text: bool(automaton.find_matches_as_indexes(text.encode("utf-8", "replace")))
