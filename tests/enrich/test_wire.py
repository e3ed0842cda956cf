"""Which agency a text credits: the printed forms, in several scripts, and what is no credit."""

import random
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.enrich import wire
from crawler.enrich.agencies import AGENCIES
from crawler.enrich.wire import agency, credit, signer

BODY = ("Shells hit the port of Marlow on Monday, the governor said.", "Nobody was hurt in the attack, he added.")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("source: Xinhua", "Xinhua"),
        ("Source: Reuters", "Reuters"),
        ("SOURCE : The Associated Press", "The Associated Press"),
        ("Sources: AFP / Reuters", "AFP / Reuters"),
        ("المصدر: رويترز", "رويترز"),
        ("المصدر: RT|رويترز", "رويترز"),
        ("Источник: ТАСС", "ТАСС"),
        ("Kaynak: AA", "AA"),
        ("Source: Marlow News Agency", "Marlow News Agency"),
        ("/ТАСС/", "ТАСС"),
        ("(AFP)", "AFP"),
        ("(بترا)", "بترا"),
        ("--(بترا)", "بترا"),
        ("- Interfax.", "Interfax"),
        ("© 2020 Reuters", "Reuters"),
        ("Copyright 2019 The Associated Press", "The Associated Press"),
        ("Reuters", "Reuters"),
    ],
)
def test_a_line_that_is_only_the_credit_is_read_and_taken_out(line: str, name: str) -> None:
    found = credit([*BODY, line], self_names=("RT",))
    assert found is not None
    assert (found.name, found.rule, found.paragraphs) == (name, "line", BODY)


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        ("KYIV, July 3 (Reuters) - Shells hit a port on Monday.", "Reuters"),
        ("ANKARA (AA) - Shells hit a port on Monday.", "AA"),
        ("PARIS, June 3 (Xinhua) -- Talks ended.", "Xinhua"),
        ("МОСКВА, 3 июля. /ТАСС/. Порт закрыт.", "ТАСС"),
        ("عمان 3 تموز (بترا)- افتتح الميناء.", "بترا"),
        ("MARLOW. July 3. Interfax-Ukraine - The port is closed.", "Interfax-Ukraine"),
    ],
)
def test_the_dateline_of_the_first_paragraph_credits(opening: str, name: str) -> None:
    found = credit([opening, *BODY])
    assert found is not None
    assert (found.name, found.rule, found.paragraphs) == (name, "dateline", (opening, *BODY))


@pytest.mark.parametrize(
    ("closing", "name"),
    [
        ("The port is closed. (AFP)", "AFP"),
        ("The port is closed. /TASS/", "TASS"),
        ("وأغلق الميناء --(بترا)", "بترا"),
        ("The port is closed. - Interfax", "Interfax"),
    ],
)
def test_a_sign_after_the_last_sentence_credits(closing: str, name: str) -> None:
    found = credit([*BODY, closing])
    assert found is not None
    assert (found.name, found.rule, found.paragraphs) == (name, "sign", (*BODY, closing))


@pytest.mark.parametrize(
    ("sentence", "name", "rule"),
    [
        ("Troops entered the village at dawn, FNA reported.", "FNA", "closing"),
        ("Troops entered the village, according to the Iranian news agency FARS.", "FARS", "cited"),
        ("“It is over,” the source told AFP.", "AFP", "cited"),
        ("Reuters reports that troops entered the village.", "Reuters", "cited"),
        ("The SANA news agency said troops entered the village.", "SANA", "cited"),
        ("Anadolu Agency (AA) reported that the road was open.", "Anadolu Agency", "cited"),
        ("AFP’s correspondent saw smoke over the port.", "AFP", "cited"),
        ("وقالت وكالة أنباء فارس إن الطريق مفتوح.", "فارس", "cited"),
        ("Об этом сообщает ТАСС.", "ТАСС", "cited"),
        ("ونقلت وكالة سانا عن مصدر أن القرية خالية.", "سانا", "cited"),
    ],
)
def test_an_account_that_cites_one_agency_rests_on_it(sentence: str, name: str, rule: str) -> None:
    found = credit([*BODY, sentence])
    assert found is not None
    assert (found.name, found.rule, found.paragraphs) == (name, rule, (*BODY, sentence))


