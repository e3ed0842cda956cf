"""Walls: what stands in front of an article.

Each is weighed: what speaks for the wall against what speaks for an article.
"""

import re
from collections.abc import Iterator

from crawler.extract.evidence import ENOUGH, LONG, SCANT, SENTENCE, Evidence
from crawler.extract.prose import ends_well, size
from crawler.extract.signs import Gate
from crawler.extract.wording import words

TEASER = 700  # as much as stands in front of a paywall
OFFER = 500
MOST_LINES = 4  # of an offer
SUSPECT_STATUS = frozenset((202, 403, 405, 406, 429, 503))
PAYWALL_BOX = re.compile(
    r"pay-?_?wall|reg-?_?wall|pay-?_?gate|premium|member-?_?only|subscri(?:ber|ption)-?_?(?:only|block|wall|required)"
    r"|\block(?:ed)?\b|tp-modal|piano|regwall|suscripcion|abo-?_?(?:wall|box|teaser)",
    re.I,
)
# "1 krona", "59 Kč", "€ 4,99", "100 ₽"
PRICE = re.compile(
    r"[€$£₹¥]\s?\d|\d\s?(?:[€$£₽₴₺₹円元원]|(?:euros?|kr|kron\w+|zł|Kč|руб\w*|грн|TL|lei|Ft|CHF)\b)", re.I
)


def _is_challenge(seen: Evidence, gate: Gate) -> bool:
    if gate.at(seen) or (seen.prose < ENOUGH and not seen.claims_article and gate.proven(seen)):
        return True
    if seen.date == 2 or len(seen.text) > 1.5 * ENOUGH:
        return False
    marked, titled, suspect = gate.marked(seen), gate.titled(seen), seen.status in SUSPECT_STATUS
    if marked and seen.is_bare and len(seen.shown) < SCANT and seen.news <= 1:
        return True
    told = seen.told
    breadth = told.breadth("robot", "browser", "check", "wait", "refused")
    if seen.status >= 400 and suspect and seen.is_bare and (breadth or titled or marked):
        return True
    wall = breadth + told.any("address") + 2 * titled + suspect + seen.is_hidden
    # "Your access has been limited": who is refused may read it in the title, with the time of it below.
    if seen.is_bare and seen.titled["address"] and seen.titled.any("refused", "robot", "browser", "check"):
        wall += 1 + (seen.date == 1)
    if seen.is_bare:
        wall += told.any("wait") + 2 * marked + seen.has_fields
    if seen.titled["gone"] and not told.any("robot", "browser"):
        return False  # "We can't find that page. Please check the address": an error
    # A title alone may be an article's: what follows must speak of the same.
    titled = titled and (
        suspect or marked or seen.prose < SENTENCE or seen.body.any("robot", "browser", "check", "refused")
    )
    asks = breadth >= 1 and seen.is_bare and seen.has_fields and told["address"] > 0
    return (breadth >= 2 or titled or asks or (marked and seen.is_bare)) and wall - seen.news >= 3


def _is_consent(seen: Evidence, gate: Gate) -> bool:
    if gate.at(seen) and seen.prose < ENOUGH:
        return True
    if seen.prose > LONG:
        return False
    told = seen.told
    if told.breadth("cookie", "data", "consent") < 2 and not gate.titled(seen):
        return False
    if seen.news >= 4:
        return False
    wall = min(told.total("cookie", "data", "consent"), 6) + told.any("address") + 2 * gate.titled(seen)
    return wall + (seen.controls > 0 and seen.is_bare) - 2 * seen.news >= 4


def _is_login(seen: Evidence, gate: Gate) -> bool:
    if seen.status == 401:
        return True
    if not seen.has_password or seen.date == 2 or seen.prose >= ENOUGH:
        return False
    named = gate.at(seen) or gate.titled(seen) or seen.titled["login"] > 0
    return (
        (named or seen.told["login"] > 0 or seen.prose < SENTENCE) and seen.news <= 1 + named and seen.prose < SCANT * 2
    )


def _is_paywall(seen: Evidence, gate: Gate) -> bool:
    if seen.status == 402:
        return True
    if seen.prose >= TEASER + SCANT:
        return False  # enough to be worth reading, whatever follows it
    language = seen.told.language
    boxes = seen.boxes(PAYWALL_BOX)
    offers = [*boxes, *_endings(seen)]
    if any(_is_offer(offer, language) for offer in offers) or any(_is_offer(box, None) for box in boxes):
        return True
    if any(words(line, language=language).breadth("abo", "read") == 2 for line in seen.following):
        return True
    # "Already a subscriber?" stands in the header of free articles as well, and short reports are given whole on pages
    # that are marked as not free: a mark counts beside a box, or where the text breaks off.
    if not gate.marked(seen):
        return False
    cut = bool(seen.paragraphs) and seen.paragraphs[-1].endswith(("...", "…"))
    cut = cut or (seen.is_bare and _is_offer(seen.shown, language))
    return cut or any(words(box, language=language)["abo"] for box in boxes)


def _endings(seen: Evidence) -> Iterator[str]:
    """The last line, the last two, up to four; sentences that offer nothing end them."""
    ending: list[str] = []
    for line in seen.paragraphs[: -MOST_LINES - 1 : -1]:
        offers = words(line, language=seen.told.language)["abo"] > 0
        if size(line) > SCANT or (ending and size(line) > 1.5 * SENTENCE and not offers):
            break
        ending.insert(0, line)
        yield "\n".join(ending)


def _is_offer(text: str, language: str | None) -> bool:
    """Whether a box offers to let the reader read on: no notice of how many articles are left, and no report."""
    if not 0 < len(text) < OFFER:
        return False
    said = words(text, language=language)
    # "4 Wochen für 1 Euro testen"; a sentence with a price has to say more of reading
    terse = len(text) < SENTENCE and not ends_well(text)
    priced = said["read"] >= 2 - terse and PRICE.search(text) is not None
    asks = said["abo"] > 0 and (said["read"] > 0 or (said["login"] > 0 and said["address"] > 0))
    return (priced or asks) and not said.any("left", "report")


def _is_region(seen: Evidence, _gate: Gate) -> bool:
    if seen.status == 451:
        return True
    told = seen.told
    if seen.news > 0 or len(seen.text) > TEASER or not told["region"]:
        return False
    return (
        told.breadth("gone", "refused") > 0
        and told["address"] > 0
        and seen.titled.breadth("region", "gone", "refused") > 0
    )


BLOCKED = {
    "challenge": _is_challenge, "consent": _is_consent, "login": _is_login, "paywall": _is_paywall,
    "region": _is_region,
}  # fmt: skip
