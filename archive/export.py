"""Articles out of the archive, in the formats that other programs read, with a card that says what they are.

    jsonl    a JSON object a line, lists as lists: for programs
    csv      for spreadsheets and statistics; lists as JSON, and no cell that a spreadsheet would compute (see `cell`)
    parquet  for data frames; needs pyarrow
    text     headline, byline and text to read, articles parted by a form feed
    tei      TEI P5 (https://tei-c.org/guidelines/P5/), a corpus with a header for each article

All are written as they are read: a million articles need no more memory than one.
"""

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import escape as xml

from archive.errors import LibraryMissing
from archive.search.find import matching
from archive.search.query import Query

COLUMNS = (
    "id", "url", "canonical_url", "publisher", "headline", "byline", "authors", "dateline", "published_at",
    "published_offset", "published_zone", "published_precision", "modified_at", "modified_offset", "seen_at",
    "captured_at", "section", "tags", "language", "wire", "lede", "text", "images", "related", "relevance", "versions",
    "syndicated_from", "warc_file", "warc_offset", "warc_record_id", "payload_digest", "extractor", "vocabulary",
)  # fmt: skip
_LISTS = ("authors", "tags", "images", "related")
_NUMBERS: dict[str, type[int] | type[float]] = {
    "id": int,
    "relevance": float,
    "versions": int,
    "syndicated_from": int,
    "warc_offset": int,
}

_ARTICLES = """
SELECT articles.*, captures.file AS warc_file, captures.offset AS warc_offset, captures.record_id AS warc_record_id,
    captures.payload_digest, versions.extractor, versions.vocabulary,
    (SELECT min(syndicated_from) FROM syndications WHERE article_id = articles.id) AS syndicated_from
FROM articles JOIN captures ON captures.id = articles.capture_id
LEFT JOIN versions ON versions.id = (
    SELECT max(id) FROM versions WHERE article_id = articles.id AND capture_id = articles.capture_id)
WHERE articles.id = ?
"""
_BATCH = 1000  # rows of a Parquet row group

Row = dict[str, Any]


def articles(connection: sqlite3.Connection, query: Query) -> Iterator[Row]:
    """Every article that a query means (all, for one that asks nothing), by id, with where its bytes lie."""
    for article_id in matching(connection, query):
        cursor = connection.execute(_ARTICLES, [article_id])
        names = [column[0] for column in cursor.description]
        found = cursor.fetchone()
        if found is not None:
            fields = dict(zip(names, found, strict=True))
            yield {
                name: json.loads(fields[name] or "[]") if name in _LISTS else fields[name] for name in COLUMNS
            }  # fmt: skip


def write(rows: Iterable[Row], form: str, output: BinaryIO) -> int:
    """Write `rows` in one of `FORMATS`; returns how many. Raises LibraryMissing where one is wanted."""
    count = 0

    def counted() -> Iterator[Row]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    FORMATS[form](counted(), output)
    return count


def _write_jsonl(rows: Iterable[Row], output: BinaryIO) -> None:
    for row in rows:
        output.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def read_jsonl(path: Path) -> Iterator[Row]:
    """The rows of a JSON Lines export."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


# --- CSV --------------------------------------------------------------------------------------------------------------

# A cell that begins so is computed by spreadsheets (OWASP: CSV Injection), where East Asian text is written also in the
# wide forms, and by some behind blanks and what nobody sees. One with ' is a text whose ' is not shown.
_UNSEEN = "\\s\\x00-\\x1f\\xad\\u200b-\\u200f\\u2060-\\u2064\\ufeff"
_COMPUTED = re.compile(f"[{_UNSEEN}]*[=+\\-@＝＋－＠﹦﹢﹣﹫−']|[\\t\\r\\n]")


def cell(value: Any) -> str:
    """A value as a cell: empty for None, and an apostrophe in front of what a spreadsheet would compute."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text == "":
        return "'"  # an empty text is not no text
    return f"'{text}" if isinstance(value, str) and _COMPUTED.match(text) else text


