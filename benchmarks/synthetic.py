"""Made-up articles for an archive of any size: words by Zipf's law in six languages, publishers, days, wires, edits.

Length, mix of scripts, share of wire copies and of edited articles are those of conflict news; every word but the
commonest ones and the names of places is made of syllables. The same seed gives the same articles.
"""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate
from math import exp

from archive.gazetteer import Place, places

BEGIN = datetime(2010, 1, 1, tzinfo=UTC)
A_DAY = 170  # articles: a million in sixteen years
MEAN_BYTES = 4800  # of a text, in UTF-8
_SIGMA = 0.62  # of the logarithm of its length: short notes and long reads

_COPIES, _EDITED, _BACKFILLED = 0.06, 0.08, 0.02  # shares of the articles
_VOCABULARY = 60_000  # words of a language; what is rarer is coined on the spot
_COINED = 1 / 160  # of all words are names and numbers that nobody wrote before

_ENGLISH = (
    "the of to in and a said on that for is was by with as at from he it his has have were be an are had not who but "
    "they which their this its been after would more will also one two people when or president there government "
    "forces military army police war killed attack security officials state country city united minister told monday "
    "tuesday wednesday thursday friday saturday sunday since against about over between under during near north south "
    "east west border troops soldiers civilians ceasefire peace talks agreement rebels opposition group militants "
    "fighters air strike strikes shelling artillery drone drones missile rocket hospital school water aid refugees "
    "humanitarian agency nations council region province village town road bridge airport power energy sanctions court "
    "election parliament foreign defence interior spokesman statement report sources media video children women"
)
_ARABIC = (
    "في من على إلى أن التي عن مع الذي هذا هذه بعد قال بين كان كانت قد لا ما هو هي أو كما حيث خلال عند منذ حتى ضد وقال "
    "الرئيس الحكومة الجيش قوات القوات الأمن الشرطة الحرب مقتل قصف هجوم غارة غارات مدينة محافظة ريف شمال جنوب شرق غرب "
    "المدنيين هدنة وقف إطلاق النار المعارضة الفصائل مسلحين الأمم المتحدة مجلس الوزير الخارجية الدفاع الحدود معبر "
    "مساعدات نازحين لاجئين مستشفى مدرسة طائرة مسيرة صاروخ اليوم أمس الاثنين الثلاثاء الأربعاء الخميس الجمعة"
)
_RUSSIAN = (
    "в и на что с по не из для от к о за как его при это также был были до его она они но или же так после во уже об "
    "президент правительство армия войска войск военные силы удар удары обстрел атака беспилотник ракета город область "
    "район село граница мирные жители перемирие переговоры оборона министр министерство заявил сообщил сообщили "
    "ведомство безопасность война погибли ранены боевики боевиков террористы авиация аэропорт больница школа дорога "
    "мост вода помощь беженцы совет страна сегодня вчера понедельник вторник среда четверг пятница"
)
_UKRAINIAN = (
    "в і на що з по не із для від до про за як його це також був були після у вже та але або під час президент уряд "
    "армія війська військові сили удар удари обстріл атака безпілотник ракета місто область район село кордон мирні "
    "жителі оборона міністр заявив повідомив повідомили безпека війна загинули поранені сьогодні вчора"
)
_TURKISH = (
    "ve bir bu ile için da de olarak sonra kadar çok daha gibi ise olan ne her ancak söyledi açıkladı cumhurbaşkanı "
    "hükümet ordu asker güvenlik güçleri polis savaş saldırı hava operasyon kent sınır bölge kuzey güney doğu batı "
    "siviller ateşkes barış müzakere bakan bakanlığı dışişleri savunma okul hastane su yardım mülteci"
)
_CHINESE = (
    "的 在 是 了 和 有 对 与 将 这 不 为 中 年 月 日 说 政府 军队 总统 袭击 战争 和平 谈判 停火 城市 地区 平民 难民 "
    "安全 部队 士兵 警方 联合国 外交部 国防部 无人机 导弹 空袭 边境 医院 学校 援助 报道 表示 造成 死亡 受伤 北部 南部"
)
_LATIN_SYLLABLES = "ba ka ro mi ten sol dar fen lu gra vi ne sto ar el on ur is kha zin pre con ter ment al ing ed ly"
_ARABIC_SYLLABLES = "با كا رو مي تن سل در فن لو جر في نا ست ار ال ون عر حص خا زن مو قد شم طر"
_CYRILLIC_SYLLABLES = "ба ка ро ми тен сол дар фен лу гра ви не сто ар ел он ур ис ха зин пре кон тер ова ски ный"
_HAN = "阿勒颇叙利亚俄罗斯乌克兰以色列加沙伊拉克阿富汗苏丹也门黎巴嫩土耳其美国法德英日韩朝鲜印度巴基斯坦缅甸利比亚"


