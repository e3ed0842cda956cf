"""Dates that a page of unknown design prints: found by where they stand and what stands beside them.

A story's date stands between headline and text, right above the headline or right below the text. The header's clock,
other stories' dates, footers and comments are never looked at.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract import time_words
from crawler.extract.dates import ParsedTime, Reading, parse_time, plain, read_day
from crawler.extract.prose import letters, size
from crawler.extract.remembered import remembered
from crawler.extract.select import BLOCKS, clean

BARE, CREDITED, MARKED = 1, 2, 3  # how surely a line prints the story's date

_LONGEST = 160  # characters of a line that prints a date beside other things
_BESIDE = 30  # letters beside the date in a line that is hardly anything else: "Harbour desk · Wednesday, 20 …"
_BESIDE_EDGE, _FEW_WORDS = 4, 2  # letters between the date and the line's nearer end ("Uhr"), words with no mark
_WEEKDAY = 16  # characters: "Pressemitteilung", "Samstag, den"
_PROSE = 100  # characters from which on a line is text
_TITLE = 15  # letters from which on a heading is no label
_SAME = 60  # characters that tell a paragraph from all others
_OTHERS = 3  # links with other stories' headlines make a list
_BELOW, _ABOVE, _BEHIND = 60, 4, 8  # lines looked at below and above the headline, and behind the text
_OPENING = 3  # lines of text below the headline among which a marked date may stand: a lede, a caption
_OTHER_STORY, _OTHER_STORY_HEADING = 25, 10  # letters of a link, or of one in a heading, that is another story's title
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5"))
_TIME_DATA = ("data-timestamp", "data-time", "data-utime", "data-datetime", "data-published")
# The elements with attributes that may hold a time for machines.
_STAMPED = etree.XPath(
    f"//*[self::time or self::abbr or @itemprop or {' or '.join(f'@{name}' for name in _TIME_DATA)}]"
)
_UP = 3  # elements above a date that may call it one
_NO_LINE = frozenset(("title", "head"))
_PARTED = frozenset(("span", "a", "abbr", "i", "b", "strong", "em", "small", "font", "label", "u"))

# Class names, ids and properties: "post-date", "articleDate", "datePublished", "h-time", "timestamp", "fecha".
_MARK = re.compile(
    r"(?<![a-z])(?:date|datum|datetime|time|timestamp|pub(?:lish(?:ed)?|lication)?-?(?:date|time)?|posted|created|dateline"
    r"|postdate|pubdate|fecha|data|tarih|rq|riqi|shijian)(?![a-z])"
)
_CREDITS = re.compile(
    r"(?<![a-z])(?:post-?|article-?|entry-?|news-?)?(?:meta|metadata|info|byline|author|details|tagline|credits?|source)(?![a-z])"
)
_PAGE_HEADER = re.compile(r"(?<![a-z])(?:header|top|logo|brand|banner)(?![a-z])")
_FILED = re.compile(r"(?<!\S)(?:category|tag|type|status|format|post(?=-\d))-\S+")  # classes that WordPress adds
_ENDS_WITH_DAY = re.compile(r"(?<!\d)\d{4}([-/]?)\d{1,2}\1\d{1,2}\Z")  # "/archive/2020/10/13", "/time/2020-10-13"
_WORD = re.compile(r"[^\W\d_]+")
_NUMERAL = re.compile(r"\d")
_PARTED_OFF = re.compile(r"[,|·•–—/-]\s*(?:[^\W\d_]{1,10}\.?,?\s*)?\Z")  # "Hamburg, den ", "Harbour desk | Monday, "
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\s]+")
# Parts of a page that speak of something else than the story, wherever they stand.
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:comments?|commentlist|disqus|respond|replies|reply|related|recommend(?:ed|ations?)?|sidebar|side-bar|footer|foot|copyright"
    r"|navbar|navigation|menu|topbar|top-bar|masthead|clock|weather|today|current-date|header-?date|date-?header-?today|ticker|trending|popular|most-read"
    r"|latest|teasers?|promo|newsletter|calendar|carousel|slider|swiper|more-news|read-more|next|prev(?:ious)?|wm-ipp|cookies?|popup|modal"
    r"|bio|gallery|caption|figcaption|also-like|tweet|twitter-tweet|instagram-media|mw-diff)(?![a-z])"
)
_ELSEWHERE_TAGS = frozenset(("nav", "footer", "aside", "figcaption", "select", "blockquote"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a page writes dates: its languages (ISO 639-1), and whether "03/04/2020" begins with the day, where known."""

    languages: tuple[str, ...] = ()
    day_first: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedTime:
    """A time printed beside the story. `reading` is None where only an attribute holds it."""

    time: ParsedTime
    reading: Reading | None
    modified: bool


