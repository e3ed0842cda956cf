"""Printed times: each form the publishers use, and nothing invented where a part is missing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import day_in_url, parse_time, read_time, time_from_url
from crawler.publisher import Time, publishers

_FIRST, _LAST = datetime(1995, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001 - hypothesis wants wall clocks

FORMS = [
    ("30 Jun, 2017 13:17", "UTC", "2017-06-30T13:17:00+00:00", "publisher", "minute"),
    ("Published 30.06.2017 17:05", "Europe/Istanbul", "2017-06-30T17:05:00+03:00", "publisher", "minute"),
    ("Published 10.01.2015 17:05", "Europe/Istanbul", "2015-01-10T17:05:00+02:00", "publisher", "minute"),
    ("Fri Feb 26, 2016 14:28:26", "Asia/Tehran", "2016-02-26T14:28:26+03:30", "publisher", "second"),
    ("Tue Jul 26, 2016 14:28:26", "Asia/Tehran", "2016-07-26T14:28:26+04:30", "publisher", "second"),
    ("الثلاثاء ٢٢ نوفمبر ٢٠١٦ - ٠٤:١٩ بتوقيت غرينتش", None, "2016-11-22T04:19:00+00:00", "printed", "minute"),
    ("2 تشرين الثاني 2016 10:30 م", "Asia/Beirut", "2016-11-02T22:30:00+02:00", "publisher", "minute"),
    ("21:17 18.11.2019", "Europe/Moscow", "2019-11-18T21:17:00+03:00", "publisher", "minute"),
    ("22:57  GMT 28.04.2020", "Europe/Moscow", "2020-04-28T22:57:00+00:00", "printed", "minute"),
    ("(updated 11:14 GMT 29.04.2020)", "Europe/Moscow", "2020-04-29T11:14:00+00:00", "printed", "minute"),
    ("GMT 17:27 17.03.2020", "Europe/Moscow", "2020-03-17T17:27:00+00:00", "printed", "minute"),
    ("GMT 20:04 2017 Tuesday ,10 October", None, "2017-10-10T20:04:00+00:00", "printed", "minute"),
    ("Jun 21, 2021 - 1:09 pm GMT+3", "Europe/Istanbul", "2021-06-21T13:09:00+03:00", "printed", "minute"),
    ("14:53 GMT +3 20 November 2019", None, "2019-11-20T14:53:00+03:00", "printed", "minute"),
    ("2020-03-17T17:27+0300", None, "2020-03-17T17:27:00+03:00", "printed", "minute"),
    ("20230607T1105+0000", None, "2023-06-07T11:05:00+00:00", "printed", "minute"),
    ("2019-11-20T05:47:26.123Z", None, "2019-11-20T05:47:26+00:00", "printed", "second"),
    ("Fri, 26 Feb 2016 14:28:26 GMT", None, "2016-02-26T14:28:26+00:00", "printed", "second"),
    ("1574101047", None, "2019-11-18T18:17:27+00:00", "printed", "second"),
    ("18 апреля 2020, 11:47", "Europe/Moscow", "2020-04-18T11:47:00+03:00", "publisher", "minute"),
    ("2016-02-26", None, "2016-02-26T00:00:00+00:00", "publisher", "day"),
    ("26 February 2016", "Asia/Tehran", "2016-02-26T00:00:00+00:00", "publisher", "day"),
]


@pytest.mark.parametrize(("text", "zone", "at", "where", "precision"), FORMS, ids=[form[0] for form in FORMS])
def test_form(text: str, zone: str | None, at: str, where: str, precision: str) -> None:
    found = parse_time(text, zone=zone)
    assert found is not None
    assert (found.at.isoformat(), found.zone, found.precision) == (at, where, precision)


@pytest.mark.parametrize(
    "text",
    ["", "12:03 GMT", "Jan. 17 of this year", "yesterday", "2021", "May 12", "31.02.2017 10:00", "06:49:16",
     "99.99.9999", "03/04/2020 10:00", "1152", "10 Smarch 2017", "0001-01-01T00:00:00Z", "x" * 5000],
)  # fmt: skip
def test_no_full_date_gives_nothing(text: str) -> None:
    assert parse_time(text, zone="UTC") is None


@pytest.mark.parametrize("text", ["30.06.2017 17:05", "17.06.2019 5:00 PM IST", "2019-11-20T05:47:26"])
def test_without_a_known_zone_only_the_day_is_believed(text: str) -> None:
    found = parse_time(text, zone=None)
    assert found is not None
    assert found.precision == "day"
    assert (found.at.hour, found.at.minute, found.at.tzinfo) == (0, 0, UTC)


def test_a_printed_zone_can_be_overruled() -> None:
    spec = Time(css="time", zone="Europe/Moscow", zone_overrides=True)
    found = read_time("2019-11-18T21:17:27Z", spec, zone="UTC")
    assert found is not None
    assert found.at.isoformat() == "2019-11-18T21:17:27+03:00"


def test_a_format_is_followed_to_the_letter() -> None:
    spec = Time(css="time", format="%d|%m|%y %H.%M", zone="Europe/Istanbul")
    found = read_time("30|06|17 17.05", spec, zone="UTC")
    assert found is not None
    assert found.at.isoformat() == "2017-06-30T17:05:00+03:00"
    assert read_time("30 June 2017", spec, zone="UTC") is None


@pytest.mark.parametrize(
    ("spider", "url", "at", "precision"),
    [
        ("arabstoday", "https://almaghribtoday.net/en/997/a-b-c-070317182414", "2017-03-07T18:24:14+00:00", "second"),
        ("sputnik", "https://sputniknews.com/middleeast/201512091031454159-a-b/", "2015-12-09T00:00:00+00:00", "day"),
        ("sputnik", "https://sputnikglobe.com/20230815/a-b-1112622222.html", "2023-08-15T00:00:00+00:00", "day"),
        ("dailysabah", "https://www.dailysabah.com/syrian-crisis/2017/06/30/a-b-c", "2017-06-30T00:00:00+00:00", "day"),
    ],
)
def test_time_in_the_url(spider: str, url: str, at: str, precision: str) -> None:
    found = time_from_url(url, publishers()[spider])
    assert found is not None
    assert (found.at.isoformat(), found.precision) == (at, precision)


def test_a_url_without_a_date_gives_nothing() -> None:
    assert time_from_url("https://www.arabstoday.net/314/031928-خبر", publishers()["arabstoday"]) is None
    assert time_from_url("https://www.rt.com/news/473849-a-b/", publishers()["rt"]) is None
    assert time_from_url("https://example.org/2017/06/30/a", None) is None


@given(st.datetimes(min_value=_FIRST, max_value=_LAST), st.integers(-12, 14))
def test_iso_times_come_back_as_they_were(wall: datetime, hours: int) -> None:
    at = wall.replace(microsecond=0, tzinfo=UTC if hours == 0 else timezone(timedelta(hours=hours)))
    found = parse_time(at.isoformat(), zone=None)
    assert found is not None
    assert found.at == at
    assert found.at.utcoffset() == at.utcoffset()


@given(st.text(max_size=400))
def test_any_text_gives_an_aware_time_or_none(text: str) -> None:
    found = parse_time(text, zone="Europe/Istanbul", languages=("tr", "ar"))
    assert found is None or found.at.tzinfo is not None


TWELFTH_OF_MARCH_2020 = [
    "12 March 2020",
    "March 12th, 2020",
    "Thursday, 12th of March, 2020",
    "12 de marzo de 2020",
    "12 de março de 2020",
    "martes 12 de marzo del 2020",
    "1er d 12 mars 2020",
    "12. März 2020",
    "12 tháng 3 năm 2020",
    "Thứ năm, 12 tháng ba, 2020",
    "2020年3月12日",
    "2020년 3월 12일 (목) 16시 52분",
    "2020. 3. 12.",
    "令和2年3月12日",
    "民國109年3月12日",
    "二〇二〇年三月十二日",
    "12 มีนาคม 2563",
    "12 มี.ค. 2563",
    "วันที่ 12 มีนาคม พ.ศ. 2563",
    "১২ মার্চ ২০২০",
    "१२ मार्च २०२०",
    "12 مارس 2020",
    "2020. március 12. 14:30",
    "2020 m. kovo 12 d.",
    "2020. gada 12. marts",
    "12 მარტი, 2020",
    "12 Μαρτίου 2020",
    "12 березня 2020 р.",
    "12 сакавіка 2020",
    "12 Mart 2020 Perşembe",
    "12 maaliskuuta 2020",
    "12. ožujka 2020.",
    "12 Machi 2020",
    "12 Maret 2020",
    "Fri Mar 12 14:28:26 IST 2020",
    "12-Mar-2020",
    "20200312",
    "ב-12 במרץ 2020",
    "12 наурыз 2020",
    "2020 жылғы 12 наурыз",
    "12 martie 2020, 14:00",
    "22:11 GMT, 12 mart 2020",
]


@pytest.mark.parametrize("text", TWELFTH_OF_MARCH_2020)
def test_one_day_in_many_languages(text: str) -> None:
    found = parse_time(text, zone=None)
    assert found is not None
    assert found.at.date().isoformat() == "2020-03-12"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("24 نيسان / أبريل 2020", "2020-04-24"),
        ("2 تير 1399 - 12:09:08 ب.ظ", "2020-06-22"),
        ("۲ تیر ۱۳۹۹", "2020-06-22"),
        ("1 رمضان 1441", "2020-04-24"),
        ("12 Tháng Mười Hai 2020", "2020-12-12"),
    ],
)
def test_other_calendars_and_double_names(text: str, day: str) -> None:
    found = parse_time(text, zone=None)
    assert found is not None
    assert found.at.date().isoformat() == day


@pytest.mark.parametrize(
    "text", ["12 listopada 2020", "version 10.12.15", "5 of 12 March", "10:30 March 2020", "12.03.20", "1399/04/02",
             "12 may 20201", "①② may 2020", "jan feb mar 2020"],
)  # fmt: skip
def test_what_may_be_another_day_or_none_gives_nothing(text: str) -> None:
    assert parse_time(text, zone="UTC") is None


def test_the_order_and_the_calendar_follow_the_language() -> None:
    def day(text: str, *languages: str, day_first: bool | None = None) -> str | None:
        found = parse_time(text, zone=None, languages=languages, day_first=day_first)
        return found.at.date().isoformat() if found else None

    assert day("03/04/2020", "fr") == "2020-04-03"
    assert day("03/04/2020", "en") is None
    assert day("03/04/2020", "en", day_first=False) == "2020-03-04"
    assert day("03/14/2020", "en") == "2020-03-14"
    assert day("03.04.20", "de") == "2020-04-03"
    assert day("20.04.03", "ko") is None  # year first, or day first?
    assert day("1399/04/02", "fa") == "2020-06-22"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2020年3月12日 下午4:52", "2020-03-12T16:52:00+08:00"),
        ("12 mars 2020 à 14h30", "2020-03-12T14:30:00+08:00"),
        ("2020년 3월 12일 16시 52분", "2020-03-12T16:52:00+08:00"),
        ("12 Mar 2020, 22:11 GMT+10", "2020-03-12T22:11:00+10:00"),
        ("March 12, 2020 6:15 AM ET", "2020-03-12T06:15:00-04:00"),
        ("20200312164507", "2020-03-12T16:45:07+08:00"),
    ],
)
def test_clocks(text: str, at: str) -> None:
    found = parse_time(text, zone="Asia/Shanghai")
    assert found is not None
    assert found.at.isoformat() == at


@pytest.mark.parametrize(
    "path", ["2020/02/17/ferry", "2020/2/17/ferry", "2020-02/17/c_12.htm", "news/20200217/ferry", "2020-02-17-ferry",
             "ferry-20200217-abc", "ferry_20200217.html", "2020/0217/c12.html", "2020/02/17", "news/17-02-2020"],
)  # fmt: skip
def test_day_in_a_url_of_unknown_make(path: str) -> None:
    found = day_in_url(f"https://news.example.org/{path}?d=2019-01-01")
    assert found is not None
    assert (found.at.date().isoformat(), found.precision) == ("2020-02-17", "day")


@pytest.mark.parametrize(
    "path", ["the-attack-of-2001-09-11-remembered", "2020/02/ferry", "02-01-2022-land", "article/20201399",
             "2020/021/7",
             "id/202002171", "2020/13/ferry", "2020/02/173-things", "2020/2/17-things", "2020/02/17/2020/03/01/x"],
)  # fmt: skip
def test_no_day_in_a_url(path: str) -> None:
    assert day_in_url(f"https://news.example.org/{path}") is None
    assert day_in_url("http://[") is None


def test_the_day_of_a_web_archives_capture_is_not_the_pages() -> None:
    assert day_in_url("https://web.archive.org/web/20131110121040/http://news.example.org/ferry") is None
    found = day_in_url("https://web.archive.org/web/20131110121040/http://news.example.org/2012/01/05/ferry")
    assert found is not None
    assert found.at.date().isoformat() == "2012-01-05"
