"""Below the text: where it ends, and the related stories, tags and sign-off after it."""

import re

from crawler.extract.between import read_dated_story
from crawler.extract.lines import is_list_item, is_quoted, is_title_like, title_case, words
from crawler.extract.residue_rules import Role
from crawler.extract.zones import Lines

# Names are no clauses: "The plant, built in 1974, employs 600 people" is a sentence that lacks its stop
_CLAUSE = re.compile(
    r"^(?:The|A|An|This|These|He|She|It|They|His|Her|and|but|or|who|which|where|when|while|including) (?=[a-z])"
    r"|\b(?:is|are|was|were|has|have|had|will|would|said|says)\b"
)
TAIL_CHROME = frozenset(
    {Role.TAGS, Role.COMMENTS, Role.SHARE, Role.RELATED, Role.FOOTER, Role.STAMP, Role.TOPIC, Role.ELSEWHERE}
)


def find_end(lines: Lines, start: int) -> tuple[int, int]:
    """The index after the last line of the story, and that of the line which closes it, `len(lines)` where none does.

    Readers' comments close it, a call to share it, and its tags where less text comes after them than before.
    """
    sizes = [len(lines.text[index]) if lines.prose(index) else 0 for index in range(len(lines))]
    before, after = 0, sum(sizes[start:])
    end = start
    for index in range(start, len(lines)):
        if before and _closes(lines, index, before, after):
            return end, index
        if sizes[index]:
            end = index + 1
        before, after = before + sizes[index], after - sizes[index]
    return end, len(lines)


def _closes(lines: Lines, index: int, before: int, after: int) -> bool:
    """One "Name *" alone, of a comment form, is a line of text; several are the form."""
    mark = lines.marks[index]
    if mark is None or mark.edge:
        return False
    if mark.role is Role.COMMENTS:
        return mark.rule == "comments" or any(lines.role(index + step) is Role.COMMENTS for step in (1, 2, 3))
    return mark.rule == "share-call" or (mark.role in {Role.TAGS, Role.STAMP, Role.FOOTER} and before >= after)


def read_tail(lines: Lines, end: int, close: int) -> None:
    """Judge what follows the last sentence: sign-off, related stories, tags.

    A line that nothing speaks against is text; below `close` none is.
    """
    over = False
    for index in range(end, len(lines)):
        mark = lines.marks[index]
        if mark is None and (over or index > close):
            lines.set(index, Role.CHROME, "below-text")
        elif mark is not None:
            over = over or mark.role in {Role.FOOTER, Role.ELSEWHERE} or (mark.role is Role.COMMENTS and not mark.edge)
    for index in range(end + 1, len(lines)):
        read_dated_story(lines, index, end)
    end = _past_list(lines, end)
    _tags_one_a_line(lines, end)
    chrome = any(lines.role(index) in TAIL_CHROME for index in range(end, len(lines)))
    for index in range(end, len(lines)):
        if lines.free(index) and chrome and _is_tag_list(lines, index):
            lines.set(index, Role.TAGS, "tag-list", lines.text[index])
        chrome = chrome or _could_be_story(lines.text[index])
    _related_list(lines, end)
    chrome_above = below_stories = False
    for index in range(end, len(lines)):
        short = lines.free(index) and len(words(lines.text[index])) <= (4 if chrome_above else 3)
        beside = chrome_above or (lines.role(index + 1) in TAIL_CHROME and not _calls_to_share(lines, index + 1))
        if short and beside and not _spoken(lines.text[index]):
            tag = below_stories and lines.role(index + 1) is Role.COMMENTS and _could_be_tag(lines, index)
            lines.set(index, Role.TAGS if tag else Role.CHROME, "tail", lines.text[index] if tag else None)
        below_stories = below_stories or lines.role(index) is Role.RELATED
        chrome_above = chrome_above or lines.role(index) in TAIL_CHROME


def _past_list(lines: Lines, end: int) -> int:
    """The index after a list that closes the story: items without full stops under a line that ends in a colon."""
    heads = (index for index in range(max(end - 1, 0), min(end + 3, len(lines))) if lines.text[index].endswith(":"))
    head = next((index for index in heads if len(words(lines.text[index])) >= 4), None)
    if head is None or not all(lines.free(index) for index in range(end, head + 1)):
        return end
    bare = _label(lines, end) is None and {Role.TAGS, Role.COMMENTS} & lines.roles(end, len(lines))
    index = head + 1
    while lines.free(index) and not (bare and _could_be_story(lines.text[index]) and _in_title_case(lines.text[index])):
        index += 1
    return index if index > head + 1 else end


def _in_title_case(line: str) -> bool:
    return title_case(line) >= 0.6 and len(words(line)) >= 5


def _calls_to_share(lines: Lines, index: int) -> bool:
    """RT prints "Like this story? …" as the last paragraph, right under the text."""
    mark = lines.marks[index] if index < len(lines) else None
    return mark is not None and mark.rule == "share-call"


