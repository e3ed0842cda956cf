"""Real pages made hostile: what a broken server, a careless editor or an attacker does to a page.

A mutation takes the page's bytes and a seeded source of chance. `DAMAGE` changes or destroys what the page says; all
that can be asked of the outcome is that nothing crashes, stalls or swells. `WRAPPERS` leave the article whole and put
it behind, before or inside something hostile; it must still be found. The sizes are those at which lxml, trafilatura
or htmldate were seen to take minutes or to lose the text.
"""

import random
import re
from collections.abc import Callable

Mutation = Callable[[random.Random, bytes], bytes]

_TAG = re.compile(rb"<[^<>]{1,2000}>")
_BODY = re.compile(rb"<body\b[^>]{0,2000}>", re.I)
_BODY_END = re.compile(rb"</body\s*>", re.I)
_HEAD = re.compile(rb"<head\b[^>]{0,2000}>", re.I)
_COMMENT = re.compile(rb"<!--.*?-->", re.S)
_META_CHARSET = re.compile(rb"<meta\b[^>]{0,200}charset[^>]{0,200}>", re.I)

FRAGMENTS = (
    b"<div>", b"</div>", b"<p>", b"</p>", b"<table><tr><td>", b"</table>", b"<a href='", b'<p class="', b"<br><br>",
    b"<script>", b"</script>", b"<style>",
    b"<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"author\":{",
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?php", b"<svg>", b"<math>", b"<template>", b"<plaintext>", b"<select>",
    b"<textarea>", b"<title>", b"<frameset>", b"<base href='http://[::1'>", b"<time datetime='0000-00-00T99:99'>",
    b"<meta charset=utf-16>", b"<meta charset=utf-7>", b"\x00", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1b$B",
    b"&#x110000;", b"&#0;", b"&amp" * 20, b"\xe2\x80\xae", b"\xf0\x9f\x92\xa3", b"\r", b"\x0b", b"</", b"<", b">", b'"',
)  # fmt: skip


def damaged(chance: random.Random, page: bytes) -> bytes:
    """Bytes flipped: on the wire, on the disk."""
    changed = bytearray(page)
    for _ in range(chance.choice((1, 10, 100, 1000))):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut(chance: random.Random, page: bytes) -> bytes:
    """The end missing."""
    return page[: chance.randrange(len(page) + 1)]


def beheaded(chance: random.Random, page: bytes) -> bytes:
    """The beginning missing."""
    return page[chance.randrange(len(page) + 1) :]


def _tags_changed(chance: random.Random, page: bytes, change: Callable[[bytes], bytes], share: float) -> bytes:
    return _TAG.sub(lambda tag: change(tag.group()) if chance.random() < share else tag.group(), page)


def tags_lost(chance: random.Random, page: bytes) -> bytes:
    """Tags left out."""
    return _tags_changed(chance, page, lambda _: b"", chance.choice((0.01, 0.1, 0.5)))


def tags_doubled(chance: random.Random, page: bytes) -> bytes:
    """Tags written several times."""
    times = chance.choice((2, 3, 50))
    return _tags_changed(chance, page, lambda tag: tag * times, chance.choice((0.01, 0.1, 0.5)))


def tags_shuffled(chance: random.Random, page: bytes) -> bytes:
    """The tags in another order, the text between them in its own."""
    tags = _TAG.findall(page)
    chance.shuffle(tags)
    waiting = iter(tags)
    return _TAG.sub(lambda _: next(waiting), page)


def tags_unclosed(chance: random.Random, page: bytes) -> bytes:
    """End tags left out, or the ">" of tags."""
    if chance.random() < 0.5:
        return _tags_changed(chance, page, lambda tag: b"" if tag.startswith(b"</") else tag, chance.choice((0.3, 1.0)))
    return _tags_changed(chance, page, lambda tag: tag[:-1], chance.choice((0.01, 0.1, 1.0)))


def quotes_lost(chance: random.Random, page: bytes) -> bytes:
    """Quotation marks of attributes left out."""
    share = chance.choice((0.005, 0.05, 0.5))
    return re.sub(rb"[\"']", lambda mark: b"" if chance.random() < share else mark.group(), page)


def spliced(chance: random.Random, page: bytes) -> bytes:
    """Pieces of the page in another order, as where two answers are written into one cache entry."""
    cuts = sorted(chance.randrange(len(page) + 1) for _ in range(chance.randint(1, 8)))
    pieces = [page[start:end] for start, end in zip([0, *cuts], [*cuts, len(page)], strict=True)]
    chance.shuffle(pieces)
    return b"".join(pieces)