@pytest.mark.parametrize(
    "paragraphs",
    [
        BODY,
        ("The source told AFP.", "Reuters reported that the road was cut."),
        ("MOSCOW (Sputnik) — Shells hit a port.", "A source told Sputnik so."),
        ("According to the Syrian Observatory for Human Rights, nine died.",),
        ("Residents of Fars province rejoiced.", "The city of Sana is far.", "AA batteries were found."),
        ("وقال فارس الحداد إن الطريق مفتوح.",),
        ("He works for Reuters and lives in Marlow.",),
        ("المصدر: RT",),
        ("Source: officials say that the road is closed.",),
        (),
        ("",),
    ],
)
def test_what_is_no_wire(paragraphs: tuple[str, ...]) -> None:
    found = credit(paragraphs, self_names=("Sputnik", "RT"))
    assert found is None


def test_a_line_that_names_an_agency_inside_the_text_stays() -> None:
    lines = ("Three papers printed the picture on Monday.", "AFP", "Two others refused it, he said.")
    found = credit(lines)
    assert found is None or found.paragraphs == lines


def test_the_same_agency_in_two_forms_is_one() -> None:
    found = credit(["A source told SANA so.", "According to Sana news agency, the road is open."])
    assert found is not None
    assert found.name == "SANA"


def test_names_are_found_where_they_are_looked_for_at_each_word() -> None:
    chance, found = random.Random(1), 0
    forms = [form for row in AGENCIES for form in row]
    for _ in range(1_000):
        name = chance.choice((str, str, str.upper, str.lower, str.title))(chance.choice(forms))
        text = (
            chance.choice(("", "told ", "al", "ل", "(", "İ")) + name + chance.choice(("", " news", "s", ")", "ı said"))
        )
        spans = [match.span() for match in wire._mentions(text)]
        assert spans == [match.span() for match in wire._mention().finditer(text)], text
        found += bool(spans)
    assert found > 300


def test_no_form_belongs_to_two_agencies() -> None:
    forms = [form for row in AGENCIES for form in {name.casefold() for name in row}]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []
    assert agency("FARS") == agency("Fars News Agency") == "FNA"
    assert agency("Syrian Observatory for Human Rights") is None


@settings(max_examples=100)
@given(lines=st.lists(st.text(max_size=300), max_size=8))
def test_no_text_breaks_it(lines: list[str]) -> None:
    found = credit(lines, self_names=("RT",))
    assert found is None or set(found.paragraphs) <= set(lines)


def credits_printed(name: str) -> Iterator[tuple[str, str, str | None]]:
    """Form with language, text, and the agency that it credits (None: nobody), of a file of such texts."""
    data = tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))
    for row in data["credit"]:
        yield from ((f"{row['form']} {language}", *row[language]) for language in row if language != "form")
    for row in data["none"]:
        yield from ((f"nobody {language}", text, None) for language, text in row.items())


FORMS = [*credits_printed("wire_credits.toml"), *credits_printed("wire_held_out.toml")]


@pytest.mark.parametrize(("form", "text", "name"), FORMS, ids=[form for form, _, _ in FORMS])
def test_each_form_in_each_language(form: str, text: str, name: str | None) -> None:
    own = ("RT", "Sputnik") if form.startswith("nobody") else ("RT",)
    found = credit([paragraph.strip() for paragraph in text.split("¶")], self_names=own)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("authors", "name"),
    [
        (("Reuters",), "Reuters"),
        (("Ann Hale", "The Associated Press"), "The Associated Press"),
        (("رويترز",), "رويترز"),
        (("Sputnik", "Ann Hale"), None),
        (("Синьхуа",), "Синьхуа"),
        (("Ann Hale",), None),
        (("Marlow Press",), None),
        ((), None),
    ],
)
def test_an_agency_that_signs_is_credited(authors: tuple[str, ...], name: str | None) -> None:
    assert signer(authors, self_names=("Спутник",)) == name


def test_agencies_of_every_region_are_credited() -> None:
    names = {agency(name) for _, _, name in FORMS if name}
    assert len(names) >= 25


@pytest.mark.parametrize(
    "unit",
    [
        "据路透社",
        "（AFP",
        "a/AFP/",
        "with ",
        "mit AFP ",
        "3 AFP - ",
        "dit à l'",
        "according to the ",
        "told AFP ",
        "(",
        "/",
        "A.",
        "Source: ",
        "- ",
        "a (AFP) - ",
        "لوكالة ",
    ],
)
def test_time_grows_with_length_only(unit: str) -> None:
    start = time.process_time()
    credit([unit * (100_000 // len(unit))] * 3)
    assert time.process_time() - start < 2
