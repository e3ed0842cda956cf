"""Head, body and tail of a page's lines: what each unmarked line is by where it stands.

The head ends where running text begins under the headline; the tail begins after its last sentence. Between them every
line is text unless it stands in a box: a doubled caption, a picture's caption and credit, a related story with its picture.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from archive.model import Removed
from crawler.extract.findings import Findings, take
from crawler.extract.lines import is_list_item, is_prose, is_title_like, same, stems, title_case, words
from crawler.extract.marks import Mark
from crawler.extract.residue_rules import Role
from crawler.publisher import Publisher

# "(File)" · "[FILE]" · "FILE PHOTO" · "is seen" · "left" · "(C)": only captions say these
_CAPTION_CUE = re.compile(
    r"[(\[](?:file(?: photo)?|archive|illustration|[lrc]|left|right|center)[)\]]|^file photo|صورة أرشيفية|архивн", re.I
)
# "…, November 19, 2019." · "… on December 2, 2015" · "… 3 March 2018.": agencies end captions with the day
_ENDS_WITH_DAY = re.compile(r"(?:[^\W\d_]{3,9}\.? \d{1,2},? \d{4}|\d{1,2} [^\W\d_]{3,12} \d{4})\.?(?: ?[(/].{0,40})?$")
# "Damascus - Arab Today" · "دمشق ـ نور خوام" · "العالم - سوريا"
_DATELINE = re.compile(r"(?P<place>[^\W\d_][\w .'’]{1,30}?)\s?[-–—ـ]\s?(?P<name>[^\W\d_][\w .'’]{1,40})")
_STRUCTURE = frozenset(
    {Role.SHORT_URL, Role.PUBLISHED, Role.MODIFIED, Role.SECTION, Role.BYLINE, Role.DATELINE, Role.CREDIT}
)
_TAIL_CHROME = frozenset({Role.TAGS, Role.COMMENTS, Role.SHARE, Role.RELATED, Role.FOOTER, Role.STAMP, Role.TOPIC})


@dataclass(kw_only=True, slots=True)
class Lines:
    """The lines of a text with their marks, and whether a blank line stood before each."""

    text: list[str]
    marks: list[Mark | None]
    gaps: list[bool]

    def __len__(self) -> int:
        return len(self.text)

    def free(self, index: int) -> bool:
        """Whether nothing is known of the line."""
        return 0 <= index < len(self.marks) and self.marks[index] is None

    def role(self, index: int) -> Role | None:
        """The role of the line's mark; None for text and past the ends."""
        mark = self.marks[index] if 0 <= index < len(self.marks) else None
        return mark.role if mark else None

    def set(self, index: int, role: Role, rule: str, value: str | None = None, credit: str | None = None) -> None:
        """Say what a line is."""
        self.marks[index] = Mark(role=role, rule=rule, value=value, credit=credit)

    def prose(self, index: int) -> bool:
        """Whether the line is unmarked running text."""
        return self.free(index) and is_prose(self.text[index])


# --- head


def find_headline(lines: Lines, url: str | None, start_limit: int = 120) -> int | None:
    """The headline's index: the line above the text that the address, its repetition and its neighbours speak for."""
    proses = [index for index in range(len(lines)) if lines.prose(index)]
    first = proses[0] if proses else len(lines)
    slug = slug_stems(url)
    body = stems(" ".join(lines.text[index] for index in proses[:3])[:1500])
    best: tuple[float, int] | None = None
    for index in range(min(len(lines), start_limit)):
        line = lines.text[index]
        if not lines.free(index) or lines.prose(index) or not is_title_like(line):
            continue
        if index > first and not _stands_over_text(lines, index, proses):
            continue
        score = _headline_score(lines, index, slug, body)
        if best is None or score > best[0] + 1e-9:
            best = (score, index)
    if best is None or best[0] < 0.8:
        return None
    again = [
        index for index in range(best[1], min(first, best[1] + 40)) if same(lines.text[index], lines.text[best[1]])
    ]
    return again[-1] if again else best[1]  # the last one stands over the text; the page's title may be printed above


