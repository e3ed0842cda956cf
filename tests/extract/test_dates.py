"""Printed times: each form the publishers use, and nothing invented where a part is missing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates import parse_time, read_time, time_from_url
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
