"""Above the text: the headline among navigation, clocks and captions, and what stands under it."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from crawler.extract.byline import is_person
from crawler.extract.lines import is_list_item, is_quoted, is_title_like, same, stems, title_case, words
from crawler.extract.residue_rules import Role
from crawler.extract.topics import section_from_url
from crawler.extract.zones import CAPTION_CUE, ENDS_WITH_DAY, Lines
from crawler.publisher import Publisher

_HEAD_LINES = 400  # a page's navigation may hold as many
# "Damascus - Arab Today" · "دمشق ـ نور خوام" · "العالم - سوريا"
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][\w .'’]{1,30}?)(?:\s[-–—ـ]\s?|[-–—ـ]\s|[–—ـ])(?P<name>[^\W\d_][\w .'’]{1,40})"
    r"|(?P<town>[A-Z][A-Z .'’-]{2,30}), [A-Z][a-z][\w .'’]{2,30}"  # "KABUL, Afghanistan"
)
_STRUCTURE = frozenset(
    {Role.SHORT_URL, Role.PUBLISHED, Role.MODIFIED, Role.SECTION, Role.BYLINE, Role.DATELINE, Role.CREDIT}
)


def find_headline(lines: Lines, url: str | None, publisher: Publisher | None) -> int | None:
    """The headline's index: the line above the text that the address, its repetition and its neighbours speak for."""
    proses = [index for index in range(len(lines)) if lines.prose(index)]
    first = proses[0] if proses else len(lines)
    slug = slug_stems(url)
    body = stems(" ".join(lines.text[index] for index in proses[:3])[:1500])
    own_names = tuple(name.casefold() for name in publisher.self_names) if publisher else ()
    best: tuple[float, int] | None = None
    for index in range(min(len(lines), _HEAD_LINES)):
        line = lines.text[index]
        asked = index == first and _asks(lines, index)
        if not lines.free(index) or (lines.prose(index) and not asked) or not (is_title_like(line) or asked):
            continue
        if index > first and not _stands_over_text(lines, index, proses, slug):
            continue
        score = _headline_score(lines, index, slug, body) - (0.5 if line.casefold().startswith(own_names) else 0.0)
        score -= 0.5 if asked else 0.0
        if best is None or score > best[0] + 1e-9:
            best = (score, index)
    if best is None or best[0] < 0.8:
        return None
    shared = len(stems(lines.text[best[1]]) & slug) / len(slug) if slug else 1.0
    if publisher is not None and publisher.headline_in_slug and len(slug) >= 4 and shared < 0.3:
        return None  # these addresses hold the headline, perhaps cut
    longer = [index for index in range(best[1] + 1, min(best[1] + 15, first)) if _continues(lines, index, best[1])]
    best = (best[0], longer[0]) if longer else best
    until = min(max(first, best[1] + 1), best[1] + 40)
    again = [index for index in range(best[1], until) if same(lines.text[index], lines.text[best[1]])]
    return again[-1]  # the last one stands over the text; the page's title may be printed above


def _asks(lines: Lines, index: int) -> bool:
    """A question, a call or a line ending in "U.S." beside bars and times: a headline that reads as a sentence."""
    line = lines.text[index]
    ends = line[-1:] in "?!؟" or re.search(r"\b[A-Z]\.[A-Z]\.$", line) is not None
    beside = {lines.role(index + step) for step in (-1, 1, 2)} & _STRUCTURE
    return ends and len(words(line)) <= 20 and bool(beside) and lines.role(index - 1) is not Role.CREDIT


def _continues(lines: Lines, index: int, cut: int) -> bool:
    """Whether a line is the headline of which a breadcrumb shows the beginning."""
    line, beginning = lines.text[index], lines.text[cut]
    begins = line.casefold().startswith(beginning.casefold().rstrip(" .…"))
    return lines.free(index) and len(line) > len(beginning) and begins


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
    if lines.role(index + 1) is Role.CREDIT and Role.SHORT_URL in {lines.role(index + step) for step in (2, 3, 4)}:
        score += 1.0  # Sputnik prints the picture's credit between headline and rubric, its caption above the headline
    if CAPTION_CUE.search(line) or ENDS_WITH_DAY.search(line):
        score -= 0.8
    return score + 0.3 * title_case(line)


def _stands_over_text(lines: Lines, index: int, proses: Sequence[int], slug: frozenset[str]) -> bool:
    """A line below running text is the headline only if bars and times follow it, and the story after them.

    One sentence above is the lead picture's caption; more are notices (cookies), and then the address has to agree.
    """
    follows = any(lines.role(index + step) in _STRUCTURE - {Role.CREDIT} for step in range(1, 6))
    above = [len(lines.text[prose]) for prose in proses if prose < index]
    below = [len(lines.text[prose]) for prose in proses if prose > index]
    named = len(slug) >= 3 and len(stems(lines.text[index]) & slug) >= 0.6 * len(slug)
    if follows:
        return bool(below) and (len(above) == 1 or named)
    return named and sum(above) < 0.5 * sum(below)


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
        _caption_above(lines, headline, publisher)
        _void_above(lines, headline)
    index = _text_start(lines, start, headline, publisher)
    for above in range(min(start, index)):
        if lines.free(above) and above != headline:
            lines.set(above, Role.CHROME, "above-headline")
    return index