@dataclass(frozen=True, slots=True)
class _Speech:
    """A language: its commonest words, what the others are made of, its share of the articles."""

    code: str
    common: str
    syllables: str
    share: int
    script: str
    is_spaced: bool = True


_SPEECHES = (
    _Speech("en", _ENGLISH, _LATIN_SYLLABLES, 52, "LATIN"),
    _Speech("ar", _ARABIC, _ARABIC_SYLLABLES, 20, "ARABIC"),
    _Speech("ru", _RUSSIAN, _CYRILLIC_SYLLABLES, 16, "CYRILLIC"),
    _Speech("uk", _UKRAINIAN, _CYRILLIC_SYLLABLES, 5, "CYRILLIC"),
    _Speech("tr", _TURKISH, _LATIN_SYLLABLES, 5, "LATIN"),
    _Speech("zh", _CHINESE, " ".join(_HAN), 2, "HAN", is_spaced=False),
)
_BLOCKS = {"LATIN": (0x41, 0x24F), "ARABIC": (0x600, 0x6FF), "CYRILLIC": (0x400, 0x4FF), "HAN": (0x4E00, 0x9FFF)}
_OFTEN = (
    "Aleppo", "Damascus", "Homs", "Idlib", "Raqqa", "Manbij", "Gaza", "Rafah", "Kyiv", "Kharkiv", "Mariupol", "Bakhmut",
    "Mosul", "Baghdad", "Kabul", "Kandahar", "Khartoum", "Sanaa", "Aden", "Tripoli", "Beirut", "Donetsk", "Luhansk",
)  # fmt: skip
_SECTIONS = ("world", "middle-east", "europe", "politics", "war", "news", None)
_WIRES = ("Reuters", "AFP", "AP", "TASS", "Xinhua", "Anadolu")


