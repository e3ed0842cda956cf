"""Chrome lines in text of a page that was narrowed already: what goes wherever it stands, and what stays."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model import Image
from crawler.extract.lines import is_prose, title_case
from crawler.extract.marks import is_icon_run, split_times, unglue
from crawler.extract.residue import Residue, strip_residue
from crawler.extract.residue_rules import Role, fold, rules
from crawler.publisher import publisher_for, publishers

ONE = "The bridge over the Tarn at Tarsk reopened on Monday, the governor said."
TWO = "Engineers tested it with lorries loaded with sand."


def strip(*lines: str, publisher: str | None = None, headline: str | None = None, url: str | None = None) -> Residue:
    declared = publishers()[publisher] if publisher else None
    return strip_residue(lines, publisher=declared, headline=headline, url=url)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_each_rule_matches_its_examples_and_no_sentence(rule) -> None:
    assert rule.examples
    for example in rule.examples:
        assert rule.pattern.fullmatch(fold(example)), example
    for sentence in (
        ONE,
        TWO,
        "قال المحافظ إن الجسر مفتوح أمام الشاحنات.",
        "Мост открыт для движения, сказал губернатор.",
    ):
        assert not rule.pattern.fullmatch(fold(sentence))


def test_rule_names_are_unique() -> None:
    names = [rule.name for rule in rules()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    "line",
    [
        "icon bellicon burgericon calendaricon closeicon fullscreen",
        "07:15 GMT +303 May 2018",
        "Get short URL",
        "Share on Facebook Share on Twitter",
        "FacebookTwitterWhatsAppTelegram",
        "Community standardsDiscussion",
        "Send your comments",
        "Like this story? Share it with a friend!",
        "Follow RT on",
        "Published 30.06.2017 17:05",
        "Maintained and developed by Marlow Group SAL.",
        "انسخ الرابط",
        "معايير المجتمع",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_certain_chrome_goes_wherever_it_stands(line: str, place: int) -> None:
    lines = [ONE, TWO]
    lines.insert(place, line)
    found = strip(*lines)
    assert found.kept == (ONE, TWO)
    assert all(removed.rule for removed in found.removed)


@pytest.mark.parametrize(
    "line",
    ["Search", "World", "17302", "June 30, 2017", "Comments", "By Jane Doe", "RELATED", "What happened next", "AFP"],
)
def test_what_only_its_place_could_condemn_stays_in_a_page(line: str) -> None:
    assert strip(ONE, line, TWO).kept == (ONE, line, TWO)


def test_promos_become_related_stories() -> None:
    found = strip(ONE, "READ MORE: Ferry resumes runs", TWO, "Also on rt.com", "Convoy turns back after drones seen")
    assert found.kept == (ONE, TWO)
    assert [story.title for story in found.related] == ["Ferry resumes runs", "Convoy turns back after drones seen"]


def test_tags_under_their_head() -> None:
    assert strip(ONE, "Tags:", "bridge, Tarsk", "sand").tags == ("bridge", "Tarsk")
    assert strip(ONE, "Trends:Tarsk news").tags == ("Tarsk news",)
    assert strip(ONE, "الكلمات الدلالية:", "جسر، طرسك").tags == ("جسر", "طرسك")


def test_captions_and_credits_become_pictures() -> None:
    found = strip(
        ONE, "A lorry on the bridge © Reuters / Jane Doe", TWO, "emAP Photo/em", "A man waits", "© AFP 2017 / J. Roe"
    )
    assert found.kept == (ONE, TWO, "A man waits")
    assert found.images == (
        Image(caption="A lorry on the bridge", credit="Reuters / Jane Doe"),
        Image(credit="AP Photo"),
        Image(credit="AFP 2017 / J. Roe"),
    )


def test_a_caption_printed_twice_is_one_picture() -> None:
    caption = "Lorries wait before the bridge at Tarsk"
    assert strip(ONE, caption, caption, TWO).kept == (ONE, TWO)
    assert strip(ONE, caption, caption, TWO).images == (Image(caption=caption),)


def test_the_headline_in_front_goes_and_later_stays() -> None:
    headline = "Bridge reopens after nine days"
    assert strip(headline, ONE, headline, TWO, headline=headline).kept == (ONE, headline, TWO)
    assert strip(headline + ".", ONE, headline=headline).kept == (headline + ".", ONE)


def test_the_wire_is_read_and_its_line_goes() -> None:
    found = strip(ONE, TWO, "source: Xinhua")
    assert (found.kept, found.wire, found.wire_rule) == ((ONE, TWO), "Xinhua", "line")


def test_a_sign_off_goes_at_the_end_alone() -> None:
    assert strip(ONE, TWO, "S/SH 11", publisher="alalam").kept == (ONE, TWO)
    assert strip(ONE, TWO, "م.ن/12").kept == (ONE, TWO)
    assert strip("NJF/MB", publisher=None).kept == ("NJF/MB",)


# --- dumps

STORIES = [{"id": "1700001", "title": "Bridge “open”"}, {"id": "1700002", "title": "جسر طرسك"}]
INNER = json.dumps(STORIES, ensure_ascii=False)
NEWS = "https://en.alalam.ir/news/1700009"


def test_a_dump_is_read_by_its_length_in_bytes() -> None:
    line = f'string({len(INNER.encode())}) "{INNER}"'
    found = strip(ONE, line, TWO, publisher="alalam", url=NEWS)
    assert found.kept == (ONE, TWO)
    assert [(story.title, story.url) for story in found.related] == [
        ("Bridge “open”", "https://en.alalam.ir/news/1700001"),
        ("جسر طرسك", "https://en.alalam.ir/news/1700002"),
    ]


def test_a_dump_glued_to_text_leaves_the_text() -> None:
    found = strip(f'{ONE} string({len(INNER.encode())}) "{INNER}" {TWO}')
    assert " ".join(found.kept) == f"{ONE} {TWO}"


@pytest.mark.parametrize("cut", [1, 5, 20, 40])
def test_a_cut_dump_gives_what_it_still_says(cut: int) -> None:
    found = strip(ONE, f'string(9999) "{INNER[:-cut]}', TWO)
    assert found.kept == (ONE, TWO)
    assert found.related[0].title == "Bridge “open”"


def test_a_wrong_length_does_not_swallow_text() -> None:
    found = strip(ONE, f'string(5) "{INNER}"', TWO)
    assert found.kept == (ONE, TWO)


def test_a_dump_of_arrays_over_many_lines_goes() -> None:
    dump = ["array(1) {", "[0]=>", "array(1) {", '["title"]=>', 'string(6) "Bridge"', "}", "}"]
    assert strip(ONE, *dump, TWO).kept == (ONE, TWO)


def test_code_in_a_story_stays() -> None:
    line = 'The leaked program printed string(5) "hello" and stopped.'
    assert strip(ONE, line).kept == (ONE, line)


# --- shapes


def test_runs_of_related_stories_are_parted_at_their_stamps() -> None:
    line = "Crew savedGMT 09:12 2018 Sunday ,11 November"
    assert unglue(line) == ["Crew saved", "GMT 09:12 2018 Sunday ,11 November"]
    found = strip(
        ONE, "GMT 08:00 2018 Monday ,12 November", line, "Ferry lostMaintained and developed by Marlow Group."
    )
    assert found.kept == (ONE,)
    assert [(story.title, str(story.published_at)) for story in found.related] == [
        ("Crew saved", "2018-11-12 08:00:00+00:00"),
        ("Ferry lost", "2018-11-11 09:12:00+00:00"),
    ]


def test_lists_run_together_are_no_text() -> None:
    run = "Crew savedFeb 11, 2026Ferry lost off MarlowApr 08, 2025Convoy turns backJan 19, 2024"
    assert strip(ONE, run).kept == (ONE,)
    assert strip(ONE, "Top storiesCrew saved off MarlowConvoy turns back").kept == (ONE,)
    assert strip(ONE, "Read moreFerry resumes runs", TWO).related[0].title == "Ferry resumes runs"


def test_glued_times_are_parted() -> None:
    assert unglue("Jane DoePublished 14.10.2018 20:31") == ["Jane Doe", "Published 14.10.2018 20:31"]
    assert unglue("Last Updated : GMT 06:49:16Arab Today") == ["Last Updated : GMT 06:49:16", "Arab Today"]
    assert unglue("22:57 GMT 28.04.2020 Get short URL") == ["22:57 GMT 28.04.2020", "Get short URL"]
    assert unglue(ONE) == [ONE]


def test_values_come_out_as_printed() -> None:
    caption = "جنودٌ على سفح تل النسر"
    found = strip(ONE, f"{caption} - سبوتنيك عربي, 1920, 02.04.2023", TWO)
    assert found.images == (Image(caption=caption),)


@pytest.mark.parametrize(
    ("line", "roles"),
    [
        ("Published 30.06.2017 17:05", [Role.PUBLISHED]),
        ("Updated 30.06.2017 17:07", [Role.MODIFIED]),
        ("22:57 GMT 28.04.2020(updated 11:14 GMT 29.04.2020)", [Role.PUBLISHED, Role.MODIFIED]),
        ("GMT 17:27 17.03.2020(محدثة GMT 17:49 17.03.2020)", [Role.PUBLISHED, Role.MODIFIED]),
        ("الثلاثاء ٢٢ نوفمبر ٢٠١٦ - ٠٤:١٩ بتوقيت غرينتش", [Role.PUBLISHED]),
        ("Published time: 4 Oct, 2016 18:02 Edited time: 5 Oct, 2016 07:15", [Role.PUBLISHED, Role.MODIFIED]),
        ("On 30 June 2017 the bridge fell.", []),
        ("30 June 2017 was a Friday", []),
        ("Published accounts differ", []),
    ],
)
def test_lines_of_times(line: str, roles: list[Role]) -> None:
    assert [role for role, _ in split_times(line)] == roles


def test_icon_runs() -> None:
    assert is_icon_run("icon closeicon mailicon v-play")
    assert is_icon_run("icon chevron down")
    assert not is_icon_run("Icons of the saints were carried out of the church.")
    assert not is_icon_run(
        "icon painters met in Tarsk; the icon fair opened, and an icon was sold for nine coins to a monk."
    )


def test_prose_and_titles() -> None:
    assert is_prose(ONE)
    assert is_prose("“We were never asked about it”")
    assert not is_prose("Who Mined the Road to the Lighthouse?")
    assert is_prose("Who mined the road?")
    assert title_case("Bridge Reopens After Nine Days") == 1.0


@settings(max_examples=100)
@given(lines=st.lists(st.text(max_size=200), max_size=10))
def test_every_line_is_kept_or_removed(lines: list[str]) -> None:
    found = strip_residue(lines, publisher=publisher_for("https://www.rt.com/"), headline="x")
    shown = "".join([*found.kept, *(removed.text for removed in found.removed)])
    assert sorted("".join("".join(lines).split())) == sorted("".join(shown.split())) or any(
        char in "".join(lines) for char in "\ufeff\u200b\x1c\x1d\x1e\x1f\x85"
    )


def test_a_bare_time_is_chrome_in_the_first_line_only() -> None:
    lines = ["30 Jun, 2017 13:17", "Shells fell on Lesk.", "30 Jun, 2017 14:05", "Guns fell silent."]
    assert strip_residue(lines, publisher=None, headline=None).kept == tuple(lines[1:])
    timeline = ["June 30, 2017", "Shells fell on Lesk."]
    assert strip_residue(timeline, publisher=None, headline=None).kept == tuple(timeline)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "line",
    [
        "Lesen Sie auch: Fähre nach Marlow fährt wieder",
        "LEE TAMBIÉN: El ferry vuelve a Puerto Marlow",
        "Читайте також Пором повернувся до порту Марлоу",
        "Zobacz też: Prom wrócił do portu",
        "[Related: Ferry resumes runs to Port Marlow]",
        "相关阅读：渡轮恢复通航",
        "Advertisement",
        "- Anzeige -",
        "Продолжение после рекламы",
        "Подпишитесь на наш Telegram-канал",
        "Follow The Harbour Post on Facebook and Instagram.",
        "Reporting by Jane Doe; Editing by Richard Roe",
        "To contact the reporter on this story: Jane Doe at jdoe@example.org",
        "Fot. Jan Kowalski",
        "Если вы заметили ошибку, выделите её мышью",
        "【责任编辑：王小明】",
        "Версия для печати | Версия для PDA",
        "Il vous reste 57.09% de cet article à lire.",
    ],
)
def test_chrome_of_many_newsrooms_goes_and_is_noted(line: str, place: int) -> None:
    lines = [ONE, TWO]
    lines.insert(place, line)
    found = strip(*lines)
    assert found.kept == (ONE, TWO)
    assert [removed.text for removed in found.removed] == [line]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "line",
    [
        "Reporting by the harbour commission found that the bridge was safe.",
        "With reports from the front growing worse, the council met at night.",
        "Like many others on Twitter, she had read about the ferry first.",
        "Jetzt hat die Feuerwehr eine App für Warnungen vorgestellt.",
        "Found a mistake in the accounts had been the auditors, not the mayor.",
        "Source of the mines remains unknown, he added.",
        "By Monday the ferry ran again.",
        "Von Montag an fährt die Fähre wieder.",
        "Por ahora no hay ferry a Puerto Marlow.",
        "Copyright law has been disputed since 2004, the judge said.",
        "Advertisement revenue fell by a third.",
        "Sign up for the ferry pass using the same email as for the bus",
        "Photographs of the quay were taken at dawn.",
        "Related parties were heard on Tuesday.",
        "Читайте также и эту книгу, посоветовал он.",
    ],
)
def test_sentences_that_begin_like_chrome_stay(line: str, place: int) -> None:
    lines = [ONE, TWO]
    lines.insert(place, line)
    assert strip(*lines).kept == tuple(lines)


@pytest.mark.parametrize(
    "below",
    [
        ["(jd)"],
        ["SDA/jd"],
        ["ab, cd"],
        ["Źródło: Kurier Portowy", "Komentarze (12)"],
        ["Quelle: Hafenblatt"],
        ["mit dpa"],
        ["Redaktion: Anna Roth", "Faktencheck: Jan Meer"],
        ["Stand: 22.04.2024, 06:00 Uhr"],
        ["Aktualizacja: 22.04.2024, 06:00"],
        ["Tags", "ferry, harbour, islands"],
        ["بقلم: سلمى الحداد"],
        ["By Jane Doe"],
        ["18:13 28.11.2011", "Версия для печати"],
        ["Copyright 2011 Marlow Press. All rights reserved."],
        ["Read also", "Ferry resumes runs to Port Marlow", "Harbour master resigns", "0 4270"],
    ],
)
def test_what_stands_below_the_last_sentence_goes(below: list[str]) -> None:
    found = strip(ONE, TWO, *below)
    assert found.kept == (ONE, TWO)
    assert [removed.text for removed in found.removed if removed.rule != "wire"] == below


def test_head_of_a_list_at_the_end_takes_all_of_it_and_one_story_within_the_text() -> None:
    titles = ["Ferry resumes runs to Port Marlow", "Harbour master resigns"]
    assert [story.title for story in strip(ONE, TWO, "Mehr zum Thema", *titles).related] == titles
    within = strip(ONE, "Mehr zum Thema", *titles, TWO)
    assert within.kept == (ONE, titles[1], TWO)
    assert [story.title for story in within.related] == titles[:1]


def test_teaser_that_is_cut_short_goes_with_its_head() -> None:
    teaser = "The ferry to Port Marlow, which was taken out of service in May, will run again from Mon..."
    assert strip(ONE, "Czytaj więcej", teaser, TWO).kept == (ONE, TWO)


def test_rows_of_numbers_at_the_end_stay() -> None:
    rows = ["1204", "1377", "1502"]
    assert strip(ONE, TWO, *rows).kept == (ONE, TWO, *rows[:2])