def _headline_score(lines: Lines, index: int, slug: frozenset[str], body: frozenset[str]) -> float:
    line = lines.text[index]
    own = stems(line)
    count = len(words(line))
    score = 0.5 if 4 <= count <= 25 else 0.0
    if slug:
        score += 3 * len(own & slug) / len(slug)
    if own:
        score += len(own & body) / len(own)
    if any(same(line, other) for other in lines.text[index + 1 : index + 12]) and not lines.marks[index]:
        score += 0.6
    if _STRUCTURE & {lines.role(index + step) for step in (1, 2, 3)} or lines.role(index - 1) is Role.PUBLISHED:
        score += 0.6
    if _CAPTION_CUE.search(line) or _ENDS_WITH_DAY.search(line):
        score -= 0.8
    return score + 0.3 * title_case(line)


def _stands_over_text(lines: Lines, index: int, proses: Sequence[int]) -> bool:
    """A line below one sentence is the headline only under a caption: bars and times follow it, and the story's text."""
    above = sum(prose < index for prose in proses)
    follows = any(lines.role(index + step) in _STRUCTURE - {Role.CREDIT} for step in (1, 2, 3))
    return above == 1 and follows and len(proses) > 1


def slug_stems(url: str | None) -> frozenset[str]:
    """The words of the address's last part that holds some: "/news/394801-isis-aleppo-province-liberated/"."""
    words_of = [
        part for part in urlsplit(unquote(url or "")).path.split("/") if len(re.findall(r"[^\W\d_]{2,}", part)) >= 2
    ]
    return (
        frozenset(stem for stem in stems(words_of[-1].replace("-", " ")) if not stem.isdigit())
        if words_of
        else frozenset()
    )


def read_head(lines: Lines, headline: int | None, url: str | None, publisher: Publisher | None) -> int:
    """Judge the lines above the text; the index of its first line."""
    start = (headline + 1) if headline is not None else 0
    _mark_rubric(lines, start, url, publisher)
    if headline is not None:
        _caption_above(lines, headline)
    index = start
    while index < len(lines):
        if lines.prose(index) and not _caption_below_headline(lines, index, headline):
            break
        if lines.free(index) and _lede_without_stop(lines, index, headline):
            break
        if lines.free(index):
            _judge_head_line(lines, index, headline, publisher)
        index += 1
    if index == len(lines):  # no running text at all: what was unmarked stays
        index = start
    for above in range(min(start, index)):
        if lines.free(above) and above != headline:
            lines.set(above, Role.CHROME, "above-headline")
    return index


def _mark_rubric(lines: Lines, start: int, url: str | None, publisher: Publisher | None) -> None:
    """The section's name: as the address or the publisher's names have it, or the short line over "Get short URL"."""
    segments = {re.sub(r"[\W_]", "", part).casefold() for part in urlsplit(url or "").path.split("/")[:-1] if part}
    names = {name.casefold() for name in publisher.section_names.values()} if publisher else set()
    stop = next((index for index in range(start, len(lines)) if lines.prose(index)), len(lines))
    over_bar = _over_short_url(lines, start, stop)
    for index in range(stop):
        if not lines.free(index) or index == start - 1:
            continue
        line = lines.text[index]
        known = line.casefold() in names or re.sub(r"[\W_]", "", line).casefold() in segments
        if known or index == over_bar or (over_bar is not None and same(line, lines.text[over_bar])):
            lines.set(index, Role.SECTION, "rubric", line)


def _over_short_url(lines: Lines, start: int, stop: int) -> int | None:
    """The short line over "Get short URL", past times and bylines between them: Sputnik's rubric."""
    bar = next((index for index in range(start, stop) if lines.role(index) is Role.SHORT_URL), None)
    if bar is None:
        return None
    index = bar - 1
    while index >= start and lines.role(index) in {Role.PUBLISHED, Role.MODIFIED, Role.BYLINE}:
        index -= 1
    if index < start or not lines.free(index):
        return None
    line = lines.text[index]
    return index if len(words(line)) <= 5 and len(line) <= 40 else None


def _caption_above(lines: Lines, headline: int) -> None:
    """Sputnik prints the lead picture's caption over the headline; a ticker of many lines is none."""
    free = [index for index in range(headline) if lines.free(index)]
    if not free or len(free) > 3:
        return
    line = lines.text[free[-1]]
    below = stems(" ".join(lines.text[headline : headline + 8])[:2000])
    speaks_of_it = len(words(line)) >= 8 or _CAPTION_CUE.search(line) or stems(line) & below
    if speaks_of_it and not same(line, lines.text[headline]):
        lines.set(free[-1], Role.CAPTION, "caption", line)


