"""Every record of real crawls against ISO 28500:2017 (WARC/1.1): which field a record of which type must, may, must not
have, and that whatever a record names is there.
"""

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import WarcRecord, read_records
from archive.verify import verify
from tests.archive.conftest import warc_files
from tests.conftest import Crawl, crawl_offline_web
from tests.test_end_to_end import rows

HTTP = {"response", "request", "revisit"}
OF_AN_EXCHANGE = HTTP | {"resource", "metadata"}
ALL = OF_AN_EXCHANGE | {"warcinfo", "conversion"}

# field → section, the types that must have it, the types that may
FIELDS = {
    "WARC-Record-ID": ("5.2", ALL, ALL),
    "Content-Length": ("5.3", ALL, ALL),
    "WARC-Date": ("5.4", ALL, ALL),
    "WARC-Type": ("5.5", ALL, ALL),
    "Content-Type": ("5.6", ALL, ALL),
    "WARC-Concurrent-To": ("5.7", set(), OF_AN_EXCHANGE),
    "WARC-Block-Digest": ("5.8", ALL, ALL),  # ours always have it
    "WARC-Payload-Digest": ("5.9", {"revisit"}, {"response", "resource", "revisit", "request"}),
    "WARC-IP-Address": ("5.10", set(), OF_AN_EXCHANGE),
    "WARC-Refers-To": ("5.11", {"revisit", "conversion"}, {"revisit", "conversion", "metadata"}),
    "WARC-Refers-To-Target-URI": ("5.12", {"revisit"}, {"revisit"}),
    "WARC-Refers-To-Date": ("5.13", {"revisit"}, {"revisit"}),
    "WARC-Target-URI": ("5.14", ALL - {"warcinfo", "metadata"}, ALL - {"warcinfo"}),
    "WARC-Truncated": ("5.15", set(), {"response", "revisit", "resource", "request"}),
    "WARC-Warcinfo-ID": ("5.16", ALL - {"warcinfo"}, ALL - {"warcinfo"}),
    "WARC-Filename": ("5.17", {"warcinfo"}, {"warcinfo"}),
    "WARC-Profile": ("5.18", {"revisit"}, {"revisit"}),
    "WARC-Identified-Payload-Type": ("5.19", set(), HTTP | {"resource", "conversion"}),
}
CONTENT_TYPES = {
    "warcinfo": r"application/warc-fields",
    "response": r"application/http; msgtype=response",
    "revisit": r"application/http; msgtype=response",
    "request": r"application/http; msgtype=request",
    "metadata": r"application/(?:warc-fields|json|pem-certificate-chain)",
    "conversion": r"text/plain; charset=utf-8",
}
PATTERNS = {
    "WARC-Record-ID": r"<urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}>",
    "WARC-Date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z",  # 1 to 9 digits of a fraction, UTC
    "WARC-Truncated": r"length|time|disconnect|unspecified",
    "WARC-Block-Digest": r"sha256:[0-9a-f]{64}",
    "WARC-Payload-Digest": r"sha256:[0-9a-f]{64}",
    "WARC-Profile": r"http://netpreserve\.org/warc/1\.1/revisit/(?:identical-payload-digest|server-not-modified)",
    "WARC-Target-URI": r"[a-z][a-z0-9+.-]*:[^<>\s]+",
    "Content-Length": r"\d+",
}


def problems(record: WarcRecord) -> list[str]:
    """What of one record is not as the standard wants it."""
    place = f"{record.type} at {record.path.name}#{record.offset}"
    names = [name for name, _ in record.headers]
    found = [f"{place}: unknown type"] if record.type not in CONTENT_TYPES else []
    found += [f"{place}: version {record.version}"] if record.version != "WARC/1.1" else []
    for name, (section, must, may) in FIELDS.items():
        count = sum(one.lower() == name.lower() for one in names)
        found += [f"{place}: {name} is missing ({section})"] if record.type in must and not count else []
        found += [f"{place}: {name} is forbidden ({section})"] if record.type not in may and count else []
        found += [f"{place}: {name} is repeated (5.1)"] if count > 1 and name != "WARC-Concurrent-To" else []
    found += [f"{place}: {name} is no field of the standard" for name in names if name not in FIELDS]
    for name, value in record.headers:
        pattern = CONTENT_TYPES.get(record.type, "") if name == "Content-Type" else PATTERNS.get(name, ".+")
        found += [] if re.fullmatch(pattern, value) else [f"{place}: {name} is {value!r}"]
    return found


