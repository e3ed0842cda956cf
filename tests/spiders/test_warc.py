"""The import of other people's archives, through the command that a person types; the files are written by warcio."""

import gzip
import hashlib
import os
import sqlite3
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import brotli
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.captures import Found, record_row
from archive.errors import RecordError
from archive.imports import Progress
from archive.members import JOURNAL_URI
from archive.records import read_records
from archive.store import Archive
from archive.verify import verify
from crawler.errors import UsageError
from spiders.warc import WarcSpider, find_files, probe
from tests import commands
from tests.conftest import ROOT, Crawl

try:
    from compression import zstd  # Python 3.14
except ImportError:
    from backports import zstd

DATE = "2019-05-04T10:20:30Z"
ENGLISH = (
    "Rebels and government forces agreed a ceasefire for the Mirna valley on Saturday after two weeks of shelling.",
    "The mediator said that the front line would be watched by forty unarmed observers from Monday on, and that both "
    "armies had promised to withdraw their artillery from the villages on the river.",
    "A convoy with flour and medicine for the besieged town of Tal Barun is to leave the capital as soon as the road "
    "has been cleared of landmines, an officer of the engineers said.",
)
RUSSIAN = (
    "Правительственные войска и ополченцы договорились о прекращении огня в долине Мирны после двух недель обстрелов.",
    "По словам посредника, за линией фронта с понедельника будут следить сорок наблюдателей без оружия, а обе армии "
    "обещали отвести артиллерию из деревень у реки.",
    "Гуманитарный конвой с мукой и лекарствами отправится в осаждённый город, как только сапёры снимут мины с дороги.",
)
ARABIC = (
    "اتفق الجيش والمسلحون على وقف إطلاق النار في وادي ميرنا بعد أسبوعين من القصف المدفعي على القرى الواقعة على النهر.",
    "وقال الوسيط إن أربعين مراقبا غير مسلحين سيراقبون خطوط المواجهة من يوم الاثنين، وإن الطرفين وعدا بسحب المدفعية.",
    "ومن المقرر أن تنطلق قافلة من المساعدات الإنسانية نحو البلدة المحاصرة بعد أن يزيل الجنود الألغام من الطريق.",
)
GARDEN = (
    "Tomatoes like a sunny wall and a bed that was dug in the autumn, says the gardener of the old monastery.",
    "She waters them in the morning, never on the leaves, and takes the side shoots off once a week until August.",
    "Her soup of green tomatoes has won the prize of the village fair three times, and the recipe stays a secret.",
)


def html(headline: str, paragraphs: tuple[str, ...]) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head><title>{headline}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{headline}</h1>{body}</article></body></html>"
    ).encode()


