"""Lines that are no part of a report's text: notices of a correction, clocks, counters and labels of the page."""

import re

from crawler.enrich.changes.wording import Wording, flat, words
from crawler.extract.time_words import month

LONGEST = 14  # words of a line that only tells when, or how many readers
_NOTICE = 200  # letters in which a notice says that it is one
_PART = re.compile(r"\s*[:：|–—-]\s*")
_UNITS = frozenset(["gmt", "utc", "msk", "cet", "est", "edt", "bst", "eet", "trt", "h", "min", "am", "pm", "z"])


def is_notice(text: str, known: Wording) -> bool:
    """Whether a line says that something was corrected: "Correction:", "An earlier version …", "(Corrects name …)"."""
    forms = [word.form for word in words(text[:_NOTICE]) if word.form]
    if not forms:
        return False
    begin = _PART.split(text[:_NOTICE], maxsplit=1)
    head = flat(begin[0]).split()
    if len(begin) > 1 or len(forms) <= 3:  # "Correction" may be a line of its own
        while head and (head[-1][0].isdigit() or month(head[-1]) is not None):
            head.pop()  # "Correction, 4 March:"
        if " ".join(head) in known.notice_labels or "".join(head) in known.notice_labels:
            return True
    is_chinese = "\u4e00" <= forms[0][0] <= "\u9fff"
    return known.notices.match(("" if is_chinese else " ").join(forms)) is not None


def without_slug(headline: str, known: Wording) -> str:
    """A headline without what the desk put in front of it: "UPDATE 2-", "BREAKING:", "عاجل |"."""
    begin, *rest = _PART.split(headline, maxsplit=1)
    line = [word for word in words(begin) if word.form]
    if line and line[-1].form.isdigit():
        line.pop()
    hit = known.slugs.at(line, 0) if line and rest else None
    return rest[0] if hit is not None and hit.end == len(line) and rest[0] else headline


def is_chrome(text: str, known: Wording) -> bool:
    """Whether a line belongs to the page and not to its text: "Updated: 14:32 GMT", "1,204 views", "Advertisement"."""
    if len(text) > 120:
        return False
    line = words(text)
    if flat(text) in known.labels:
        return True
    if len(line) > 3 * LONGEST:
        return False
    said = {place for hit in known.clocks.find(line) for place in range(hit.begin, hit.end)}
    counted = {place for hit in known.counters.find(line) for place in range(hit.begin, hit.end)}
    has_number = any(word.form and word.form[0].isdigit() for word in line)
    rest = [
        word.form
        for place, word in enumerate(line)
        if word.form and place not in said | counted and not _is_of_a_time(word.form) and not known.days.at(line, place)
    ]
    return has_number and bool(said | counted) and not rest


def _is_of_a_time(form: str) -> bool:
    return (
        form[0].isdigit() or form in _UNITS or re.fullmatch(r"\d*[hT]\d*", form) is not None or month(form) is not None
    )
