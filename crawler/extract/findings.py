"""What chrome says, gathered while it is taken out: related stories, tags, pictures, times, names."""

import re
from dataclasses import dataclass, field

from archive.model import Image, Related, Removed
from crawler.extract.dates import ParsedTime, parse_time
from crawler.extract.dump import DUMP_START, is_dump_line, read_dump
from crawler.extract.lines import same
from crawler.extract.marks import Mark, split_times, stamp_time
from crawler.extract.residue_rules import Role
from crawler.publisher import Publisher

_GLUED_TAGS = re.compile(r"(?<=[^\W\d_A-ZА-Я])(?=[A-ZА-Я](?:[^\W\d_]{2}|[A-ZА-Я]))")  # "Tarsk newsNavy news"


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
    wire: str | None = None
    open_image: bool = False  # the last picture, in the page's head, still may get the credit that stands alone

    def add_related(self, title: str, published: str | None = None, url: str | None = None) -> None:
        """A story, once by its title."""
        if title and not any(same(story.title, title) for story in self.related):
            stamp = self.time(stamp_time(published)) if published else None
            self.related.append(Related(title=title, url=url, published_at=stamp.at if stamp else None))

    def add_tags(self, line: str) -> None:
        """The tags of a line parted by commas."""
        line = line if re.search("[,،;|]", line) else _GLUED_TAGS.sub(",", line)
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

    def name(self, role: Role, value: str) -> None:
        """The section, dateline, byline or wire; the first one printed counts."""
        field_name = role.value
        if getattr(self, field_name) is None:
            setattr(self, field_name, value)
        if role is Role.DATELINE and self.section is None:
            self.section = self._section_behind_name(value)

    def _section_behind_name(self, dateline: str) -> str | None:
        """The section in a dateline that begins with the publisher's name: "العالم - سوريا"."""
        parts = [part.strip() for part in re.split(r"\s[-–—ـ]\s", dateline)]
        own = self.publisher.self_names if self.publisher else ()
        return parts[1] if len(parts) == 2 and parts[0] in own and parts[1] not in own else None

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


def take(mark: Mark, line: str, found: Findings) -> None:
    """Keep what a line taken out says."""
    value = (mark.value or "").strip(" :：")
    if mark.role in {Role.PUBLISHED, Role.MODIFIED}:
        found.take_time(line)
    elif not value:
        return
    elif mark.role in {Role.PROMO, Role.RELATED, Role.STAMP}:
        found.add_related(value, published=mark.credit if mark.role is Role.STAMP else None)
    elif mark.role is Role.TAGS:
        found.add_tags(value)
    elif mark.role is Role.CAPTION:
        found.add_image(value, mark.credit)
    elif mark.role is Role.CREDIT:
        found.add_image(None, value)
    elif mark.role in {Role.SECTION, Role.DATELINE, Role.WIRE, Role.BYLINE}:
        found.name(mark.role, line if mark.role is Role.BYLINE else value)


def clean_credit(credit_line: str) -> str:
    """A credit without the © in front and without brackets around."""
    text = credit_line.strip(" ©")
    return text[1:-1] if text[:1] == "(" and text[-1:] == ")" else text


def remove_dumps(text: str, found: Findings, removed: list[Removed], address: str | None) -> str:
    """`text` without dumps, one line or many."""
    pieces: list[str] = []
    position = 0
    for match in DUMP_START.finditer(text):
        if match.start() < position:
            continue
        dump = read_dump(text, match, story_url=address)
        if not dump.related and text[match.end() : match.end() + 1] not in {"[", "{"}:
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
    """How the site addresses a story by number, by the page's own: ".../news/1793318" → ".../news/{id}"."""
    match = re.match(r"(https?)://([^/?#{}]{1,200}/(?:[a-z]{1,20}/){0,3})\d{5,12}(?:[/?#]|$)", url or "")
    if match is None:
        return None
    return f"{'https' if publisher else match[1]}://{match[2]}{{id}}"