@dataclass(kw_only=True, slots=True, eq=False)
class _Line:
    """A line as a reader sees it: its pieces of text and the attributes that hold a time, each with its element."""

    pieces: list[tuple[str, HtmlElement]]
    stamps: list[tuple[str, HtmlElement]]
    text: str = ""

    @property
    def node(self) -> HtmlElement:
        return (self.pieces or self.stamps)[0][1]

    @property
    def may_be_dated(self) -> bool:
        """Whether there is a digit or a time for machines: nearly all lines have neither."""
        return bool(self.stamps) or (len(self.text) <= _LONGEST and _NUMERAL.search(self.text) is not None)


def printed_times(
    tree: HtmlElement, url: str, *, headline: str | None, paragraphs: Sequence[str], style: Style
) -> list[PrintedTime]:
    """The times printed for the story that `headline` and `paragraphs` tell, the surest first.

    1. Dates that their markup or a word calls so, below the headline up to the third paragraph or right above it.
    2. Lines that are hardly anything but a date, there and in the lines behind the text.
    3. Where there is neither, the one day that all lines of the page name that speak of publication.
    """
    lines = _lines(tree)
    start, end = _text_at(lines, paragraphs)
    place = _headline_at(lines, headline, start)
    opening = list(islice((number for number in range(place + 1, len(lines)) if _is_prose(lines[number])), _OPENING))
    around = [lines[number] for number in (place, *opening[:1]) if number >= 0]
    page = _Page(
        lines=lines,
        url=url,
        style=style,
        kin=frozenset(up for line in around for up in line.node.iterancestors()),
    )
    found: list[tuple[int, PrintedTime]] = []
    if place >= 0:
        text = opening[0] if opening else len(lines)
        found += page.times(range(place + 1, min(place + _BELOW, text)))
        found += page.above(place)
        found += page.times(range(text, opening[1] if len(opening) > 1 else text))
        found += page.times(range(text, opening[-1] if opening else text), least=MARKED)
    if end is not None:
        behind = page.times(range(end + 1, min(end + 1 + _BEHIND, len(lines))))
        found += [(BARE, time) for _, time in behind]
    found.sort(key=lambda one: -one[0])
    return [time for _, time in found] or page.announced()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    lines: Sequence[_Line]
    url: str
    style: Style
    kin: frozenset[HtmlElement]  # the elements around the headline, and those around the first paragraph

    def times(self, places: range, *, least: int = BARE) -> list[tuple[int, PrintedTime]]:
        """The times of lines with their strength, in the page's order, up to the third headline of other stories."""
        found: list[tuple[int, PrintedTime]] = []
        dated = [place for place in places if self.lines[place].may_be_dated]
        others = 0
        for place in range(places.start, dated[-1] + 1) if dated else ():
            others += self._opens_other_story(place)
            if others == _OTHERS:
                break
            found += [one for one in self._times(place) if one[0] >= least]
        return found

    def above(self, headline: int) -> list[tuple[int, PrintedTime]]:
        """The times right above the headline, in a box with it that is not the whole page.

        A clock in the page's header stands in a box of its own, with the menu between, or in one with all of the page.
        """
        found: list[tuple[int, PrintedTime]] = []
        first = frozenset(self.lines[0].node.iterancestors())
        for place in range(headline - 1, max(headline - 1 - _ABOVE, -1), -1):
            above = list(self.lines[place].node.iterancestors())
            box = next((up for up in above if up in self.kin), None)
            if box is None or box in first or self._opens_other_story(place):
                break
            own = above[: above.index(box)]
            if not any(up.tag == "header" or _PAGE_HEADER.search(_names(up)) for up in (self.lines[place].node, *own)):
                # a site's name in front of a date is a clock's: "Harbour Daily Review 17-01-2012"
                found += [
                    (min(strength, CREDITED), time)
                    for strength, time in self._times(place)
                    if strength == MARKED or time.reading is None or time.reading.start <= _WEEKDAY
                ]
        return found

    def announced(self) -> list[PrintedTime]:
        """The times that a word for publication or a time element announces anywhere, where all name one day."""
        found: list[PrintedTime] = []
        for place, line in enumerate(self.lines):
            if not line.may_be_dated:
                continue
            label = time_words.labelled(line.text) if line.text and len(line.text) <= _LONGEST else None
            stamped = any(_is_in_story(node) for _, node in line.stamps)
            if stamped or (label is not None and label["published"]):
                found += [time for strength, time in self._times(place) if strength == MARKED and not time.modified]
            if len(found) > _BELOW:
                return []
        return found if len({time.time.at.date() for time in found}) == 1 else []

    def _times(self, place: int) -> Iterator[tuple[int, PrintedTime]]:
        """The times of a line with how surely each is the story's."""
        line = self.lines[place]
        for value, node in line.stamps:
            time = parse_time(value, zone=None, languages=self.style.languages, day_first=self.style.day_first)
            if time is not None and self._is_own(node, place):
                label = time_words.labelled(line.text) if len(line.text) <= _LONGEST else None
                modified = "modif" in _names(node) or (
                    "updated" in _names(node).split("-") and "published" not in _names(node)
                )
                if label is not None:
                    modified = label["modified"] is not None
                yield MARKED, PrintedTime(time=time, reading=None, modified=modified)
        if len(line.text) > _LONGEST or _NUMERAL.search(line.text) is None:
            return
        for part, modified in _parts(plain(line.text)):
            reading = self._read(part)
            if reading is None:
                continue
            node = next((node for piece, node in line.pieces if self._read(plain(piece)) is not None), line.node)
            strength = self._strength(part, reading, node)
            time = parse_time(part, zone=None, languages=self.style.languages, day_first=self.style.day_first)
            if strength and time is not None and self._is_own(node, place):
                yield strength, PrintedTime(time=time, reading=reading, modified=modified)

    def _read(self, text: str) -> Reading | None:
        return read_day(text, languages=self.style.languages, day_first=self.style.day_first)

    def _strength(self, part: str, reading: Reading, node: HtmlElement) -> int:
        """How surely a part of a line prints the story's date; 0 for not at all."""
        names = [_names(up) for up in _self_and_up(node, _UP)]
        if node.tag == "time" or any(map(_MARK.search, names)) or time_words.labelled(part[: reading.start]):
            return MARKED
        if any(map(_CREDITS.search, names)):
            return CREDITED
        return BARE if _is_bare(part[: reading.start], part[reading.end :]) else 0

    def _is_own(self, node: HtmlElement, place: int) -> bool:
        """Whether a date in `node` is the story's: not a link's, not in a part of the page for other things."""
        for up in (node, *node.iterancestors()):
            if up in self.kin:
                break
            if up.tag in _ELSEWHERE_TAGS or _is_elsewhere(up) or (up.tag == "a" and self._leads_away(up)):
                return False
        return not self._shares_box_with_other_story(node, place)

    def _leads_away(self, link: HtmlElement) -> bool:
        """Whether a link leads to another page that is not the list of a day's stories."""
        href = (link.get("href") or "").strip()
        if not href or href.startswith(("#", "javascript:")):
            return False
        try:
            there, here = urlsplit(urljoin(self.url, href)), urlsplit(self.url)
        except ValueError:
            return True
        return there.path.rstrip("/") != here.path.rstrip("/") and not _ENDS_WITH_DAY.search(href.rstrip("/"))

    def _opens_other_story(self, place: int) -> bool:
        """Whether a line is a link with another story's headline."""
        line = self.lines[place]
        linked = sum(len(letters(piece)) for piece, node in line.pieces if self._in_link_away(node))
        if not linked or linked <= 0.6 * len(letters(line.text)):
            return False
        heading = any(up.tag in _HEADINGS for up in _self_and_up(line.node, _UP))
        return linked >= (_OTHER_STORY_HEADING if heading else _OTHER_STORY)

    def _in_link_away(self, node: HtmlElement) -> bool:
        link = next((up for up in _self_and_up(node, 4) if up.tag == "a"), None)
        return link is not None and self._leads_away(link)

    def _shares_box_with_other_story(self, node: HtmlElement, place: int) -> bool:
        """Whether a small box holds the date and another story's headline: a teaser."""
        boxes: set[HtmlElement] = set()
        for up in node.iterancestors():
            if up in self.kin or len(boxes) == _UP:
                break
            boxes.add(up)
        if not boxes:
            return False
        near = range(max(0, place - _UP), min(place + _UP + 1, len(self.lines)))
        return any(
            self._opens_other_story(number) and not boxes.isdisjoint(self.lines[number].node.iterancestors())
            for number in near
        )