class Records:
    """Writes records of all kinds to a buffer, gzipped by record or plain."""

    def __init__(self, *, compressed: bool = True) -> None:
        self.stream = BytesIO()
        self.writer = WARCWriter(self.stream, gzip=compressed, warc_version="WARC/1.0")
        self.offsets: list[int] = []
        self.add("warcinfo", "http://none.example/", b"software: somebody-else/1.0\r\n", "application/warc-fields")

    def add(self, kind: str, url: str, block: bytes, content_type: str | None = None, **headers: str) -> "Records":
        self.offsets.append(self.stream.tell())
        fields = {"WARC-Date": DATE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        record = self.writer.create_warc_record(
            url,
            kind,
            payload=BytesIO(block),
            length=len(block),
            warc_content_type=content_type or f"application/http; msgtype={kind}",
            warc_headers_dict=fields,
            http_headers=Raw(b"") if content_type is None else None,
        )
        self.writer.write_record(record)
        return self

    def response(self, url: str, body: bytes, *, status: str = "200 OK", head: str = "", **headers: str) -> "Records":
        block = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n{head}\r\n".encode() + body
        return self.add("response", url, block, **headers)

    def save(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.stream.getvalue())
        return path


class Raw(StatusAndHeaders):
    """HTTP headers that warcio writes as they are: the block brings its own."""

    def __init__(self, raw: bytes) -> None:
        super().__init__("", [])
        self.headers_buffer = raw

    def compute_headers_buffer(self, _header_filter: object = None) -> None:
        """Nothing to compute."""


def import_into(folder: Path, path: Path, *more: str) -> Crawl:
    """`scrapy crawl warc -a path=PATH` into the archive in `folder`, with more arguments (`extract=no`)."""
    arguments = [part for argument in (f"path={path}", *more) for part in ("-a", argument)]
    return scrapy(folder, "crawl", "warc", *arguments)


def scrapy(folder: Path, *command: str) -> Crawl:
    """A command of the crawler with the archive in `folder`."""
    environment = {**os.environ, "DATELINE_ARCHIVE": os.fspath(folder), "COLUMNS": "200"}
    ended = commands.run("scrapy", *command, "-s", "EXTRACTION_WORKERS=1", env=environment)
    return Crawl(folder=folder, exit_code=ended.returncode, output=ended.stdout + ended.stderr)


def captures(folder: Path) -> dict[str, sqlite3.Row]:
    """The captures by URL."""
    database = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return {row["url"]: row for row in database.execute("select * from captures")}
    finally:
        database.close()


def articles(folder: Path) -> dict[str, sqlite3.Row]:
    database = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    try:
        return {row["canonical_url"]: row for row in database.execute("select * from articles")}
    finally:
        database.close()


EXPECTED = {  # URL → outcome, detail or None for any
    "https://www.rt.com/news/500001-mirna-ceasefire/": ("extracted", "new"),
    "https://news.mirna.example.co.uk/a/1": ("extracted", "new"),
    "https://valley.example/ru/2": ("extracted", "new"),
    "https://valley.example/ar/3": ("extracted", "new"),
    "https://garden.example/tomatoes": ("off_topic", None),
    "https://valley.example/gone": ("failed", "http 404"),
    "https://valley.example/old": ("not_article", "redirect"),
    "https://valley.example/map.png": ("not_article", "media type image/png"),
    "https://valley.example/": ("not_article", "index"),
    "https://valley.example/cut": ("failed", None),
    "https://valley.example/long": ("failed", "truncated: length"),
    "https://valley.example/wait": ("blocked", "challenge"),
    "dns:valley.example": ("not_article", "no HTTP response"),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with records of every kind."""
    page = html("Ceasefire agreed for the Mirna valley", ENGLISH)
    records = Records()
    records.add("request", "https://valley.example/ru/2", b"GET /ru/2 HTTP/1.1\r\nHost: valley.example\r\n\r\n")
    records.response("https://www.rt.com/news/500001-mirna-ceasefire/", page)
    coded = brotli.compress(page.replace(b"forty", b"fifty"))
    records.response("https://news.mirna.example.co.uk/a/1", coded, head="Content-Encoding: br\r\n")
    records.response("https://valley.example/ru/2", html("В долине Мирны прекращён огонь", RUSSIAN))
    records.response("https://valley.example/ar/3", html("وقف إطلاق النار في وادي ميرنا", ARABIC))
    records.response("https://garden.example/tomatoes", html("Tomatoes on the wall", GARDEN))
    records.response("https://valley.example/gone", html("Not found", ()), status="404 Not Found")
    records.response("https://valley.example/old", b"", status="301 Moved", head="Location: /new\r\n")
    picture = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n"
    records.add("response", "https://valley.example/map.png", picture)
    records.response("https://valley.example/", html("Valley news", ()))
    records.response("https://valley.example/cut", page[:600], head=f"Content-Length: {len(page)}\r\n")
    records.response("https://valley.example/long", page, WARC_Truncated="length")
    wall = b"<title>Just a moment...</title><p>Verify you are human</p><script>window._cf_chl_opt={}</script>"
    records.response("https://valley.example/wait", wall, status="403 Forbidden")
    records.add("response", "dns:valley.example", b"20190504\nvalley.example. 60 IN A 192.0.2.7\n", "text/dns")
    records.add(
        "metadata", "https://valley.example/ru/2", b"via: https://valley.example/\r\n", "application/warc-fields"
    )
    revisit = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    records.add("revisit", "https://valley.example/ar/3", revisit, "application/http; msgtype=response")
    return records.save(tmp_path_factory.mktemp("foreign") / "mixed.warc.gz")


@pytest.fixture(scope="module")
def imported(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """The archive after one import."""
    return import_into(tmp_path_factory.mktemp("imported") / "archive", mixed)


def test_every_response_becomes_a_capture_with_one_outcome(imported: Crawl) -> None:
    assert imported.exit_code == 0, imported.output
    found = {url: (row["outcome"], row["detail"]) for url, row in captures(imported.folder).items()}
    assert found == {
        url: (outcome, found[url][1] if detail is None else detail) for url, (outcome, detail) in EXPECTED.items()
    }


def test_captures_keep_the_records_own_date_and_point_into_the_untouched_file(imported: Crawl, mixed: Path) -> None:
    rows = captures(imported.folder).values()
    (name,) = {row["file"] for row in rows}
    copy = imported.folder / name
    assert name.startswith("imported/")
    assert copy.read_bytes() == mixed.read_bytes()
    assert copy.stat().st_mode & 0o222 == 0
    assert {row["captured_at"] for row in rows} == {DATE}
    offsets = {record.offset: record.record_id for record in read_records(copy)}
    assert all(offsets[row["offset"]] == row["record_id"] for row in rows)


def test_nothing_is_written_as_if_we_had_fetched_it(imported: Crawl) -> None:
    files = sorted((imported.folder / "warc").glob("*.warc.gz"))
    written = [path for path in files if not path.name.endswith("-text.warc.gz")]
    records = [record for path in written for record in read_records(path)]
    assert {record.type for record in records if record.target_uri != JOURNAL_URI} == {"warcinfo"}
    assert verify(imported.folder).findings == ()


def test_articles_of_declared_and_unknown_publishers_in_three_scripts(imported: Crawl) -> None:
    found = articles(imported.folder)
    assert found["https://www.rt.com/news/500001-mirna-ceasefire/"]["publisher"] == "RT"
    assert {row["language"] for row in found.values()} == {"en", "ru", "ar"}
    assert "fifty unarmed observers" in found["https://news.mirna.example.co.uk/a/1"]["text"]
    foreign = captures(imported.folder)["https://news.mirna.example.co.uk/a/1"]
    assert foreign["publisher"] == "example.co.uk"


def test_the_same_file_again_adds_nothing_and_says_so(imported: Crawl, mixed: Path, tmp_path: Path) -> None:
    before = captures(imported.folder)
    other_name = tmp_path / "same-content.warc.gz"
    other_name.write_bytes(mixed.read_bytes())
    again = import_into(imported.folder, other_name)
    assert again.exit_code == 0, again.output
    assert "imported before" in again.output
    assert captures(imported.folder).keys() == before.keys()
    assert len(list((imported.folder / "imported").iterdir())) == 1


@pytest.mark.slow
def test_damage_is_reported_and_the_records_around_it_are_imported(tmp_path: Path) -> None:
    records = Records()
    for number in range(5):
        page = html("Ceasefire agreed", (*ENGLISH, f"This was report number {number}."))
        records.response(f"https://valley.example/n/{number}", page)
    data = bytearray(records.stream.getvalue())
    flipped, torn = records.offsets[3], records.offsets[5]
    data[flipped + 300] ^= 0xFF
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "torn.warc.gz").write_bytes(data[: torn + 200])
    (folder / "notes.warc.gz").write_text("not an archive")
    (folder / "readme.txt").write_text("left alone")
    ended = import_into(tmp_path / "archive", folder)
    assert ended.exit_code == 4, ended.output
    assert {url.rsplit("/", 1)[1] for url in captures(ended.folder)} == {"0", "1", "3"}
    assert f"{folder}/torn.warc.gz: damaged gzip member at offset {flipped}" in ended.output
    assert f"{folder}/torn.warc.gz: torn record at offset {torn}" in ended.output
    assert f"{folder}/notes.warc.gz is no WARC" in ended.output
    assert len(list((ended.folder / "imported").iterdir())) == 1, "what is no WARC is not copied"


def test_wacz_and_plain_warc_in_a_folder_and_what_a_killed_import_left(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    plain = Records(compressed=False).response("https://valley.example/plain", html("Ceasefire agreed", ENGLISH))
    path = plain.save(folder / "sub" / "a.warc")
    packed = Records().response("https://valley.example/packed", html("Ceasefire signed", ENGLISH))
    with zipfile.ZipFile(folder / "b.wacz", "w") as package:
        package.writestr("archive/data.warc.gz", packed.stream.getvalue())
        package.writestr("datapackage.json", "{}")
    # Killed between the row and the outcome
    with Archive.open(tmp_path / "archive", software="test") as archive:
        run_id = archive.start_run(command="crawl warc", arguments={}, version="0")
        record = next(record for record in read_records(path) if record.type == "response")
        (name,) = archive.imports.adopt_files(path)
        place = Progress(file=name, selection="all", position=record.offset + record.length, responses=1)
        archive.imports.add(place, [record_row(Found(record=record, fields={}), name, run_id)])
    ended = import_into(tmp_path / "archive", folder)
    assert ended.exit_code == 0, ended.output
    outcomes = {url: row["outcome"] for url, row in captures(ended.folder).items()}
    assert outcomes == {"https://valley.example/plain": "extracted", "https://valley.example/packed": "extracted"}


def test_a_record_without_address_or_date_is_reported_not_fatal(tmp_path: Path) -> None:
    records = Records()
    records.response("https://valley.example/ok", html("Ceasefire agreed", ENGLISH))
    nameless = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: yesterday\r\nContent-Type: application/http\r\n"
    block = b"HTTP/1.1 200 OK\r\n\r\n<p>Nobody knows when</p>"
    member = nameless + f"Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
    path = tmp_path / "odd.warc.gz"
    path.write_bytes(records.stream.getvalue() + gzip.compress(member))
    ended = import_into(tmp_path / "archive", path)
    assert ended.exit_code == 4, ended.output
    assert list(captures(ended.folder)) == ["https://valley.example/ok"]
    assert f"{path}: record at offset {len(records.stream.getvalue())} has no" in ended.output


def test_a_wrong_path_ends_with_a_message_and_the_code_for_usage(tmp_path: Path) -> None:
    ended = import_into(tmp_path / "archive", tmp_path / "nowhere.warc.gz")
    assert ended.exit_code == 64
    assert f"error: {tmp_path / 'nowhere.warc.gz'} does not exist" in ended.output
    assert "Traceback" not in ended.output


def test_what_is_no_warc_is_refused_before_anything_is_opened(tmp_path: Path) -> None:
    for name, content in {"text.warc.gz": b"words", "zero.warc": b"", "other.warc.gz": gzip.compress(b"words")}.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UsageError, match=name):
            find_files(path)
    with pytest.raises(UsageError, match=r"no \.warc"):
        find_files(tmp_path.joinpath("empty").mkdir() or tmp_path / "empty")
    package = tmp_path / "empty.wacz"
    with zipfile.ZipFile(package, "w") as empty:
        empty.writestr("datapackage.json", "{}")
    with pytest.raises(RecordError, match=r"empty\.wacz"):
        probe(package)


@pytest.mark.slow
@pytest.mark.corpus
def test_real_pages_of_many_publishers_and_scripts(corpus: Path, tmp_path: Path) -> None:
    ended = import_into(tmp_path / "archive", corpus / "conflict.warc.gz")
    assert ended.exit_code == 0, ended.output
    rows = captures(ended.folder)
    assert len(rows) == 57
    outcomes = {(row["outcome"], row["detail"] if row["outcome"] == "not_article" else None) for row in rows.values()}
    # One page is a live ticker, one a picture gallery.
    allowed = {("extracted", None), ("off_topic", None), ("not_article", "liveblog"), ("not_article", "notice")}
    assert outcomes <= allowed, outcomes
    found = articles(ended.folder).values()
    assert len({row["publisher"] for row in found}) >= 10
    assert {"en", "ru", "ar", "de"} <= {row["language"] for row in found}


@pytest.mark.slow
def test_files_of_the_archive_itself_and_files_without_responses_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    Records().response("https://valley.example/a", html("Ceasefire agreed", ENGLISH)).save(folder / "a.warc.gz")
    Records().save(folder / "info-only.warc.gz")
    ended = import_into(tmp_path / "archive", folder)
    assert ended.exit_code == 4, ended.output
    assert f"{folder}/info-only.warc.gz: no response record in it" in ended.output
    own = import_into(ended.folder, ended.folder / "imported")
    assert own.exit_code == 64
    assert "belongs to the archive" in own.output
    assert len(captures(ended.folder)) == 1


def several(count: int, *, host: str = "valley.example", day: str = "2019-05-04", compressed: bool = True) -> Records:
    """A file with pages of one publisher and day."""
    records = Records(compressed=compressed)
    for number in range(count):
        page = html(f"Ceasefire agreed, part {number}", (*ENGLISH, f"This was report number {number} from {host}."))
        records.response(f"https://{host}/news/{number:06}-ceasefire-{day}/", page, WARC_Date=f"{day}T10:20:30Z")
    return records


@pytest.mark.slow
def test_only_the_pages_of_a_publisher_and_of_some_days_are_imported(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for host in ("www.rt.com", "valley.example"):
        for day in ("2016-02-28", "2016-02-29", "2016-03-01"):
            several(1, host=host, day=day).save(folder / f"{host}-{day}.warc.gz")
    ended = import_into(tmp_path / "a", folder, "publisher=rt", "since=2016-02-29", "until=2016-02-29", "extract=no")
    assert ended.exit_code == 0, ended.output
    assert [(row["publisher"], row["captured_at"]) for row in captures(ended.folder).values()] == [
        ("RT", "2016-02-29T10:20:30Z")
    ]
    assert "3 of other publishers, 2 of other days, 6 warcinfo records" in ended.output.replace(
        "6 warcinfo records, 3 of other publishers, 2 of other days",
        "3 of other publishers, 2 of other days, 6 warcinfo records",
    )
    domain = import_into(tmp_path / "a", folder, "publisher=valley.example", "extract=no")
    assert domain.exit_code == 0, domain.output
    assert len(captures(tmp_path / "a")) == 4, "another selection looks at the same files again"
    everything = import_into(tmp_path / "a", folder, "extract=no")
    assert len(captures(tmp_path / "a")) == 6, everything.output
    again = import_into(tmp_path / "a", folder, "publisher=rt", "until=2016-01-01")
    assert "6 files with 6 responses were imported before" in again.output, "an import of everything stands for all"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("publisher=rrt", "did you mean rt"),
        ("since=yesterday", "not a day; give it as in -a since=2016-12-31"),
        ("extract=perhaps", "write yes or no"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, argument: str, message: str) -> None:
    path = several(1).save(tmp_path / "a.warc.gz")
    name, _, value = argument.partition("=")
    with pytest.raises(UsageError, match=message):
        WarcSpider(path=str(path), **{name: value})


@pytest.mark.slow
def test_without_extraction_pages_wait_for_reextract(tmp_path: Path) -> None:
    records = several(3)
    records.add("response", "dns:valley.example", b"20190504\nvalley.example. 60 IN A 192.0.2.7\n", "text/dns")
    path = records.save(tmp_path / "a.warc.gz")
    ended = import_into(tmp_path / "a", path, "extract=no")
    assert ended.exit_code == 0, ended.output
    outcomes = [row["outcome"] for row in captures(ended.folder).values()]
    assert outcomes == ["deferred"] * 3 + ["not_article"]
    assert articles(ended.folder) == {}
    assert verify(ended.folder).findings == ()
    later = scrapy(ended.folder, "reextract", "--outcome", "deferred", "--yes")
    assert later.exit_code == 0, later.output
    assert [row["outcome"] for row in captures(ended.folder).values()] == ["extracted"] * 3 + ["not_article"]
    assert len(articles(ended.folder)) == 3
    assert "0 of 0 captures" in scrapy(ended.folder, "reextract", "--outcome", "deferred", "--yes").output


def in_blocks(data: bytes) -> bytes:
    """Gzip members that end anywhere, as parallel compressors write them."""
    return b"".join(gzip.compress(data[begin : begin + 700]) for begin in range(0, len(data), 700))


def with_dictionary(data: bytes) -> bytes:
    """Zstandard as in `.warc.zst` files: the dictionary in a frame of its own, then one frame a record."""
    dictionary = zstd.ZstdDict(data[:2000], is_raw=True)
    packed = zstd.compress(dictionary.dict_content)
    return b"\x5d\x2a\x4d\x18" + struct.pack("<I", len(packed)) + packed + zstd.compress(data, zstd_dict=dictionary)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("all.warc.gz", gzip.compress),
        ("blocks.warc.gz", in_blocks),
        ("a.warc.zst", zstd.compress),
        ("dictionary.warc.zst", with_dictionary),
    ],
)
def test_files_that_were_compressed_as_a_whole_are_kept_unpacked(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    plain = several(5, compressed=False).stream.getvalue()
    path = tmp_path / name
    path.write_bytes(pack(plain))
    with Archive.open(tmp_path / "a") as archive:
        (kept,) = archive.imports.adopt_files(path)
        assert (archive.folder / kept).read_bytes() == plain
        assert kept == f"imported/{hashlib.sha256(plain).hexdigest()}.warc"
        assert archive.imports.adopt_files(path) == [kept]
    assert len(list((tmp_path / "a" / "imported").iterdir())) == 1


def test_what_cannot_be_unpacked_or_is_packed_beyond_reason_is_refused(tmp_path: Path) -> None:
    plain = several(5, compressed=False).stream.getvalue()
    cut, bomb = tmp_path / "cut.warc.gz", tmp_path / "bomb.warc.gz"
    cut.write_bytes(gzip.compress(plain)[:-40])
    bomb.write_bytes(gzip.compress(plain + bytes(200_000_000)))
    with Archive.open(tmp_path / "a") as archive:
        with pytest.raises(RecordError, match=r"cannot unpack .*cut\.warc\.gz"):
            archive.imports.adopt_files(cut)
        with pytest.raises(RecordError, match="packed beyond reason"):
            archive.imports.adopt_files(bomb)
    assert list((tmp_path / "a" / "imported").iterdir()) == []


def test_an_arc_file_is_called_one(tmp_path: Path) -> None:
    line = b"filedesc://old.arc 192.0.2.7 20040506070809 text/plain 76\n1 0 Tarn\n"
    folder = tmp_path / "files"
    several(1).save(folder / "good.warc.gz")
    (folder / "old.arc").write_bytes(line)
    (folder / "older.arc.gz").write_bytes(gzip.compress(line))
    (folder / "named-otherwise.warc.gz").write_bytes(gzip.compress(line))
    ended = import_into(tmp_path / "a", folder, "extract=no")
    assert ended.exit_code == 4, ended.output
    for name in ("old.arc", "older.arc.gz", "named-otherwise.warc.gz"):
        assert f"{folder / name} is an ARC file" in ended.output
    assert len(captures(ended.folder)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("extract", ["no", "yes"])
def test_an_import_that_is_killed_goes_on_without_doubling_or_dropping_a_record(tmp_path: Path, extract: str) -> None:
    count = 3000 if extract == "no" else 40
    folder = tmp_path / "files"
    for part in range(2):
        several(count // 2, day=f"2019-05-0{part + 1}").save(folder / f"{part}.warc.gz")
    environment = {**os.environ, "DATELINE_ARCHIVE": os.fspath(tmp_path / "a")}
    command = [sys.executable, "-m", "scrapy", "crawl", "warc", "-a", f"path={folder}", "-a", f"extract={extract}"]
    kills = 0
    for pause in (0.0, 0.0, 0.1):
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        before = referenced(tmp_path / "a")
        while process.poll() is None and referenced(tmp_path / "a") <= before:
            time.sleep(0.02)
        time.sleep(pause)
        process.kill()
        kills += process.wait() == -9
    assert kills >= 2, "there was nothing left to kill"
    ended = import_into(tmp_path / "a", folder, f"extract={extract}")
    assert ended.exit_code == 0, ended.output
    found = captures(ended.folder)
    assert len(found) == count == referenced(ended.folder)
    outcomes = {row["outcome"] for row in found.values()}
    assert outcomes == ({"deferred"} if extract == "no" else {"extracted"})
    assert verify(ended.folder).findings == ()


def referenced(folder: Path) -> int:
    if not (folder / "archive.db").exists():
        return 0
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as database:
        try:
            return int(database.execute("SELECT count(*) FROM captures").fetchone()[0])
        except sqlite3.OperationalError:  # being made
            return 0
