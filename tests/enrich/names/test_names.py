"""Which actors and places a text names, where in it, and when it leaves open which place it means."""

import time
import tomllib
from collections import defaultdict
from importlib.resources import files
from itertools import product

import pytest

from archive.gazetteer import spots
from archive.model import Mention
from crawler.enrich import names
from crawler.enrich.names.ordinary import ordinary
from crawler.enrich.names.reading import spelled
from tests.enrich.names.scoring import Tally, score, sentences

PRECISION, RECALL = 0.95, 0.85


def found(text: str, language: str | None = "en", **others: object) -> tuple[Mention, ...]:
    fields: dict[str, object] = {"headline": None, "lede": None, "text": text, "language": language, **others}
    return names.find(**fields)  # type: ignore[arg-type]


def sure(text: str, language: str | None = "en", **others: object) -> set[str]:
    return {mention.label for mention in found(text, language, **others) if mention.certainty == "sure"}


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        *product(["sentences.toml", "held_out.toml"], ["actor", "place"]),
        *product(["ordinary.toml", "unseen.toml", "third.toml"], ["place"]),
    ],
)
def test_labelled_sentences_are_read_as_people_read_them(file: str, kind: str) -> None:
    strict = file not in ("sentences.toml", "held_out.toml")
    tallies = {group: tally for (of, group), tally in score(file, strict=strict).items() if of == kind}
    whole = Tally()
    for tally in tallies.values():
        whole.right += tally.right
        whole.wrong += tally.wrong
        whole.missed += tally.missed
        whole.notes += tally.notes
    notes = "\n".join(whole.notes)
    assert (whole.precision, whole.recall) >= (PRECISION, 0), notes
    assert whole.recall >= RECALL, notes
    for group, tally in tallies.items():
        if file == "sentences.toml":
            assert tally.precision >= PRECISION, (group, tally.notes)
            assert tally.recall >= RECALL, (group, tally.notes)


def test_there_are_enough_sentences_of_several_scripts() -> None:
    by_language = defaultdict(int)
    for file in ("sentences.toml", "held_out.toml", "ordinary.toml", "unseen.toml", "third.toml"):
        for language, _ in sentences(file):
            by_language[language] += 1
    assert sum(by_language.values()) >= 360
    assert by_language.keys() >= {"en", "fr", "de", "es", "tr", "ar", "fa", "ru", "uk", "zh", "he"}


def test_spans_are_those_of_the_text_as_it_is() -> None:
    text = "In Ḥamāh — “Hama” — and İdlib the Syrian army fired. 🔥 Then Hama's market burned."
    spans = {
        (mention.label, text[start:end])
        for mention in found(text)
        for start, end in mention.spans
    }  # fmt: skip
    assert spans >= {("Hama", "Hama"), ("Hama", "Hama's"), ("Idlib", "İdlib"), ("Syrian Arab Army", "Syrian army")}
    arabic = "تقدمت القوات نحو الرَّقَّة، وبالرقة سقطت قذائف في سوريا."
    (raqqa,) = [mention for mention in found(arabic, "ar") if mention.label == "Raqqa"]
    assert [arabic[start:end] for start, end in raqqa.spans] == ["الرَّقَّة", "وبالرقة"]
    chinese = "叙利亚阿勒颇市郊"
    (aleppo,) = [mention for mention in found(chinese, "zh") if mention.label == "Aleppo"]
    assert [chinese[start:end] for start, end in aleppo.spans] == ["阿勒颇"]


def test_each_part_of_an_article_has_its_own_mentions() -> None:
    mentions = names.find(
        headline="Truce in Aleppo",
        lede="A truce began in Aleppo.",
        text="A truce began in Aleppo.\n\nAleppo was quiet.",
        captions=("Aleppo's citadel", "A street in Homs, Syria"),
        language="en",
    )
    counts = {(mention.label, mention.part): len(mention.spans) for mention in mentions}
    assert counts == {
        ("Aleppo", "headline"): 1,
        ("Aleppo", "lede"): 1,
        ("Aleppo", "text"): 2,
        ("Aleppo", "caption"): 1,
        ("Homs", "caption"): 1,
    }


@pytest.mark.parametrize(
    ("text", "label", "country"),
    [
        ("Trucks entered Rafah, Gaza.", "Rafah", "PS"),
        ("Trucks waited in Rafah, Egypt.", "Rafaḩ", "EG"),
        ("Shots were fired in Tripoli, Libya.", "Tripoli", "LY"),
        ("Shots were fired in Tripoli, Lebanon.", "Tripoli", "LB"),
        ("Lebanese soldiers patrolled Tripoli.", "Tripoli", "LB"),
        ("In Benghazi and in Tripoli banks stayed shut.", "Tripoli", "LY"),
        ("Graves were found in Bucha near Kyiv.", "Bucha", "UA"),
    ],
)
def test_the_context_decides_which_place_is_meant(text: str, label: str, country: str) -> None:
    places = [mention for mention in found(text) if mention.kind == "place" and mention.label == label]
    assert [(spots()[place.term].country, place.certainty) for place in places] == [(country, "sure")]


