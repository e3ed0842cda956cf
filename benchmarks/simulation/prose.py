"""Reports of a war that there is not, and the ways in which editors change them.

A `Report` is facts and the templates they are told in, so that an edit is a change of one fact and a text can be told
anew. Nothing here is taken from anybody's article.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

TOWNS = (
    "Ain Sarw", "Tell Abyar", "Wadi Hamra", "Karacalar", "Lesk", "Orlitsa", "Kresna Luka", "Toruna", "Mbewala",
    "Qalat Khidr", "Dolvar", "Sarven", "Bir Nasih", "Melnograd", "Sundera", "Umm Jalal", "Hadrasa", "Velj Most",
)  # fmt: skip
DISTRICTS = (
    "the old grain market", "the tanners' quarter", "the railway depot", "the northern bus station", "the salt wharf",
    "the brick works", "the upper terraces", "the canal bridge", "the stadium road", "the poplar groves",
)  # fmt: skip
SIDES = ("government troops", "the Dawn Brigades", "the Northern Front", "the Coastal Guard", "the Tarvenian army")
SOURCES = (
    "the provincial governor's office", "the General Staff", "a rescue worker at the scene", "the town's only clinic",
    "a monitoring group", "the Interior Ministry", "three residents reached by phone",
)  # fmt: skip
WITNESSES = ("Layla Sabbagh", "Hana Dvorkin", "Yusuf Demirel", "Vera Kolin", "Samir Haddar", "Alena Strnad", "Omid Raz")

# Each headline names the town; those with `{killed}` are told anew when the figure changes.
HEADLINES = (
    "Shelling of {town} kills {killed} as truce collapses",
    "Rockets hit {town} hours after ceasefire talks end",
    "{town}: artillery fire resumes along the front line",
    "At least {killed} dead in attack on {town}",
    "Troops and militants clash for control of {town}",
    "Families flee {town} as fighting reaches the outskirts",
    "Air strikes on {town} leave {killed} people dead",
    "Aid convoy to besieged {town} turned back under fire",
)
LEADS = (
    "At least {killed} people were killed and {wounded} wounded when shells struck {town} on {weekday}, {source} said.",
    "Artillery fire on {town} killed {killed} people and left {wounded} injured on {weekday}, according to {source}.",
    "An attack on {town} claimed {killed} lives on {weekday}; {wounded} people were taken to hospital, {source} said.",
)
SCENES = (
    'The first shells landed near {district} shortly after dawn. "We carried the children out through a window,"'
    " {witness}, who lives nearby, told reporters.",
    'Smoke stood over {district} until the evening. "Nobody here has slept for three nights," said {witness}, a'
    " teacher who stayed in the town.",
    'Most of the victims had been queuing at {district} when the rockets came down. "There was no siren," {witness}'
    " said by telephone.",
)
CLAIMS = (
    "Each side blamed the other. A commander of {side} denied that his men had fired and spoke of a provocation by"
    " {rival}.",
    "A spokesman for {side} said the fire had come from positions of {rival} on the heights; {rival} rejected the"
    " accusation.",
    "The attack bore the marks of {side}, military observers said, though neither they nor {rival} claimed it.",
)
BACKGROUNDS = (
    "The town has changed hands four times since the conflict began, and its hospital works in a cellar.",
    "A ceasefire agreed in the spring has been broken almost daily along this stretch of the front.",
    "Some 40,000 people lived here before the war; aid agencies believe that fewer than 9,000 remain.",
    "The road through the valley is the last on which food and fuel still reach the besieged districts.",
    "Observers of the truce commission were refused access to the area, the commission said in a statement.",
    "Mortar fire had already closed the schools and the bakery earlier in the week, residents said.",
    "Snipers on both banks of the river have made the only bridge impassable by daylight.",
    "Negotiators had hoped to exchange prisoners and the bodies of fallen soldiers before the end of the month.",
    "The military council has imposed a curfew and ordered the evacuation of two villages in the hills.",
    "Engineers have so far removed only a few of the mines that were laid in the surrounding fields.",
)
ADDITIONS = (
    "In the evening a second barrage hit the outskirts, wounding a nurse and two drivers of the Red Crescent.",
    "The foreign minister of a neighbouring state called for an inquiry and offered to receive the most badly hurt.",
    "Later reports spoke of drones above the town, and of power cuts in all of its eastern quarters.",
    "A court in the capital opened an investigation against unknown gunmen, the prosecutor's office announced.",
)
CORRECTIONS = (
    "Correction: An earlier version of this article misstated the day on which the attack took place.",
    "Correction: A previous version of this report gave the wrong distance between the town and the front line.",
    "Editor's note: This article has been corrected to give the right name of the truce commission.",
)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a story says, before it is laid out. `trim` is what no reader takes for its text: captions, tags, ads."""

    headline: str
    paragraphs: tuple[str, ...]
    facts: dict[str, str]
    is_curly: bool = False
    trim: int = 0
    used: frozenset[str] = field(default_factory=frozenset)

    def tell(self) -> tuple[str, tuple[str, ...]]:
        """Headline and paragraphs."""
        told = [_told(template, self.facts) for template in (self.headline, *self.paragraphs)]
        if self.is_curly:
            told = [_curly(text) for text in told]
        return told[0], tuple(told[1:])