def _is_in_story(node: HtmlElement) -> bool:
    """Whether an element stands where the markup says that a story does, and not in a clock of the page's header."""
    return any(up.tag in {"article", "main"} for up in node.iterancestors())


def _is_bare(before: str, after: str) -> bool:
    """Whether a line is hardly anything but a date, at its start or end: "Lübeck, 31 March 2003", not "the vote of …".

    What ends with a colon speaks of what follows: "Release: 3 May 2012", "Update of 22.04.2020, 10:30:".
    """
    if before.rstrip().endswith((":", "：")) or after.rstrip().endswith((":", "：")):
        return False
    words = [_WORD.findall(side) for side in (before, after)]
    beside = [size("".join(side)) for side in words]
    parted = _PARTED_OFF.search(before) is not None or after.lstrip()[:1] in set(",|·•–—-/")
    few = sum(map(len, words)) <= _FEW_WORDS
    return min(beside) <= _BESIDE_EDGE and sum(beside) <= _BESIDE and (few or parted)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """The parts of a line that speak of publication and of a change: "Published: 5 May 2014 | Updated: 6 May 2014"."""
    change = time_words.modification(text)
    if change is None:
        yield text, False
        return
    yield text[: change.start()], False
    rest = text[change.start() :]
    label = time_words.publication(rest)
    yield (rest, True) if label is None else (rest[: label.start()], True)
    if label is not None:
        yield rest[label.start() :], False


