"""What is never text of an article, whatever the site: controls, drawings, and words that no reader of the page sees.

A page hides words from the eye in five ways: the `hidden` attribute, `aria-hidden`, an inline style that takes the
element away or clips it to nothing, and class names that frameworks reserve for text meant for screen readers only or
for the printer. "…composite index, opens new tab" is heard, not printed.
"""

import re
from collections.abc import Iterator
from itertools import dropwhile

from lxml.html import HtmlElement

from crawler.extract.elements import Elements, elements_of
from crawler.extract.remembered import remembered

_ALWAYS = frozenset(("svg", "template", "noscript", "select", "canvas"))  # sprites, copies, pleas to switch scripts on
_CONTROLS = frozenset(("button", "textarea", "input", "option", "object", "embed", "audio", "video", "map", "dialog"))
_PAGE = frozenset(("html", "head", "body"))
_MANY_WORDS = 60  # an element with as many is the page itself, or a text folded away until it is asked for
# "display:none", "visibility: hidden", "clip:rect(0 0 0 0)", "clip: rect(1px, 1px, 1px, 1px)", "clip-path:inset(50%)"
_UNSEEN_STYLE = re.compile(
    r"display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden|clip\s{0,4}:\s{0,4}rect\(\s{0,4}[01](?:px)?[\s,)]"
    r"|clip-path\s{0,4}:\s{0,4}inset\(\s{0,4}(?:50|100)%",
    re.I,
)
# Bootstrap, WordPress, GOV.UK, Drupal: "sr-only", "visually-hidden", "screen-reader-text", "visible-print-block"
_UNSEEN_CLASS = re.compile(
    r"(?<![\w-])(?:sr[-_]?only|(?:[\w-]{1,30}__)?visually[-_]?hidden|screen[-_]?reader(?:s|[-_]?(?:text|only))?|off-?screen"
    r"|assistive-text|a11y-(?:hidden|only|text)|element-invisible|visible-print(?:-(?:block|inline))?|print[-_]?only"
    # shown while the mouse is over a word: "tooltip-content", "rollover-people-block"
    r"|(?:tooltip|popover|hover-?card|rollover)[\w-]{0,20}?(?:block|content|text|inner|body|box|card))(?![\w-])",
    re.I,
)
_CLOSING = ",.;:!?…)]»”’،؛؟。，、"
_COUNT = re.compile(r"\(?\d{0,5}\)?")


def remove_furniture(tree: HtmlElement) -> None:
    """Drop what is never text from a page, in place; text behind a dropped element stays.

    Scripts and comments went before parsing. What holds `_MANY_WORDS` or more stays, drawings and fallbacks apart: a
    form may be the whole page (ASP.NET), a hidden box the second half of a story.
    """
    page = elements_of(tree)
    gone = {*tree.iter(*_ALWAYS), *_controls(tree), *_inner_titles(tree), *_unseen(page), *_counters(page)}
    for node in page.in_order(gone):
        drop(node)


def _controls(tree: HtmlElement) -> Iterator[HtmlElement]:
    for node in tree.iter("form", *_CONTROLS):
        if _is_short(node) and (node.tag != "form" or next(node.iter("h1"), None) is None):
            yield node


def _inner_titles(tree: HtmlElement) -> list[HtmlElement]:
    """The titles of drawings: all below the beginning of the body."""
    behind = dropwhile(lambda node: node.tag != "body", tree.iter("body", "title"))
    return [node for node in behind if node.tag == "title"]


def _unseen(page: Elements) -> Iterator[HtmlElement]:
    """What a page hides, the page itself apart: a style hides some until their script has run."""
    hiding = [nodes for value, nodes in page.valued("class").items() if _names_unseen(value)]
    hiding += page.valued("hidden").values()
    hiding += [nodes for value, nodes in page.valued("aria-hidden").items() if value == "true"]
    hiding += [nodes for value, nodes in page.valued("style").items() if _UNSEEN_STYLE.search(value)]
    for nodes in hiding:
        yield from (node for node in nodes if node.tag not in _PAGE and _is_short(node))


def _counters(page: Elements) -> Iterator[HtmlElement]:
    """The links to the comments that say how many there are: `<a class="comments_count">0</a>Troops …`."""
    for attribute in ("class", "id"):
        for value, nodes in page.valued(attribute).items():
            if "comment" in value.lower():
                yield from filter(_is_counter, nodes)


@remembered
def _names_unseen(name: str) -> bool:
    return _UNSEEN_CLASS.search(name) is not None


def _is_counter(node: HtmlElement) -> bool:
    """Whether an element is a link that holds a number and nothing else."""
    count = (node.text or "").strip() if node.tag == "a" and len(node) == 0 else ""
    return bool(count) and _COUNT.fullmatch(count) is not None


def _is_short(node: HtmlElement) -> bool:
    """Whether an element holds fewer than `_MANY_WORDS` words."""
    count = 0
    for text in node.itertext():
        count += len(text.split())
        if count >= _MANY_WORDS:
            return False
    return True


def drop(node: HtmlElement) -> None:
    """Take an element out of its tree and leave its tail where it was."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        between = "" if node.tail[0] in _CLOSING else " "
        previous = node.getprevious()
        if previous is not None:
            previous.tail = f"{previous.tail or ''}{between}{node.tail}"
        else:
            parent.text = f"{parent.text or ''}{between}{node.tail}"
    parent.remove(node)
