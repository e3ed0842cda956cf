"""Chrome that survived as text: told by its role, taken out, and what it says kept as metadata.

`strip_residue` is for text whose page was narrowed already: it removes only lines that are chrome wherever they stand.
`crawler.extract.text` uses the same marks and adds what the position tells.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from archive.model import Image, Related, Removed
from crawler.enrich import wire
from crawler.extract.dates import ParsedTime, parse_time, plain
from crawler.extract.dump import DUMP_START, is_dump_line, read_dump
from crawler.extract.lines import doubled, is_prose, is_title_like, same, tidy, words
from crawler.extract.residue_rules import (
    BAR_ANCHORS,
    BAR_WORDS,
    GLUED_HEADS,
    MODIFIED_LABELS,
    PUBLISHED_LABELS,
    Role,
    fold,
    rules,
)
from crawler.publisher import Publisher

_MAX_LINE = 500  # characters: a longer line is text, or a run that has its own rule

# "GMT 20:04 2017 Tuesday ,10 October", in Arabic "GMT 20:04 2017 الثلاثاء ,10 تشرين الأول / أكتوبر"
_STAMP = re.compile(
    r"GMT \d{1,2}:\d{2} \d{4} [^\W\d_]{2,12} ?[,،] ?\d{1,2} (?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December|(?:كانون|تشرين) (?:الأول|الاول|الثاني|الثانى)(?: ?/ ?[^\W\d_]{3,8})?"
    r"|[^\W\d_a-zA-Z]{2,8}(?: ?/ ?[^\W\d_]{3,8})?)"
)
_ICON = re.compile(r"icon[ \-_]", re.I)
_TIME_WORD = re.compile(r"[^\W\d_]+")
_LABEL = re.compile(rf"^\(?(?:(?P<modified>{MODIFIED_LABELS})|(?P<published>{PUBLISHED_LABELS}))\s?[:：]?\s", re.I)
_MODIFIED_INSIDE = re.compile(rf"[\s(/|·•–-](?P<label>{MODIFIED_LABELS})\s?[:：]?\s", re.I)
_TIME_WORDS = frozenset(
    "gmt utc msk мск am pm a p m z at on in the and year years month months day days hour hours minute minutes ago"
    " monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun"
    " الأول الاول الثاني الثانى كانون تشرين بتوقيت غرينتش جرينتش الساعة ص م في"
    " الاثنين الإثنين الثلاثاء الأربعاء الاربعاء الخميس الجمعة السبت الأحد الاحد"
    " понедельник вторник среда четверг пятница суббота воскресенье в"
    " pazartesi salı çarşamba perşembe cuma cumartesi pazar".split()
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a line is found to be. `edge`: believed only outside the body."""

    role: Role
    rule: str
    value: str | None = None
    credit: str | None = None
    edge: bool = False


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


@dataclass(kw_only=True)
class Findings:
    """What marked lines say, gathered while they are taken out."""

    publisher: Publisher | None
    related: list[Related] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    published: ParsedTime | None = None
    modified: ParsedTime | None = None
    section: str | None = None
    dateline: str | None = None
    byline: str | None = None
    open_image: bool = False  # the last picture, in the page's head, still may get the credit that stands alone

    def add_related(self, title: str, published: str | None = None, url: str | None = None) -> None:
        """A story, once by its title."""
        if title and not any(same(story.title, title) for story in self.related):
            stamp = self.time(published) if published else None
            self.related.append(Related(title=title, url=url, published_at=stamp.at if stamp else None))

    def add_tags(self, line: str) -> None:
        """The tags of a line parted by commas."""
        for part in re.split(r"\s{0,3}[,،;|]\s{0,3}", line):
            tag = part.strip(" .#")
            if tag and tag not in self.tags:
                self.tags.append(tag)

    def add_image(self, caption: str | None, credit_line: str | None = None) -> None:
        """A picture, once by its caption."""
        caption, credit_line = caption or None, clean_credit(credit_line) if credit_line else None
        last = self.images[-1] if self.images else None
        if credit_line and caption is None and last is not None and self.open_image and last.credit is None:
            self.images[-1] = Image(caption=last.caption, credit=credit_line)
            return
        for index, image in enumerate(self.images):
            if caption and image.caption and same(image.caption, caption):
                if credit_line and not image.credit:
                    self.images[index] = Image(caption=image.caption, credit=credit_line)
                return
        if caption or (credit_line and not any(image.credit == credit_line for image in self.images)):
            self.images.append(Image(caption=caption, credit=credit_line))

    def time(self, text: str) -> ParsedTime | None:
        """A printed time, with the publisher's zone where none is printed."""
        zone = self.publisher.timezone if self.publisher else None
        return parse_time(text, zone=zone, languages=self.publisher.languages if self.publisher else ())

    def take_time(self, line: str) -> None:
        """The times of a line that is nothing but times; the first of each kind counts."""
        for role, text in split_times(line):
            found = self.time(text)
            if role is Role.PUBLISHED and self.published is None:
                self.published = found
            elif role is Role.MODIFIED and self.modified is None:
                self.modified = found