def stuttered(chance: random.Random, page: bytes) -> bytes:
    """A piece of the page repeated, up to two megabytes of it."""
    start = chance.randrange(len(page) + 1)
    piece = page[start : start + chance.choice((1, 7, 60, 500, 4000))] or b"<"
    return page[:start] + piece * (chance.choice((20_000, 200_000, 2_000_000)) // len(piece)) + page[start:]


def sprinkled(chance: random.Random, page: bytes) -> bytes:
    """Fragments of markup, control characters and marks anywhere."""
    places = sorted(chance.randrange(len(page) + 1) for _ in range(chance.choice((3, 30, 300))))
    pieces, last = [], 0
    for place in places:
        pieces += [page[last:place], chance.choice(FRAGMENTS) * chance.choice((1, 1, 1, 40))]
        last = place
    return b"".join([*pieces, page[last:]])


def attributes_grown(chance: random.Random, page: bytes) -> bytes:
    """A hundred attributes on every tag of a kind, or on all."""
    more = b"".join(b" data-%d='%d'" % (number, number) for number in range(chance.choice((20, 100, 300))))
    return _tags_changed(
        chance,
        page,
        lambda tag: tag if tag[1:2] in b"/!" else tag.rstrip(b"/>") + more + b">",
        chance.choice((0.05, 1.0)),
    )


def entities_grown(chance: random.Random, page: bytes) -> bytes:
    """Letters as character references, some of no character."""
    kinds = (b"&#%d;", b"&#x%x;", b"&#%d", b"&#99%d;", b"&amp;#%d;")
    share = chance.choice((0.01, 0.3))
    return re.sub(
        rb"[a-z]",
        lambda letter: chance.choice(kinds) % letter.group()[0] if chance.random() < share else letter.group(),
        page,
    )


def mislabelled(chance: random.Random, page: bytes) -> bytes:
    """Another encoding in the meta tag than in the bytes."""
    label = chance.choice((b"utf-16", b"utf-7", b"koi8-r", b"shift_jis", b"hz-gb-2312", b"x-nonsense", b"idna", b"hex"))
    return b"<meta charset=%s>" % label + _META_CHARSET.sub(b"", page)


def reencoded(chance: random.Random, page: bytes) -> bytes:
    """The bytes of another encoding than the page's own declaration says; what does not fit is replaced."""
    name = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1251", "koi8-r", "euc-jp", "cp037"))
    return page.decode("utf-8", "replace").encode(name, "replace")


DAMAGE: dict[str, Mutation] = {
    function.__name__.replace("_", " "): function
    for function in (
        damaged,
        cut,
        beheaded,
        tags_lost,
        tags_doubled,
        tags_shuffled,
        tags_unclosed,
        quotes_lost,
        spliced,
        stuttered,
        sprinkled,
        attributes_grown,
        entities_grown,
        mislabelled,
        reencoded,
    )
}


# --- wrappers: the article stays whole --------------------------------------------------------------------------------


def _around_body(page: bytes, before: bytes, after: bytes = b"") -> bytes:
    """The page with something right below `<body>` and right above `</body>`; without tags of those, around all."""
    start = _BODY.search(page)
    ends = list(_BODY_END.finditer(page, start.end() if start else 0))
    begin = start.end() if start else 0
    end = ends[-1].start() if ends else len(page)
    return page[:begin] + before + page[begin:end] + after + page[end:]


def _into_head(page: bytes, piece: bytes) -> bytes:
    head = _HEAD.search(page)
    place = head.end() if head else 0
    return page[:place] + piece + page[place:]


def nested(chance: random.Random, page: bytes) -> bytes:
    """All of it below hundreds or thousands of elements."""
    tag = chance.choice((b"div", b"section", b"blockquote", b"center", b"article", b"main", b"x-box", b"span"))
    depth = chance.choice((253, 600, 3000, 20_000))
    return _around_body(page, b"<%s>" % tag * depth, b"</%s>" % tag * (depth if chance.random() < 0.7 else 0))


def nested_inline(chance: random.Random, page: bytes) -> bytes:
    """Formatting elements that never end, as word processors leave them."""
    tag = chance.choice((b"<b>", b"<font color=red>", b"<span>", b"<i><b>", b"<u>", b"<small>", b"<a name=x>"))
    return _around_body(page, tag * chance.choice((300, 3000, 20_000)))


def nested_tables(chance: random.Random, page: bytes) -> bytes:
    """All of it in the innermost of many tables or lists."""
    wrapper, end = chance.choice(
        ((b"<table><tr><td>", b"</td></tr></table>"), (b"<ul><li>", b"</li></ul>"), (b"<dl><dd>", b"</dd></dl>"))
    )
    depth = chance.choice((90, 260, 1000))
    return _around_body(page, wrapper * depth, end * depth)


def one_tag_of_attributes(chance: random.Random, page: bytes) -> bytes:
    """An element around all of it with tens of thousands of attributes."""
    form = chance.choice((b" a%d", b" a%d=1", b' a%d="x>"', b" a%d='<p>'"))
    attributes = b"".join(form % number for number in range(chance.choice((5000, 40_000))))
    return _around_body(page, b"<div" + attributes + b">", b"</div>")


def giant_attribute(chance: random.Random, page: bytes) -> bytes:
    """An attribute of megabytes."""
    value = chance.choice((b"x", b"&amp;", b"<p>", b"%20", b"'{}' ")) * (chance.choice((200_000, 3_000_000)) // 4)
    return _around_body(page, b'<div data-state="' + value + b'">', b"</div>")


def linked_data_malformed(chance: random.Random, page: bytes) -> bytes:
    """JSON-LD that is none, which regular expressions take minutes to give up on."""
    script = chance.choice(
        (b'"author":{', b"[", b'{"@graph":[', b'{"@type":"NewsArticle","headline":"', b"\\", b'"a",')
    )
    script *= chance.choice((2000, 20_000))
    return _into_head(page, b'<script type="application/ld+json">' + script + b"</script>")


def many_dates(chance: random.Random, page: bytes) -> bytes:
    """Hundreds of times that are none."""
    date = chance.choice((b"31.31.2019 25:61", b"0000-00-00", b"yesterday at noon", b"99/99/99", b"2019-13-45T99:99Z"))
    spans = b"".join(
        chance.choice((b'<span class="date">%s</span>', b"<time datetime='%s'></time>", b"<div id=published>%s</div>"))
        % date
        for _ in range(400)
    )
    return _around_body(page, b"", spans)


def angle_brackets(chance: random.Random, page: bytes) -> bytes:
    """A megabyte of what looks like the beginning of tags."""
    piece = chance.choice((b"<", b"<<", b"</", b"<!", b"<?", b"<a", b"<a ", b'<a b="', b"<!--", b"<![CDATA["))
    return _around_body(page, b"", piece * (1_000_000 // len(piece)))


def brackets_first(chance: random.Random, page: bytes) -> bytes:
    """Signs of markup by the hundred thousand in front of the article."""
    return _around_body(page, chance.choice((b"< ", b"&lt;", b"&", b"&#", b"> ")) * 100_000)


def never_closed(chance: random.Random, page: bytes) -> bytes:
    """Something begins behind the article that never ends."""
    opening = chance.choice(
        (b"<!--", b"<script>", b"<style>", b"<textarea>", b"<title>", b"<iframe>", b"<noscript>", b"<select><option>")
    )
    return _around_body(page, b"", opening)


def comment_never_closed(_: random.Random, page: bytes) -> bytes:
    """A comment begins before the article and never ends."""
    return _around_body(_COMMENT.sub(b"", page).replace(b"-->", b""), b"<!-- a stray opening ")


def entities(chance: random.Random, page: bytes) -> bytes:
    """Character references by the hundred thousand, and a document type that defines some more."""
    doctype = b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    piece = chance.choice((b"&c;", b"&amp;", b"&#x41;", b"&nosuch;", b"&#1114112;", b"&nbsp;"))
    return doctype + _around_body(page, b"", b"<div>" + piece * 200_000 + b"</div>")


def nul_bytes(chance: random.Random, page: bytes) -> bytes:
    """NUL after every few tags' ends."""
    return _TAG.sub(lambda tag: tag.group() + b"\x00" if chance.random() < 0.3 else tag.group(), page)


def two_byte_characters(chance: random.Random, page: bytes) -> bytes:
    """All of it as UTF-16, with or without a mark that says so."""
    try:
        text = page.decode("utf-8")
    except UnicodeDecodeError:
        return page
    return text.encode(chance.choice(("utf-16", "utf-16-le", "utf-16-be")))


def label_lies(chance: random.Random, page: bytes) -> bytes:
    """A wrong or unknown encoding declared."""
    label = chance.choice((b"utf-16", b"iso-8859-1", b"windows-1252", b"koi8-r", b"big5", b"x-nonsense", b"utf-7"))
    return _into_head(_META_CHARSET.sub(b"", page), b"<meta charset=%s>" % label)


def one_line(chance: random.Random, page: bytes) -> bytes:
    """Everything in a line of ten megabytes."""
    flat = re.sub(rb"\s+", b" ", page)
    filler = chance.choice((b" ", b"x", b"\\u0041", b"<br>", b"0,")) * 2_000_000
    return _around_body(flat, b"", b"<div hidden>" + filler[:8_000_000] + b"</div>")


def scripts_grown(_: random.Random, page: bytes) -> bytes:
    """Megabytes of state in a script before the article."""
    state = b"<script>window.__STATE__ = {" + b'"a":"<p>b</p>",' * 200_000 + b"}</script>"
    return _around_body(page, state)


def bodies_doubled(chance: random.Random, page: bytes) -> bytes:
    """A second body, empty or the same again."""
    if chance.random() < 0.5:
        return _around_body(page, b"<body><body class=x>")
    return page + b"<html><head><title>x</title></head><body></body></html>"


def foreign(chance: random.Random, page: bytes) -> bytes:
    """All of it in an element whose content is no ordinary markup."""
    before, after = chance.choice(
        (
            (b"<svg><foreignObject>", b"</foreignObject></svg>"),
            (b"<svg>", b"</svg>"),
            (b"<math><mtext>", b"</mtext></math>"),
            (b"<template>", b"</template>"),
            (b"<plaintext>", b""),
            (b"<object><embed>", b"</object>"),
            (b"<noscript>", b"</noscript>"),
            (b"<frameset><frame><noframes>", b""),
            (b"<form><table>", b"</table></form>"),
            (b"<table><form><tr><td>", b"</td></tr></form></table>"),
            (b"<fieldset><legend>", b"</legend></fieldset>"),
            (b"<a href=/x>", b""),
            (b"<button>", b"</button>"),
            (b"<label>", b"</label>"),
            (b"<select><option>", b"</select>"),
            (b"<marquee>", b"</marquee>"),
            (b"<dialog open>", b"</dialog>"),
            (b"<details><summary>", b"</summary></details>"),
            (b"<ruby><rt>", b"</rt></ruby>"),
            (b"<h1>", b""),
            (b"<p>", b""),
            (b"</p></div></body></html>", b""),
        )
    )
    return _around_body(page, before, after)


def declared_xml(chance: random.Random, page: bytes) -> bytes:
    """XML's declarations, instructions and sections around and between."""
    start = b'<?xml version="1.0" encoding="%s"?><?xml-stylesheet href="x.xsl"?>' % chance.choice((b"utf-8", b"utf-16"))
    return start + _around_body(page, b'<?php echo "<p>"; ?><![CDATA[ x <p> ]]><?pi?>', b"<![CDATA[ x ]]>")


def many_elements(chance: random.Random, page: bytes) -> bytes:
    """Tens of thousands of small elements behind the article."""
    piece = chance.choice(
        (
            b"<br>",
            b"<option>x",
            b"<h2>Ferry</h2>",
            b"<li><a href=/x>Ferry</a>",
            b"<table><tr><td>1</table>",
            b"<p></p>",
            b"<input value=x>",
            b"<x-y></x-y>",
            b"<p>The ferry runs again, he said.</p>",
        )
    )
    return _around_body(page, b"", b"<aside>" + piece * chance.choice((3000, 30_000)) + b"</aside>")


WRAPPERS: dict[str, Mutation] = {
    function.__name__.replace("_", " "): function
    for function in (
        nested,
        nested_inline,
        nested_tables,
        one_tag_of_attributes,
        giant_attribute,
        linked_data_malformed,
        many_dates,
        angle_brackets,
        brackets_first,
        never_closed,
        comment_never_closed,
        entities,
        nul_bytes,
        two_byte_characters,
        label_lies,
        one_line,
        scripts_grown,
        bodies_doubled,
        foreign,
        declared_xml,
        many_elements,
    )
}
MUTATIONS = DAMAGE | WRAPPERS
