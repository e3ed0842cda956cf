"""A run of text with line breaks in it, cut into paragraphs, white space made plain.

Pages break lines for three reasons: to part paragraphs, to part the lines of a list, and to wrap a paragraph by hand.
Two breaks, or one with an indent behind it, always part. A single one parts unless it falls within a sentence: the line
does not end as sentences do and the next goes on in lower case. Where most do so the lines are wrapped, and none parts.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from crawler.extract.select import clean

BREAK = "\u2028"  # stands for <br> while a run is gathered
# Around the text of a link; Unicode keeps both code points free of characters.
LINK_START, LINK_END = "\ufdd0", "\ufdd1"

# CSS Text 3, section 4.1.3: a line feed between two wide characters is no space. "中国\n新闻" is "中国新闻".
_WIDE = r"[\u2e80-\u303f\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]"
_WIDE_FOLD = re.compile(rf"(?<={_WIDE})[ \t\r]*+\n\s*+(?={_WIDE})")
_WIDE_BREAK = re.compile(rf"(?<={_WIDE})\u2028(?={_WIDE})")
_INDENT = re.compile(r"\u2028[^\S\u2028]*?(?:\u3000|[\u00a0\u2003]{2})")  # "<br>　　", "<br>&nbsp;&nbsp;"
_SPACES = re.compile(r"[^\S\u2028]+")
_PARTING = re.compile(r" ?\u2028(?: ?\u2028)+ ?")
_MARKS = re.compile(f"[{LINK_START}{LINK_END}]")
_ENDED = re.compile(r"[.!?…:;。！？；：؟۔।։][\"'“”’»」』)\]]{0,3}$")
_WRAPPED_FROM = 30  # characters; shorter lines are those of a list


def cut(run: str) -> Iterator[tuple[str, float]]:
    """The paragraphs of a run and the share of each one's characters that stands inside links."""
    if "\n" in run and not run.isascii():
        run = _WIDE_FOLD.sub("", run)
    if BREAK not in run:
        marked = LINK_START in run or LINK_END in run
        text = clean(_MARKS.sub("", run) if marked else run)
        if text:
            yield text, _linked_in(run) / len(text) if marked else 0.0
        return
    run = _INDENT.sub(BREAK + BREAK, run)
    run = _SPACES.sub(" ", run)
    depth = 0
    for parted in _PARTING.split(run):
        for part in _lines(parted):
            linked, depth = _linked(part, depth)
            text = clean(_MARKS.sub("", part))
            if text:
                yield text, linked / len(text)


def _lines(part: str) -> list[str]:
    """A part at those of its single breaks that part paragraphs, or whole where its lines are wrapped by hand."""
    if BREAK not in part:
        return [part]
    lines = part.split(BREAK)
    plain = [clean(_MARKS.sub("", line)) for line in lines]
    seams = list(pairwise(text for text in plain if text))
    inside = sum(_in_sentence(above, below) or _goes_on(above, below) for above, below in seams)
    if 2 * inside > len(seams):
        return [_WIDE_BREAK.sub("", part).replace(BREAK, " ")]
    joined = [lines[0]]
    for (above, below), line in zip(pairwise(plain), lines[1:], strict=True):
        if above and below and _in_sentence(above, below):
            joined[-1] = f"{joined[-1]} {line}"
        else:
            joined.append(line)
    return joined


def _in_sentence(above: str, below: str) -> bool:
    """Whether a break falls within a sentence: no stop in front of it, a small letter behind."""
    return below[0].islower() and _ENDED.search(above) is None


def _goes_on(above: str, below: str) -> bool:
    """The same of scripts without capitals: a long line without a stop, a letter behind."""
    uncased = below[0].isalpha() and below[0].lower() == below[0].upper()
    return uncased and len(above) >= _WRAPPED_FROM and _ENDED.search(above) is None


def _linked_in(run: str) -> int:
    """How many characters of a run without breaks stand inside links; most runs are no link or nothing else."""
    if LINK_START not in run:
        return 0
    bare = run.strip()
    if bare[0] == LINK_START and bare.find(LINK_END) == len(bare) - 1 and bare.rfind(LINK_START) == 0:
        return len(clean(bare[1:-1]))
    return _linked(run, 0)[0]


def _linked(part: str, depth: int) -> tuple[int, int]:
    """How many characters of a part stand inside links, white space single; `depth` links are open before and after."""
    if LINK_START not in part and LINK_END not in part:
        return (len(part.strip()) if depth else 0), depth
    count = 0
    for piece in re.split(f"([{LINK_START}{LINK_END}])", part):
        if piece == LINK_START:
            depth += 1
        elif piece == LINK_END:
            depth -= 1
        elif depth:
            count += len(clean(piece))
    return count, depth
