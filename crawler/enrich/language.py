"""The language of a text, or an honest None.

langdetect is right on body text of the languages it was trained on and confidently wrong on those it was not (Georgian
comes out as Estonian, Azerbaijani as Turkish, both at .99999), raises on scripts it does not know and guesses on
headlines. So it is asked last, and its answer is believed only where it is confirmed:

1. script      the dominant Unicode script; one that a single language owns is the verdict
2. letters     Arabic and Cyrillic languages by the letters that only they write
3. words       function words name any language that they tell from all others by far
4. langdetect  seeded, on the first 1,000 characters, confirmed by function words or by the page's declaration;
               siblings (Croatian, Bosnian, Serbian; Indonesian, Malay) are told apart by their own words
5. declared    what the page or the publisher says, where the text is too short to contradict it

The data is in languages.toml.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

# The first 1,000 characters gave the right answer on 612 of 612 labelled samples in 51 languages, 200 on 99.8 %,
# 60 on 97.6 %; a full text costs twice the time.
SAMPLE = 1_000
MIN_LETTERS = 100  # below it ("Gaza: IDF strike Rafah" → Croatian) letters and words are chance
MIN_LETTERS_SCRIPT = 12  # a script that one language owns needs no more than a few words
MIN_SHARE = 0.6  # of the letters, for a script to dominate

# The share of words that are function words. On running text of the right language it lies between .12 (Estonian,
# Hungarian) and .45 (English, French); of a wrong one below .06, except between siblings (Danish and Norwegian).
CONFIRMED = 0.06
NAMED = 0.14
LEAD = 1.5  # times the share of the next language that is no sibling

# A letter that a language never writes may still occur in a foreign name: "Łódź" in a Hungarian text.
STRAY = 0.004
# Which languages a declaration may name for a text in a script; those in no row are written in Latin letters.
WRITTEN = {
    "ARABIC": "ar fa ur ps ug sd ku",
    "BENGALI": "bn as",
    "CJK": "zh ja ko",
    "CYRILLIC": "ru uk be bg mk sr bs kk ky tg mn ba cv os ce tt uz az ku",
    "DEVANAGARI": "hi mr ne",
    "ETHIOPIC": "am ti",
    "HANGUL": "ko",
    "HEBREW": "he yi",
}
LATIN_TOO = "sr bs kk uz az ku"

# Split on what is never inside a word: \w would break Hindi words at their vowel signs.
NOT_WORD = re.compile(r"[\s\d.,;:!?…()\[\]{}<>«»“”„\"/|।፡።፣·—–]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """A verdict: ISO 639-1 code or None, confidence 0..1, and the method that gave it.

    `method` is script, letters, words, langdetect, declared, expected, short (too little text and no declaration) or
    unsure (evidence that contradicts itself).
    """

    code: str | None
    confidence: float
    method: str

    @property
    def rule(self) -> str:
        """For `Article.provenance`: "text:words:0.95"."""
        return f"text:{self.method}:{self.confidence:.2f}"


def detect(text: str, *, declared: Sequence[str] = (), expected: Sequence[str] = ()) -> Language:
    """Name the language of `text`, preferably a body of at least 100 letters; a headline alone decides nothing.

    `declared` are the page's own claims (html lang, JSON-LD, hreflang), `expected` the publisher's languages, as BCP 47
    tags in any case ("en-US", "zh_Hans"). They tip the scale only where the text leaves it open. Never raises.
    """
    declared, expected = _codes(declared), _codes(expected)
    sample = unicodedata.normalize("NFC", text[:SAMPLE])
    scripts = _scripts(sample)
    letters = sum(scripts.values())
    script = _dominant(scripts)
    if script is None:
        return Language(code=None, confidence=0.0, method="unsure" if letters >= MIN_LETTERS else "short")
    if letters >= MIN_LETTERS_SCRIPT and (sole := _sole_language(script, scripts, sample)):
        return Language(code=sole, confidence=1.0, method="script")
    if letters < MIN_LETTERS:
        return _from_prior(script, declared, expected, "short")
    return _by_letters(sample, script, declared) or _by_words(sample, script, declared, expected)


def normalise_code(tag: str) -> str:
    """The ISO 639-1 code in a BCP 47 or POSIX tag: "zh-Hans-CN", "zh_CN" → "zh"; an unknown tag stays as it is."""
    primary = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return str(_data()["aliases"].get(primary, primary))


def _codes(tags: Iterable[str]) -> tuple[str, ...]:
    codes = (normalise_code(tag) for tag in tags if tag)
    return tuple(dict.fromkeys(code for code in codes if re.fullmatch("[a-z]{2}", code)))


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("languages.toml").read_text(encoding="utf-8"))


@cache
def _words(script: str) -> dict[str, frozenset[str]]:
    return {code: frozenset(words.split()) for code, words in _data()["words"].get(script, {}).items()}


@cache
def _script_of(char: str) -> str | None:
    """The first word of the letter's Unicode name, which is its script ("ARABIC LETTER BEH"); None for no letter."""
    # Vowel signs (category M) are letters of Indian scripts; a combining accent or a modifier belongs to none.
    if unicodedata.category(char)[0] not in "LM" or char in "ªº":
        return None
    script = unicodedata.name(char, "UNKNOWN").split()[0].split("-")[0]
    return None if script in {"COMBINING", "MODIFIER", "VARIATION", "UNKNOWN"} else script


