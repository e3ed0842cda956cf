"""From bytes to a tree that is safe to search: decode, prune by a linear tokenizer, parse.

The limits answer measured attacks on lxml and trafilatura: one tag with 40,000 attributes takes libxml2 24 s (it is
quadratic), 5 MB of inline JSON takes trafilatura 3 s, an article below 253 nested divs is lost without a word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from operator import sub

import lxml.html
from lxml import etree
from lxml.etree import LxmlError
from lxml.html import HtmlElement

from crawler.extract.charset import decode

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
_RAW_TEXT = re.compile(rf"<({'|'.join(sorted(_RAW_NAMES))})(?=[\s/>])", re.I)
_BODY_PIECE = re.compile(r"<(?:article|body|div|h1|main|p|section|table)[\s>]", re.I)
# Elements whose text is taken as it stands up to their end tag, which has to come then.
_ONLY_TEXT = frozenset(("title", "textarea"))
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
    return f"(?:{'|'.join(f'[{name[0]}{name[0].upper()}](?i:{name[1:]})' for name in sorted(names))})"


# Tags in the common form go through in one step: at most fifty attributes of at most two thousand characters each.
_PLAIN = (
    r"[a-zA-Z][^\s/>\"'<=]*+"
    r"(?:\s++[^\s\"'<>/=]++(?:=(?:\"[^\"<>]{0,2000}+\"|'[^'<>]{0,2000}+'|[^\s\"'<>=`]++))?+){0,50}+\s*+/?>"
)
_PLAIN_TAG = re.compile(f"</?{_PLAIN}")
# Text and plain tags that ask for no decision but the count of what they open and close, as many as follow each other.
_STRETCH = re.compile(
    rf"(?:[^<]++|<(?!{_any_case(_RAW_NAMES | _ONLY_TEXT | _CUT_OFF)}[\s/>]){_PLAIN}"
    rf"|</(?!{_any_case(_CUT_OFF | _ENDS)}[\s/>]){_PLAIN}){{1,4000}}+"
)
_TAG_NAMES = re.compile(r"<(/?[a-zA-Z][^\s/>]*+)[^<>]*+(?<!/)>")  # of plain tags that do not close themselves
_BALANCE = {"<": 1, "/": -1}  # of what opens, what closes
_LONGEST_NAME = 61  # characters
_NAME = re.compile(rf"</?([a-zA-Z][^\s/>\"'<=]{{0,{_LONGEST_NAME - 1}}})")
# Signs that begin no tag, by the thousand in one step: "<<<<", "< < <", "</</"
_NO_TAGS = re.compile(r"(?:</?(?![a-zA-Z!?/])\s*+){1,100000}+")
_ATTRIBUTE_NAME = re.compile(r"[\s/]*+[^\s/>=]++(?:\s*+=\s*+)?+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_JSON_LD = re.compile(r"application/ld\+json", re.I)

# Elements that hold no running text: links, controls, drawings, what is shown elsewhere or later.
_NO_CONTAINERS = frozenset(
    (
        *(
            "a",
            "button",
            "label",
            "fieldset",
            "legend",
            "select",
            "option",
            "object",
            "map",
            "canvas",
            "audio",
            "video",
        ),
        *("svg", "foreignobject", "g", "text", "math", "mtext", "mi", "annotation-xml", "template", "noscript"),
        *("frameset", "noframes", "details", "summary", "dialog", "ruby", "rt", "marquee", "caption", "figcaption"),
    )
)

# Control characters that no text holds; libxml2 stops reading at some of them.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]+")
_CONTROL_BYTES = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F))
# References to them: "&#3;", "&#x1F", "&#xFFFE;". libxml2 passes them on, and its own tree then refuses the text.
_CONTROL_REFERENCE = re.compile(
    r"&#(?:[xX]0{0,9}(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![0-9a-fA-F])"
    r"|0{0,9}(?:[0-8]|1[124-9]|2[0-9]|3[01]|6553[45])(?![0-9]));?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A parsed page: its tree, the encoding it was read with, its JSON-LD scripts as text, and its pruned markup."""

    tree: HtmlElement
    encoding: str
    linked_data: tuple[str, ...]
    markup: str

    def fresh_tree(self) -> HtmlElement:
        """The tree once more, whatever has been taken out of the first one since: a quarter of a whole reading."""
        tree = parse(self.markup)
        return _opened(tree) if tree is not None else self.tree


def read_page(html: bytes, content_type: str | None = None) -> Document | None:
    """Decode, prune and parse a page. None where no element is left."""
    text, encoding = decode(html, content_type)
    markup, linked_data = prune(text)
    tree = parse(markup)
    if tree is None:
        return None
    return Document(tree=_opened(tree), encoding=encoding, linked_data=linked_data, markup=markup)


def prune(text: str) -> tuple[str, tuple[str, ...]]:
    """Markup without what no article needs, and the JSON-LD scripts taken out of it. Linear in the text's length.

    Dropped: comments, declarations, scripts and styles, attributes beyond the limits, tags deeper than `MAX_DEPTH`
    (what stands in them stays), everything after `MAX_TAGS` tags or `MAX_CHARACTERS`.
    """
    text = text[:MAX_RAW]
    markup, linked_data = _pruned(text)
    if any(map(_has_controls, (markup, *linked_data))):  # looked for in what is kept, a third of a page or less
        return _pruned(_without_controls(text))
    return markup, linked_data


