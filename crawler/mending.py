"""The XML of feeds and sitemaps, mended: what publishers' systems break is put right before a parser sees it.

    <br /><b>Warning</b>: foo() …<rss>      what stands in front of the root element goes
    <title>Bridge & dam&nbsp;closed</title>  entities of HTML become characters, stray signs are escaped
    &#55357;&#56832; &#0;                    halves of a pair become one character, what is none goes
    <!DOCTYPE rss PUBLIC "…">                goes unread

Each step is one pass over the text. What was well formed comes out as it was, without a declaration.
"""

import re
from html.entities import html5

from crawler.errors import SourceError
from crawler.extract.charset import decode

_DOCTYPE = re.compile(r"<!DOCTYPE\s", re.IGNORECASE)
_QUOTED = r"\"[^\"]*\"|'[^']*'"
# <!DOCTYPE rss PUBLIC "-//Netscape …" "http://…/rss-0.91.dtd"> · <!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "…" "…">]>
_WHOLE_DOCTYPE = re.compile(rf"<!DOCTYPE(?:[^\[>\"']|{_QUOTED})*(\[(?:[^\]\"']|{_QUOTED})*\])?\s*>", re.IGNORECASE)
_DECLARES = re.compile(r"<!ENTITY\s+(?!%)", re.IGNORECASE)  # of a general entity, as in <!ENTITY lol "…">

# Characters that XML does not have (https://www.w3.org/TR/xml/#charsets)
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_KEPT = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"  # in which no sign means anything
_SIGN = re.compile(
    rf"(?P<kept>{_KEPT})|&#(?P<number>[0-9]{{1,9}}|[xX][0-9a-fA-F]{{1,8}});|&(?P<name>[A-Za-z][A-Za-z0-9]{{1,31}});"
    r"|(?P<stray>&|<(?![A-Za-z_/!?]))",  # "Bridge & dam", "losses < 5 %"
    re.DOTALL,
)
_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")
# Namespaces by the prefix that everybody gives them; without its declaration it is still meant
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_MOST_PREFIXES = 50
_PREFIX = re.compile(r"<([A-Za-z_][\w.-]{0,40}):|\s([A-Za-z_][\w.-]{0,40}):[\w.-]{1,40}=[\"']")  # "<news:news>"
_DECLARED = re.compile(r"\bxmlns:([\w.-]{1,40})\s*=")
# "<title>Bridge closed<link>": an element that holds text only, and was not closed
_UNCLOSED = re.compile(
    r"<(title|link|guid|pubDate)>([^<]*)(?=</?(?:title|link|guid|pubDate|description|item)\b)(?!</\1)"
)


def mended(body: bytes, *, roots: str, what: str, content_type: str | None = None) -> str | None:
    """The XML in `body` as text that begins with its root element, or None where there is no such element.

    `roots`: the root's possible local names, as a regex ("rss|feed"). `what`: kind and URL of the source, for messages.
    Raises SourceError for a DOCTYPE that declares entities, which may expand without end, or does not end itself.
    """
    text, _ = decode(body, content_type)
    pattern = re.compile(rf"<(?:[\w.-]+:)?(?:{roots})\b", re.IGNORECASE)
    root = pattern.search(text)
    if root is None:
        return None
    doctype = _DOCTYPE.search(text, 0, root.start())
    if doctype is not None:
        whole = _WHOLE_DOCTYPE.match(text, doctype.start())
        if whole is None or _DECLARES.search(whole[0]):
            raise SourceError(f"{what}: its DOCTYPE declares entities, which may expand without end; not read")
        root = pattern.search(text, whole.end())
        if root is None:
            return None
    text = _NO_CHARACTER.sub("", text[root.start() :])
    text = _SIGN.sub(_mended_sign, text)
    text = _PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)
    return _UNCLOSED.sub(r"<\1>\2</\1>", _HALF.sub("", text))


def with_prefixes(text: str) -> str:
    """`text`, mended, with a declaration for each prefix that it uses and does not declare: "<news:news>"."""
    declared = {"xml", "xmlns", *_DECLARED.findall(text)}
    used = dict.fromkeys(element or attribute for element, attribute in _PREFIX.findall(text))
    missing = [prefix for prefix in used if prefix not in declared][:_MOST_PREFIXES]
    declarations = "".join(f' xmlns:{prefix}="{_NAMESPACES.get(prefix, prefix)}"' for prefix in missing)
    return re.sub(r"\A<[^\s>/]+", lambda root: root[0] + declarations, text, count=1)


def _mended_sign(match: re.Match[str]) -> str:
    if match["kept"] is not None:
        return match[0]
    if match["number"] is not None:
        return _character(match["number"])
    if match["name"] is not None:
        name = match["name"]
        if name in _XML:
            return match[0]
        character = html5.get(f"{name};")  # "&nbsp;"; in an address, "&lang;" may be a forgotten "&amp;lang="
        return character if character is not None else f"&amp;{name};"
    return "&amp;" if match["stray"] == "&" else "&lt;"


def _character(number: str) -> str:
    """What "&#8230;" stands for, escaped where it has to be; "" where it is no character of XML."""
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    if 0x80 <= code < 0xA0:  # "&#146;": a number of windows-1252, as browsers read it
        return bytes([code]).decode("cp1252", "ignore")
    if code > 0x10FFFF or _NO_CHARACTER.match(chr(code)):
        return ""
    return f"&#{code};" if chr(code) in "<>&\"'" else chr(code)