def loose_ends(records: Iterable[WarcRecord]) -> list[str]:
    """Names of records that are nowhere, ids that two records have, capture events with several dates (5.4)."""
    known: dict[str, WarcRecord] = {}
    found, names = [], []
    for record in records:
        found += [f"two records are {record.record_id}"] if record.record_id in known else []
        known[record.record_id] = record
        names += [(record, name) for name in ("WARC-Concurrent-To", "WARC-Refers-To", "WARC-Warcinfo-ID")]
    for record, name in names:
        if not (value := record.header(name)):
            continue
        if value not in known:
            found.append(f"{record.type} {record.record_id}: {name} is {value}, which is nowhere")
        elif name == "WARC-Concurrent-To" and known[value].date != record.date:
            found.append(f"{record.type} {record.record_id}: not of the same moment as what it is concurrent to")
        elif name == "WARC-Warcinfo-ID" and (known[value].type, known[value].path) != ("warcinfo", record.path):
            found.append(f"{record.type} {record.record_id}: its warcinfo is not at the head of its file")
        elif name == "WARC-Refers-To" and record.type == "revisit":
            original = known[value]
            told = (record.header("WARC-Refers-To-Target-URI"), record.header("WARC-Refers-To-Date"))
            if (original.type, original.header("WARC-Target-URI"), original.header("WARC-Date")) != ("response", *told):
                found.append(f"revisit {record.record_id} does not name its original rightly")
    return found


def all_records(folder: Path) -> list[WarcRecord]:
    return [record for path in sorted((folder / "warc").glob("*.warc.gz")) for record in read_records(path)]


@pytest.fixture(scope="module")
def twice(demo: Crawl, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration archive after a second crawl of the same pages."""
    folder = tmp_path_factory.mktemp("twice") / "archive"
    shutil.copytree(demo.folder, folder)
    again = crawl_offline_web(folder, "crawlall")
    assert again.exit_code == 0, again.output
    return folder


@pytest.mark.slow
def test_every_record_of_two_crawls_is_as_the_standard_wants_it(twice: Path) -> None:
    records = all_records(twice)
    assert {record.type for record in records} == ALL - {"resource"}
    assert [problem for record in records for problem in problems(record)] == []
    assert loose_ends(records) == []


def test_after_two_crawls_the_archive_is_sound_and_the_second_is_smaller(twice: Path) -> None:
    assert verify(twice).findings == ()
    first, second = warc_files(twice)
    assert second.stat().st_size < first.stat().st_size
    kinds = Counter(record.type for record in read_records(second))
    assert kinds["revisit"] > 10, kinds


def test_a_second_crawl_of_the_same_pages_brings_no_new_version(twice: Path, demo: Crawl) -> None:
    counted = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM versions)"
    assert [tuple(row) for row in rows(twice, counted)] == [tuple(row) for row in rows(demo.folder, counted)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"WARC-Filename": "x"}, "WARC-Filename is forbidden"),
        ({"WARC-Refers-To": "<urn:uuid:1>"}, "WARC-Refers-To is forbidden"),
        ({"WARC-Profile": "x"}, "WARC-Profile is forbidden"),
        ({"Warc-Date": "2026-03-04T12:00:00Z"}, "WARC-Date is repeated"),
        ({"WARC-Truncated": "maybe"}, "WARC-Truncated is 'maybe'"),
        ({"X-Odd": "1"}, "X-Odd is no field"),
        ({"WARC-Date": None}, "WARC-Date is missing"),
        ({"WARC-Target-URI": None}, "WARC-Target-URI is missing"),
        ({"WARC-Warcinfo-ID": None}, "WARC-Warcinfo-ID is missing"),
        ({"WARC-Type": "metadata"}, "Content-Type is"),
    ],
)
def test_the_table_finds_what_is_wrong(demo: Crawl, change: dict[str, str | None], problem: str) -> None:
    record = next(record for record in all_records(demo.folder) if record.type == "response")
    kept = [
        (name, value) for name, value in record.headers if name not in change or (name == "WARC-Date" and change[name])
    ]
    changed = replace(record, headers=(*kept, *((name, value) for name, value in change.items() if value is not None)))
    assert problems(record) == []
    assert any(problem in one for one in problems(changed)), problems(changed)
