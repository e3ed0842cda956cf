"""Chrome that survived as text: told by its role, taken out, and what it says kept as metadata.

`strip_residue` is for text whose page was narrowed already: it removes only lines that are chrome wherever they stand.
`crawler.extract.text` uses the same marks and adds what the position tells.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archive.model import Image, Related, Removed
from crawler.enrich import wire
from crawler.extract.dates import ParsedTime
from crawler.extract.findings import Findings, remove_dumps, story_url, take
from crawler.extract.lines import doubled, is_prose, same, tidy
from crawler.extract.marks import Mark, attach_followers, mark_line, unglue
from crawler.extract.residue_rules import Role
from crawler.publisher import Publisher


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
    last, start = len(marks) - 1, 1 if headline and parts and same(parts[0], headline) else 0
    marks = [
        None if mark is not None and mark.edge and not _stands_at_its_edge(mark, index, start, last) else mark
        for index, mark in enumerate(marks)
    ]
    attach_followers(parts, marks)
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


def _stands_at_its_edge(mark: Mark, index: int, start: int, last: int) -> bool:
    """Whether a line that is chrome only outside the body stands there even on a narrowed page.

    A sign-off in the last line; a date with a clock and nothing else ("30 Jun, 2017 13:17") in the first, `start`.
    """
    if mark.role is Role.SIGN_OFF:
        return index == last > 0
    return index == start and mark.role is Role.PUBLISHED and ":" in (mark.value or "")


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
