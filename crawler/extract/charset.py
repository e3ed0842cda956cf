"""Bytes to text: the encoding by evidence, labels as a hint.

UTF-8 and UTF-16 prove themselves by their form. Of the older encodings nearly every one decodes any bytes to something,
so the question is what reads as language: each candidate's text is weighed, letter by letter, with how often the
languages that are written in it use that letter (the profiles that langdetect ships; for Chinese and Japanese the
commonest characters). A label of header or page adds a little weight, enough to decide between encodings that give the
same text, not enough to outweigh a sentence.
"""

import codecs
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins like that one's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_ZEROS = 16  # fewer are noise
_WIDE_SAMPLE = 4096  # bytes; markup is ASCII, so every second or fourth byte of it is zero
_CHARSET = re.compile(rb"""(?:charset|encoding)\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})""", re.I)
_HEAD_BYTES = 4096  # where a declaration must stand; HTML asks for the first 1024
# ISO-2022-JP is ASCII with shifts: ESC $ B and ESC $ @ to Kanji (RFC 1468)
_SHIFTS = (b"\x1b$B", b"\x1b$@")

# The encodings that pages are found in, by WHATWG's reading of their labels (a label of ISO-8859-1 means windows-1252),
# and the languages that write in them. The first of those that give the same text is taken.
# Latin ones share all languages of that alphabet, so that the same text weighs the same in each.
_LATIN = "en de fr es pt it nl sv da no fi ca af so id sw tl sq pl cs sk hu ro hr sl lt lv et tr"
_LANGUAGES = {
    "cp1252": _LATIN,
    "cp1251": "ru uk bg mk",
    "koi8-u": "ru uk bg",  # KOI8-R with the Ukrainian letters
    "iso8859-5": "ru bg mk",
    "cp866": "ru",
    "cp1250": _LATIN,
    "iso8859-2": _LATIN,
    "cp1253": "el",
    "iso8859-7": "el",
    "cp1254": _LATIN,
    "cp1255": "he",
    "iso8859-8": "he",
    "cp1256": "ar fa ur",
    "iso8859-6": "ar",
    "cp1257": _LATIN,
    "cp1258": "vi",
    "cp874": "th",
    "gb18030": "zh-cn zh-tw",
    "big5hkscs": "zh-tw",
    "cp932": "ja",
    "euc_jp": "ja",
    "cp949": "ko",
}
# Read only where a label names them: too like another, or too rare, to be guessed.
_DECLARED_ONLY = {
    **dict.fromkeys(("iso8859-3", "iso8859-4", "iso8859-10", "iso8859-13", "iso8859-15", "iso8859-16"), _LATIN),
    **dict.fromkeys(("mac-roman", "cp850", "cp852"), _LATIN),
    "mac-cyrillic": "ru uk",
    "cp855": "ru",
}
# WHATWG Encoding Standard, section 4.2: labels that mean a superset
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "koi8-r": "koi8-u",
}
_CANDIDATES = _LANGUAGES | _DECLARED_ONLY

# A run of bytes that begins above ASCII, and what may stand before it. Spaces, digits, "<", quotes and "&" part runs:
# no encoding above uses them as the second half of a character, but for GB 18030 the digits, in rare ones.
_RUN = re.compile(rb"[\x80-\xff][^\x00-\x3f]{0,200}")
_BEFORE = re.compile(rb"[^\x00-\x3f]{1,40}\Z")
_SAMPLE = 4_000  # bytes of tokens that are weighed: some five hundred words
_MIXED_BYTES = 4_000_000  # of a page are looked at piece by piece; behind them, what is no UTF-8 is lost
# A character cut off by the page's end
_CUT = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")

# Natural logarithms of probabilities, of one character.
_LABEL = 6.0  # what a label adds: as much as two letters of evidence
_ASCII = -3.0
_PUNCTUATION = -7.0  # quotation marks, dashes and the like
_UNLIKELY = -12.0  # a letter that the language does not have, any other sign
_BROKEN = -18.0  # no character, a control character
_CAPITAL = -3.5  # beside the small letter's
_CAPITAL_INSIDE = -8.0  # after a small letter: "иСТОРИЯ" is KOI8 read as windows-1251
_MIXED = -4.0  # a Latin letter beside one of another script
_MARKS = frozenset("“”„‘’‚«»‹›–—…·•′″°№§©®™€£\xa0\xad、。，．：；？！「」『』（）《》・ー،؛؟ـ")
_HAN_COMMON, _HAN_RARE = math.log(0.6 / 250), math.log(0.4 / 6500)
_KANA, _KANJI = math.log(0.55 / 90), math.log(0.4 / 2000)

