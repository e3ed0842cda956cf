"""What an alarm says: what was measured against what is usual, and what to do."""

from collections import Counter
from datetime import UTC, datetime

from archive.alarm_facts import TROUBLES, Facts
from archive.alarm_rules import Finding
from archive.coverage import kind_of

_SHARES = {
    "blocked": ("{bad} of the last {window} pages were kept back ({kinds})",
                "Open one in a browser: a wall, a challenge, robots.txt? Crawl slower, or ask the publisher"),
    "failed": ("{bad} of the last {window} pages failed ({kinds})",
               "Open one in a browser: is the site down, have its addresses changed?"),
    "empty": ("{bad} of the last {window} pages held no text",
              "Look at one with `scrapy extract {url}`: its design may be new, or its text comes by script"),
    "not_article": ("{bad} of the last {window} pages were taken for no article ({kinds})",
                    "Look at one with `scrapy extract {url}`: its design may be new"),
    "text_length": ("{bad} of the last {window} texts are shorter than {limit:,.0f} characters, as few are",
                    "Look at one with `scrapy extract {url}`: is it cut?"),
    "agreement": ("in {bad} of the last {window} articles two readings of the page agree less than {limit:.2f}",
                  "Look at one with `scrapy extract {url}`: the text may hold chrome, or lack a part"),
}  # fmt: skip
_LAYOUT = (
    "the layout broke: of the last {window} articles {bad} fit no layout (most before: {layout})",
    "Look at one with `scrapy extract {url}`, add a layout for the new design to {file}, and read the captures anew "
    "with `scrapy reextract --publisher {spider}`",
)
_MISSING = (
    "{bad} of the last {window} articles have no {name}",
    "Look at one with `scrapy extract {url}`: its design may have changed",
)
_USUAL = "before, {usual_bad} of {usual_of}"


def message(finding: Finding, facts: Facts) -> str:
    """One line for people: publisher, trouble, what is usual, what to do."""
    if finding.kind == "silent":
        return _silent(finding, facts)
    if finding.kind == "failing":
        return (
            f"{facts.publisher}: {finding.source} fails: {finding.figures['bad']} of the last "
            f"{finding.figures['window']} askings; {_USUAL.format(**finding.figures)}. `archive coverage` shows since "
            "when; has it moved?"
        )
    name = finding.kind.removeprefix("missing_")
    measured, advice = _SHARES.get(finding.kind) or (_LAYOUT if finding.kind == "layout" else _MISSING)
    known = {**finding.figures, "url": _example(finding, facts), "kinds": _kinds(finding, facts), "name": name}
    known |= {"layout": _layout(finding, facts), "spider": facts.spider or facts.publisher}
    known["file"] = f"spiders/{facts.spider}.py" if facts.spider else "a publisher file"
    return f"{facts.publisher}: {measured}; {_USUAL}. {advice}.".format(**known)


def _silent(finding: Finding, facts: Facts) -> str:
    figures = finding.figures
    last = datetime.fromtimestamp(figures["last"] * 3600, UTC)
    return (
        f"{facts.publisher}: {finding.source} answers, and has had nothing new since {last:%Y-%m-%d %H:00} UTC: "
        f"{figures['due']:g} entries were due by its rhythm (usually {figures['a_day']:g} a day). Is it given up, or "
        "are its entries read wrongly?"
    )


def _example(finding: Finding, facts: Facts) -> str:
    """The address of the latest page that is meant."""
    visits = (visit.url for visit in reversed(facts.visits) if visit.outcome == finding.kind)
    if finding.kind in TROUBLES:
        return next(visits, "URL")
    return facts.readings[-1].url if facts.readings else "URL"


def _kinds(finding: Finding, facts: Facts) -> str:
    """`challenge`, or `http 503, http 500`: what the latest such pages ended with."""
    recent = [visit for visit in facts.visits[-finding.figures["window"] :] if visit.outcome == finding.kind]
    kinds = Counter(kind_of(visit.outcome, visit.detail) for visit in recent)
    return ", ".join(kind for kind, _ in kinds.most_common(3))


def _layout(finding: Finding, facts: Facts) -> str:
    before = facts.readings[: -finding.figures["window"]]
    names = Counter(reading.rule.partition(":")[2] for reading in before if reading.rule.startswith("layout:"))
    return names.most_common(1)[0][0] if names else "none"
