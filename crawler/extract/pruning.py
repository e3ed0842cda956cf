"""Pruning: a page's markup without what no article needs, within limits on what a parser is given.

The limits answer measured attacks on lxml and trafilatura: one tag with 40,000 attributes takes libxml2 24 s (it is
quadratic), 5 MB of inline JSON takes trafilatura 3 s, an article below 253 nested divs is lost without a word.
"""

import re
from collections.abc import Iterable
from itertools import groupby

MAX_RAW = 20_000_000  # characters that are looked at: pages of 5 MB are mostly scripts
MAX_CHARACTERS = (
    4_000_000  # of markup that is kept; the longest real article page measured has 2.2 million, scripts and all
)
MAX_TAGS = 25_000  # start and end tags; real pages have up to 6,000
MAX_ATTRIBUTES = 200  # in one tag
MAX_TAG_LENGTH = 64_000  # characters of one tag; longer ones keep their name only
MAX_DEPTH = (
    150  # of elements that close explicitly; deeper ones are unwrapped. libxml2 gives up at 2048, trafilatura at 253
)
MAX_RUN = 40  # elements that open with no word between; real pages have up to 20
MAX_LINKED_DATA = 256_000  # characters of one JSON-LD script

# Elements whose content is no markup. Their text is dropped, JSON-LD apart.
_RAW_NAMES = frozenset(("script", "style", "noembed", "noframes", "iframe", "xmp"))
_RAW_TEXT = re.compile(rf"<({'|'.join(sorted(_RAW_NAMES))})(?=[\s/>])", re.I | re.A)
_BODY_PIECE = re.compile(r"<(?:article|body|div|h1|main|p|section|table)[\s>]", re.I)
# Elements whose text is taken as it stands up to their end tag, which has to come then.
_ONLY_TEXT = frozenset(("title", "textarea"))
_END_TAGS = {name: re.compile(f"</{name}", re.I | re.A) for name in _RAW_NAMES | _ONLY_TEXT}
# Tags that take everything behind them out of the page's body.
_CUT_OFF = frozenset(("plaintext", "frameset", "frame"))
_ENDS = frozenset(("body", "html"))  # their end tags stand in the midst of some pages; the page's end says it all
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
# Elements that another start tag may close: their depth cannot be counted from the tags.
_CLOSES_ITSELF = frozenset(
    (
        *("p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup", "rt", "rp"),
        *("html", "head", "body"),
    )
)


def _any_case(names: Iterable[str]) -> str:
    """An expression for names in any case; by their first letter, so that the engine passes others over at once."""
    by_letter = groupby(sorted(names), key=lambda name: name[0])
    return "|".join(
        f"[{letter}{letter.upper()}](?i:{'|'.join(name[1:] for name in group)})" for letter, group in by_letter
    )


# Tags in the common form go through in one step: at most fifty attributes of at most two thousand characters each.
_PLAIN = (
    r"[a-zA-Z][^\s/>\"'<=]*+"
    r"(?:>|(?:\s++[^\s\"'<>/=]++(?:=(?:\"[^\"]{0,2000}+\"|'[^']{0,2000}+'|[^\s\"'<>=`]++))?+){0,50}+\s*+/?>)"
)
_PLAIN_TAG = re.compile(f"</?{_PLAIN}")
# Text and plain tags that ask for no decision, as many as follow each other.
_STRETCH = re.compile(
    rf"(?:[^<]++|</(?!(?:{_any_case(_CUT_OFF | _ENDS)})[\s/>]){_PLAIN}"
    rf"|<(?!(?:{_any_case(_RAW_NAMES | _ONLY_TEXT | _CUT_OFF)})[\s/>]){_PLAIN}){{1,4000}}+"
)
_LONGEST_NAME = 61  # characters
_NAME = re.compile(rf"</?([a-zA-Z][^\s/>\"'<=]{{0,{_LONGEST_NAME - 1}}})")
# Signs that begin no tag, by the thousand in one step: "<<<<", "< < <", "</</"
_NO_TAGS = re.compile(r"(?:</?(?![a-zA-Z!?/])\s*+){1,100000}+")
_ATTRIBUTE_NAME = re.compile(r"[\s/]*+[^\s/>=]++(?:\s*+=\s*+)?+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_JSON_LD = re.compile(r"application/ld\+json", re.I)

# Control characters that no text holds; libxml2 stops reading at some of them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]+")
_CONTROL_BYTES = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
# References to them: "&#3;", "&#x1F", "&#xFFFE;". libxml2 passes them on, and its own tree then refuses the text.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:[xX]0{0,9}(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F])"
    r"|0{0,9}(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?"
)


