"""Lines that are no part of a report's text: notices of a correction, clocks, counters and labels of the page."""

import re

from crawler.enrich.changes.wording import Wording, flat, words
from crawler.extract.time_words import month

LONGEST = 14  # words of a line that only tells when, or how many readers
_NOTICE = 200  # letters in which a notice says that it is one
_PARTS = frozenset(":：-–—|")
_UNITS = frozenset(["gmt", "utc", "msk", "cet", "est", "edt", "bst", "eet", "trt", "h", "min", "am", "pm", "z"])


def is_notice(text: str, known: Wording) -> bool:
    """Whether a line says that something was corrected: "Correction:", "An earlier version …", "(Corrects name …)"."""
    line = words(text[:_NOTICE])
    forms = [word.form for word in line if word.form]
    if not forms:
        return False
    stop = next((place for place, word in enumerate(line) if word.text in _PARTS), None)
    head = [word.form for word in (line if stop is None else line[:stop]) if word.form]
    if stop is not None or len(head) == len(forms) <= 3:  # "Correction" may be a line of its own
        while head and (head[-1][0].isdigit() or month(head[-1]) is not None):
            head.pop()  # "Correction, 4 March:"
        if " ".join(head) in known.notice_labels or "".join(head) in known.notice_labels:
            return True
    is_chinese = "\u4e00" <= forms[0][0] <= "\u9fff"
    return known.notices.match(("" if is_chinese else " ").join(forms)) is not None


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