# The commonest characters of the Chinese press: three fifths of all text.
_SIMPLIFIED = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展"
    "五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战"
    "先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联认六共权收证改清己美再采转更单风切打白教"
    "速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究"
    "观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号"
)
_TRADITIONAL = frozenset(
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多定行學法所民得經"
    "十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本去把性好應開它合還因由其些然前外天政四日那社義事平形"
    "相全表間樣與關各重新線內數正心反你明看原又麼利比或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題黨程展"
    "五果料象員革位入常文總次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹做必戰"
    "先回則任取據處隊南給色光門即保治北造百規熱領七海口東導器壓志世金增爭濟階油思術極交受聯認六共權收證改清己美再採轉更單風切打白教"
    "速花帶安場身車例真務具萬每目至達走積示議聲報鬥完類八離華名確才科張信馬節話米整空元況今集溫傳土許步群廣石記需段研界拉林律叫且究"
    "觀越織裝影算低持音眾書布復容兒須際商非驗連斷深難近礦千周委素技備半辦青省列習響約支般史感勞便團往酸歷市克何除消構府稱太準精值號"
)


def decode(html: bytes, content_type: str | None = None) -> tuple[str, str]:
    """The page's text and the encoding that gave it. Never fails: what is no character becomes U+FFFD.

    1. A byte order mark decides, or zeros in every second or fourth byte: UTF-16, UTF-32.
    2. Strict UTF-8: bytes of another encoding that happen to be valid UTF-8 are next to impossible, while pages that
       were re-encoded and kept their old label are common.
    3. Mostly UTF-8: a page cut in mid-character, or with pieces in another encoding, which are read apart.
    4. An older encoding: the one whose text reads best.
    """
    for mark, encoding in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(encoding, "replace"), encoding
    wide = _wide(html[:_WIDE_SAMPLE])
    if wide is not None:
        return html.decode(wide, "replace"), wide
    if b"\x1b" in html and any(shift in html for shift in _SHIFTS):  # one byte is found ten times as fast as three
        return html.decode("iso2022_jp", "replace"), "iso2022_jp"
    try:
        return html.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        labels = _labels(html, content_type)
    whole, broken = _utf8_characters(html)
    if whole > 0.5 * broken:
        return _mixed(html, labels), "utf-8"
    encoding = _best([html], labels)
    return html.decode(encoding, "replace"), encoding


def _wide(sample: bytes) -> str | None:
    """The encoding of two or four bytes a character that the zeros in `sample` give away.

    Of "<" in UTF-16-LE, 3C 00, the second byte is zero: so it is of all markup and of no byte in first place.
    """
    if sample.count(0) < _ZEROS:
        return None
    for encoding in _WIDE:
        width = int(encoding[4:6]) // 8
        shares = [sample[offset::width].count(0) * width / len(sample) for offset in range(width)]
        low, *high = shares if encoding.endswith("le") else reversed(shares)
        if min(high) > 0.05 and low < min(high) / 10:
            return encoding
    return None


def _utf8_characters(html: bytes) -> tuple[int, int]:
    """How many characters above ASCII are whole in UTF-8, and how many bytes are no part of any."""
    text = html.decode("utf-8", "surrogateescape")
    above = len(text) - len(text.encode("ascii", "ignore"))
    broken = len(text) - len(text.encode("utf-8", "ignore").decode("utf-8"))
    return above - broken, broken


def _mixed(html: bytes, labels: Iterable[str]) -> str:
    """A UTF-8 page of which some pieces between tags are in another encoding, or broken."""
    cut = _CUT.search(html)
    if cut is not None:
        html = html[: cut.start()] + "\ufffd".encode()
    pieces = [*re.split(rb"(?=<)", html[:_MIXED_BYTES]), html[_MIXED_BYTES:]]
    strays = [place for place, piece in enumerate(pieces) if not _is_utf8(piece)]
    foreign = {place for place in strays if _utf8_characters(pieces[place])[0] == 0}
    encoding = _best([pieces[place] for place in foreign], labels) if foreign else "utf-8"
    texts = [piece.decode(encoding if place in foreign else "utf-8", "replace") for place, piece in enumerate(pieces)]
    return "".join(texts)