def strip_residue(
    lines: Sequence[str], *, publisher: Publisher | None, headline: str | None, url: str | None = None
) -> Residue:
    """Take out of `lines` (paragraphs in order) those that are chrome wherever they stand.

    `headline`, where it is known, is dropped when it is repeated in front of the text. `url` lets ids of related stories
    become addresses. Nothing is raised for any text.
    """
    separate, removed, found = _dumps_out([tidy(line) for line in lines], publisher, url)
    parts = [part for line in separate for part in unglue(line) if part]
    marks: list[Mark | None] = [mark_line(part, publisher) for part in parts]
    marks = [None if mark is not None and mark.edge else mark for mark in marks]
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


def finish(kept: Sequence[str], removed: Sequence[Removed], found: Findings) -> Residue:
    """The result, after the wire's credit is read and a line that is only that credit is dropped."""
    own = found.publisher.self_names if found.publisher else ()
    credit = wire.credit(kept, self_names=own)
    left = list(credit.paragraphs if credit else kept)
    left = [line for line in left if not (wire.is_source_line(line) and line in left[-3:])]
    dropped = [Removed(text=line, rule="wire") for line in kept if line not in left]
    return Residue(
        kept=tuple(left),
        removed=(*removed, *dropped),
        related=tuple(found.related),
        tags=tuple(found.tags),
        images=tuple(found.images),
        wire=credit.name if credit else None,
        wire_rule=credit.rule if credit else None,
        published=found.published,
        modified=found.modified,
        section=found.section,
        dateline=found.dateline,
        byline=found.byline,
    )


def take(mark: Mark, line: str, found: Findings) -> None:
    """Keep what a line taken out says."""
    value = (mark.value or "").strip(" :：")
    match mark.role:
        case Role.PROMO if value:
            found.add_related(value)
        case Role.STAMP if value:
            found.add_related(value, published=mark.credit)
        case Role.RELATED if value:
            found.add_related(value)
        case Role.TAGS if value:
            found.add_tags(value)
        case Role.SECTION if value:
            found.section = found.section or value
        case Role.BYLINE if value:
            found.byline = found.byline or line
        case Role.DATELINE:
            found.dateline = found.dateline or line
        case Role.CAPTION:
            found.add_image(value, mark.credit)
        case Role.CREDIT if value:
            found.add_image(None, value)
        case Role.PUBLISHED | Role.MODIFIED:
            found.take_time(line)
        case _:
            pass


def clean_credit(credit_line: str) -> str:
    """A credit without the © in front and without brackets around."""
    text = credit_line.strip(" ©")
    return text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text


# --- marks


def mark_line(line: str, publisher: Publisher | None) -> Mark | None:
    """What `line` is by its own words and shape, or None for text."""
    if is_icon_run(line):
        return Mark(role=Role.CHROME, rule="icons")
    text = fold(line) if len(line) <= _MAX_LINE else ""
    if not text:
        return None
    if is_stamp(text):
        return Mark(role=Role.STAMP, rule="related-stamp", credit=text)
    for rule in rules():
        match = rule.pattern.fullmatch(text)
        if match:
            groups = match.groupdict()
            value = _as_printed(groups.get("value"), line)
            return Mark(
                role=rule.role,
                rule=rule.name,
                value=value,
                credit=groups.get("credit"),
                edge=rule.edge or (rule.role is Role.CREDIT and not _credit_shape(value or "")),
            )
    return _mark_time(text) or _mark_bar(text) or _mark_by_publisher(line, publisher)