_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())
_ASCII = re.compile(r"[\x00-\x7f]+")


def _scripts(sample: str) -> Counter[str]:
    """How many letters of each script a text has: those of ASCII, most in many texts, are Latin and counted at once."""
    ascii_part = sample.encode("ascii", "ignore")
    found = Counter({"LATIN": len(ascii_part.translate(None, _NO_LETTERS))})
    others = _ASCII.sub("", sample) if len(ascii_part) < len(sample) else ""
    for char, count in Counter(others).items():
        if script := _script_of(char):
            found[script] += count
    return +found


def _dominant(scripts: Counter[str]) -> str | None:
    """The script of at least `MIN_SHARE` of the letters; Han and kana count as one, as do Han and Hangul."""
    if not scripts:
        return None
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    merged = Counter(scripts)
    if kana:
        merged["CJK"] += kana
        del merged["HIRAGANA"], merged["KATAKANA"]
    # A CJK sign holds about as much as three letters: an agency's Latin name must not outvote it.
    merged["CJK"] *= 3
    script, count = merged.most_common(1)[0]
    return script if count >= MIN_SHARE * sum(merged.values()) else None


def _sole_language(script: str, scripts: Counter[str], sample: str) -> str | None:
    if script == "CJK":
        kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
        # Japanese prose is half kana; a Chinese text may quote a brand in it.
        return "ja" if kana > 0.15 * (kana + scripts["CJK"]) else "zh"
    if script in {"HEBREW", "ETHIOPIC", "BENGALI"}:
        if script == "BENGALI":
            return "as" if "ৰ" in sample or "ৱ" in sample else "bn"
        shares = _word_shares(sample, script)
        first, second = shares.most_common(2)
        if first[1] > second[1]:
            return first[0]
        return "he" if script == "HEBREW" else None
    code: str | None = _data()["sole_language"].get(script)
    return code


def _by_letters(sample: str, script: str, declared: tuple[str, ...]) -> Language | None:
    rules = _data()["letters"].get(script)
    if rules is None:
        return None
    counts = Counter({char: n for char, n in Counter(sample.lower()).items() if _script_of(char) == script})
    total = sum(counts.values())
    for rule in rules:
        if sum(counts[char] for char in set(rule["letters"])) < rule["share"] * total:
            continue
        if rule.get("all") and not all(counts[char] for char in rule["letters"]):
            continue
        if sum(counts[char] for char in set(rule.get("without", ""))) > STRAY * total:
            continue
        if "code" in rule:
            return Language(code=rule["code"], confidence=0.99, method="letters")
        return _by_words_among(rule["among"], sample, script, declared)
    return None


