"""The piece of a text in which most of what was asked for stands, with the hits marked.

Made from the stored text at the time of asking, because the index keeps no text: a hit is marked as it is printed,
whatever form of the word the index holds.
"""

import re
from collections.abc import Sequence

from archive.search.folding import tokens

# Marks around a hit; control characters, so that they cannot be part of any text.
HIT_START, HIT_END = "\x01", "\x02"

LENGTH = 240  # characters of a snippet, about
_MAX_READ = 60_000  # characters of a text that are searched for hits
_MAX_HITS = 200

Wanted = Sequence[tuple[tuple[str, ...], bool]]


def hits(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Where in `text` one of the `wanted` sequences of tokens stands, in order, none within another."""
    read: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for term, start, end in tokens(text[:_MAX_READ]):  # apart: thousands of small tuples would wake the collector
        read.append(term)
        starts.append(start)
        ends.append(end)
    by_first: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for terms, is_prefix in wanted:
        if terms and not (is_prefix and len(terms) == 1):
            by_first.setdefault(terms[0], []).append((terms, is_prefix))
    beginnings = tuple(terms[0] for terms, is_prefix in wanted if is_prefix and len(terms) == 1)
    found: list[tuple[int, int]] = []
    free = 0  # the first token behind the last hit
    for place, term in enumerate(read):
        is_begun = term.startswith(beginnings)
        if place < free or not (is_begun or term in by_first):
            continue
        choices = by_first.get(term, ())
        length = max((len(terms) for terms, is_prefix in choices if _stands(read, place, terms, is_prefix)), default=0)
        if length or is_begun:
            free = place + max(length, 1)
            found.append((starts[place], ends[free - 1]))
            if len(found) == _MAX_HITS:
                break
    return found


def snippet(text: str, wanted: Wanted) -> str:
    """A piece of about `LENGTH` characters with most different hits, marked; the beginning where there is none."""
    places = hits(text, wanted)
    begin = _best_begin(text, places)
    begin, end = _at_words(text, begin, begin + LENGTH)
    marked, at = [], begin
    for start, stop in places:
        if start >= at and stop <= end:
            marked += [text[at:start], HIT_START, text[start:stop], HIT_END]
            at = stop
    marked.append(text[at:end])
    shown = re.sub(r"\s+", " ", "".join(marked)).strip()
    return ("… " if begin > 0 else "") + shown + (" …" if end < len(text) else "")


def marked(snippet: str, start: str, end: str) -> str:
    """A snippet with its hits marked by `start` and `end`."""
    return snippet.replace(HIT_START, start).replace(HIT_END, end)


def _stands(read: list[str], place: int, terms: tuple[str, ...], is_prefix: bool) -> bool:
    there = read[place : place + len(terms)]
    if is_prefix:
        return len(there) == len(terms) and there[:-1] == list(terms[:-1]) and there[-1].startswith(terms[-1])
    return there == list(terms)


def _best_begin(text: str, places: Sequence[tuple[int, int]]) -> int:
    """Where the window begins that has most different hits; a little before its first."""
    if not places or places[0][1] <= LENGTH // 3:
        return 0
    best, begin = 0, places[0][0]
    for number, (start, _) in enumerate(places):
        inside = [text[a:b].lower() for a, b in places[number:] if b <= start + LENGTH * 3 // 4]
        score = 3 * len(set(inside)) + len(inside)
        if score > best:
            best, begin = score, start
    return max(0, begin - LENGTH // 5)


def _at_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """The window widened so that it cuts no word; scripts without spaces are cut where it falls."""
    if begin > 0:
        space = text.find(" ", begin, begin + 20)
        begin = space + 1 if space >= 0 else begin
    if end < len(text):
        space = text.rfind(" ", end - 20, end)
        end = space if space >= 0 else end
    return begin, min(end, len(text))