def _pruned(text: str) -> tuple[str, tuple[str, ...]]:
    try:
        return _Pruner(text).read()
    except _LimitReached:
        return _CarefulPruner(text).read()


def _has_controls(text: str) -> bool:
    raw = text.encode("utf-8", "replace")  # a byte table tells ten times as fast as an expression
    if len(raw.translate(None, _CONTROL_BYTES)) < len(raw) or "\ufffe" in text or "\uffff" in text:
        return True
    return "&#" in text and _CONTROL_REFERENCE.search(text) is not None


def _without_controls(text: str) -> str:
    return _CONTROL_REFERENCE.sub("", _CONTROLS.sub("", text))


def parse(markup: str) -> HtmlElement | None:
    """The tree of `markup`, or None where it holds no element."""
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    # One class for every element: lxml.html's own choice among six asks Python for each, each time it is met.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _opened(tree: HtmlElement) -> HtmlElement:
    """`tree` with a `div` for a link, a button, a drawing or the like that stands around half of its paragraphs.

    Nobody looks for text in such elements; where a whole page is in one, that is a mistake or meant to hide it.
    """
    paragraphs = list(tree.iter("p", "br"))
    quarters = [paragraphs[len(paragraphs) * part // 4] for part in (1, 2, 3)] if len(paragraphs) > 2 else []
    around = set.intersection(*(set(place.iterancestors()) for place in quarters)) if quarters else ()
    for element in around:
        if element.tag in _NO_CONTAINERS:
            element.tag = "div"
    return tree


@lru_cache(maxsize=1024)
def _sign(name: str) -> str:
    """What a tag does to the depth: "<" for "div", "/" for "/div", nothing for "br" and "/p"."""
    bare = name.lstrip("/").lower()[:_LONGEST_NAME]
    return "" if bare in _VOID or bare in _CLOSES_ITSELF else "/" if name[0] == "/" else "<"


def _deepest(signs: str) -> int:
    """How many elements are open at once at most. An end tag where none is open closes nothing, so that the depth is
    what opens less what closes, above the lowest that this was before."""
    balances = list(accumulate(map(_BALANCE.__getitem__, signs)))
    depths: Iterator[int] = map(sub, balances, accumulate((0, *balances), min))
    return max(0, max(depths, default=0))


class _LimitReached(Exception):
    """A page comes near one of the limits: its tags have to be counted one by one."""


class _Pruner:
    """One pass over a page's tags. Each step reads forward from `position`; none looks back.

    Plain tags are taken in long stretches. Where something might have to be dropped for a limit it gives up at the end
    (`_LimitReached`).
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.kept: list[str] = []
        self.linked_data: list[str] = []
        self.tags = 0  # kept
        self.room = MAX_CHARACTERS
        self.signs: list[str] = []  # of each tag whose depth counts: "<" opens, "/" closes
        self.missing: set[str] = set()  # strings known not to occur any more: searched for once
        self.next_end: dict[str, int] = {}  # where end tags looked for were found

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
        self.signs += map(_sign, _TAG_NAMES.findall(stretch[0]))
        return stretch.end()

    def _check_limits(self) -> None:
        """Whether every limit was kept far from; words between start tags are not looked for."""
        signs = "".join(self.signs)
        if self.tags >= MAX_TAGS or self.room <= 0 or _deepest(signs) > MAX_DEPTH or "<" * (MAX_RUN + 1) in signs:
            raise _LimitReached

    def _is_kept(self, _name: str, *, closes: bool) -> bool:
        """Whether a tag whose depth counts stays."""
        self.signs.append("/" if closes else "<")
        return True

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
        if name in _ONLY_TEXT and not closes and self._find_folded(f"</{name}", end) < 0:
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
        end = self._find_folded(f"</{name}", opened)
        content_end = len(self.text) if end < 0 else end
        is_linked_data = name.lower() == "script" and _JSON_LD.search(self.text[start : min(opened, start + 2000)])
        if is_linked_data and content_end - opened <= MAX_LINKED_DATA:
            self.linked_data.append(self.text[opened:content_end])
        if end < 0:
            return self._after_unclosed(opened) if name.lower() in {"script", "style"} else opened
        close = self._find(">", end)
        return len(self.text) if close < 0 else close + 1

    def _after_unclosed(self, opened: int) -> int:
        """Where markup goes on behind a script that never ends: what looks like the next piece of the page's body."""
        body = None if "body" in self.missing else _BODY_PIECE.search(self.text, opened)
        if body is None:
            self.missing.add("body")
            return len(self.text)
        return body.start()

    def _find(self, needle: str, position: int) -> int:
        if needle in self.missing:
            return -1
        found = self.text.find(needle, position)
        if found < 0:
            self.missing.add(needle)
        return found

    def _find_folded(self, needle: str, position: int) -> int:
        """As `_find`, for an end tag in whatever case; asked again before it, it is not looked for again."""
        if self.next_end.get(needle, -1) >= position:
            return self.next_end[needle]
        if needle in self.missing:
            return -1
        match = re.compile(re.escape(needle), re.I).search(self.text, position)
        if match is None:
            self.missing.add(needle)
            return -1
        self.next_end[needle] = match.start()
        return match.start()


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
