"""`scrapy extract`: pages from files, streams, WARCs and the web, shown to people and machines."""

import gzip
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from rich.console import Console
from warcio.warcwriter import WARCWriter

from archive.errors import RecordError
from archive.model import Page
from crawler.errors import InputError, InputMissing, UsageError
from crawler.inspection import Inspection, inspect
from crawler.inspection_view import show
from crawler.saved_page import read_saved
from tests import commands
from tests.conftest import ROOT
from tests.web.offline import OfflineWeb

URL = "https://courier.example/news/4711-convoy-reaches-lesk"
TEXT = (
    "A convoy of nine lorries reached the besieged town of Lesk on Friday, aid workers said, after the army had "
    "cleared landmines from the only road.",
    "It carried flour and medicine for some 4,000 people who had been cut off since the shelling began in March, and "
    "left again before dark.",
)
PAGE = f"""<!doctype html><html lang="en"><head><title>Convoy reaches Lesk - Courier</title>
<link rel="canonical" href="{URL}"></head><body><h1>Convoy reaches Lesk</h1><div>Share on Facebook</div>
<p>{TEXT[0]}</p><p>{TEXT[1]}</p></body></html>""".encode()
ON_THE_WEB = "https://www.rt.com/news/466281-pelayan-strait-patrol-boats/"


def run(*arguments: str, web: OfflineWeb | None = None, stdin: bytes = b"") -> tuple[int, str, str]:
    """`scrapy extract ARGUMENTS`, with the offline web up where `web`: exit code, standard output, standard error."""
    environment = {**os.environ, "PYTHONPATH": os.fspath(ROOT), "DATELINE_CONTACT": "mail@example.org"}
    environment |= web.env() if web is not None else {}
    ended = commands.run("scrapy", "extract", *arguments, env=environment, stdin=stdin)
    return ended.returncode, ended.stdout, ended.stderr


def saved(folder: Path, data: bytes = PAGE, name: str = "page.html") -> str:
    (folder / name).write_bytes(data)
    return os.fspath(folder / name)


def warc(folder: Path, *pages: tuple[str, bytes], date: str = "2019-05-04T10:20:30Z") -> tuple[Path, list[int]]:
    """A gzipped WARC with a 200 response for each page, and the offset of each."""
    stream = BytesIO()
    writer = WARCWriter(stream, gzip=True)
    offsets = []
    for url, body in pages:
        offsets.append(stream.tell())
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        record = writer.create_warc_record(
            url,
            "response",
            payload=BytesIO(block),
            length=len(block),
            warc_content_type="application/http; msgtype=response",
            warc_headers_dict={"WARC-Date": date},
            http_headers=None,
        )
        writer.write_record(record)
    path = folder / "pages.warc.gz"
    path.write_bytes(stream.getvalue())
    return path, offsets


# --- what is read -----------------------------------------------------------------------------------------------------


def test_a_saved_page_says_itself_where_it_is_from(tmp_path: Path) -> None:
    page, origin = read_saved(saved(tmp_path))
    assert (page.url, page.body) == (URL, PAGE)
    assert "rel=canonical" in origin


def test_a_gzipped_page_is_unpacked_and_the_address_given_wins(tmp_path: Path) -> None:
    page, origin = read_saved(
        saved(tmp_path, gzip.compress(PAGE, mtime=0), "page.html.gz"), url="https://rt.com/news/1-a/"
    )
    assert (page.url, page.body) == ("https://rt.com/news/1-a/", PAGE)
    assert "--url" in origin


def test_standard_input_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(BytesIO(PAGE)))
    assert read_saved("-")[0].body == PAGE


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (b"%PDF-1.7 <a>", InputError, "not HTML"),
        (b"only words, no tag", InputError, "extract_from_text"),
        (b" \n", InputError, "empty"),
        (gzip.compress(PAGE, mtime=0)[:-20], InputError, "damaged gzip"),
        (b"<html><p>No address here.</p>", UsageError, "--url"),
        (b"WARC/1.1\r\nbroken", InputMissing, "no response"),
    ],
)
def test_what_is_no_page_is_refused_in_plain_words(tmp_path: Path, data: bytes, error: type, said: str) -> None:
    path = saved(tmp_path, data)
    with pytest.raises(error, match=said) as refused:
        read_saved(path)
    assert path in str(refused.value)


def test_a_missing_file_that_looks_like_an_address_gets_a_hint() -> None:
    with pytest.raises(InputMissing, match="whole address"):
        read_saved("www.courier.example/news/1")
    with pytest.raises(InputMissing, match=r"no such file$"):
        read_saved("nothing-here")


def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--url rt"):
        read_saved(saved(tmp_path), url="rt")


def test_a_record_is_found_by_its_offset_and_by_its_address(tmp_path: Path) -> None:
    other = PAGE.replace(b"Convoy", b"Column")
    path, offsets = warc(tmp_path, (URL, PAGE), ("https://courier.example/other", other))
    by_offset, origin = read_saved(f"{path}#{offsets[1]}")
    assert by_offset.body == other
    assert by_offset.captured_at.year == 2019
    assert str(offsets[1]) in origin
    assert read_saved(str(path), url=f"{URL}?utm_source=rss")[0].body == PAGE
    with pytest.raises(UsageError, match=f"#{offsets[1]}  https://courier.example/other"):
        read_saved(str(path))
    with pytest.raises(InputMissing, match="no response for https"):
        read_saved(str(path), url="https://courier.example/none")
    with pytest.raises(RecordError, match="offset 5"):
        read_saved(f"{path}#5")


def test_the_only_page_of_a_warc_needs_no_choice(tmp_path: Path) -> None:
    path, _ = warc(tmp_path, (URL, PAGE))
    assert read_saved(str(path))[0].url == URL


