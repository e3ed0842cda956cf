"""The grammar of bylines, in many scripts."""

import time

import pytest

from crawler.extract.byline import is_person, is_written_as_name, names_in, split_authors, split_names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Mara Lindqvist and Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("BY MARA LINDQVIST, TARSK CORRESPONDENT", ["MARA LINDQVIST"]),
        ("By Mara Lindqvist, Staff Writer | Published 3 July 2021, 10:15 am", ["Mara Lindqvist"]),
        ("Written by Mara Lindqvist", ["Mara Lindqvist"]),
        ("Posted on July 3, 2021 by Mara Lindqvist", ["Mara Lindqvist"]),
        ("Analysis by Mara Lindqvist, CNN Editor-at-large", ["Mara Lindqvist"]),
        ("Von Mara Lindqvist und Omar Haddad, dpa", ["Mara Lindqvist", "Omar Haddad", "dpa"]),
        ("Eine Analyse von Mara Lindqvist", ["Mara Lindqvist"]),
        ("Par Mara Lindqvist, envoyée spéciale, et Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("Por Ana Ruiz y Luis Ortega", ["Ana Ruiz", "Luis Ortega"]),
        ("Por José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Di Mario Rossi", ["Mario Rossi"]),
        ("Af Mette Holm og Lars Friis", ["Mette Holm", "Lars Friis"]),
        ("Av Mette Holm og Lars Friis", ["Mette Holm", "Lars Friis"]),
        ("Text: Mara Lindqvist Foto: Lars Friis", ["Mara Lindqvist"]),
        ("Door Jan van der Berg en Piet de Vries", ["Jan van der Berg", "Piet de Vries"]),
        ("Autor: Jan Novák", ["Jan Novák"]),
        ("Autor: Jan Novák, Petr Svoboda", ["Jan Novák", "Petr Svoboda"]),
        ("Автор: Мара Линд", ["Мара Линд"]),
        ("Текст: Анна Петрова", ["Анна Петрова"]),
        ("Авторы: Анна Петрова и Олег Сидоров", ["Анна Петрова", "Олег Сидоров"]),
        ("Автор: Олена Коваль та Іван Бойко", ["Олена Коваль", "Іван Бойко"]),
        ("بقلم: سارة الخطيب", ["سارة الخطيب"]),
        ("كتب: عمر حداد", ["عمر حداد"]),
        ("كتبت سارة الخطيب وعمر حداد", ["سارة الخطيب", "عمر حداد"]),
        ("نویسنده: علی رضایی", ["علی رضایی"]),
        ("به قلم علی رضایی", ["علی رضایی"]),
        ("作者：王小明", ["王小明"]),
        ("记者 王小明", ["王小明"]),
        ("新华社记者王小明、李华", ["王小明", "李华"]),
        ("記者王小明／台北報導", ["王小明"]),
        ("聯合報╱記者王小明／台北報導", ["王小明"]),
        ("홍길동 기자", ["홍길동"]),
        ("홍길동 기자 hong@example.org", ["홍길동"]),
        ("โดย สมชาย ใจดี", ["สมชาย ใจดี"]),
        ("अमित शर्मा द्वारा", ["अमित शर्मा"]),
        ("द्वारा अमित शर्मा", ["अमित शर्मा"]),
        ("Γράφει ο Γιώργος Παπαδόπουλος", ["Γιώργος Παπαδόπουλος"]),
        ("Του Γιώργου Παπαδόπουλου", ["Γιώργου Παπαδόπουλου"]),
        ("przez Jan Kowalski", ["Jan Kowalski"]),
        ("Yazan: Ayşe Demir", ["Ayşe Demir"]),
        ("Ayşe Demir ve Cem Altunay", ["Ayşe Demir", "Cem Altunay"]),
        ("Reporting by Mara Lindqvist and Omar Haddad; editing by Ann Lee", ["Mara Lindqvist", "Omar Haddad"]),
        ("(Reporting by Mara Lindqvist in Tarsk; Editing by Ann Lee)", ["Mara Lindqvist"]),
        (
            "Reporting by Mara Lindqvist; Additional reporting by Omar Haddad; Editing by X",
            ["Mara Lindqvist", "Omar Haddad"],
        ),
        ("By Mara Lindqvist in Port Selby", ["Mara Lindqvist"]),
        ("Mara Lindqvist (AFP)", ["Mara Lindqvist"]),
        ("By Mara Lindqvist mara@example.org", ["Mara Lindqvist"]),
        ("By Mara Lindqvist @maralind", ["Mara Lindqvist"]),
        ("By Abu Bakr al-Haddad", ["Abu Bakr al-Haddad"]),
        ("By J. R. Holm", ["J. R. Holm"]),
        ("By Reuters", ["Reuters"]),
        ("(dpa)", ["dpa"]),
        ("By Web Desk", ["Web Desk"]),
        ("by Mara Lindqvist • 3 min read", ["Mara Lindqvist"]),
        ("Mara Lindqvist Fr, 18. Oktober 2019", ["Mara Lindqvist"]),
        ("Von Mara Lindqvist am Samstag, 19. Oktober 2019 um 11:14 Uhr", ["Mara Lindqvist"]),
        ("Oleh Budi Santoso", ["Budi Santoso"]),
        ("Írta: Kovács Anna", ["Kovács Anna"]),
        ("Piše: Ana Kovač", ["Ana Kovač"]),
        ("מאת: דנה כהן", ["דנה כהן"]),
        ("Автор Мара Линд", ["Мара Линд"]),
        ("By MARA LINDQVIST and OMAR HADDAD, Associated Press", ["MARA LINDQVIST", "OMAR HADDAD", "Associated Press"]),
        ("Mara Lindqvist, BBC News", ["Mara Lindqvist"]),
        ("Dr. Mara Lindqvist", ["Dr. Mara Lindqvist"]),
        ("Редактор: Анна Петрова", []),
        ("责任编辑：王小明", []),
        ("Edited by Ann Lee", []),
        ("Published", []),
        ("By", []),
        ("記者", []),
        ("南都记者 方小南", ["方小南"]),
        ("见习编辑 李小皙", []),
        ("По материалам агентств", []),
    ],
)
def test_names_in_a_printed_line(line: str, names: list[str]) -> None:
    assert names_in(line) == names


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Mara Lindqvist and Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("Von Mara Lindqvist, Tarsk", ["Mara Lindqvist"]),
        ("دمشق ـ سارة الخطيب", ["سارة الخطيب"]),
    ],
)
def test_bylines_of_layouts_are_split(byline: str, names: list[str]) -> None:
    assert split_authors(byline) == names


