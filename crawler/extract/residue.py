"""Chrome that survived as text: told by its role, taken out, and what it says kept as metadata.

`strip_residue` is for text whose page was narrowed already: it removes lines that are chrome wherever they stand, and
those that are chrome outside the body where they stand at its edge. `crawler.extract.text` uses the same marks and adds
what the position tells in text that nobody narrowed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.model import Image, Related, Removed
from crawler.enrich import wire
from crawler.extract.dates import ParsedTime
from crawler.extract.findings import Findings, remove_dumps, story_url, take
from crawler.extract.followers import attach_followers
from crawler.extract.lines import doubled, is_prose, same, tidy, title_case
from crawler.extract.marks import Mark, mark_line, unglue
from crawler.extract.residue_rules import Role
from crawler.publisher import Publisher

_NAMES = 0.5  # share of words with a capital in a line of names


@dataclass(frozen=True, kw_only=True, slots=True)
class Residue:
    """Lines of text without their chrome, and what the chrome said."""

    kept: tuple[str, ...]
    removed: tuple[Removed, ...] = ()
    related: tuple[Related, ...] = ()
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    wire: str | None = None
    wire_rule: str | None = None
    published: ParsedTime | None = None
    modified: ParsedTime | None = None
    section: str | None = None
    dateline: str | None = None
    byline: str | None = None


def strip_residue(
    lines: Sequence[str], *, publisher: Publisher | None, headline: str | None, url: str | None = None
) -> Residue:
    """Take out of `lines` (paragraphs in order) those that are chrome wherever they stand.

    `headline`, where it is known, is dropped when it is repeated in front of the text. `url` lets ids of related
    stories become addresses. Nothing is raised for any text.
    """
    separate, removed, found = _dumps_out([tidy(line) for line in lines], publisher, url)
    parts = [part for line in separate for part in unglue(line) if part]
    marks: list[Mark | None] = [mark_line(part, publisher) for part in parts]
    attach_followers(parts, marks)
    start = 1 if headline and parts and same(parts[0], headline) else 0
    believed = {
        *_at_edge(parts, marks, range(start, len(parts))),
        *_at_edge(parts, marks, range(len(parts) - 1, 0, -1)),
    }
    marks = [
        None if mark is not None and mark.edge and index not in believed else mark for index, mark in enumerate(marks)
    ]
    for index in doubled(parts):
        if marks[index] is None and marks[index + 1] is None and not is_prose(parts[index]):
            marks[index] = Mark(role=Role.CAPTION, rule="doubled", value=parts[index])
            marks[index + 1] = Mark(role=Role.CHROME, rule="doubled")
    kept: list[str] = []
    for part, mark in zip(parts, marks, strict=True):
        if mark is None and not (headline and not kept and same(part, headline) and part[-1:] not in ".!?"):
            kept.append(part)
        else:
            removed.append(Removed(text=part, rule=mark.rule if mark else "headline"))
            if mark is not None:
                take(mark, part, found)
    return finish(kept, removed, found)


def _at_edge(parts: Sequence[str], marks: Sequence[Mark | None], places: range) -> Iterator[int]:
    """The places of one edge of the text, from outside on up to the first line that nothing marks as chrome.

    Of lines without letters ("218-12", "0 4270") one is believed: several are the rows of a table. A date counts with
    its clock ("30 Jun, 2017 13:17"), for a day alone heads an entry of a diary; a name without a verb: "By Monday the
    ferry ran again." is a sentence.
    """
    numbers = 0
    for place in places:
        mark, part = marks[place], parts[place]
        if mark is None or (mark.role is Role.PUBLISHED and mark.edge and ":" not in part):
            return
        misplaced = mark.role is Role.SIGN_OFF and places.step > 0
        if misplaced or (mark.edge and mark.role in {Role.BYLINE, Role.CREDIT} and not _names_only(part)):
            return
        numbers += mark.edge and mark.role is not Role.PUBLISHED and not any(map(str.isalpha, part))
        if numbers > 1:
            return
        yield place


def _names_only(part: str) -> bool:
    """Whether a line could be names and nothing else. Scripts without capitals are believed."""
    return not is_prose(part) and (part.casefold() == part.swapcase() or title_case(part) >= _NAMES)


def finish(kept: Sequence[str], removed: Sequence[Removed], found: Findings) -> Residue:
    """The result, after the wire's credit is read and a line that is only that credit is dropped."""
    own = (found.publisher.name, *found.publisher.self_names) if found.publisher else ()
    credit = wire.credit(kept, self_names=own)
    left = list(credit.paragraphs if credit else kept)
    name, rule = (found.wire, "line") if found.wire else (credit.name, credit.rule) if credit else (None, None)
    dropped = [Removed(text=line, rule="wire") for line in (Counter(kept) - Counter(left)).elements()]
    return Residue(
        kept=tuple(left),
        removed=(*removed, *dropped),
        related=tuple(found.related),
        tags=tuple(found.tags),
        images=tuple(found.images),
        wire=name,
        wire_rule=rule,
        published=found.published,
        modified=found.modified,
        section=found.section,
        dateline=found.dateline,
        byline=found.byline,
    )


def _dumps_out(
    lines: Sequence[str], publisher: Publisher | None, url: str | None
) -> tuple[list[str], list[Removed], Findings]:
    """`lines` without `var_dump` output; the stories it lists."""
    found = Findings(publisher=publisher)
    removed: list[Removed] = []
    text = remove_dumps("\n".join(lines), found, removed, story_url(url, publisher))
    return text.split("\n"), removed, found