def _spoken(line: str) -> bool:
    """Whether a short line is the story's own: an item, a quotation, a notice ("DETAILS TO FOLLOW")."""
    return is_list_item(line) or is_quoted(line) or (line.isupper() and len(words(line)) >= 3)


def _is_tag_list(lines: Lines, index: int) -> bool:
    """Three or more names parted by commas and nothing else: "airstrikes, offensive, army, Syria"."""
    line = lines.text[index]
    if " " not in line and len(re.findall(r"[^\W\d_A-ZА-Я][A-ZА-Я][^\W\d_]{2}", line)) >= 1 and len(line) < 80:
        return True  # "VelanConflictMilitary"
    parts = [part.strip() for part in re.split("[,،]", line)]
    if any(_CLAUSE.search(part) for part in parts):
        return False
    if is_list_item(line) or len(parts) < (2 if lines.role(index + 1) is Role.COMMENTS else 3):
        return False
    return len(line) < 300 and line[-1:] not in ".!?" and all(0 < len(part.split()) <= 5 for part in parts)


def _tags_one_a_line(lines: Lines, end: int) -> None:
    """Two or more lines of a few words each, without blank lines, right over the readers' comments.

    The new Sputnik engine prints its tags so: "World" / "artillery" / "ceasefire".
    """
    stop = next((index for index in range(end, len(lines)) if lines.role(index) is Role.COMMENTS), end)
    start = stop
    while start > end and _could_be_tag(lines, start - 1):
        start -= 1
    joined = not lines.spaced and any(lines.gaps[index] for index in range(start + 1, stop))
    if stop - start < 2 or joined or lines.text[start - 1].endswith(":"):
        return
    for index in range(start, stop):
        lines.set(index, Role.TAGS, "tag-line", lines.text[index])


def _could_be_tag(lines: Lines, index: int) -> bool:
    """A name alone on its line, or what reads as navigation there ("World", "Video")."""
    line, mark = lines.text[index], lines.marks[index]
    unknown = mark is None or (mark.edge and mark.role in {Role.CHROME, Role.WIRE})
    return unknown and 1 <= len(words(line)) <= 4 and line[-1:] not in ".!?:;,؟" and not is_list_item(line)


def _label(lines: Lines, end: int) -> int | None:
    """The line that heads the related stories: titles stand under it, and text may stand above."""
    for index in range(end, len(lines)):
        if lines.role(index) is Role.CREDIT:
            return None  # a box with a picture may stand above the label
        mark = lines.marks[index]
        if mark is not None and mark.role is Role.RELATED and not mark.value:
            return index
    return None


def _related_list(lines: Lines, end: int) -> None:
    """Headlines under the text, one a line, when tags, comments or bars come after them or there are several."""
    label = _label(lines, end)
    if label is not None and lines.role(label + 1) is Role.RELATED:
        end = label
    titles = [index for index in range(end, len(lines)) if lines.free(index) and _could_be_story(lines.text[index])]
    if not titles:
        return
    below = {lines.role(index) for index in range(titles[0], len(lines))}
    in_title_case = sum(title_case(lines.text[index]) >= 0.6 for index in titles)
    beside = bool({lines.role(titles[0] + 1), lines.role(titles[0] - 1)} & {Role.TAGS, Role.COMMENTS, Role.RELATED})
    under_text = lines.roles(end, titles[0]) <= {Role.PROMO}  # only "READ MORE: …" between
    sentence = under_text and re.match(r"[A-ZА-Я]", lines.text[titles[0]]) is not None  # the last one, without its stop
    speaks_for = bool(below & TAIL_CHROME) if len(titles) > 1 or in_title_case else beside and not sentence
    if not speaks_for and (len(titles) < 2 or in_title_case < len(titles)):
        return
    linked = [line for line, mark in zip(lines.text, lines.marks, strict=True) if mark and mark.rule == "related-box"]
    others = [lines.text[index] for index in titles[1:]] + [line for line in linked if len(words(line)) >= 4]
    capitals = bool(others) and all(title_case(line) >= 0.6 for line in others)  # how the site writes headlines
    for position, index in enumerate(titles):
        line = lines.text[index]
        other = capitals and title_case(line) < 0.6 and len(words(line)) >= 5
        right_under = index == end and not lines.role(end - 1)
        if position == 0 and (other or (right_under and _unfinished(line))):
            continue
        lines.set(index, Role.RELATED, "related-list", line)


def _could_be_story(line: str) -> bool:
    """Whether a line could be a headline in a list of them: no item, no quotation, no small letter in front."""
    several = is_title_like(line) and len(words(line)) >= 3
    return several and not (is_list_item(line) or is_quoted(line) or line[:1].islower())


def _unfinished(line: str) -> bool:
    """A last paragraph that lacks its full stop: many words, few capitals."""
    return len(words(line)) >= 12 and title_case(line) < 0.6