def _as_printed(value: str | None, line: str) -> str | None:
    """`value` out of the folded text, as `line` prints it."""
    if not value or value in line:
        return value
    for length in range(len(value), min(len(line), len(value) + 40) + 1):  # vowel signs make the printed one longer
        if fold(line[-length:]) == value:
            return tidy(line[-length:])
    return value


def _credit_shape(value: str) -> bool:
    """A credit is a few names; "© …" in front of a sentence is not."""
    return len(words(value)) <= 12 and not is_prose(value + ("" if value.endswith(".") else ""))


def is_icon_run(line: str) -> bool:
    """Whether `line` is the titles of an icon sprite, one or many run together ("icon closeicon mail")."""
    count = len(_ICON.findall(line[:20_000]))
    if count == 0 or not line[:5].lower().startswith("icon"):
        return False
    return (count >= 3 and len(line) / count < 40) or (
        len(line) <= 30 and line.islower() and not re.search(r"[.,;]", line)
    )


def _mark_time(text: str) -> Mark | None:
    times = split_times(text)
    if not times:
        return None
    labelled = _LABEL.match(text) is not None
    return Mark(role=times[0][0], rule="time", value=text, edge=not labelled)


def split_times(line: str) -> tuple[tuple[Role, str], ...]:
    """The times of a line that prints nothing else, each with its kind; empty for any other line."""
    text = fold(line)
    if len(text) > 120 or not any(char.isdigit() for char in text):
        return ()
    cut = _MODIFIED_INSIDE.search(text)
    pieces = [text] if cut is None else [text[: cut.start()], text[cut.start("label") :]]
    found: list[tuple[Role, str]] = []
    for piece in pieces:
        label = _LABEL.match(piece)
        rest = piece[label.end() :] if label else piece
        if not _only_time_words(rest):
            return ()
        if parse_time(rest, zone="UTC") is not None:
            found.append((Role.MODIFIED if label and label["modified"] else Role.PUBLISHED, rest))
    return tuple(found)


def _only_time_words(text: str) -> bool:
    found = _TIME_WORD.findall(text.casefold())
    return len(found) <= 8 and all(word in _TIME_WORDS or _is_month(word) for word in found)


@lru_cache(maxsize=2048)
def _is_month(word: str) -> bool:
    return parse_time(f"1 {word} 2017", zone="UTC") is not None


@cache
def _bar_words() -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(BAR_WORDS, key=len, reverse=True)), re.I)


def _mark_bar(text: str) -> Mark | None:
    """A line of nothing but networks' and icons' names ("Share on FacebookShare on Twitter")."""
    folded = text.casefold()
    if len(text) > 300 or not any(anchor in folded for anchor in BAR_ANCHORS):
        return None
    rest = re.sub(r"[\W\d_]+", "", _bar_words().sub("", folded))
    parts = len(_bar_words().findall(folded))
    if rest or (parts < 2 and len(words(text)) > 1):
        return None
    return Mark(role=Role.SHARE, rule="share-bar", edge=parts < 2)