def _lines(tree: HtmlElement) -> list[_Line]:
    """The lines of a page in its order: text between the borders of blocks.

    White space in front of a line belongs to it, so that its first piece may stand in the box around its element.
    """
    lines: list[_Line] = []
    marked = _STAMPED(tree)
    stamped = frozenset(marked) if isinstance(marked, list) else frozenset()
    pieces: list[tuple[str, HtmlElement]] = []
    stamps: list[tuple[str, HtmlElement]] = []
    told = False  # whether there is more than white space
    for event, node in etree.iterwalk(tree, events=("start", "end"), tag="*"):
        tag = node.tag
        if (told or stamps) and tag in BLOCKS:
            told = False
            text = clean("".join([piece for piece, _ in pieces]))
            if text or stamps:
                lines.append(_Line(pieces=pieces, stamps=stamps, text=text))
                pieces, stamps = [], []
        if event == "start":
            if node in stamped:
                stamps += [(value, node) for value in _attributes(node)]
            piece, holder = node.text, node
        else:
            piece, holder = node.tail, None
        if piece and tag not in _NO_LINE:
            blank = not told and piece.isspace()
            told = told or not blank
            if blank and pieces:
                continue
            holder = holder if holder is not None else node.getparent()
            if holder is not None:
                pieces.append((" " + piece if tag in _PARTED else piece, holder))
    text = clean("".join([piece for piece, _ in pieces]))
    if text or stamps:
        lines.append(_Line(pieces=pieces, stamps=stamps, text=text))
    return lines