def test_a_file_whose_name_ends_like_an_offset_is_that_file(tmp_path: Path) -> None:
    assert read_saved(saved(tmp_path, name="page.html#12"))[0].body == PAGE


# --- what is shown ----------------------------------------------------------------------------------------------------


def inspected(body: bytes = PAGE, *, status: int = 200) -> Inspection:
    page = Page(url=URL, body=body, captured_at=datetime.now(UTC), status=status, content_type="text/html")
    return inspect(page, origin="a test")


def printed(inspection: Inspection, *, terminal: bool) -> str:
    stream = io.StringIO()
    show(inspection, Console(file=stream, force_terminal=terminal, width=100, color_system=None))
    return stream.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_every_field_its_rule_and_what_was_removed_are_printed(terminal: bool) -> None:
    inspection = inspected()
    words = " ".join(printed(inspection, terminal=terminal).split())
    for name, _ in inspection.fields():
        assert name in words
    assert all(" ".join(paragraph.split()[:4]) in words for paragraph in TEXT)
    assert "outcome extracted" in words
    for line in inspection.article.removed:
        assert line.text in words
        assert line.rule in words
    for rule in inspection.article.provenance.values():
        assert rule in words


def test_what_is_piped_has_one_line_a_fact_and_no_escape_sequences() -> None:
    headline = (
        "Convoy of nine lorries with flour and medicine reaches besieged Lesk after weeks of shelling, aid workers say"
    )
    text = printed(inspected(PAGE.replace(b"Convoy reaches Lesk", headline.encode())), terminal=False)
    assert "\x1b" not in text
    assert text.splitlines()[:2] == [headline, URL]
    assert f"1\t{TEXT[0]}" in text.splitlines()


def test_a_page_cannot_speak_to_the_terminal() -> None:
    hostile = PAGE.replace(b"Convoy reaches Lesk", b"Convoy \x1b]0;owned\x07[bold]reaches[/] Lesk [/nope]")
    for terminal in (True, False):
        text = printed(inspected(hostile), terminal=terminal)
        assert "\x1b]0" not in text
        assert "[bold]reaches[/]" in text


def test_a_page_that_is_no_article_says_what_it_is() -> None:
    inspection = inspected(status=404)
    assert inspection.outcome == "failed:http 404"
    assert not inspection.is_article
    assert "not scored" in printed(inspection, terminal=False)


def test_json_holds_it_all() -> None:
    value = json.loads(inspected().as_json())
    assert value["outcome"] == "extracted"
    assert value["article"]["paragraphs"] == list(TEXT)
    assert value["article"]["provenance"]["language"].startswith("text:")
    assert value["language"]["code"] == "en"
    assert 0 < value["language"]["confidence"] <= 1
    assert value["relevance"]["matches"]
    assert value["spider"] is None


# --- the command ------------------------------------------------------------------------------------------------------


def test_a_page_of_the_web_is_fetched_and_shown(web: OfflineWeb) -> None:
    code, out, err = run(ON_THE_WEB, "--json", web=web)
    assert code == 0, err
    value = json.loads(out)
    assert value["spider"] == "rt"
    assert value["article"]["provenance"]["text"] == "layout:2019"
    assert value["origin"] == "fetched now"


@pytest.mark.parametrize(
    ("arguments", "offline", "code", "said"),
    [
        (["https://www.rt.com/search?q=lesk"], True, 77, "robots.txt disallows"),
        (["http://127.0.0.1/"], False, 77, "not an address of the public Internet"),
        (["ftp://courier.example/x"], False, 64, "not an http or https URL"),
        (["nothing-here.html"], False, 66, "no such file"),
        ([], False, 64, "give a URL or a file"),
        (["--nonsense", "x"], False, 64, "--nonsense"),
        (["page", "--publisher", "rtt"], False, 64, "did you mean rt"),
        (["https://www.rt.com/", "--url", URL], False, 64, "--url"),
    ],
)
def test_errors_say_what_and_end_with_their_code(
    web: OfflineWeb, arguments: list[str], offline: bool, code: int, said: str
) -> None:
    ended, out, err = run(*arguments, web=web if offline else None)
    assert (ended, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_a_missing_page_is_shown_and_ends_with_3(web: OfflineWeb) -> None:
    code, out, _ = run("https://www.rt.com/news/1-none/", web=web)
    assert code == 3
    assert "failed:http 404" in out


def test_a_stream_is_read_by_the_publisher_named() -> None:
    code, out, err = run("-", "--publisher", "rt", "--json", stdin=PAGE)
    assert code == 0, err
    assert json.loads(out)["article"]["publisher"] == "RT"


@pytest.mark.slow
def test_a_page_that_breaks_a_worker_is_read_plainly_as_in_a_crawl(tmp_path: Path) -> None:
    path = saved(tmp_path)
    code, out, err = run(path, "--json", "-s", "EXTRACTION_TIMEOUT=0.000001")
    assert (code, out) == (70, ""), "no reader is fast enough for a millionth of a second"
    assert "killed" in err
    hostile = PAGE.replace(b"<body>", b"<body><div " + b"".join(b"a%d " % number for number in range(60_000)) + b">")
    code, out, err = run(saved(tmp_path, hostile), "--json")
    assert code == 0, err
    assert TEXT[1] in json.loads(out)["article"]["paragraphs"]


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    path = saved(tmp_path, PAGE.replace(b"</body>", b"<p>Aid workers said that the road was open again.</p>" * 2000))
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "extract", path, "--json"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.fspath(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=100)
    assert (process.returncode, err) == (0, b"")


def test_help_shows_examples() -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "  scrapy extract page.html --url https://" in out
