"""Between the first sentence and the last: pictures and boxes of related stories; the rest is text."""

import re

from crawler.extract.lines import is_list_item, same, title_case, words
from crawler.extract.marks import split_times
from crawler.extract.residue_rules import Role
from crawler.extract.zones import CAPTION_CUE, ENDS_WITH_DAY, Lines

_DAY_AND_CLOCK = re.compile(
    r"\d{1,2} [^\W\d_]{3,9}(?: \d{4})?, \d{1,2}:\d{2}(?: GMT| UTC)?"
)  # "5 September, 10:12 GMT"


def read_body(lines: Lines, start: int, end: int) -> None:
    """Judge what stands between first and last sentence: marks of the edge are void, boxes go, the rest is text."""
    timed = Role.PUBLISHED in lines.roles(0, start)
    for index in range(start, end):
        mark = lines.marks[index]
        if mark is None or (_time_under_lede(lines, index, start) and not timed):
            continue
        if mark.edge or mark.rule.startswith("comment-"):
            lines.marks[index] = None
    captions = [mark.value for mark in lines.marks[:start] if mark is not None and mark.role is Role.CAPTION][-3:]
    for index in range(start, end):
        if lines.free(index) and any(same(lines.text[index], caption or "") for caption in captions):
            lines.set(index, Role.CHROME, "doubled")  # the lead picture's caption once more
    index = start
    while index < end:
        if _doubled_caption(lines, index, end):
            index += 2
            continue
        if lines.prose(index):
            index += 1
            continue
        stop = index
        while stop < end and not lines.prose(stop):
            stop += 1
        _judge_box(lines, index, stop, start)
        index = max(stop, index + 1)


def _time_under_lede(lines: Lines, index: int, start: int) -> bool:
    """A day with a clock alone on its line near the beginning: pages may print lede, time, text in this order."""
    return index - start <= 3 and lines.role(index) is Role.PUBLISHED and ":" in lines.text[index]


def _doubled_caption(lines: Lines, index: int, end: int) -> bool:
    if index + 1 >= end or not (lines.free(index) and lines.free(index + 1)):
        return False
    line = lines.text[index]
    if len(words(line)) < 5 or not same(line, lines.text[index + 1]):
        return False
    lines.set(index, Role.CAPTION, "doubled", line)
    lines.set(index + 1, Role.CHROME, "doubled")
    return True


def _judge_box(lines: Lines, start: int, stop: int, body: int) -> None:
    """What lies between two sentences: [start, stop) holds no running text."""
    index = start
    while index < stop:
        if _doubled_caption(lines, index, stop):
            index += 2
            continue
        if lines.role(index) is Role.CREDIT:
            _judge_credit(lines, index, start, stop, body)
        index += 1
    for index in range(start, stop - 1):
        if _picture_and_story(lines, index, start, stop):
            lines.set(index, Role.CHROME, "related-picture", lines.text[index])
            lines.set(index + 1, Role.PROMO, "related-box", lines.text[index + 1])
    for index in range(start + 1, stop):
        read_dated_story(lines, index, start)
    for index in range(start, stop):
        if lines.free(index) and CAPTION_CUE.search(lines.text[index]) and len(words(lines.text[index])) >= 4:
            lines.set(index, Role.CAPTION, "caption", lines.text[index])


def _judge_credit(lines: Lines, index: int, start: int, stop: int, body: int) -> None:
    """A credit inside the text: with its caption, or with the picture's alt text and a related story's headline."""
    mark = lines.marks[index]
    credit_line = mark.value if mark else None
    above = index - 1 if index > start and lines.free(index - 1) else None
    below = index + 1 if index + 1 < stop and lines.free(index + 1) else None
    sentence = lines.text[index - 1] if index > body and lines.prose(index - 1) else ""
    if ENDS_WITH_DAY.search(sentence) or CAPTION_CUE.search(sentence):
        above = index - 1
    if below is not None and is_list_item(lines.text[below]):
        below = None
    caption: int | None = above
    if above is not None and below is not None:
        if not same(lines.text[above], lines.text[below]) and len(words(lines.text[below])) >= 4:
            lines.set(above, Role.CHROME, "related-picture")
            lines.set(index, Role.CHROME, "related-picture")
            lines.set(below, Role.PROMO, "related-box", lines.text[below])
            return
        if same(lines.text[above], lines.text[below]):
            lines.set(below, Role.CHROME, "doubled")
    elif below is not None and not lines.gaps[below] and _is_story(lines.text[below]):
        lines.set(index, Role.CHROME, "related-picture")
        lines.set(below, Role.PROMO, "related-box", lines.text[below])
        return
    elif above is None and below is not None and _caption_under_credit(lines, below):
        caption = below
    if caption is not None:
        lines.set(caption, Role.CAPTION, "caption", lines.text[caption], credit_line)
        lines.set(index, Role.CHROME, "credit")


def _is_story(line: str) -> bool:
    """A headline in Title Case of some length, as a box prints another story's."""
    return len(words(line)) >= 6 and title_case(line) >= 0.7


def _caption_under_credit(lines: Lines, index: int) -> bool:
    """A line under a credit that stands alone: some words, no heading in Title Case, no blank line before it."""
    line = lines.text[index]
    return len(words(line)) >= 5 and title_case(line) < 0.7 and (not lines.gaps[index] or lines.spaced)


def read_dated_story(lines: Lines, index: int, start: int) -> None:
    """A related story's time under its headline, perhaps its rubric above: "World" / "Grain …" / "5 May, 10:12"."""
    line = lines.text[index]
    timed = _DAY_AND_CLOCK.fullmatch(line) or (":" in line and split_times(line))
    if not (lines.free(index) and timed and lines.free(index - 1)):
        return
    together = lines.spaced or not lines.gaps[index]
    if len(words(lines.text[index - 1])) < 4 or not together:
        return
    lines.set(index, Role.CHROME, "related-box")
    lines.set(index - 1, Role.PROMO, "related-box", lines.text[index - 1])
    if (
        index - 2 >= start
        and lines.free(index - 2)
        and len(words(lines.text[index - 2])) <= 3
        and (lines.spaced or not lines.gaps[index - 1])
    ):
        lines.set(index - 2, Role.CHROME, "related-box")


def _picture_and_story(lines: Lines, index: int, start: int, stop: int) -> bool:
    """Two different lines alone between blank ones, the second in Title Case: a related story and its picture."""
    if index != start or stop - start != 2 or not (lines.free(index) and lines.free(index + 1)):
        return False
    isolated = lines.gaps[index] and not lines.gaps[index + 1] and (stop == len(lines) or lines.gaps[stop])
    title = lines.text[index + 1]
    return isolated and _is_story(title) and not is_list_item(lines.text[index])