def new_report(rng: random.Random, weekday: str) -> Report:
    """A report of something that happened on `weekday`."""
    side, rival = rng.sample(SIDES, 2)
    source, witness = rng.choice(SOURCES), rng.choice(WITNESSES)
    facts = {"town": rng.choice(TOWNS), "district": rng.choice(DISTRICTS), "source": source, "witness": witness}
    facts |= {"side": side, "rival": rival, "weekday": weekday}
    facts |= {"killed": str(rng.randint(3, 40)), "wounded": str(rng.randint(41, 160))}
    body = (rng.choice(LEADS), rng.choice(SCENES), rng.choice(CLAIMS), *rng.sample(BACKGROUNDS, rng.randint(2, 4)))
    return Report(headline=rng.choice(HEADLINES), paragraphs=body, facts=facts)


def _told(template: str, facts: dict[str, str]) -> str:
    text = template.format_map(facts)
    return text[0].upper() + text[1:]


def _curly(text: str) -> str:
    """Typographic quotation marks for typewriter's, as a house's style desk puts in."""
    opened = False
    out = []
    for character in text:
        if character == '"':
            opened = not opened
            out.append("“" if opened else "”")
        else:
            out.append("’" if character == "'" else character)
    return "".join(out)


# --- edits: each changes one thing that readers would name ------------------------------------------------------------


def _headline(report: Report, rng: random.Random) -> Report:
    others = [headline for headline in HEADLINES if headline != report.headline and "{killed}" not in headline]
    return replace(report, headline=rng.choice(others))


def _number(report: Report, rng: random.Random) -> Report:
    """The toll rises: of the wounded, whom no headline counts."""
    return _with(report, wounded=str(int(report.facts["wounded"]) + rng.randint(2, 30)))


def _attribution(report: Report, rng: random.Random) -> Report:
    return _with(report, source=rng.choice([source for source in SOURCES if source != report.facts["source"]]))


def _name(report: Report, rng: random.Random) -> Report:
    return _with(report, witness=rng.choice([name for name in WITNESSES if name != report.facts["witness"]]))


def _correction(report: Report, rng: random.Random) -> Report:
    return _appended(report, rng, CORRECTIONS)


def _added(report: Report, rng: random.Random) -> Report:
    return _appended(report, rng, ADDITIONS)


def _cut(report: Report, rng: random.Random) -> Report:
    """A paragraph of the background goes, of a text that has one to spare."""
    place = rng.randrange(3, len(report.paragraphs))
    return replace(report, paragraphs=(*report.paragraphs[:place], *report.paragraphs[place + 1 :]))


def _cosmetic(report: Report, _rng: random.Random) -> Report:
    return replace(report, is_curly=not report.is_curly)


def _trim(report: Report, _rng: random.Random) -> Report:
    return replace(report, trim=report.trim + 1)


EDITS: dict[str, Callable[[Report, random.Random], Report]] = {
    "headline": _headline,
    "number": _number,
    "attribution": _attribution,
    "name": _name,
    "correction": _correction,
    "paragraph_added": _added,
    "paragraph_cut": _cut,
    "cosmetic": _cosmetic,
    "trim": _trim,
}


def _with(report: Report, **facts: str) -> Report:
    return replace(report, facts=report.facts | facts)


def _appended(report: Report, rng: random.Random, pool: tuple[str, ...]) -> Report:
    left = [text for text in pool if text not in report.used] or list(pool)
    text = rng.choice(left)
    return replace(report, paragraphs=(*report.paragraphs, text), used=report.used | {text})