def _text_start(lines: Lines, start: int, headline: int | None, publisher: Publisher | None) -> int:
    """The first line of running text from `start` on; those before it are judged."""
    index = start
    while index < len(lines):
        line = lines.text[index]
        if _author_note(lines, index, start):
            lines.set(index, Role.CHROME, "author-note")
        elif lines.prose(index) and not _caption_below_headline(lines, index, headline):
            break
        if lines.free(index) and _lede_without_stop(lines, index, headline):
            if lines.prose(index + 1):
                break
        elif lines.free(index) and headline is not None and (is_list_item(line) or is_quoted(line)):
            break
        elif lines.free(index):
            _judge_head_line(lines, index, headline, publisher)
        index += 1
    return start if index == len(lines) else index  # no running text at all: what was unmarked stays


def _author_note(lines: Lines, index: int, start: int) -> bool:
    """A sentence on the writer between byline and time: "Ana Vorsk is a freelance journalist …"."""
    if not lines.prose(index):
        return False
    near = range(max(start, index - 5), index)
    marks = (lines.marks[above] for above in near if lines.role(above) is Role.BYLINE)
    names = tuple(mark.value for mark in marks if mark is not None and mark.value)
    below = {lines.role(index + step) for step in (1, 2, 3)}
    return lines.text[index].startswith(names) and bool(below & {Role.PUBLISHED, Role.SHORT_URL})


def _void_above(lines: Lines, headline: int) -> None:
    """What is above the headline belongs to the page, not to the story: times only where none is below, no names."""
    below = range(headline + 1, min(len(lines), headline + 12))
    timed = any(lines.role(index) in {Role.PUBLISHED, Role.MODIFIED} for index in below)
    void = {Role.BYLINE, Role.WIRE, Role.TAGS, Role.RELATED, Role.PROMO, Role.STAMP, Role.DATELINE}
    void |= {Role.PUBLISHED, Role.MODIFIED} if timed else set()
    for index in range(headline):
        if lines.role(index) in void:
            lines.set(index, Role.CHROME, "above-headline")


def _mark_rubric(lines: Lines, start: int, url: str | None, publisher: Publisher | None) -> None:
    """The section's name: as the address or the publisher's names have it, or the short line over "Get short URL"."""
    segments = {re.sub(r"[\W_]", "", part).casefold() for part in urlsplit(url or "").path.split("/")[:-1] if part}
    named = (section_from_url(url, publisher) or "").casefold() if url else ""
    stop = next((index for index in range(start, len(lines)) if lines.prose(index)), len(lines))
    over_bar = _over_short_url(lines, start, stop)
    for index in range(stop):
        if not lines.free(index) or index == start - 1:
            continue
        line = lines.text[index]
        known = line.casefold() == named or re.sub(r"[\W_]", "", line).casefold() in segments
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


def _caption_above(lines: Lines, headline: int, publisher: Publisher | None) -> None:
    """Sputnik prints the lead picture's caption over the headline; a ticker of many lines is none."""
    free = [index for index in range(headline) if lines.free(index)]
    if not free or (len(free) > 3 and (free[-1] != headline - 1 or _in_ticker(lines, headline - 1))):
        return
    line = lines.text[free[-1]]
    story = stems(" ".join(lines.text[headline : headline + 8])[:2000])
    shared = stems(line) & story
    speaks_of_it = len(words(line)) >= 8 or CAPTION_CUE.search(line) or (shared and len(words(line)) >= 4)
    named = bool(shared) and stems(line) <= stems(lines.text[headline])  # "Palmyra Citadel"
    plain = (
        free[-1] == headline - 1 and re.search(r"\s[a-zа-я]", line) is not None
    )  # "A girl with a jug"; menus have capitals
    if Role.CAPTION in lines.roles(headline + 1, headline + 6):
        return  # the new engine's blurb of a topic stands there; the picture is below
    title = lines.text[headline]
    beginning = title.casefold().startswith(line.casefold())  # the page's title, cut or as the address has it
    if (speaks_of_it or named or plain) and not beginning and not _site_and_headline(line, title, publisher):
        lines.set(free[-1], Role.CAPTION, "caption", line)


def _in_ticker(lines: Lines, index: int) -> bool:
    """Whether the line above is of the same kind: one headline of many."""
    return lines.free(index - 1) and len(words(lines.text[index - 1])) >= 4