def _is_utf8(piece: bytes) -> bool:
    if piece.isascii():
        return True
    try:
        piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _labels(html: bytes, content_type: str | None) -> list[str]:
    """The encodings that header and page name, of those that are read here."""
    named = [match[1] for match in _CHARSET.finditer((content_type or "").encode("latin-1", "replace"))]
    named += [match[1] for match in _CHARSET.finditer(html[:_HEAD_BYTES])]
    found = []
    for label in named:
        try:
            name = codecs.lookup(label.decode("ascii")).name
        except (LookupError, UnicodeDecodeError):
            continue
        found.append(_SUPERSETS.get(name, name))
    return [name for name in dict.fromkeys(found) if name in _CANDIDATES]


def _best(pieces: Iterable[bytes], labels: Iterable[str]) -> str:
    """The encoding in which `pieces` read best."""
    sample = b" ".join(_tokens(pieces))
    labels = list(labels)
    weights = {
        encoding: _weight(sample, encoding) + (_LABEL if encoding in labels else 0.0)
        for encoding in dict.fromkeys((*labels, *_LANGUAGES))
    }
    return max(weights, key=lambda encoding: weights[encoding])


def _tokens(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The words of `pieces` that have a byte above ASCII in them, `_SAMPLE` bytes in all."""
    room = _SAMPLE
    for piece in pieces:
        last = 0
        for run in _RUN.finditer(piece):
            before = _BEFORE.search(piece[max(last, run.start() - 40) : run.start()])
            token = (before[0] if before else b"") + run[0]
            last = run.end()
            yield token
            room -= len(token)
            if room < 0:
                return


def _weight(sample: bytes, encoding: str) -> float:
    """The logarithm of how probable the text is that `encoding` makes of `sample`, in its likeliest language."""
    text = sample.decode(encoding, "replace")
    counts = Counter(text)
    del counts[" "]
    others = {char: _other(char) for char in counts}
    letters = (_letters(language) for language in _CANDIDATES[encoding].split())
    best = max(sum(counts[char] * known.get(char, others[char]) for char in counts) for known in letters)
    return best + _shape(text, counts)


def _other(char: str) -> float:
    """The weight of a character that a language's table does not have."""
    if char.isascii():
        return _ASCII
    if char in _MARKS:
        return _PUNCTUATION
    return _UNLIKELY if char.isprintable() and char != "\ufffd" else _BROKEN


def _shape(text: str, counts: Iterable[str]) -> float:
    """What speaks against a text whatever its language: capitals inside words, alphabets mixed within a word."""
    kinds = text.translate({ord(char): _kind(char) for char in counts})
    inside = sum(kinds.count(pair) for pair in ("aL", "lL", "lA", "gG"))
    mixed = sum(kinds.count(one + other) + kinds.count(other + one) for one in "aAlL" for other in "gGo")
    return _CAPITAL_INSIDE * inside + _MIXED * mixed


def _kind(char: str) -> str:
    """a: ASCII letter, l: another Latin one, g: of another alphabet, o: of a script without case; A, L, G: capitals."""
    if not char.isalpha():
        return "."
    latin = char < "\u0250" or "\u1e00" <= char <= "\u1eff"
    if not latin and not (char.isupper() or char.islower()):
        return "o"
    kind = "a" if char.isascii() else "l" if latin else "g"
    return kind.upper() if char.isupper() else kind


@cache
def _letters(language: str) -> Mapping[str, float]:
    """The weight of each character above ASCII that the language is written with."""
    if language in {"zh-cn", "zh-tw"}:
        common = _SIMPLIFIED if language == "zh-cn" else _TRADITIONAL
        return _han(_HAN_RARE) | dict.fromkeys(common, _HAN_COMMON)
    if language == "ja":
        kana = dict.fromkeys(map(chr, range(0x3041, 0x30FB)), _KANA)
        return _han(_HAN_RARE) | dict.fromkeys(_SIMPLIFIED | _TRADITIONAL, _KANJI) | kana
    profile = json.loads(files("langdetect").joinpath("profiles", language).read_text(encoding="utf-8"))
    total = profile["n_words"][0]
    found = {
        char: max(_UNLIKELY, math.log(number / total))
        for char, number in profile["freq"].items()
        if len(char) == 1 and not char.isascii()
    }
    capitals = {char.upper(): weight + _CAPITAL for char, weight in found.items() if char.islower()}
    return found | {char: weight for char, weight in capitals.items() if len(char) == 1}


def _han(weight: float) -> dict[str, float]:
    return dict.fromkeys(map(chr, range(0x4E00, 0xA000)), weight)
