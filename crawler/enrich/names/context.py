"""What a report says of where it plays: countries, actors at home in them, places that are beyond doubt."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt

from archive.gazetteer import Spot
from crawler.enrich.names.hits import Hit, words_of
from crawler.enrich.names.lexicon import Country

NEAR = 120.0  # km; two places of one report that are nearer support each other
_EARTH = 6371.0
_REACH = 4  # words between a name and the country that it is said to lie in
_IN = words_of(
    "in, en, au, im, в, у, في, در, ב, of, de, du, the, northern, southern, eastern, western, central, northeastern, "
    "northwestern, southeastern, southwestern, north, south, east, west, شمال, جنوب, شرق, غرب, وسط, شمالي, جنوبي, "
    "شرقي, غربي, على, север, юг, восток, запад, nord, sud, est, ouest, norte, sur, este, oeste"
)
_OF = words_of(
    "of, town, city, village, settlement, region, province, district, suburb, camp, northern, southern, eastern, "
    "western, north, south, east, west, coastal, the, de, ville, la, город, село, місто, stadt, dorf, ciudad, pueblo"
)
# "Bazaa east of Aleppo", "الباب شمال شرقي حلب", "Счастье севернее Луганска": with it stands how far, and what it is of
_BEARING = words_of(
    "north, south, east, west, northeast, northwest, southeast, southwest, شمال, جنوب, شرق, غرب, شمالي, جنوبي, شرقي, "
    "غربي, الشمالي, الجنوبي, الشرقي, الغربي, севернее, южнее, восточнее, западнее, северу, югу, востоку, западу, "
    "північніше, південніше, східніше, західніше, nord, sud, est, ouest, nordöstlich, nordwestlich, südöstlich, "
    "südwestlich, nördlich, südlich, östlich, westlich, norte, sur, este, oeste, noreste, noroeste, sureste, suroeste"
)
_AWAY = words_of(
    "of, from, about, some, just, to, the, km, kilometres, kilometers, miles, city, town, von, de, del, al, a, au, à, "
    "l, la, d, du, ville, ciudad, كم, كيلومترا, كيلومتر, نحو, عن, من, مدينه, مدينة, ريف, в, к, от, км, города"
)
_FAR = 8  # words at most between a name and the place that it lies near
_AND = words_of("and, et, und, y, e, ve, ile, и, та, і, й, و, ו, or, ou, oder, или, або")
_JOINING = frozenset(" ,(（،-–'’")


@dataclass(slots=True)
class Context:
    """Evidence of countries: in the whole report and by sentence. `sure`: places that are beyond doubt."""

    countries: Counter[str] = field(default_factory=Counter)
    by_sentence: dict[tuple[str, int], Counter[str]] = field(default_factory=dict)
    hints: set[str] = field(default_factory=set)  # countries of actors that are at home in many
    sure: dict[str, Spot] = field(default_factory=dict)
    taken: dict[int, frozenset[int]] = field(default_factory=dict)  # words of names, by the identity of their reading
    settled: dict[tuple[int, int], str] = field(default_factory=dict)  # countries of sure places, by reading and word
    at: dict[tuple[int, int], Country] = field(default_factory=dict)  # countries by reading and each of their words

    def add(self, sentence: tuple[str, int] | None, countries: Iterable[str], weight: int = 1) -> None:
        """Note evidence of countries."""
        for country in countries:
            self.countries[country] += weight
            if sentence is not None:
                self.by_sentence.setdefault(sentence, Counter())[country] += weight

    def add_place(self, spot: Spot, hit: Hit) -> None:
        """Note a place that is beyond doubt."""
        self.sure[spot.term] = spot
        self.settle(spot, hit)
        self.add(hit.sentence, (spot.country,))

    def settle(self, spot: Spot, hit: Hit) -> None:
        """Note where in the text such a place stands."""
        self.settled |= dict.fromkeys(((id(hit.reading), at) for at in range(hit.first, hit.last)), spot.country)


def begin(hits: Sequence[Hit]) -> Context:
    """What the countries named in a report give."""
    context = Context()
    words: dict[int, set[int]] = {}
    for hit in hits:
        taken = words.setdefault(id(hit.reading), set())
        if not hit.entry.doubtful or any(spot.curated for spot in hit.entry.spots):
            taken.update(range(hit.first, hit.last))  # two names of the others side by side are somebody's
        if countries := hit.entry.countries:
            context.add(hit.sentence, {country.code for country in countries})
            context.at |= dict.fromkeys(((id(hit.reading), at) for at in range(hit.first, hit.last)), countries[0])
    context.taken = {reading: frozenset(found) for reading, found in words.items()}
    return context


def is_beside_one(hit: Hit, country: str, context: Context) -> bool:
    """Whether "and" or a comma joins a name to a sure place of that country: Misrata and Sirte, مصراتة وسرت."""
    reading, key = hit.reading, id(hit.reading)
    for at, step, gap in ((hit.first - 1, -1, hit.first), (hit.last, 1, hit.last)):
        between = reading.key(at) in _AND
        joint = between or reading.raw(gap)[:1] in ("و", "ו") or not {",", "،"}.isdisjoint(reading.gap(gap))
        if joint and context.settled.get((key, at + step if between else at)) == country:
            return True
    return False


def is_off_one(hit: Hit, spot: Spot, context: Context) -> bool:
    """Whether a direction leads from a name to a sure place that `spot` lies near: الباب شرق حلب."""
    reading, is_led = hit.reading, False
    for at in range(hit.last, hit.last + _FAR):
        word = reading.key(at)
        if (country := context.settled.get((id(reading), at))) is not None:
            near = (one for one in context.sure.values() if one.country == spot.country and one.term != spot.term)
            return is_led and country == spot.country and any(distance(one, spot) <= NEAR for one in near)
        if not set(reading.gap(at)) <= _JOINING or not (word in _BEARING or word in _AWAY or word.isdigit()):
            return False
        is_led = is_led or word in _BEARING
    return False


def said_country(hit: Hit, context: Context) -> str | None:
    """The country that the words beside a name say it lies in: "Tripoli in Lebanon", "Syria's Hama", رفح المصرية."""
    reading, key = hit.reading, id(hit.reading)
    back = hit.first - 1
    while back > hit.first - 4 and reading.key(back) in _OF and set(reading.gap(back + 1)) <= _JOINING:
        back -= 1
    if (key, back) in context.at and set(reading.gap(back + 1)) <= _JOINING and "," not in reading.gap(hit.first):
        country = context.at[key, back]
        if country.is_people or reading.raw(back).endswith(("'s", "’s")) or not reading.gap(back + 1):
            return country.code
    for at in range(hit.last, hit.last + _REACH):
        if not set(reading.gap(at)) <= _JOINING:
            return None
        if (key, at) in context.at:
            country = context.at[key, at]
            follows = at == hit.last or reading.key(hit.last) in _IN or "," in reading.gap(hit.last)
            beside = "," in reading.gap(hit.last) or "(" in reading.gap(hit.last) or reading.key(hit.last) in _IN
            if (country.is_people and at == hit.last and not reading.raw(at)[:1].isupper()) or (follows and beside):
                return country.code
            return None
        if at > hit.last and reading.key(hit.last) not in _IN and "," not in reading.gap(hit.last):
            return None
    return None


def distance(one: Spot, other: Spot) -> float:
    """Kilometres along the surface (haversine)."""
    lat, lat2 = radians(one.latitude), radians(other.latitude)
    half = sin((lat2 - lat) / 2) ** 2
    half += cos(lat) * cos(lat2) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * _EARTH * asin(min(1.0, sqrt(half)))