def prune(text: str, *, carefully: bool = False) -> tuple[str, tuple[str, ...]]:
    """Markup without what no article needs, and the JSON-LD scripts taken out of it. Linear in the text's length.

    Dropped: comments, declarations, scripts and styles, attributes beyond the limits, everything after `MAX_TAGS` tags
    or `MAX_CHARACTERS`; `carefully`, tags deeper than `MAX_DEPTH`, too (what stands in them stays).
    """
    text = text[:MAX_RAW]
    markup, linked_data = _pruned(text, carefully=carefully)
    if any(map(_has_controls, (markup, *linked_data))):  # looked for in what is kept, a third of a page or less
        return _pruned(_without_controls(text), carefully=carefully)
    return markup, linked_data


def _pruned(text: str, *, carefully: bool) -> tuple[str, tuple[str, ...]]:
    if not carefully:
        try:
            return _Pruner(text).read()
        except _LimitReached:
            pass
    return _CarefulPruner(text).read()


def _has_controls(text: str) -> bool:
    raw = text.encode("utf-8", "replace")  # a byte table tells ten times as fast as an expression
    if len(raw.translate(None, _CONTROL_BYTES)) < len(raw) or "\ufffe" in text or "\uffff" in text:
        return True
    return "&#" in text and _CONTROL_REFERENCE.search(text) is not None


def _without_controls(text: str) -> str:
    return _CONTROL_REFERENCE.sub("", _CONTROLS.sub("", text))


class _LimitReached(Exception):
    """A page has too much markup: its tags have to be counted one by one."""