@pytest.mark.parametrize(
    "text",
    [
        "Tripoli, in Greece, lies on a plain.", "The village of Bucha in Germany has a church.",
        "Odessa, Texas, pumps oil.", "Victoria Beckham opened a shop.", "Vladimir Petrov resigned.",
        "The Minsk agreements failed.", "She reads the Jerusalem Post.", "Of course not.",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert not sure(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Рост цен в России замедлился.", "ru"), ("В России ГАО «Поток» подало иск.", "ru"),
        ("Российский ультиматум Медведева отклонён.", "ru"), ("В России у Медведева спросили об этом.", "ru"),
        ("В Ивановской области России дожди.", "ru"), ("省长沙巴兹出席了中国的仪式。", "zh"),
        ("وقال المرصد، وهو هيئة صينية، إن الهدنة صمدت.", "ar"),
        ("The GAO report criticised the French mission in Mali.", "en"),
    ],
)  # fmt: skip
def test_words_with_the_letters_of_a_place_are_none(text: str, language: str) -> None:
    assert not sure(text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("اجتاحت السيول عدة أحياء.", "ar"), ("أغلق العمال المرفأ احتجاجا.", "ar"), ("نقلت خمس شحنات من الطحين.", "ar"),
        ("سقطت الحافلة في وادي عميق.", "ar"),
        ("خرجوا من بابين وسار الموكب أياما طويلة.", "ar"),
        ("زار مسقط رأسه بعد غياب.", "ar"),
        ("عبر الرعاة الوادي ليلا.", "ar"), ("المدينة البيضاء القديمة.", "ar"),
        ("В городке Леск построили мост.", "ru"), ("Ordu yetkilileri konuştu.", "tr"), ("הילדים שתו חלב בבוקר.", "he"),
        ("Mehmet Aydın yeni görevine başladı.", "tr"), ("中国网络电视台、中国台湾网报道。", "zh"),
        ("Das muss man in der Apotheke bezahlen.", "de"), ("El Nobel de la paz y la Paz.", "es"),
        ("Bush with Iraq. Obama with Libya.", "en"), ("قاربت السلطات باران شدید.", "ur"),
    ],
)  # fmt: skip
def test_an_ordinary_word_is_not_even_an_ambiguous_place(text: str, language: str) -> None:
    assert not [mention for mention in found(text, language) if mention.kind == "place"]


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("انتشرت الشرطة في سيول عاصمة كوريا الجنوبية.", "ar", "Seoul"),
        ("وصل السياح إلى الأقصر في مصر.", "ar", "Luxor"),
        ("سقطت قذائف في مدينة البيضاء في ليبيا.", "ar", "Al Bayḑā’"),
        ("سرت غرب ليبيا هادئة، وفي سرت سكان.", "ar", "Sirte"),
        ("أصابت الطائرة الباب شمال شرقي حلب.", "ar", "al-Bab"), ("عبرت الحافلات هجين شرق دير الزور.", "ar", "Hajīn"),
        ("أحرقت النيران مخمور، 60 كم جنوب أربيل.", "ar", "Mexmur"),
        ("وصل الوسطاء إلى مسقط مساء.", "ar", "Muscat"), ("سافر المصلون للقدس.", "ar", "Jerusalem"),
        ("Ordu'nun Ünye ilçesinde yangın çıktı.", "tr", "Ordu"), ("В Орле и Курске, в России, тихо.", "ru", "Orël"),
        ("ארגוני סיוע בדמשק ובחלב שבסוריה.", "he", "Aleppo"),
        ("Snow closed the airport of Van in eastern Turkey.", "en", "Van"),
    ],
)  # fmt: skip
def test_a_place_spelled_like_a_word_is_found_where_the_text_says_so(text: str, language: str, label: str) -> None:
    assert label in sure(text, language)


def test_a_direction_from_afar_makes_no_place_of_a_word() -> None:
    assert sure("الباب شرق بيروت مغلق.", "ar") == {"Beirut"}, "no place of that name lies near"
    assert sure("فتحوا الباب وحلب هادئة.", "ar") == {"Aleppo"}, "no direction leads there"