def _attributes(node: HtmlElement) -> Iterator[str]:
    """The values of attributes that hold a time for machines."""
    names: tuple[str, ...] = ("datetime",) if node.tag == "time" else ()
    if node.tag == "abbr" and _MARK.search(_names(node)):  # hAtom: <abbr class="published" title="…">
        names = ("title",)
    if "date" in (node.get("itemprop") or "").lower() and node.tag != "meta":
        names = (*names, "content", "datetime")
    for name in (*names, *_TIME_DATA):
        value = node.get(name)
        if value:
            yield value


def _text_at(lines: Sequence[_Line], paragraphs: Sequence[str]) -> tuple[int | None, int | None]:
    """The first and the last line of the text."""
    openings = {letters(paragraph)[:_SAME] for paragraph in paragraphs if size(paragraph) >= _SAME}
    places = [
        place
        for place, line in enumerate(lines)
        if size(line.text) >= _SAME and letters(line.text[: 2 * _SAME])[:_SAME] in openings
    ]
    return (places[0], places[-1]) if places else (None, None)


def _headline_at(lines: Sequence[_Line], headline: str | None, text: int | None) -> int:
    """The line that prints the headline, the last one in front of the text; -1 for none.

    A heading of the first rank wins over others, and any heading over other lines: menus and lists name stories too.
    """
    wanted = letters(headline or "")
    ranked: dict[int, list[int]] = {}
    for place, line in enumerate(lines[:text]):
        bare = letters(line.text) if len(line.text) <= 2 * _LONGEST else ""
        same = bool(bare and wanted) and (
            bare == wanted or (2 * len(bare) > len(wanted) and (bare in wanted or wanted in bare))
        )
        if not same and len(bare) < _TITLE:
            continue
        heading = next((up.tag for up in _self_and_up(line.node, _UP) if up.tag in {"h1", "h2", "h3"}), None)
        if same:
            ranked.setdefault({"h1": 0, None: 2}.get(heading, 1), []).append(place)
        elif heading == "h1":
            ranked.setdefault(3, []).append(place)
    if not ranked:
        return -1
    best = min(ranked)
    return -1 if best == 3 and len(ranked[3]) > 1 else ranked[best][-1]


def _is_prose(line: _Line) -> bool:
    return size(line.text) >= _PROSE


def _names(node: HtmlElement) -> str:
    """The words of class, id and property, parted by "-"; what a story is filed under left out ("tag-today")."""
    return _words_of(" ".join(filter(None, (node.get("class"), node.get("id"), node.get("itemprop")))))


@remembered
def _words_of(names: str) -> str:
    return _WORD_BORDER.sub("-", _FILED.sub(" ", names)).lower()


def _is_elsewhere(node: HtmlElement) -> bool:
    return _names_elsewhere(_names(node))


@remembered
def _names_elsewhere(name: str) -> bool:
    return _ELSEWHERE.search(name) is not None


def _self_and_up(node: HtmlElement, count: int) -> Iterable[HtmlElement]:
    yield node
    yield from islice(node.iterancestors(), count - 1)
