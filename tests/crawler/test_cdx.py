"""The indexes of other archives: queries as they take them, answers as they give them, damaged ones too."""

import json
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.cdx import (
    IndexPage,
    Line,
    Scope,
    Window,
    by_page,
    common_crawl_query,
    read_answer,
    read_common_crawl,
    read_crawls,
    read_page_count,
    read_wayback,
    spread,
    wayback_query,
)
from crawler.errors import SourceError

URL = "https://index.example/cdx"
REPLAY = "https://web.archive.org/web"
DATA = "https://data.commoncrawl.org"
NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest"]
YEAR = Window(since=date(2016, 1, 1), until=date(2016, 12, 31))


def row(original: str, timestamp: str = "20160504102030", digest: str = "AAAA") -> list[str]:
    return ["key", timestamp, original, "text/html", "200", digest]


def wayback(*rows: object) -> IndexPage:
    body = "[" + ",\n".join(json.dumps(row) for row in (NAMES, *rows)) + "]\n"
    return read_wayback(body.encode(), url=URL, replay=REPLAY)


def test_a_wayback_query_asks_for_whole_pages_of_the_window() -> None:
    scope = Scope(url="rt.com", match="domain")
    query = wayback_query(URL, scope, YEAR, every=False, limit=500, resume_key="com%2Crt%29%2F+2016%21")
    assert query.startswith(f"{URL}?url=rt.com&matchType=domain&from=20160101000000&to=20161231235959&output=json")
    asked = parse_qs(urlsplit(query).query)
    assert asked["filter"] == ["statuscode:200", "mimetype:text/html"]
    assert (asked["collapse"], asked["limit"], asked["showResumeKey"]) == (["urlkey"], ["500"], ["true"])
    assert asked["resumeKey"] == ["com%2Crt%29%2F+2016%21"], "the key goes back as it came"
    assert parse_qs(urlsplit(wayback_query(URL, scope, YEAR, every=True, limit=5)).query)["collapse"] == ["digest"]


def test_a_wayback_answer_gives_captures_and_the_key_to_the_rest() -> None:
    page = wayback(row("http://www.rt.com:80/news/1-a/"), row("https://www.rt.com/b?x=é#top"), [], ["com%2Crt%29%21"])
    then = datetime(2016, 5, 4, 10, 20, 30, tzinfo=UTC)
    assert page.resume_key == "com%2Crt%29%21"
    assert page.lines[0] == Line(
        url="http://www.rt.com/news/1-a/",
        address="https://web.archive.org/web/20160504102030id_/http://www.rt.com:80/news/1-a/",
        captured_at=then,
        digest="AAAA",
    )
    assert page.lines[1].address == "https://web.archive.org/web/20160504102030id_/https://www.rt.com/b?x=%C3%A9"


@pytest.mark.parametrize("body", [b"", b" \n", b"[]\n"])
def test_an_empty_answer_lists_nothing(body: bytes) -> None:
    assert read_wayback(body, url=URL, replay=REPLAY) == IndexPage()


def test_lines_that_are_no_captures_are_counted_and_passed_over() -> None:
    odd = [
        row("http://mailto:news@rt.com/"),
        row("data:image/png;base64,AAAA"),
        row("https://user@www.rt.com/"),
        row("https://www.rt.com/news/1-month/", timestamp="20161302030405"),
        row("https://www.rt.com/news/1-short/", timestamp="2016"),
        ["key", "20160504102030"],
        "not a row",
        row("https://www.rt.com/news/1-well/"),
        row("https://www.rt.com/news/1-well/"),
    ]
    page = wayback(*odd)
    assert [line.url for line in page.lines] == ["https://www.rt.com/news/1-well/"]
    assert page.unreadable == 7