class _Pruner:
    """One pass over a page's tags. Each step reads forward from `position`; none looks back.

    Plain tags are taken in long stretches, and the depth of none is known. Where something has to be dropped for a
    limit it gives up at the end (`_LimitReached`).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.kept: list[str] = []
        self.linked_data: list[str] = []
        self.tags = 0  # kept
        self.room = MAX_CHARACTERS
        self.found: dict[str, int] = {}  # where strings looked for stand next, -1: no more
        self.is_bodiless = False  # no piece of a body comes any more

    def read(self) -> tuple[str, tuple[str, ...]]:
        position = 0
        while self.tags < MAX_TAGS and self.room > 0 and position < len(self.text):
            position = self._pass_text(position)
            if self.text.startswith("<", position):
                position = self._step(position)
        self._check_limits()
        return "".join(self.kept), tuple(self.linked_data)

    def _pass_text(self, position: int) -> int:
        """Keep text and plain tags as far as they go; return where what asks for a decision begins."""
        stretch = _STRETCH.match(self.text, position)
        if stretch is None:
            return position
        self.kept.append(stretch[0])
        self.room -= len(stretch[0])
        self.tags += stretch[0].count("<")
        return stretch.end()

    def _check_limits(self) -> None:
        """Whether the limits on tags and characters were kept."""
        if self.tags >= MAX_TAGS or self.room <= 0:
            raise _LimitReached

    def _is_kept(self, _name: str, *, closes: bool) -> bool:  # noqa: ARG002 - closes: whether it is an end tag
        """Whether a tag whose depth counts stays."""
        return True

    def _step(self, start: int) -> int:
        """Treat what begins with the "<" at `start`; return where to go on."""
        text = self.text
        following = text[start + 1 : start + 2]
        if following in "!?":
            return self._skip_declaration(start)
        raw = _RAW_TEXT.match(text, start)
        if raw is not None:
            return self._skip_raw(start, raw.group(1).lower())
        name = _NAME.match(text, start)
        if name is None:
            signs = _NO_TAGS.match(text, start)
            self.kept.append(signs[0].replace("<", "&lt;") if signs else "&lt;")
            self.room -= 1
            return signs.end() if signs else start + 1
        plain = _PLAIN_TAG.match(text, start)
        end, whole = (plain.end(), True) if plain else self._tag_end(start)
        self._keep_tag(name.group(1).lower(), text[start:end] if whole else f"{name.group(0)}>", end)
        return end

    def _keep_tag(self, name: str, tag: str, end: int) -> None:
        """Keep a tag, or drop it where it lies too deep."""
        closes = tag.startswith("</")
        if name in _CUT_OFF or (closes and name in _ENDS):
            return
        if name in _ONLY_TEXT and not closes and self._find_end(name, end) < 0:
            return
        counted = name not in _VOID and name not in _CLOSES_ITSELF and not tag.endswith("/>")
        if counted and not self._is_kept(name, closes=closes):
            self.kept.append(" ")
            return
        self.tags += 1
        self.room -= len(tag)
        self.kept.append(tag)

    def _tag_end(self, start: int) -> tuple[int, bool]:
        """Where the tag at `start` ends, and whether it may be kept as it stands."""
        text = self.text
        name = _NAME.match(text, start)
        position = name.end() if name else start + 1
        attributes = 0
        while True:
            match = _ATTRIBUTE_NAME.match(text, position)
            if match is None:
                break
            attributes += 1
            position = self._value_end(match)
        close = self._find(">", position)
        end = len(text) if close < 0 else close + 1
        return end, attributes <= MAX_ATTRIBUTES and end - start <= MAX_TAG_LENGTH and close >= 0

    def _value_end(self, name: re.Match[str]) -> int:
        """Where the value of an attribute ends whose name, with its "=", is `name`."""
        position = name.end()
        if not name.group().rstrip().endswith("="):
            return position
        quote = self.text[position : position + 1]
        if quote and quote in "\"'":
            end = self._find(quote, position + 1)
            if end >= 0:
                return end + 1
        unquoted = _UNQUOTED.match(self.text, position)
        return unquoted.end() if unquoted else position

    def _skip_declaration(self, start: int) -> int:
        """Pass over a comment, doctype, CDATA section or processing instruction.

        A comment that never ends is no comment: only its opening is dropped, so that the text behind it stays.
        """
        opening, closing = ("<!--", "-->") if self.text.startswith("<!--", start) else ("<", ">")
        # "<!-->" and "<!--->" are empty comments
        end = self._find(closing, start + len(opening) - (2 if closing == "-->" else 0))
        return start + len(opening) if end < 0 else end + len(closing)

    def _skip_raw(self, start: int, name: str) -> int:
        """Pass over a script or style; keep JSON-LD aside."""
        opened, _ = self._tag_end(start)
        end = self._find_end(name, opened)
        content_end = len(self.text) if end < 0 else end
        is_linked_data = name == "script" and _JSON_LD.search(self.text[start : min(opened, start + 2000)])
        if is_linked_data and content_end - opened <= MAX_LINKED_DATA:
            self.linked_data.append(self.text[opened:content_end])
        if end < 0:
            return self._after_unclosed(opened) if name in {"script", "style"} else opened
        close = self._find(">", end)
        return len(self.text) if close < 0 else close + 1

    def _after_unclosed(self, opened: int) -> int:
        """Where markup goes on behind a script that never ends: what looks like the next piece of the page's body."""
        body = None if self.is_bodiless else _BODY_PIECE.search(self.text, opened)
        self.is_bodiless = body is None
        return len(self.text) if body is None else body.start()

    def _find(self, needle: str, position: int) -> int:
        """Where `needle` stands next, -1: nowhere. Asked again before that place, it is not looked for again."""
        found = self.found.get(needle, 0)
        if 0 <= found < position or not found:
            found = self.found[needle] = self.text.find(needle, position)
        return found

    def _find_end(self, name: str, position: int) -> int:
        """As `_find`, for the end tag of an element whose content is no markup."""
        found = self.found.get(name, 0)
        if 0 <= found < position or not found:
            match = _END_TAGS[name].search(self.text, position)
            found = self.found[name] = match.start() if match is not None else -1
        return found


class _CarefulPruner(_Pruner):
    """The same, tag by tag: what is too deep or too much is dropped."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0
        self.run = 0  # start tags since the last text or end tag
        self.open: dict[str, list[bool]] = {}  # of each name the elements that are open: kept, or dropped as too deep

    def _pass_text(self, position: int) -> int:
        start = self.text.find("<", position)
        end = len(self.text) if start < 0 else start
        between = self.text[position : min(end, position + self.room)]
        self.kept.append(between)
        self.room -= len(between)
        if self.run and between and not between.isspace():
            self.run = 0
        return end

    def _check_limits(self) -> None:
        """They were kept on the way."""

    def _is_kept(self, name: str, *, closes: bool) -> bool:
        """Whether a tag stays: an end tag where its start tag did, a start tag where the tree is not yet too deep.

        Of elements that open one right in the other the outer ones go: hundreds around a page must not cost the page's
        own structure its room.
        """
        if closes:
            self.run = 0
            kept = not self.open.get(name) or self.open[name].pop()
            self.depth = max(0, self.depth - kept)
            return kept
        self.run += 1
        kept = self.run <= MAX_RUN and self.depth < MAX_DEPTH
        self.open.setdefault(name, []).append(kept)
        self.depth += kept
        return kept