def test_the_words_that_collide_are_spelled_as_texts_are_compared() -> None:
    for word, senses in ordinary().items():
        assert spelled(word) == word, (word, senses)


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("Bei Kämpfen nahe Kupjansk starben zwei Menschen.", "de", "Kupiansk"),
        ("Des tirs ont visé Koupiansk.", "fr", "Kupiansk"),
        ("Дрон влучив у будинок у Марганці, поблизу Марганця.", "uk", "Marhanets"),
        ("В Краснодаре и Благовещенской области России дожди.", "ru", "Krasnodar"),
        ("کراچی میں فائرنگ ہوئی۔", "ur", "Karachi"),
        ("سكان مصراتة وسرت غرب ليبيا.", "ar", "Sirte"), ("Misrata and Sirte in Libya were calm.", "en", "Sirte"),
        ("پهپادی بر فراز سنندج در ایران سرنگون شد.", "fa", "Sanandaj"),
        ("军队昨天炮击丁索爾。", "zh", "Diinsoor"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_its_language_spells_declines_or_joins_it(text: str, language: str, label: str) -> None:
    assert label in sure(text, language)


@pytest.mark.parametrize(
    "text", ["Его ждут на Комсомольской улице в России.", "Центральный рынок России закрыт.", "卢卡申科访问俄罗斯。"]
)
def test_part_of_a_longer_word_or_an_adjective_is_not_surely_a_place(text: str) -> None:
    assert not {mention.label for mention in found(text, "zh" if "俄" in text else "ru") if mention.certainty == "sure"}


@pytest.mark.parametrize(
    ("text", "label"),
    [("Он родился в Ростове, в России.", "Rostov-on-Don"), ("Под Харьковом и в Киеве тихо.", "Kharkiv")],
)
def test_a_case_of_a_name_is_that_name(text: str, label: str) -> None:
    assert label in sure(text, "ru")


def test_without_evidence_a_name_of_several_places_is_ambiguous() -> None:
    (mention,) = found("Tripoli was calm.")
    assert (mention.kind, mention.certainty) == ("place", "ambiguous")
    assert {mention.certainty for mention in found("Tripoli was calm.", country="LY")} == {"sure"}
    assert {mention.certainty for mention in found("Tripoli was calm.", dateline="BENGHAZI")} == {"sure"}


def test_an_abbreviation_of_several_needs_evidence() -> None:
    assert "Rapid Support Forces" in sure("The RSF shelled Omdurman, Sudanese doctors said.")
    assert not sure("The RSF published its yearly list of jailed reporters.")
    assert not sure("RSF, or Reporters Without Borders, spoke of Sudan.")
    assert "Rapid Support Forces" in sure("The Rapid Support Forces left. The RSF gave no reason.")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A lorry fire closed the M23 in both directions.", "en"), ("What IS certain is that prices will rise.", "en"),
        ("The orchestra played Wagner and Brahms.", "en"), ("Inflation as measured by the CPI fell in Canada.", "en"),
        ("Japan's SDF will hold an exercise.", "en"), ("طلب المعلم من طالبان الإجابة.", "ar"),
    ],
)  # fmt: skip
def test_what_only_shares_an_actors_letters_is_not_even_an_ambiguous_actor(text: str, language: str) -> None:
    assert not [mention for mention in found(text, language) if mention.kind == "actor"]


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        ("Police arrested two IS militants.", "en", "Islamic State"),
        ("Kämpfer des IS und IS-Kämpfer flohen.", "de", "Islamic State"),
        ("طالبان مدارس را بست.", "fa", "Taliban"),
    ],
)  # fmt: skip
def test_who_fights_for_it_or_the_language_says_that_an_actor_is_meant(text: str, language: str, label: str) -> None:
    assert label in sure(text, language)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "'", "ال", "و", "\u200c", "a" * 100_000, "Of " * 30_000, "\ud800 Aleppo", "ИГ" * 50_000]
)
def test_no_text_is_too_odd(text: str) -> None:
    started = time.process_time()
    found(text)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("word", ["Rafah ", "RSF ", "رفح ", "阿勒颇", "Syria, Tripoli in ", "Lyman "])
def test_time_grows_with_the_text_and_no_faster(word: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        found(word * times)
        return time.process_time() - started

    seconds(100)
    assert min(seconds(8_000) for _ in range(2)) < 16 * max(seconds(1_000), 0.005)


def test_names_are_found_in_two_milliseconds() -> None:
    text = "\n\n".join(sentence["text"] for _, sentence in sentences("sentences.toml")[:45])[:4500]
    found(text)
    started = time.process_time()
    for _ in range(10):
        found(text)
    assert (time.process_time() - started) / 10 < 0.01, "2 ms on a machine with nothing else to do"


def test_the_rules_speak_only_of_actors_of_the_vocabulary() -> None:
    vocabulary = tomllib.loads(files("archive.search").joinpath("vocabulary", "actors.toml").read_text("utf-8"))
    facts = tomllib.loads(files("crawler.enrich.names").joinpath("actors.toml").read_text("utf-8"))
    for table in ("countries", "weak", "more"):
        assert facts[table].keys() <= {actor["id"] for actor in vocabulary["actor"]}, table
