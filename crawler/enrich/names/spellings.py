"""How the press of other languages spells Ukrainian names, made from the romanisation that GeoNames has of them.

The romanisation is Ukraine's own (Cabinet of Ministers, resolution 55 of 2010): `Chasiv Yar`. Others transcribe by
sound: `Tschassiw Jar` (Duden), `Koupiansk`, `Jersón`, `Bahmut`. The caller folds accents away. And what a Cyrillic name
whose last vowel comes and goes is declined from.
"""

import re
from collections.abc import Iterator

# Each language's letters; the longest first.
_LETTERS = {
    "de": {
        "shch": "schtsch", "zgh": "sh", "zh": "sch", "kh": "ch", "ts": "z", "ch": "tsch", "sh": "sch", "v": "w",
        "z": "s",
        "ii": "iji", "ia": "ja", "iu": "ju", "ie": "je", "ya": "ja", "ye": "je", "yu": "ju", "yi": "ji", "ai": "aji",
        "oi": "oji",
    },
    "fr": {"shch": "chtch", "zh": "j", "ch": "tch", "sh": "ch", "iu": "iou", "yu": "iou", "u": "ou"},
    "es": {"kh": "j"},
    "tr": {
        "shch": "sc", "zh": "j", "kh": "h", "ch": "c", "sh": "s", "ia": "ya", "iu": "yu", "ie": "ye", "ya": "ya",
        "yu": "yu", "ye": "ye", "y": "i", "ai": "ayi",
    },
}  # fmt: skip
_PATTERNS = {
    language: re.compile("|".join(sorted(letters, key=len, reverse=True))) for language, letters in _LETTERS.items()
}
_SHARP = re.compile("(?<=[aeiouy])s(?=[aeiouy])")  # a German s between vowels is voiced: Lyssytschansk
_LEAST = 6  # letters of a spelling that is no other language's word: Khust would be Just
_FLEETING = ("ець", "ец", "ок")


def abroad(name: str) -> Iterator[str]:
    """A Ukrainian name as German, French, Spanish and Turkish papers spell it."""
    plain = name.lower()
    for language, pattern in _PATTERNS.items():
        letters = _LETTERS[language]
        sounded = _SHARP.sub("ss", plain) if language == "de" else plain
        found = pattern.sub(lambda match, letters=letters: letters[match[0]], sounded)  # type: ignore[misc]
        if found != plain and len(found) >= _LEAST:
            yield found.title()


def stems(form: str) -> Iterator[str]:
    """Another case of a Cyrillic name whose last vowel is gone in it: Торговець, Торговця; Городок, Городка."""
    if form.endswith(_FLEETING) and len(form) > 5:
        yield re.sub("(?:ець|ец)\\Z", "ця", form) if not form.endswith("ок") else form[:-2] + "ка"