def _caption_below_headline(lines: Lines, index: int, headline: int | None) -> bool:
    """A sentence in the head is a caption when a credit follows it, or it repeats, and text comes after."""
    line = lines.text[index]
    text_after = any(lines.prose(later) for later in range(index + 1, min(len(lines), index + 10)))
    followed = lines.role(index + 1) is Role.CREDIT or lines.text[index + 1 : index + 2] == ["©"]
    above = lines.marks[index - 1] if index else None
    followed = followed or (lines.role(index + 1) is Role.SHARE and ENDS_WITH_DAY.search(line) is not None)
    credited = above is not None and (above.role is Role.CREDIT or above.rule == "doubled")
    followed = followed or (credited and ENDS_WITH_DAY.search(line) is not None)
    repeated = index + 1 < len(lines) and same(line, lines.text[index + 1])
    if headline is None and not (ENDS_WITH_DAY.search(line) or CAPTION_CUE.search(line)):
        followed = False
    if text_after and (followed or repeated or (CAPTION_CUE.search(line) is not None and len(line) < 300)):
        lines.set(index, Role.CAPTION, "caption", line)
        if repeated:
            lines.set(index + 1, Role.CHROME, "doubled")
        return True
    return False


def _lede_without_stop(lines: Lines, index: int, headline: int | None) -> bool:
    """A long line right over the text that only lacks its full stop is the lede, unless it looks like a caption."""
    line = lines.text[index]
    under_place = lines.role(index - 1) is Role.DATELINE and len(words(line)) >= 5 and title_case(line) < 0.5
    if headline is None:  # text that begins at once
        return index == 0 and len(words(line)) >= 6 and title_case(line) < 0.5 and lines.prose(1)
    if same(line, lines.text[headline]) or title_case(line) > 0.7:
        return False
    if len(words(line)) < 14 and not under_place:
        return False
    if CAPTION_CUE.search(line) or ENDS_WITH_DAY.search(line) or lines.role(index + 1) is Role.CREDIT:
        return False
    following = next((later for later in range(index + 1, len(lines)) if lines.free(later)), None)
    above_text = following is not None and lines.prose(following) and not same(line, lines.text[following])
    return above_text or index == headline + 1


def _judge_head_line(lines: Lines, index: int, headline: int | None, publisher: Publisher | None) -> None:
    line = lines.text[index]
    if headline is not None and (
        same(line, lines.text[headline]) or _site_and_headline(line, lines.text[headline], publisher)
    ):
        lines.set(index, Role.CHROME, "headline-again")
        return
    match = _DATELINE.fullmatch(line)
    below = headline is not None and index > headline
    pictured = lines.role(index + 1) is Role.CREDIT
    if (
        below and not pictured and ((match and len(words(line)) <= 7) or (line.isupper() and len(words(line)) <= 3))
    ):  # "ISTANBUL"
        name_over_place = (
            line.isupper() and lines.free(index + 1) and lines.text[index + 1].isupper() and is_person(line)
        )
        lines.set(index, Role.BYLINE if name_over_place else Role.DATELINE, "dateline", line)
        return
    if re.search(r"\(\d{1,4}\)$", line):
        lines.set(index, Role.CHROME, "topic")  # "Battle for Tarsk (112)": a topic and its number of stories
    elif below and lines.role(index + 1) in {Role.PUBLISHED, Role.MODIFIED} and is_person(line):
        lines.set(index, Role.BYLINE, "byline", line)
    elif below and (pictured or _above_place(lines, index) or _speaks_of_story(lines, index, headline or 0)):
        lines.set(index, Role.CAPTION, "caption", line)
    else:
        lines.set(index, Role.CHROME, "head")


def _above_place(lines: Lines, index: int) -> bool:
    """The picture's caption over place and reporter: "طائرات حربية" / "دمشق ـ نور خوام"."""
    return (
        len(words(lines.text[index])) >= 2
        and lines.free(index + 1)
        and bool(_DATELINE.fullmatch(lines.text[index + 1]))
    )


def _speaks_of_story(lines: Lines, index: int, headline: int) -> bool:
    """A line of a few words under the headline is a caption when the story shares a word with it."""
    line = lines.text[index]
    if len(words(line)) >= 4:
        return True
    story = stems(" ".join(text for text in lines.text[headline : index + 12] if text != line)[:3000])
    return len(words(line)) >= 2 and bool(stems(line) & story)


def _site_and_headline(line: str, headline: str, publisher: Publisher | None) -> bool:
    """A picture's alt text: "Arab Today, arab today Syrian army …", "العرب اليوم - …"."""
    if not line.casefold().endswith(headline.casefold()):
        return False
    before = line[: -len(headline)].strip(" -–—ـ|:،,")
    own = [name.casefold() for name in publisher.self_names] if publisher else []
    parts = {part.strip().casefold() for part in re.split("[,،]", before)}
    twice = len(parts) == 1 and re.search("[,،]", before) is not None  # "Lebanon Today, lebanon today"
    return not before or twice or any(name in before.casefold() for name in own) or len(words(before)) <= 4