def _write_csv(rows: Iterable[Row], output: BinaryIO) -> None:
    text = io.TextIOWrapper(output, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([cell(row[name]) for name in COLUMNS])
    text.detach()  # flushes; the stream is the caller's


def read_csv(path: Path) -> Iterator[Row]:
    """The rows of a CSV export, exactly as they were."""
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            yield {name: _value(name, text) for name, text in cells.items()}


def _value(name: str, text: str) -> Any:
    if text == "":
        return None
    if name in _LISTS:
        return json.loads(text)
    if name in _NUMBERS:
        return _NUMBERS[name](text)
    return text[1:] if text.startswith("'") else text


# --- Parquet ----------------------------------------------------------------------------------------------------------


def _write_parquet(rows: Iterable[Row], output: BinaryIO) -> None:
    try:
        import pyarrow  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415
        from pyarrow import parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415
    except ImportError as error:
        raise LibraryMissing(
            "Parquet needs pyarrow: .venv/bin/pip install -e '.[parquet]' in the project's folder, or export jsonl"
        ) from error
    kinds = {int: pyarrow.int64(), float: pyarrow.float64(), str: pyarrow.string()}
    schema = pyarrow.schema([(name, kinds[_NUMBERS.get(name, str)]) for name in COLUMNS])
    with parquet.ParquetWriter(output, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            columns = {
                name: [json.dumps(row[name], ensure_ascii=False) if name in _LISTS else row[name] for row in batch]
                for name in COLUMNS
            }
            writer.write_table(pyarrow.table(columns, schema=schema))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


# --- to read ----------------------------------------------------------------------------------------------------------


def _write_text(rows: Iterable[Row], output: BinaryIO) -> None:
    for row in rows:
        head = [row["headline"], row["byline"], row["publisher"], row["published_at"], row["url"]]
        parts = ["\n".join(line for line in head if line), row["text"]]
        output.write("\n\n".join(parts).replace("\f", " ").encode("utf-8", "replace") + b"\n\f\n")


# Characters that XML 1.0 has no way to write (section 2.2)
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _write_tei(rows: Iterable[Row], output: BinaryIO) -> None:
    output.write(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<teiCorpus xmlns="http://www.tei-c.org/ns/1.0" version="4.9.0">\n'
        b"<teiHeader><fileDesc><titleStmt><title>Articles of a Dateline archive</title></titleStmt><publicationStmt>"
        b"<p>Exported from an archive; the texts are their publishers'.</p></publicationStmt><sourceDesc><p>Web pages, "
        b"kept as WARC records.</p></sourceDesc></fileDesc></teiHeader>\n"
    )
    for row in rows:
        output.write(_tei(row).encode("utf-8", "replace") + b"\n")
    output.write(b"</teiCorpus>\n")


def _tei(row: Row) -> str:
    authors = "".join(f"<author>{_xml(name)}</author>" for name in row["authors"])
    when = f'<date when="{_xml(row["published_at"])}">{_xml(row["published_at"])}</date>' if row["published_at"] else ""
    language = f' xml:lang="{_xml(row["language"])}"' if row["language"] else ""
    paragraphs = "".join(f"<p>{_xml(part)}</p>" for part in row["text"].split("\n\n") if part.strip())
    return (
        f"<TEI{language}><teiHeader><fileDesc><titleStmt><title>{_xml(row['headline'] or '')}</title>{authors}"
        f"</titleStmt><publicationStmt><publisher>{_xml(row['publisher'] or '')}</publisher>{when}</publicationStmt>"
        f'<sourceDesc><bibl><ptr target="{_xml(row["url"])}"/><idno type="warc-record">{_xml(row["warc_record_id"])}'
        f"</idno></bibl></sourceDesc></fileDesc></teiHeader><text><body><head>{_xml(row['headline'] or '')}</head>"
        f"{paragraphs}</body></text></TEI>"
    )


def _xml(text: str) -> str:
    return xml(_NO_XML.sub("\ufffd", text), {'"': "&quot;"})


FORMATS: dict[str, Callable[[Iterable[Row], BinaryIO], None]] = {
    "jsonl": _write_jsonl,
    "csv": _write_csv,
    "parquet": _write_parquet,
    "text": _write_text,
    "tei": _write_tei,
}
BINARY = frozenset(("parquet",))


# --- the card ---------------------------------------------------------------------------------------------------------


class Holdings:
    """What an export holds, counted as it is written."""

    def __init__(self) -> None:
        self.publishers: dict[str, _Span] = {}
        self.languages = Counter[str]()
        self.rules = Counter[tuple[str, str]]()
        self.copies = self.undated = 0

    @property
    def articles(self) -> int:
        """How many."""
        return self.languages.total()

    def counted(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows."""
        for row in rows:
            self.publishers.setdefault(row["publisher"] or "unknown", _Span()).add(row["published_at"])
            self.languages[row["language"] or "unknown"] += 1
            self.rules[row["extractor"] or "?", row["vocabulary"] or "–"] += 1
            self.copies += row["syndicated_from"] is not None
            self.undated += row["published_at"] is None
            yield row


@dataclass(slots=True)
class _Span:
    """Articles, and when the first and the last of them came out."""

    articles: int = 0
    first: str | None = None
    last: str | None = None

    def add(self, published_at: str | None) -> None:
        self.articles += 1
        if published_at is not None:
            self.first = min(self.first or published_at, published_at)
            self.last = max(self.last or published_at, published_at)


def card(connection: sqlite3.Connection, held: Holdings, *, asked: str, made_at: datetime) -> str:
    """What a reader of the data must know: where it is from, its dates and gaps, copies, rules, rights. Markdown."""
    gaps = connection.execute(
        "SELECT publisher, count(*) FROM coverage_days WHERE state IN ('no crawl', 'no answer') "
        "GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    (withheld,) = connection.execute("SELECT count(*) FROM withheld").fetchone()
    spans = sorted(held.publishers.items(), key=lambda span: (-span[1].articles, span[0]))
    first = min((span.first for _, span in spans if span.first), default=None)
    last = max((span.last for _, span in spans if span.last), default=None)
    languages = sorted(held.languages.items(), key=lambda row: (-row[1], row[0]))
    lines = [
        "# Articles from a Dateline archive",
        "",
        f"{held.articles} articles, exported {made_at:%Y-%m-%d %H:%M} UTC. "
        f"Asked for: `{_plain(asked) or 'everything'}`.",
        "",
        f"- Published from {first or '?'} to {last or '?'}; {held.undated} without a date.",
        f"- {held.copies} carry a text that another publisher had first (`syndicated_from`): they are no further",
        "  reports.",
        *(
            [f"- Articles of the archive that are kept from readers, and so in no export: {withheld}."]
            if withheld
            else []
        ),
        "- `published_at` and `modified_at` are the publishers' claims, `captured_at` and `seen_at` the archive's own",
        "  times. All are UTC.",
        "- `warc_file`, `warc_offset` and `warc_record_id` say where the bytes behind an article lie.",
        "- The texts are their publishers'; their licences are unknown. Ask before you publish more than facts and",
        "  quotations.",
        "",
        "| publisher | articles | first | last |",
        "|---|---|---|---|",
        *(f"| {_plain(name)} | {span.articles} | {span.first or '?'} | {span.last or '?'} |" for name, span in spans),
        "",
        "Languages: " + ", ".join(f"{_plain(name)} {number}" for name, number in languages) + ".",
        "",
        "Days on which nobody looked or nobody answered, in the whole archive: "
        + (", ".join(f"{_plain(name)} {number}" for name, number in gaps) or "none known")
        + ".",
        "",
        "Read with: "
        + "; ".join(f"{name}, vocabulary {words} ({number})" for (name, words), number in held.rules.most_common())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"[|\n\r<>`\[\]]", " ", text)
