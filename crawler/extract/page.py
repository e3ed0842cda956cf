"""From bytes to a tree that is safe to search: decode, prune by a linear tokenizer, parse.

The limits answer measured attacks on lxml and trafilatura: one tag with 40,000 attributes takes libxml2 24 s (it is
quadratic), 5 MB of inline JSON takes trafilatura 3 s, an article below 253 nested divs is lost without a word.
"""

import re
from dataclasses import dataclass

import lxml.html
from lxml.etree import LxmlError
from lxml.html import HtmlElement

from crawler.extract.charset import decode

MAX_RAW = 20_000_000  # characters that are looked at: pages of 5 MB are mostly scripts
MAX_CHARACTERS = (
    4_000_000  # of markup that is kept; the longest real article page measured has 2.2 million, scripts and all
)
MAX_TAGS = 50_000
MAX_ATTRIBUTES = 200  # in one tag
MAX_TAG_LENGTH = 64_000  # characters of one tag; longer ones keep their name only
MAX_DEPTH = (
    150  # of elements that close explicitly; deeper ones are unwrapped. libxml2 gives up at 2048, trafilatura at 253
)
MAX_LINKED_DATA = 256_000  # characters of one JSON-LD script

# Elements whose content is no markup. Their text is dropped, JSON-LD apart.
_RAW_TEXT = re.compile(r"<(script|style|noembed|noframes|iframe|xmp)(?=[\s/>])", re.I)
# Tags in the common form go through in one step: at most fifty attributes of at most two thousand characters each.
_PLAIN_TAG = re.compile(
    r"</?[a-zA-Z][^\s/>\"'<=]*+"
    r"(?:\s++[^\s\"'<>/=]++(?:=(?:\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>=`]++))?+){0,50}+\s*+/?>"
)
_NAME = re.compile(r"</?([a-zA-Z][^\s/>\"'<=]{0,60})")
_ATTRIBUTE_NAME = re.compile(r"[\s/]*+[^\s/>=]++(?:\s*+=\s*+)?+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_JSON_LD = re.compile(r"application/ld\+json", re.I)

_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
# Elements that another start tag may close: their depth cannot be counted from the tags.
_CLOSES_ITSELF = frozenset(
    (
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "option",
        "optgroup",
        "rt",
        "rp",
        "html",
        "head",
        "body",
    )
)

# Control characters that no text holds; libxml2 stops reading at some of them.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF])


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A parsed page: its tree, the encoding it was read with, and its JSON-LD scripts as text."""

    tree: HtmlElement
    encoding: str
    linked_data: tuple[str, ...]


def read_page(html: bytes, content_type: str | None = None) -> Document | None:
    """Decode, prune and parse a page. None where no element is left."""
    text, encoding = decode(html, content_type)
    markup, linked_data = prune(text)
    tree = parse(markup)
    return None if tree is None else Document(tree=tree, encoding=encoding, linked_data=linked_data)


def prune(text: str) -> tuple[str, tuple[str, ...]]:
    """Markup without what no article needs, and the JSON-LD scripts taken out of it. Linear in the text's length.

    Dropped: comments, declarations, scripts and styles, attributes beyond the limits, tags deeper than `MAX_DEPTH`
    (what stands in them stays), everything after `MAX_TAGS` tags or `MAX_CHARACTERS`.
    """
    return _Pruner(text[:MAX_RAW].translate(_CONTROLS)).run()


def parse(markup: str) -> HtmlElement | None:
    """The tree of `markup`, or None where it holds no element."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


class _Pruner:
    """One pass over a page's tags. Each step reads forward from `position`; none looks back."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kept: list[str] = []
        self.linked_data: list[str] = []
        self.tags = 0  # kept
        self.room = MAX_CHARACTERS
        self.depth = 0
        self.unwrapped = 0  # open tags dropped because they were too deep, waiting for their end tags
        self.missing: set[str] = set()  # strings known not to occur any more: searched for once

    def run(self) -> tuple[str, tuple[str, ...]]:
        text, position = self.text, 0
        while self.tags < MAX_TAGS and self.room > 0:
            start = text.find("<", position)
            end = len(text) if start < 0 else start
            self.kept.append(text[position : min(end, position + self.room)])
            self.room -= end - position
            if start < 0:
                break
            position = self._step(start)
        return "".join(self.kept), tuple(self.linked_data)

    def _step(self, start: int) -> int:
        """Treat what begins with the "<" at `start`; return where to go on."""
        text = self.text
        following = text[start + 1 : start + 2]
        if following in "!?":
            return self._skip_declaration(start)
        raw = _RAW_TEXT.match(text, start)
        if raw is not None:
            return self._skip_raw(start, raw.group(1))
        name = _NAME.match(text, start)
        if name is None:
            self.kept.append("&lt;")
            return start + 1
        plain = _PLAIN_TAG.match(text, start)
        end, whole = (plain.end(), True) if plain else self._tag_end(start)
        self._keep_tag(name.group(1).lower(), text[start:end] if whole else f"{name.group(0)}>")
        return end

    def _keep_tag(self, name: str, tag: str) -> None:
        """Keep a tag, or drop it where it lies too deep."""
        counted = name not in _VOID and name not in _CLOSES_ITSELF and not tag.endswith("/>")
        if counted and tag.startswith("</"):
            if self.unwrapped:
                self.unwrapped -= 1
                self.kept.append(" ")
                return
            self.depth = max(0, self.depth - 1)
        elif counted and self.depth >= MAX_DEPTH:
            self.unwrapped += 1
            self.kept.append(" ")
            return
        elif counted:
            self.depth += 1
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
        end = self._find_folded(f"</{name}", opened)
        content_end = len(self.text) if end < 0 else end
        is_linked_data = name.lower() == "script" and _JSON_LD.search(self.text[start : min(opened, start + 2000)])
        if is_linked_data and content_end - opened <= MAX_LINKED_DATA:
            self.linked_data.append(self.text[opened:content_end])
        if end < 0:
            return len(self.text)
        close = self._find(">", end)
        return len(self.text) if close < 0 else close + 1

    def _find(self, needle: str, position: int) -> int:
        if needle in self.missing:
            return -1
        found = self.text.find(needle, position)
        if found < 0:
            self.missing.add(needle)
        return found

    def _find_folded(self, needle: str, position: int) -> int:
        """As `_find`, for an end tag in whatever case."""
        if needle in self.missing:
            return -1
        match = re.compile(re.escape(needle), re.I).search(self.text, position)
        if match is None:
            self.missing.add(needle)
            return -1
        return match.start()