def _caption_below_headline(lines: Lines, index: int, headline: int | None) -> bool:
    """A sentence in the head is a caption when a credit follows it, or it repeats, and text comes after."""
    line = lines.text[index]
    text_after = any(lines.prose(later) for later in range(index + 1, min(len(lines), index + 10)))
    followed = lines.role(index + 1) is Role.CREDIT or lines.text[index + 1 : index + 2] == ["©"]
    repeated = index + 1 < len(lines) and same(line, lines.text[index + 1])
    if headline is None and not (_ENDS_WITH_DAY.search(line) or _CAPTION_CUE.search(line)):
        followed = False
    if text_after and (followed or repeated or (_CAPTION_CUE.search(line) is not None and len(line) < 300)):
        lines.set(index, Role.CAPTION, "caption", line)
        if repeated:
            lines.set(index + 1, Role.CHROME, "doubled")
        return True
    return False


def _lede_without_stop(lines: Lines, index: int, headline: int | None) -> bool:
    """A long line right over the text that only lacks its full stop is the lede, unless it looks like a caption."""
    line = lines.text[index]
    if headline is None or same(line, lines.text[headline]) or len(words(line)) < 14 or title_case(line) > 0.7:
        return False
    if _CAPTION_CUE.search(line) or _ENDS_WITH_DAY.search(line) or lines.role(index + 1) is Role.CREDIT:
        return False
    following = next((later for later in range(index + 1, len(lines)) if lines.free(later)), None)
    return following is not None and lines.prose(following) and not same(line, lines.text[following])


def _judge_head_line(lines: Lines, index: int, headline: int | None, publisher: Publisher | None) -> None:
    line = lines.text[index]
    if headline is not None and (
        same(line, lines.text[headline]) or _site_and_headline(line, lines.text[headline], publisher)
    ):
        lines.set(index, Role.CHROME, "headline-again")
        return
    match = _DATELINE.fullmatch(line)
    below = headline is not None and index > headline
    if below and ((match and len(words(line)) <= 7) or (line.isupper() and len(words(line)) <= 3)):  # "ISTANBUL"
        lines.set(index, Role.DATELINE, "dateline", line)
        return
    if below and (len(words(line)) >= 2 or lines.role(index + 1) is Role.CREDIT):
        lines.set(index, Role.CAPTION, "caption", line)
        return
    lines.set(index, Role.CHROME, "head")


def _site_and_headline(line: str, headline: str, publisher: Publisher | None) -> bool:
    """A picture's alt text: "Arab Today, arab today Syrian army …", "العرب اليوم - …"."""
    if not line.casefold().endswith(headline.casefold()):
        return False
    before = line[: -len(headline)].strip(" -–—ـ|:،,")
    own = [name.casefold() for name in publisher.self_names] if publisher else []
    return not before or any(name in before.casefold() for name in own) or len(words(before)) <= 4


# --- body


def find_end(lines: Lines, start: int) -> int:
    """The index after the last line of running text; readers' comments are not the story's."""
    end = start
    for index in range(start, len(lines)):
        if end > start and _comments_start(lines, index):
            break
        if lines.prose(index):
            end = index + 1
    return end


def _comments_start(lines: Lines, index: int) -> bool:
    """A line that heads the readers' comments, or one of several of their form; one "Name *" alone is a line of text."""
    mark = lines.marks[index]
    if mark is None or mark.role is not Role.COMMENTS or mark.edge:
        return False
    return mark.rule == "comments" or any(lines.role(index + step) is Role.COMMENTS for step in (1, 2, 3))


def read_body(lines: Lines, start: int, end: int) -> None:
    """Judge what stands between the first and the last sentence: marks of the edge are void, boxes go, the rest is text."""
    for index in range(start, end):
        mark = lines.marks[index]
        if mark is not None and (mark.edge or mark.rule.startswith("comment-")):
            lines.marks[index] = None
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
    for index in range(start, stop):
        if lines.free(index) and _CAPTION_CUE.search(lines.text[index]) and len(words(lines.text[index])) >= 4:
            lines.set(index, Role.CAPTION, "caption", lines.text[index])


def _judge_credit(lines: Lines, index: int, start: int, stop: int, body: int) -> None:
    """A credit inside the text: with its caption, or with the picture's alt text and a related story's headline."""
    mark = lines.marks[index]
    credit_line = mark.value if mark else None
    above = index - 1 if index > start and lines.free(index - 1) else None
    below = index + 1 if index + 1 < stop and lines.free(index + 1) else None
    sentence = lines.text[index - 1] if index > body and lines.prose(index - 1) else ""
    if _ENDS_WITH_DAY.search(sentence) or _CAPTION_CUE.search(sentence):
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
    elif above is None and below is not None and len(words(lines.text[below])) >= 5 and not lines.gaps[below]:
        caption = below
    if caption is not None:
        lines.set(caption, Role.CAPTION, "caption", lines.text[caption], credit_line)
        lines.set(index, Role.CHROME, "credit")


