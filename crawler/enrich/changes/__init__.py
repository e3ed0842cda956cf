"""What changed between two versions of an article, in words that take no side.

    compare(older, newer) -> Change(classes=("headline", "number"), findings=(…), rules="2026.11")

The classes, in the order in which they are given:

headline          other words in the headline
number            a figure became another one; casualties are told from other figures, dates and times
attribution       somebody else says so, in another verb, or nobody any more
place_or_name     another place, person or people
correction        a notice that something was corrected came in
paragraph_added, paragraph_cut
reworded          a real edit that is none of these
cosmetic          white space, marks, accents, spelling, misprints, clocks and counters of the page; only ever alone

No class at all: nothing differs. The words are data, `words/*.toml`, of ten languages; in others figures in digits,
paragraphs and headlines are told all the same. Pure: no network, no database, no clock. Linear in the length.
"""

from crawler.enrich.changes.comparison import CLASSES, Change, Version, compare
from crawler.enrich.changes.edits import Finding
from crawler.enrich.changes.wording import version as rules_version

__all__ = ["CLASSES", "Change", "Finding", "Version", "compare", "rules_version"]
