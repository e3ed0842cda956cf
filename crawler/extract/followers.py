"""Lines that are known by their neighbours: those that belong to a marked one, and what is printed a second time."""

import re
from collections.abc import Callable, Sequence

from crawler.extract.lines import is_prose, is_title_like, same, words
from crawler.extract.marks import Mark
from crawler.extract.residue_rules import Role

_NEAR = 200  # lines between a story and the microdata above it that repeats it


def attach_followers(lines: Sequence[str], marks: list[Mark | None]) -> None:
    """Mark the lines that belong to a marked one: a title after "READ MORE:", tags after "Tags:", a list of stories."""
    readers: dict[Role, Callable[[Sequence[str], list[Mark | None], int], None]] = {
        Role.PROMO: _follow_one,
        Role.TOPIC: _follow_one,
        Role.SECTION: _follow_one,
        Role.TAGS: _follow_tags,
        Role.RELATED: _follow_related,
        Role.STAMP: _follow_one,
    }
    for index, mark in enumerate(marks):
        if mark is not None and not mark.value and mark.role in readers:
            readers[mark.role](lines, marks, index)
        elif lines[index] == "©" and index + 1 < len(lines):
            marks[index] = Mark(role=Role.CHROME, rule="copyright-sign")
            if marks[index + 1] is None and len(words(lines[index + 1])) <= 12:
                marks[index + 1] = Mark(role=Role.CREDIT, rule="copyright-sign", value=lines[index + 1])


def _free(marks: list[Mark | None], index: int) -> bool:
    if index >= len(marks):
        return False
    mark = marks[index]
    return mark is None or (mark.edge and mark.role in {Role.CHROME, Role.SECTION, Role.BYLINE})


def _follow_one(lines: Sequence[str], marks: list[Mark | None], index: int) -> None:
    mark = marks[index]
    if mark is None or not _free(marks, index + 1):
        return
    title = lines[index + 1]
    if mark.role is Role.PROMO and _heads_a_list(lines, marks, index):
        _follow_related(lines, marks, index)
        return
    named = mark.role in {Role.SECTION, Role.TOPIC} and len(title) <= 60
    cut = mark.role is Role.PROMO and title.endswith(("…", "..."))  # a teaser: "Ferries to the islands will run ag..."
    if mark.role is Role.STAMP or cut or ((named or is_title_like(title)) and not is_prose(title)):
        marks[index + 1] = Mark(role=mark.role, rule=mark.rule, value=lines[index + 1], credit=mark.credit)


def _heads_a_list(lines: Sequence[str], marks: list[Mark | None], index: int) -> bool:
    """Whether titles are all that follows: "Read also" under a text heads a list, within it one story."""
    rest = range(index + 1, min(index + 25, len(lines)))
    return index + 25 > len(lines) and all(
        marks[place] is not None or (is_title_like(lines[place]) and not is_prose(lines[place])) for place in rest
    )


def _follow_tags(lines: Sequence[str], marks: list[Mark | None], index: int) -> None:
    mark = marks[index]
    for position in range(index + 1, min(index + 25, len(lines))):
        line = lines[position]
        if not _free(marks, position) or is_prose(line) or len(line) > 300:
            return
        if position > index + 1 and len(words(line)) > 4 and not re.search("[,،]", line):
            return
        marks[position] = Mark(role=Role.TAGS, rule="tags", value=line, edge=mark.edge if mark else False)
        if re.search("[,،]", line):
            return


def _follow_related(lines: Sequence[str], marks: list[Mark | None], index: int) -> None:
    mark = marks[index]
    for position in range(index + 1, min(index + 25, len(lines))):
        line = lines[position]
        if _free(marks, position) and len(line) >= 180 and not re.search(r"[.!?؟:]", line):
            marks[position] = Mark(role=Role.CHROME, rule="related-run")  # titles run together
            return
        if not _free(marks, position) or not is_title_like(line) or is_prose(line):
            return
        marks[position] = Mark(
            role=Role.RELATED, rule="related", value=lines[position], edge=mark.edge if mark else False
        )


def mark_repeats(lines: Sequence[str], marks: list[Mark | None]) -> None:
    """Mark text that is printed a second time: a caption beside its own line, microdata above the story it repeats."""
    for index, line in enumerate(lines):
        for beside in (index - 1, index + 1):
            mark = marks[beside] if 0 <= beside < len(lines) else None
            here = marks[index]
            picture = mark is not None and mark.role in {Role.CAPTION, Role.CREDIT} and not mark.edge
            if mark and picture and (here is None or here.edge) and same(mark.value or "", line):
                marks[index] = Mark(role=Role.CHROME, rule="doubled")
    later = {line: index for index, line in enumerate(lines) if len(line) >= 40 and marks[index] is None}
    for index, line in enumerate(lines):
        again = later.get(line, index)
        if not index + 1 < again < index + _NEAR or marks[index] is not None or not is_prose(line):
            continue
        if any(mark.role is Role.PUBLISHED for mark in marks[index + 1 : again] if mark):
            marks[index] = Mark(role=Role.CHROME, rule="microdata")