def _picture_and_story(lines: Lines, index: int, start: int, stop: int) -> bool:
    """Two different lines alone between blank ones, the second in Title Case: a related story and its picture."""
    if index != start or stop - start != 2 or not (lines.free(index) and lines.free(index + 1)):
        return False
    isolated = lines.gaps[index] and not lines.gaps[index + 1] and (stop == len(lines) or lines.gaps[stop])
    title = lines.text[index + 1]
    return isolated and len(words(title)) >= 6 and title_case(title) >= 0.7 and not is_list_item(lines.text[index])


# --- tail


def read_tail(lines: Lines, end: int) -> None:
    """Judge what follows the last sentence: sign-off, related stories, tags; a line that nothing speaks against is text."""
    commented = False
    for index in range(end, len(lines)):
        mark = lines.marks[index]
        if mark is not None:
            commented = commented or (mark.role is Role.COMMENTS and not mark.edge) or mark.role is Role.FOOTER
        elif commented:
            lines.set(index, Role.CHROME, "below-comments")
    free = [index for index in range(end, len(lines)) if lines.free(index)]
    for index in free:
        if _is_tag_list(lines, index):
            lines.set(index, Role.TAGS, "tag-list", lines.text[index])
    _related_list(lines, end)
    for index in range(end, len(lines)):
        chrome_before = any(lines.role(above) in _TAIL_CHROME for above in range(end, index))
        if lines.free(index) and chrome_before and len(words(lines.text[index])) <= 4:
            lines.set(index, Role.CHROME, "tail")


def _is_tag_list(lines: Lines, index: int) -> bool:
    """Three or more names parted by commas and nothing else: "airstrikes, offensive, army, Syria"."""
    line = lines.text[index]
    parts = [part.strip() for part in re.split("[,،]", line)]
    if is_list_item(line) or len(parts) < (2 if lines.role(index + 1) is Role.COMMENTS else 3):
        return False
    return len(line) < 300 and line[-1:] not in ".!?" and all(0 < len(part.split()) <= 5 for part in parts)


def _related_list(lines: Lines, end: int) -> None:
    """Headlines under the text, one a line, when tags, comments or bars come after them or there are several."""
    titles = [index for index in range(end, len(lines)) if lines.free(index) and _could_be_story(lines.text[index])]
    if not titles:
        return
    below = {lines.role(index) for index in range(titles[0], len(lines))}
    in_title_case = sum(title_case(lines.text[index]) >= 0.6 for index in titles)
    speaks_for = (
        bool(below & _TAIL_CHROME) if len(titles) > 1 or in_title_case else bool(below & {Role.TAGS, Role.COMMENTS})
    )
    if not speaks_for and (len(titles) < 2 or in_title_case < len(titles)):
        return
    for position, index in enumerate(titles):
        line = lines.text[index]
        if position == 0 and index == end and _unfinished(line) and not lines.role(end - 1):
            continue
        lines.set(index, Role.RELATED, "related-list", line)


def _could_be_story(line: str) -> bool:
    """Whether a line could be a headline in a list of them: no item of a list, no quotation, no small letter in front."""
    quoted = line[:1] in '"“«' and line[-1:] in '"”»'
    return is_title_like(line) and len(words(line)) >= 3 and not (is_list_item(line) or quoted or line[:1].islower())


def _unfinished(line: str) -> bool:
    """A last paragraph that lacks its full stop: many words, few capitals."""
    return len(words(line)) >= 14 and title_case(line) < 0.6


def take_all(lines: Lines, headline: int | None, start: int, found: Findings) -> tuple[list[str], list[Removed]]:
    """The text's lines, and the others with what they say read into `found`."""
    kept: list[str] = []
    removed: list[Removed] = []
    for index, (line, mark) in enumerate(zip(lines.text, lines.marks, strict=True)):
        found.open_image = index < start
        if index == headline:
            continue
        if mark is None:
            kept.append(line)
        else:
            removed.append(Removed(text=line, rule=mark.rule))
            take(mark, line, found)
    return kept, removed
