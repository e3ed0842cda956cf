"""The beginning of too many words: `co*` is looked for as the commonest of the words that begin so.

FTS5 puts the lists of all words with one beginning together before it says which article is first: of a million
articles that took a second for `co*`, and more than a hundred megabytes. A sample of the archive's texts, spread over
all of them, says how often a beginning occurs and by which words. What it leaves out are rare words, and readers are
told so; whoever wants these types a letter more. Where an answer must be whole, as in an export, nothing is left out.
"""

import json
import sqlite3
from collections import Counter
from functools import lru_cache

from archive.search.folding import folded

MOST_WORDS = 40
_SAMPLE = 200  # articles
_LARGE = 50_000  # articles; of fewer, every beginning is found in a fifth of a second
_LONG = 5  # letters; with so many a beginning is that of few words
_MOST = 1_500_000  # occurrences that FTS5 puts together in about a quarter of a second
_STEP = 1 << 14  # new articles after which another sample is taken


def commonest(connection: sqlite3.Connection, beginning: str) -> tuple[str, ...]:
    """The commonest indexed words with this beginning, `MOST_WORDS` at most, where it has too many; else nothing."""
    last = connection.execute("SELECT max(id) FROM main.articles").fetchone()[0] or 0
    if last < _LARGE or len(beginning) >= _LONG:
        return ()
    numbers = [1 + place * (last - last % _STEP) // _SAMPLE for place in range(_SAMPLE)]
    sql = "SELECT text FROM articles WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    texts = tuple(text for (text,) in connection.execute(sql, [json.dumps(numbers)]))
    words = {word: count for word, count in _words(texts).items() if word.startswith(beginning)}
    if sum(words.values()) * last <= _MOST * max(len(texts), 1):
        return ()
    return tuple(sorted(words, key=lambda word: (-words[word], word))[:MOST_WORDS])


@lru_cache(maxsize=2)
def _words(texts: tuple[str, ...]) -> Counter[str]:
    """How often each word occurs, as the index holds it; a third of a second the first time."""
    counted = Counter[str]()
    for text in texts:
        counted.update(folded(text).split(" "))
    return counted