def _by_words_among(codes: Sequence[str], sample: str, script: str, declared: tuple[str, ...]) -> Language:
    shares = _word_shares(sample, script)
    most = max((shares[code] for code in codes), default=0.0)
    likely = [code for code in codes if shares[code] == most]
    if most and len(likely) == 1:
        return Language(code=likely[0], confidence=0.9, method="words")
    chosen = next((code for code in declared if code in codes), None)
    return Language(code=chosen, confidence=0.7 if chosen else 0.0, method="declared" if chosen else "unsure")


_APOSTROPHES = re.compile("[’‘ʻʼ`´]")


def _tokens(sample: str) -> list[str]:
    """The words in lower case; the several apostrophes of Uzbek, Hausa and French are one."""
    plain = _APOSTROPHES.sub("'", sample.lower())
    tokens = NOT_WORD.split(plain)
    return list(filter(None, (token.strip("'") for token in tokens) if "'" in plain else tokens))


@cache
def _written_in(script: str) -> dict[str, tuple[str, ...]]:
    """The function words of a script, each with the languages that it belongs to."""
    found: dict[str, list[str]] = {}
    for code, words in _words(script).items():
        for word in words:
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


def _word_shares(sample: str, script: str) -> Counter[str]:
    """The share of the words of `sample` that are function words, by language: all of those of the script."""
    tokens, written_in = _tokens(sample), _written_in(script)
    counts = Counter(chain.from_iterable(written_in.get(token, ()) for token in tokens))
    total = max(len(tokens), 1)
    return Counter({code: counts[code] / total for code in _words(script)})


def _by_words(sample: str, script: str, declared: tuple[str, ...], expected: tuple[str, ...]) -> Language:
    """Function words, or where they leave it open, they and langdetect or the declaration together."""
    shares = _word_shares(sample, script)
    if (evident := _evident(shares, script, (*declared, *expected))) is not None:
        return _among_siblings(evident, sample, script, declared, expected)
    guess, probability = _langdetect(sample)
    best, share = shares.most_common(1)[0] if shares else ("", 0.0)
    unknown = share > shares[guess or ""] and not _same(best, guess or "", script) and best not in _detectable()
    if guess and not unknown and shares[guess] >= max(CONFIRMED, 0.85 * share):
        agreed = 1.0 if _same(best, guess, script) or shares[guess] == share else 0.9
        verdict = Language(code=guess, confidence=round(agreed * probability, 3), method="langdetect")
        return _among_siblings(verdict, sample, script, declared, expected)
    if share >= NAMED and (share >= LEAD * shares[guess or ""] or _same(best, guess or "", script)):
        known = len(best) == 2 or _family(best, script) is not None
        verdict = Language(code=best if known else None, confidence=0.95 if known else 0.0, method="words")
        return _among_siblings(verdict, sample, script, declared, expected)
    for prior in (*declared, *expected):
        confirmed = shares[prior] >= max(CONFIRMED / 2, 0.85 * share)
        if confirmed or (prior == guess and prior not in shares):
            return Language(code=prior, confidence=0.7, method="declared" if prior in declared else "expected")
    return Language(code=None, confidence=0.0, method="unsure")


def _evident(shares: Counter[str], script: str, priors: tuple[str, ...]) -> Language | None:
    """The language that the function words name, and no other by far.

    langdetect, fifty times as dear as all the rest, is left out then: where it said another, the words would win. Only
    of siblings it may know better, if neither the page nor the publisher names one.
    """
    if not shares:
        return None
    best, share = shares.most_common(1)[0]
    second = max((other for code, other in shares.items() if not _same(code, best, script)), default=0.0)
    alone = len(best) == 2 and _family(best, script) is None
    if share < max(NAMED, LEAD * second) or not (alone or best in priors):
        return None
    return Language(code=best, confidence=0.95, method="words")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Family:
    """Languages that are told apart by single words. `detector`: langdetect knows each of them."""

    codes: tuple[str, ...]
    script: str
    detector: bool
    words: Mapping[re.Pattern[str], frozenset[str]]  # words → the languages that write them