@dataclass(frozen=True, slots=True)
class Named:
    """A place that an article names: GeoNames' number, the form that stands there, its spans in the text."""

    id: str
    form: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One version of an article as it is captured. The same `url` again: an edit."""

    url: str
    publisher: str
    headline: str
    text: str
    language: str
    section: str | None
    wire: str | None
    published_at: datetime
    captured_at: datetime
    named: tuple[Named, ...]


class _Language:
    """Words to draw from."""

    def __init__(self, speech: _Speech, dice: random.Random) -> None:
        self.speech = speech
        self._dice = dice
        self._syllables = speech.syllables.split()
        head = speech.common.split()
        self._words = list(dict.fromkeys([*head, *(self._coined() for _ in range(_VOCABULARY))]))
        self._often = list(accumulate(1 / (rank + 2.7) ** 1.05 for rank in range(len(self._words))))
        low, high = _BLOCKS[speech.script]
        self.places = [
            (place.id, form)
            for place in _well_known()
            for form in place.forms[:12]
            if form and low <= ord(form[0]) <= high
        ]
        self.place_often = list(accumulate(1 / (rank + 3) for rank in range(len(self.places))))
        self._bytes_a_word = sum(len(word.encode()) + 1 for word in self._drawn(4000)) / 4000

    def words(self) -> list[str]:
        """The words of an article."""
        dice = self._dice
        mean = MEAN_BYTES / self._bytes_a_word
        count = int(dice.lognormvariate(0, _SIGMA) * mean / exp(_SIGMA**2 / 2))
        found = self._drawn(min(max(count, 40), 4000))
        for _ in range(int(len(found) * _COINED * 2 * dice.random())):
            coined = self._coined().capitalize() if dice.random() < 0.6 else str(dice.randrange(10, 100_000))
            found[dice.randrange(len(found))] = coined
        return found

    def headline(self) -> str:
        """The words of a headline."""
        return self.joined(self._drawn(9))

    def joined(self, words: list[str]) -> str:
        """Words as a line."""
        return (" " if self.speech.is_spaced else "").join(words)

    def text(self, words: list[str], names: list[tuple[int, str]]) -> tuple[str, tuple[Named, ...]]:
        """The words as sentences and paragraphs, with these places named among them."""
        at = {}
        for place, form in names:
            for _ in range(1 + (self._dice.random() < 0.4)):
                at[self._dice.randrange(len(words))] = (place, form)
        gap, stop = (" ", ". ") if self.speech.is_spaced else ("", "。")
        parts: list[str] = []
        spans: dict[tuple[int, str], list[tuple[int, int]]] = {}
        length = begin = 0
        while begin < len(words):
            end = begin + 12 + begin % 17
            sentence = words[begin:end]
            for place in [place for place in at if begin <= place < end]:
                before = length + sum(map(len, sentence[: place - begin])) + len(gap) * (place - begin)
                sentence[place - begin] = at[place][1]
                if not any(begin <= other < place for other in at):  # its offset is known without the others'
                    spans.setdefault(at[place], []).append((before, before + len(at[place][1])))
            line = gap.join(sentence) + ("\n\n" if begin % 5 == 4 else stop)
            parts.append(line)
            length += len(line)
            begin = end
        named = (Named(f"geonames:{place}", form, tuple(spans.get((place, form), ()))) for place, form in names)
        return "".join(parts).strip(), tuple(named)

    def _drawn(self, count: int) -> list[str]:
        return self._dice.choices(self._words, cum_weights=self._often, k=count)

    def _coined(self) -> str:
        return "".join(self._dice.choices(self._syllables, k=self._dice.randrange(2, 5)))


class Stories:
    """A made-up press, in the order in which a crawler captures it."""

    def __init__(self, seed: int = 1) -> None:
        self._dice = dice = random.Random(seed)
        self._languages = [_Language(speech, dice) for speech in _SPEECHES]
        self._shares = list(accumulate(speech.share for speech in _SPEECHES))
        names = ["".join(dice.choices(_LATIN_SYLLABLES.split(), k=3)).capitalize() for _ in range(40)]
        kinds = ("Post", "News", "Times", "Agency", "Daily", "24", "Herald", "Monitor")
        self.publishers = [f"{name} {kinds[number % len(kinds)]}" for number, name in enumerate(dict.fromkeys(names))]
        self._sizes = list(accumulate(1 / (rank + 2) for rank in range(len(self.publishers))))
        self._wires: deque[Story] = deque(maxlen=400)
        self._edits: deque[Story] = deque()

    def stories(self, count: int, begin: int = 0) -> Iterator[Story]:
        """So many articles from the one with number `begin`, and the edits of some."""
        self._dice.seed(begin)
        for number in range(begin, begin + count):
            day = BEGIN + timedelta(seconds=number * 86400 / A_DAY)
            story = self._story(number, day)
            yield story
            if story.wire:
                self._wires.append(story)
            if self._dice.random() < _EDITED:
                self._edits.append(story)
            if len(self._edits) > 60:
                yield self._edited(self._edits.popleft(), day)

    def _story(self, number: int, now: datetime) -> Story:
        dice = self._dice
        publisher = dice.choices(self.publishers, cum_weights=self._sizes)[0]
        if self._wires and dice.random() < _COPIES:
            return self._copy(dice.choice(self._wires), publisher, number, now)
        language = dice.choices(self._languages, cum_weights=self._shares)[0]
        names = dice.choices(language.places, cum_weights=language.place_often, k=dice.randrange(0, 6))
        text, named = language.text(language.words(), list(dict(names).items()))
        late = timedelta(days=dice.randrange(2, 900)) if dice.random() < _BACKFILLED else timedelta(0)
        return Story(
            url=_address(publisher, number, now),
            publisher=publisher,
            headline=language.headline(),
            text=text,
            language=language.speech.code,
            section=dice.choice(_SECTIONS),
            wire=dice.choice(_WIRES) if dice.random() < 0.2 else None,
            published_at=now - late - timedelta(minutes=int(dice.expovariate(1 / 180))),
            captured_at=now,
            named=named,
        )

    def _copy(self, origin: Story, publisher: str, number: int, now: datetime) -> Story:
        """A wire's text as another publisher prints it: a paragraph cut, a line added."""
        paragraphs = origin.text.split("\n\n")
        kept = paragraphs[: max(1, len(paragraphs) - self._dice.randrange(0, 2))]
        return Story(
            url=_address(publisher, number, now),
            publisher=publisher,
            headline=origin.headline,
            text="\n\n".join([*kept, f"{publisher} {number}"]),
            language=origin.language,
            section=origin.section,
            wire=origin.wire,
            published_at=now - timedelta(minutes=self._dice.randrange(1, 90)),
            captured_at=now,
            named=origin.named,
        )

    def _edited(self, story: Story, now: datetime) -> Story:
        return Story(
            url=story.url, publisher=story.publisher, headline=story.headline, language=story.language,
            text=story.text + "\n\n" + story.headline, section=story.section, wire=story.wire,
            published_at=story.published_at, captured_at=now, named=story.named,
        )  # fmt: skip


def _address(publisher: str, number: int, day: datetime) -> str:
    host = publisher.lower().replace(" ", "-")
    return f"https://{host}.example/{day:%Y/%m/%d}/{number * 2654435761 % 2**32:x}"


@cache
def _well_known() -> list[Place]:
    """Places of which much is written first, then by size."""
    everything = sorted(places(), key=lambda place: -place.population)
    chosen = {place.name: place for place in reversed(everything) if place.name in _OFTEN}
    first = [chosen[name] for name in _OFTEN if name in chosen]
    return [*first, *(place for place in everything[:800] if place not in first)]