@pytest.mark.parametrize(
    ("claim", "names"),
    [
        ("Mara Lindqvist und Omar Haddad, dpa", ["Mara Lindqvist", "Omar Haddad", "dpa"]),
        ("Mara Lindqvist, Moscow correspondent", ["Mara Lindqvist"]),
        ("Mara Lindqvist, Gear Team", ["Mara Lindqvist", "Gear Team"]),
        ("Mara Lindqvist, Online-Redaktion", ["Mara Lindqvist"]),
        ("Mara Lindqvist/Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("srf/hosb", ["srf/hosb"]),
        ("Di Mario Rossi", ["Di Mario Rossi"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Our Staff Reporter", ["Our Staff Reporter"]),
        ("MARA LINDQVIST", ["MARA LINDQVIST"]),
    ],
)
def test_names_in_a_claim_stay_as_claimed(claim: str, names: list[str]) -> None:
    assert split_names(claim) == names


def test_a_long_line_is_read_in_linear_time() -> None:
    for line in ("By " * 20_000, "a, " * 20_000, "on 1 " * 20_000, "(" * 20_000, "von " * 20_000 + "x"):
        begun = time.process_time()
        names_in(line)
        assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    "name",
    [
        "Reuters",
        "Nordic Presse-Agentur",
        "Twitter Facebook",
        "ml Tarsk",
        "Selby News Desk",
        "例報新聞",
        "a@b.org",
    ],
)
def test_houses_addresses_and_initials_are_no_people(name: str) -> None:
    assert not is_person(name)


@pytest.mark.parametrize("name", ["Mara Lindqvist", "de la Cruz", "Eva Kern-Rasch", "松岡大地", "J. R. Holm"])
def test_people(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    ("name", "written"),
    [("Lea van der Berg", True), ("Ali al-Haddad", True), ("王小明", True), ("基金", False), ("More posts", False)],
)
def test_how_names_are_written(name: str, written: bool) -> None:
    assert is_written_as_name(name) is written