@cache
def _families() -> tuple[_Family, ...]:
    return tuple(
        _Family(
            codes=tuple(entry["codes"]),
            script=entry["script"],
            detector=entry.get("detector", False),
            words={_pattern(words): frozenset(codes.split()) for codes, words in entry["words"].items()},
        )
        for entry in _data()["siblings"]
    )


def _pattern(words: str) -> re.Pattern[str]:
    """Words, some with a * for any ending, as one expression: "tko priopć*" → tko|priopć.*"""
    return re.compile("|".join(re.escape(word).replace(r"\*", ".*") for word in words.split()))


@lru_cache(maxsize=1024)
def _family(code: str, script: str) -> _Family | None:
    codes = set(code.split("_"))
    return next((family for family in _families() if family.script == script and codes & set(family.codes)), None)


def _same(code: str, other: str, script: str) -> bool:
    family = _family(code, script)
    return code == other or (family is not None and family is _family(other, script))


def _among_siblings(
    verdict: Language, sample: str, script: str, declared: tuple[str, ...], expected: tuple[str, ...]
) -> Language:
    """The verdict, or of its language's siblings the one that the words speak for, or else the page."""
    family = _family(verdict.code or "", script)
    if family is None:
        return verdict
    support = Counter(dict.fromkeys(family.codes, 0))
    for token in set(_tokens(sample)):
        for pattern, codes in family.words.items():
            if pattern.fullmatch(token):
                support.update({code: 1 if code in codes else -1 for code in family.codes})
    most = max(support.values())
    likely = [code for code in family.codes if support[code] == most]
    if len(likely) == 1:
        return replace(verdict, code=likely[0], confidence=min(verdict.confidence, 0.9), method="words")
    for prior in (*declared, *expected):
        if prior in likely:
            return Language(code=prior, confidence=0.7, method="declared" if prior in declared else "expected")
    if family.detector and verdict.code in likely:
        return replace(verdict, confidence=min(verdict.confidence, 0.8))
    return Language(code=None, confidence=0.0, method="unsure")


def _from_prior(script: str, declared: tuple[str, ...], expected: tuple[str, ...], otherwise: str) -> Language:
    for method, codes, confidence in (("declared", declared, 0.5), ("expected", expected, 0.4)):
        possible = [code for code in codes if _may_be_written(code, script)]
        if possible and (method == "declared" or len(possible) == 1):
            return Language(code=possible[0], confidence=confidence, method=method)
    return Language(code=None, confidence=0.0, method=otherwise)


def _may_be_written(code: str, script: str) -> bool:
    if code in WRITTEN.get(script, "").split() or _data()["sole_language"].get(script) == code:
        return True
    elsewhere = {*" ".join(WRITTEN.values()).split(), *_data()["sole_language"].values()} - set(LATIN_TOO.split())
    return script == "LATIN" and code not in elsewhere


@cache
def _detector_factory() -> Any:
    """langdetect's factory with its 55 profiles: 610 ms and 77 MB, once a process and only when first needed."""
    from langdetect import detector_factory  # noqa: PLC0415  loaded when first needed, see above

    detector_factory.DetectorFactory.seed = 0  # unseeded, 1 in 181 English texts changed its answer between runs
    detector_factory.init_factory()
    return detector_factory._factory


@cache
def _detectable() -> frozenset[str]:
    """The languages that langdetect has a profile of."""
    return frozenset(normalise_code(code) for code in _detector_factory().langlist)


def _langdetect(sample: str) -> tuple[str | None, float]:
    from langdetect.lang_detect_exception import LangDetectException  # noqa: PLC0415

    detector = _detector_factory().create()
    detector.append(sample)
    try:
        ranked = detector.get_probabilities()
    except LangDetectException:  # no features in the text: a script it has no profile of
        return None, 0.0
    return (normalise_code(ranked[0].lang), ranked[0].prob) if ranked else (None, 0.0)