def test_one_broken_line_does_not_cost_the_others() -> None:
    lines = [json.dumps(NAMES), json.dumps(row("https://www.rt.com/1")), '["com,rt)/b", "2016', json.dumps(["x"])]
    body = "[" + ",\n".join([*lines, "[]", '["resume"]']) + "]"
    page = read_wayback(body.encode(), url=URL, replay=REPLAY)
    assert ([line.url for line in page.lines], page.resume_key) == (["https://www.rt.com/1"], "resume")
    assert page.unreadable == 2


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'[["urlkey"],\n["com,rt)/"', "cut off after 24 bytes"),
        (b"<html>Service unavailable", "not JSON but begins '<html>"),
        (
            b"org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error",
            "excludes this site .AdministrativeAccessControlException",
        ),
    ],
)
def test_an_answer_that_is_none_is_a_failure(body: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        read_wayback(body, url=URL, replay=REPLAY)


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_the_status_of_an_answer_counts() -> None:
    nothing = http("404 Not Found", b'{"message": "No Captures found for: rt.com"}')
    assert read_answer(nothing, url=URL, read=lambda body, url: read_common_crawl(body, url=url, data=DATA)) == (
        IndexPage()
    )
    for status, body, problem in (
        ("503 Slow Down", b"", "answered 503"),
        ("404 Not Found", b"<p>no such index</p>", "answered 404"),
        ("403 Forbidden", b"RobotAccessControlException: no", "excludes this site"),
    ):
        with pytest.raises(SourceError, match=problem):
            read_answer(http(status, body), url=URL, read=lambda body, url: body)
    cut = http("200 OK", b"[]")[:-1]
    with pytest.raises(SourceError, match="body ends after 1 of 2 bytes"):
        read_answer(cut, url=URL, read=lambda body, url: body)


def member(**fields: str) -> bytes:
    given = {"url": "https://www.rt.com/1", "timestamp": "20160504102030", "digest": "AAAA", "length": "200",
             "offset": "1000", "filename": "crawl-data/CC-MAIN-2016-18/a.warc.gz"}  # fmt: skip
    return json.dumps(given | fields).encode() + b"\n"


def test_a_common_crawl_query_and_its_answer() -> None:
    scope = Scope(url="rt.com", match="domain")
    asked = parse_qs(urlsplit(common_crawl_query(URL, scope, YEAR, page=3)).query)
    assert (asked["page"], asked["filter"]) == (["3"], ["=status:200", "=mime:text/html"])
    assert "showNumPages=true" in common_crawl_query(URL, scope, YEAR, page=None)
    (line,) = read_common_crawl(member(), url=URL, data=DATA).lines
    assert line.address == f"{DATA}/crawl-data/CC-MAIN-2016-18/a.warc.gz#bytes=1000-1199"
    bad = member(offset="-1") + member(length="0x5") + member(filename="../a") + member(timestamp="1") + b"{broken\n"
    page = read_common_crawl(bad + member(), url=URL, data=DATA)
    assert (len(page.lines), page.unreadable) == (1, 5)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"error": "index is closed"}', "index is closed"),
        (member() + b'{"url": "https://', "cut off"),
        (b"<html>", "not JSON"),
    ],
)
def test_a_common_crawl_answer_that_is_none_is_a_failure(body: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        read_common_crawl(body, url=URL, data=DATA)


def test_the_number_of_pages() -> None:
    assert read_page_count(b'{"pages": 4, "pageSize": 2, "blocks": 7}', url=URL) == 4
    assert read_page_count(b'{"message": "No Captures found for: rt.com"}', url=URL) == 0
    with pytest.raises(SourceError, match="no number of pages"):
        read_page_count(b'{"blocks": 7}', url=URL)


def test_the_crawls_of_a_window_by_what_the_list_says_or_by_their_names() -> None:
    def crawl(name: str, **times: str) -> dict[str, str]:
        return {"id": name, "cdx-api": f"https://index.example/{name}", **times}

    crawls = [
        crawl("CC-MAIN-2018-34", **{"from": "2018-08-14T06:00:00", "to": "2018-08-22T06:00:00"}),
        crawl("CC-MAIN-2016-50"),
        crawl("CC-MAIN-2016-07"),
        crawl("CC-MAIN-2012"),
        crawl("CC-MAIN-2009-2010"),
    ]
    body = json.dumps(crawls).encode()

    def within(since: str, until: str) -> list[str]:
        window = Window(since=date.fromisoformat(since), until=date.fromisoformat(until))
        return [address.rpartition("/")[2] for address in read_crawls(body, window, url=URL)]

    assert within("2016-01-01", "2016-12-31") == ["CC-MAIN-2016-07", "CC-MAIN-2016-50"]
    assert within("2018-08-22", "2019-01-01") == ["CC-MAIN-2018-34"]
    assert within("2010-06-01", "2012-06-01") == ["CC-MAIN-2009-2010", "CC-MAIN-2012"]
    with pytest.raises(SourceError, match="not the list of crawls"):
        read_crawls(b'{"id": "CC-MAIN-2012"}', YEAR, url=URL)


def test_a_window_ends_with_its_last_day() -> None:
    assert not YEAR.had_ended(datetime(2016, 12, 31, 23, 59, tzinfo=UTC))
    assert YEAR.had_ended(datetime(2017, 1, 1, tzinfo=UTC))


def line(url: str, second: int, digest: str) -> Line:
    captured_at = datetime(2016, 5, 4, 10, 20, second, tzinfo=UTC)
    return Line(url=url, address=f"{second}", captured_at=captured_at, digest=digest)


def test_captures_are_put_together_by_page_each_text_once() -> None:
    names = {"http://a": "A", "https://a": "A", "https://b": "B"}
    lines = [line("https://a", 3, "y"), line("https://b", 2, "x"), line("http://a", 1, "x"), line("https://a", 4, "x")]
    found = {page: [one.address for one in captures] for page, captures in by_page(lines, names)}
    assert found == {"A": ["1", "3"], "B": ["2"]}


@pytest.mark.parametrize(
    ("count", "chosen"),
    [(0, []), (1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (10, list(range(10))), (99, list(range(10)))],
)
def test_captures_are_chosen_evenly(count: int, chosen: list[int]) -> None:
    lines = [line("https://a", number, str(number)) for number in range(10)]
    assert [lines.index(one) for one in spread(lines, count)] == chosen
