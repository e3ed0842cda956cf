"""Reports of invented wars, each of its own: an article of 4,500 characters is put together clause by clause."""

import random

_WHEN = (
    "On Monday", "Late on Tuesday", "Before dawn", "Shortly after noon", "During the night", "By Thursday evening",
    "Hours later", "A day earlier", "Since the weekend", "At first light", "Around the same time", "In the afternoon",
    "Toward midnight", "Two days after the talks", "As the curfew began", "While the envoys met", "In early spring",
)  # fmt: skip
_WHO = (
    "government troops", "fighters of the Northern Front", "the Coastal Guard", "a militia from the hills",
    "rescue workers", "the provincial governor", "residents of the lower town", "two brigades of the army",
    "the truce commission", "aid workers", "a column of armoured vehicles", "gunmen in unmarked cars", "the garrison",
    "families from the valley", "an artillery unit", "the rebels' command", "military engineers", "a patrol boat",
    "foreign mediators", "the General Staff", "snipers on the ridge", "nurses at the field hospital", "border guards",
)  # fmt: skip
_DID = (
    "shelled", "withdrew from", "took", "reached", "was seen near", "opened fire on", "crossed", "surrounded", "left",
    "laid mines along", "evacuated", "searched", "lost control of", "brought flour to", "came under fire at",
    "closed the road to", "set up positions around", "counted the dead in", "fired rockets at", "guarded", "retook",
)  # fmt: skip
_WHERE = (
    "the railway depot", "the salt wharf", "the old grain market", "the canal bridge", "two villages south of {town}",
    "the hospital of {town}", "the brick works", "the airfield at {town}", "the upper terraces", "a school in {town}",
    "the pumping station", "the stadium road", "the northern bus station", "a convoy bound for {town}", "the dam",
    "the poplar groves", "the refugee camp outside {town}", "the ferry landing", "the power station at {town}",
)  # fmt: skip
_RESULT = (
    "killing {small} people", "and {number} people were wounded", "which has held out for {small} months",
    "despite the ceasefire", "as ammunition ran short", "without meeting resistance", "for the {small}th time this year",
    "leaving {number} families without water", "under cover of fog", "after {small} hours of fighting",
    "where {number} civilians had sought shelter", "and took {small} prisoners", "before the envoys arrived",
    "and the fire burned until evening", "in breach of the agreement of {town}", "with the loss of a helicopter",
)  # fmt: skip
_SAYS = (
    "the Interior Ministry said", "a spokesman told reporters", "according to a doctor at the clinic",
    "{witness} said by telephone", "local radio reported", "the monitoring group wrote", "two officers confirmed",
    "said {witness}, who lives near the river", "a statement of the command said", "witnesses told this newspaper",
)  # fmt: skip
_QUOTES = (
    "We carried the children out through a window", "Nobody here has slept for three nights", "There was no siren",
    "They promised us a corridor and shelled it", "The bridge is all that is left to us", "I counted forty shells",
    "We shall not leave our dead in the street", "This is no truce, it is a pause to reload", "Winter will decide it",
)  # fmt: skip
_TOWNS = (
    "Lesk", "Orlitsa", "Kresna Luka", "Toruna", "Dolvar", "Sarven", "Melnograd", "Velj Most", "Karacalar", "Tell Abyar",
    "Umm Jalal", "Hadrasa", "Bir Nasih", "Qalat Khidr", "Sundera", "Ain Sarw", "Wadi Hamra", "Tarn", "Mbewala", "Pelay",
)  # fmt: skip
_GIVEN = ("Layla", "Hana", "Yusuf", "Vera", "Samir", "Alena", "Omid", "Miro", "Nadia", "Pavel", "Grace", "Tomas")
_FAMILY = ("Sabbagh", "Dvorkin", "Demirel", "Kolin", "Haddar", "Strnad", "Havlan", "Ondrik", "Solenz", "Whitlock")


class Reporter:
    """Writes reports. The same dice write the same."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def headline(self) -> str:
        """Eight words or so: "Border guards retook the dam at Lesk, killing 7 people"."""
        dice = self._dice
        who = dice.choice(_WHO)
        said = f"{who} {dice.choice(_DID)} {dice.choice(_WHERE)} {dice.choice(_RESULT)}"
        return self._filled(f"{said} in {dice.choice(_TOWNS)}")

    def paragraphs(self, characters: int) -> tuple[str, ...]:
        """Paragraphs of two or three sentences that come to so many characters."""
        written: list[str] = []
        while sum(map(len, written)) < characters:
            written.append(" ".join(self._sentence() for _ in range(self._dice.randint(2, 3))))
        return tuple(written)

    def name(self) -> str:
        """A person's."""
        return f"{self._dice.choice(_GIVEN)} {self._dice.choice(_FAMILY)}"

    def _sentence(self) -> str:
        dice = self._dice
        clause = f"{dice.choice(_WHO)} {dice.choice(_DID)} {dice.choice(_WHERE)} {dice.choice(_RESULT)}"
        form = dice.randrange(5)
        if form == 0:
            said = self._filled(f"{dice.choice(_SAYS)}; {clause}.", capital=False)
            return f"“{dice.choice(_QUOTES)},” {said}"
        if form == 1:
            return self._filled(f"{clause}, {dice.choice(_SAYS)}.")
        if form == 2:
            other = f"{dice.choice(_WHO)} {dice.choice(_DID)} {dice.choice(_WHERE)}"
            return self._filled(f"{dice.choice(_WHEN)} {clause}, while {other} {dice.choice(_RESULT)}.")
        return self._filled(f"{dice.choice(_WHEN)} {clause}.")

    def _filled(self, text: str, *, capital: bool = True) -> str:
        """With towns, figures and witnesses in their places."""
        dice = self._dice
        filled = text.format(
            town=dice.choice(_TOWNS), small=dice.randint(2, 19), number=dice.randint(20, 900), witness=self.name()
        )
        return filled[0].upper() + filled[1:] if capital else filled
