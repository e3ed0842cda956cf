"""The article of a page that the full extraction cannot read: one pass over its tags, no tree, no library's guesses.

A page that takes a worker down, by time or by memory, or that breaks a parser, is read again here, in a fresh worker.
What comes out is coarser (running text below the headline, the head's own claims), but a page with text never ends as
nothing. The time is linear in the page's length, and everything that grows with it is capped.
"""

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement, builder

from archive.model import Article
from crawler.enrich import language as languages
from crawler.extract.charset import decode
from crawler.extract.headline import find_headline
from crawler.extract.metadata import LinkedData, read_meta
from crawler.extract.prose import LINKY, SHORT, ends_well, letters, size
from crawler.extract.select import BLOCKS, clean
from crawler.extract.times import find_times
from crawler.publisher import Publisher
from crawler.urls import canonical_url, registrable_domain

MAX_CHARACTERS = 16_000_000  # of markup that is looked at
MAX_STEPS = 400_000  # tags and comments that are looked at; a second of work
MAX_TEXT = 200_000  # characters of the article; a book's chapter
MAX_META = 100  # meta tags that are read
MAX_HEADINGS = 5
MAX_BLOCK = 20_000  # characters of one paragraph

# Where a tag or comment begins; a "<" before anything else is text. Its attributes end at the next "<" at the latest.
_BEGIN = re.compile(r"<(?:!--|(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?=[\s/><])([^<>]{0,4000})>?)")
_RAW_TEXT = frozenset(("script", "style", "svg", "noscript", "textarea", "select", "iframe"))
# What XML, and so the small tree of the head, cannot hold (XML 1.0, production 2)
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# name="content", content='…', content=… of a meta tag
_ATTRIBUTE = re.compile(
    r"""([a-zA-Z:-]{1,20})\s{0,5}=\s{0,5}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000}))"""
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block's text, the tag it stands in, and the share of it inside links."""

    tag: str
    text: str
    linked: float


def extract_plainly(
    html: bytes,
    url: str,
    *,
    content_type: str | None = None,
    captured_at: datetime | None = None,
    publisher: Publisher | None = None,
    reason: str,
) -> Article:
    """The article of a page that broke `extract`: its running text, headline, times and language.

    Arguments as of `crawler.extract.extract`; `reason`, what went wrong there, goes to `provenance["failed"]`.
    """
    head, pieces = _scan(decode(html[:MAX_CHARACTERS], content_type)[0])
    meta = read_meta(head)
    names = tuple(filter(None, (publisher.name if publisher else None, meta.first("og:site_name"))))
    headline = find_headline(head, None, LinkedData(), meta, names=names, url=url)
    paragraphs = _running(pieces, letters(headline[0]) if headline else "")
    text = "\n\n".join(paragraphs)
    times = find_times(
        head, url, layout=None, data=LinkedData(), meta=meta, publisher=publisher, captured_at=captured_at
    )
    spoken = languages.detect(text, expected=publisher.languages if publisher is not None else ())
    rules = {"failed": reason}
    if text:
        rules["text"] = "plain"
    if headline:
        rules["headline"] = headline[1]
    if spoken.code:
        rules["language"] = spoken.rule
    if times.published is not None:
        rules |= {"published_at": times.published.rule, "published_at_zone": times.published.time.zone}
    return Article(
        url=url,
        canonical_url=canonical_url(url, publisher),
        publisher=publisher.name if publisher is not None else registrable_domain(url) or None,
        headline=headline[0] if headline else None,
        text=text,
        paragraphs=paragraphs,
        published_at=times.published.time.at if times.published is not None else None,
        language=spoken.code,
        provenance=rules,
    )


def _running(pieces: list[_Piece], headline: str) -> tuple[str, ...]:
    """The running text below the headline; where the page has none, whatever is not mostly links."""
    bare = [letters(piece.text) for piece in pieces]
    start = next((place for place, text in enumerate(bare) if headline and text == headline), -1) + 1
    own_words = [piece for piece in pieces[start:] if piece.linked < LINKY] or pieces
    for least in (SHORT, SHORT // 4):
        running = [piece.text for piece in own_words if size(piece.text) >= least and ends_well(piece.text)]
        if running:
            return tuple(dict.fromkeys(running))
    return tuple(dict.fromkeys(piece.text for piece in own_words))


def _scan(markup: str) -> tuple[HtmlElement, list[_Piece]]:
    """The page's title, meta tags and first headings as a small tree, and the text of its blocks."""
    title = ""
    metas: list[HtmlElement] = []
    headings: list[HtmlElement] = []
    pieces: list[_Piece] = []
    room = MAX_TEXT * 5  # most of a page's text is not its article
    for tag, attributes, text, linked in _blocks(markup):
        if tag == "meta" and len(metas) < MAX_META:
            found = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(attributes)}
            metas.append(builder.META({k: v for k, v in found.items() if k in {"name", "property", "content"}}))
        elif tag == "title":
            title = title or text
        elif text and room > 0:
            room -= len(text)
            pieces.append(_Piece(tag=tag, text=text, linked=linked))
            if tag == "h1" and len(headings) < MAX_HEADINGS:
                headings.append(builder.H1(text))
    head: HtmlElement = builder.HTML(builder.HEAD(builder.TITLE(title), *metas), builder.BODY(*headings))
    return head, pieces


def _blocks(markup: str) -> Iterator[tuple[str, str, str, float]]:
    """Each meta tag with its attributes, and each block: its tag, nothing, its text and the share of links in it."""
    reader = _Reader(markup)
    while (step := reader.step()) is not None:
        yield from step
    yield reader.close()


class _Reader:
    """One pass over the markup; each step reads forward from `position`."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.position = 0
        self.steps = 0
        self.tag = ""
        self.held: list[str] = []
        self.linked = 0
        self.in_link = False
        self.missing: set[str] = set()  # end tags that do not occur any more: looked for once

    def step(self) -> list[tuple[str, str, str, float]] | None:
        """Read up to the next tag and past it; None at the end."""
        begin = _BEGIN.search(self.markup, self.position)
        self.steps += 1
        if begin is None or self.steps > MAX_STEPS:
            self._hold(self.markup[self.position : self.position + MAX_BLOCK] if begin is None else "")
            return None
        self._hold(self.markup[self.position : min(begin.start(), self.position + MAX_BLOCK)])
        self.position = begin.end()
        name = (begin[2] or "").lower()
        if not name:
            self._pass("-->")
        elif name in _RAW_TEXT and not begin[1]:
            self._pass(f"</{name}")
        elif name == "meta":
            return [(name, _NO_CHARACTER.sub("", begin[3]), "", 0.0)]
        elif name == "a":
            self.in_link = not begin[1]
        elif name in BLOCKS or name == "title":
            done = self.close()
            self.tag = "" if begin[1] else name
            return [done]
        return []

    def close(self) -> tuple[str, str, str, float]:
        """The block that ends here."""
        text = clean(_NO_CHARACTER.sub("", entities.unescape("".join(self.held)[:MAX_BLOCK])))
        done = (self.tag, "", text, min(1.0, self.linked / max(1, len(text))))
        self.held.clear()
        self.linked = 0
        return done

    def _hold(self, text: str) -> None:
        self.held.append(text)
        self.linked += len(text.strip()) if self.in_link else 0

    def _pass(self, closing: str) -> None:
        """Go on behind `closing`; where there is none, right here."""
        end = -1 if closing in self.missing else self.markup.find(closing, self.position)
        if end < 0:
            self.missing.add(closing)
        else:
            self.position = end + len(closing)