@cache
def _publisher_patterns(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


def _mark_by_publisher(line: str, publisher: Publisher | None) -> Mark | None:
    if publisher is None:
        return None
    for pattern in _publisher_patterns(publisher.residue):
        if pattern.search(line):
            return Mark(role=Role.CHROME, rule=f"publisher:{pattern.pattern[:60]}")
    own = {name.casefold() for name in publisher.self_names}
    parts = [part.strip(" -–—ـ|").casefold() for part in re.split(r"[,،]", line)]
    if all(part in own or not part for part in parts) and any(parts):  # "Arab Today, arab today" · "العرب اليوم -"
        return Mark(role=Role.CHROME, rule="site-name")
    return None


# --- lines that say what the next ones are


def attach_followers(lines: Sequence[str], marks: list[Mark | None]) -> None:
    """Mark the lines that belong to a marked one: a title after "READ MORE:", tags after "Tags:", a list after "Related:"."""
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
    if mark.role is Role.STAMP or (is_title_like(title) and not is_prose(title)):
        marks[index + 1] = Mark(role=mark.role, rule=mark.rule, value=lines[index + 1], credit=mark.credit)


def _follow_tags(lines: Sequence[str], marks: list[Mark | None], index: int) -> None:
    for position in range(index + 1, min(index + 25, len(lines))):
        line = lines[position]
        if not _free(marks, position) or is_prose(line) or len(line) > 300:
            return
        if position > index + 1 and len(words(line)) > 4 and not re.search("[,،]", line):
            return
        marks[position] = Mark(role=Role.TAGS, rule="tags", value=line)
        if re.search("[,،]", line):
            return


def _follow_related(lines: Sequence[str], marks: list[Mark | None], index: int) -> None:
    mark = marks[index]
    for position in range(index + 1, min(index + 25, len(lines))):
        if not _free(marks, position) or not is_title_like(lines[position]) or is_prose(lines[position]):
            return
        marks[position] = Mark(
            role=Role.RELATED, rule="related", value=lines[position], edge=mark.edge if mark else False
        )


# --- lines run together


def unglue(line: str) -> list[str]:
    """Part a line where chrome is glued to what stands before it; a stamp's title goes with the stamp's next line."""
    pieces = [line]
    if "GMT" in line:
        pieces = _split_before(line, [match.span() for match in _STAMP.finditer(line[:20_000])], own_line=True)
    parted: list[str] = []
    for piece in pieces:
        starts = [position for head in GLUED_HEADS for position in _glued_at(piece, head)]
        parted.extend(_split_before(piece, [(start, start) for start in sorted(starts)], own_line=False))
    return [tidy(piece) for piece in parted if piece.strip()]


def is_stamp(line: str) -> bool:
    """Whether `line` is a related story's stamp and nothing else."""
    return _STAMP.fullmatch(plain(line)) is not None if len(line) < 80 else False


def _glued_at(line: str, head: str) -> list[int]:
    start = line.find(head, 1)
    if start < 1 or line[start - 1].isspace() or (head == "Updated " and not line[start - 1].isdigit()):
        return []
    return [start]


def _split_before(line: str, spans: list[tuple[int, int]], *, own_line: bool) -> list[str]:
    cuts = [0]
    for start, end in spans:
        cuts.extend([start, end] if own_line else [start])
    cuts.append(len(line))
    return [line[start:end] for start, end in zip(cuts, cuts[1:], strict=False) if start < end]


# --- dumps


def _dumps_out(
    lines: Sequence[str], publisher: Publisher | None, url: str | None
) -> tuple[list[str], list[Removed], Findings]:
    """`lines` without `var_dump` output; the stories it lists."""
    found = Findings(publisher=publisher)
    removed: list[Removed] = []
    text = remove_dumps("\n".join(lines), found, removed, story_url(url, publisher))
    return text.split("\n"), removed, found


def remove_dumps(text: str, found: Findings, removed: list[Removed], address: str | None) -> str:
    """`text` without dumps, one line or many."""
    pieces: list[str] = []
    position = 0
    for match in DUMP_START.finditer(text):
        if match.start() < position:
            continue
        dump = read_dump(text, match, story_url=address)
        if not dump.related and "{" not in text[match.end() : match.end() + 3]:
            continue
        pieces.append(text[position : match.start()])
        removed.append(Removed(text=text[match.start() : dump.end], rule="dump"))
        for story in dump.related:
            found.add_related(story.title, url=story.url)
        position = dump.end
    pieces.append(text[position:])
    return _array_dumps_out("".join(pieces), removed)


def _array_dumps_out(text: str, removed: list[Removed]) -> str:
    if "=>" not in text:
        return text
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        bare = line.strip()
        if is_dump_line(bare) and (inside or bare.startswith(("array(", "object("))):
            inside = True
            removed.append(Removed(text=bare, rule="dump"))
        else:
            inside = inside and not bare
            kept.append(line)
    return "\n".join(kept)


def story_url(url: str | None, publisher: Publisher | None) -> str | None:
    """How the site addresses a story by number, told from the page's own address: ".../news/1793318" → ".../news/{id}"."""
    match = re.match(r"(https?)://([^/?#{}]{1,200}/(?:[a-z]{1,20}/){0,3})\d{5,12}(?:[/?#]|$)", url or "")
    if match is None:
        return None
    return f"{'https' if publisher else match[1]}://{match[2]}{{id}}"
