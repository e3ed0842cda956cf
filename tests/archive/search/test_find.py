"""Search: what is found, how it is narrowed, ordered, marked; and that any text is a query."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.search import find as finding
from archive.search import index
from archive.search.aliases import vocabulary
from archive.search.find import Results, ask, find, fts_query
from archive.search.query import parse
from archive.search.snippet import marked
from archive.store import Archive
from tests.archive.conftest import article, exchange, store

ARTICLES = {  # headline, text, language, day of March
    "tarn": (
        "Ceasefire holds at the bridge",
        "The ceasefire holds. Shelling stopped in Tarn's north.",
        "en", 4,
    ),
    "beyoglu": (
        "Talks in Beyoğlu",
        "Delegates spoke of a long-range strike, a “cease-fire”, and prisoners.",
        "en", 9,
    ),
    "arabic": (
        "الهدنة تصمد",
        "قال المراقبون إن الهدنة تصمد لليوم الثاني، وقصفت القوات الإسرائيلية ريف الرقة.",
        "ar", 10,
    ),
    "russian": (
        "Обстрел Харькова",
        "Войска обстреляли город. В Харькове погибли 12 человек, боевиков ИГИЛ там нет.",
        "ru", 11,
    ),
    "ukrainian": ("Удар по Мар’їнці", "Російські війська вдарили по місту.", "uk", 12),
    "chinese": ("政府军进攻阿勒颇", "3月12日，政府军在阿勒颇北部发动进攻，加沙也有冲突。", "zh", 13),
    "raqqa": (
        "Fighting near Ar-Raqqah",
        "Islamic State fighters left the town of Ar-Raqqah, ١٢ of them wounded.",
        "en", 14,
    ),
    "is": ("What is known so far", "The road is open and it is quiet.", "en", 15),
}  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    folder = tmp_path_factory.mktemp("search")
    with Archive.open(folder) as archive:
        for name, (headline, text, language, day) in ARTICLES.items():
            store(
                archive,
                f"https://news.example/{name}",
                headline=headline,
                paragraphs=(text,),
                language=language,
                publisher="Veldran Daily" if name == "beyoglu" else "Tarn Post",
                published_at=datetime(2026, 3, day, 8, 0, tzinfo=UTC) if name != "arabic" else None,
            )
    with Archive.open(folder, write=False) as opened:
        yield opened.connection


def found(reader: sqlite3.Connection, query: str, *, sort: str = "best", aliases: bool = True) -> Results:
    return find(reader, ask(reader, query, aliases=aliases), sort=sort)


def names(results: Results) -> set[str]:
    return {hit["url"].rpartition("/")[2] for hit in results.articles}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ceasefire bridge", {"tarn"}),
        ("CEASEFIRE", {"tarn"}),
        ("beyoglu", {"beyoglu"}),
        ("BEYOĞLU", {"beyoglu"}),
        ("cease-fire", {"beyoglu"}),
        ('"fire cease"', set()),
        ("pris*", {"beyoglu"}),
        ("prison", set()),
        ("b*", {"tarn", "beyoglu"}),
        ("br*", {"tarn"}),
        ("tarn", {"tarn"}),
        ("bridge OR prisoners", {"tarn", "beyoglu"}),
        ("ceasefire -bridge", set()),
        ("shelling NOT prisoners", {"tarn"}),
        ("(shelling OR prisoners) delegates", {"beyoglu"}),
        ("strike NEAR/4 prisoners", {"beyoglu"}),
        ("delegates NEAR/2 prisoners", set()),
        ("headline:bridge", {"tarn"}),
        ("headline:shelling", set()),
        ("text:shelling", {"tarn"}),
        # Arabic, with and without article, conjunction, hamza
        ("هدنة", {"arabic"}),
        ("قصف", set()),
        ("وقصفت", {"arabic"}),
        ("قصفت", {"arabic"}),
        ("الاسرائيلية", {"arabic"}),
        # Cyrillic, inflected
        ("Харьков", {"russian"}),
        ("харькове", {"russian"}),
        ("боевики", {"russian"}),
        ("Мар'їнка", {"ukrainian"}),
        ("російський", {"ukrainian"}),
        # without spaces
        ("阿勒颇", {"chinese"}),
        ("加沙", {"chinese"}),
        ("勒", {"chinese"}),
        ("北京", set()),
        # digits of all scripts
        ("12", {"russian", "chinese", "raqqa"}),
        ("١٢", {"russian", "chinese", "raqqa"}),
        # one actor, one place
        ("Daesh", {"raqqa", "russian"}),
        ("داعش", {"raqqa", "russian"}),
        ("IS", {"raqqa", "russian"}),
        ("is", {"is"}),
        ("islamic state", {"raqqa", "russian"}),
        ("Raqqa", {"raqqa", "arabic"}),
        ("=Raqqa", set()),
        # filters
        ("publisher:veldran-daily", set()),
        ('publisher:"Veldran Daily"', {"beyoglu"}),
        ("language:uk", {"ukrainian"}),
        ("since:2026-03-14", {"raqqa", "is"}),
        ("12 until:2026-03-11", {"russian"}),
        ("since:2026 until:2026-03-04", {"tarn"}),
        ("since:2026-03-14 NOT fighting", {"is"}),
        # not meant as operators, or not to be had
        ("since:yesterday", set()),
        ("", set()),
        ("AND", set()),
        ("NOT", set()),
        ("bridge nowhere", set()),
    ],
)  # fmt: skip
def test_what_is_found(reader: sqlite3.Connection, query: str, expected: set[str]) -> None:
    assert names(found(reader, query)) == expected


def test_without_aliases_only_what_is_typed_is_found(reader: sqlite3.Connection) -> None:
    assert names(found(reader, "Islamic State", aliases=False)) == {"raqqa"}
    assert names(found(reader, "Daesh", aliases=False)) == set()


def test_the_reader_is_told_which_names_were_meant() -> None:
    assert [name.id for name in parse("Daesh near raqqa", vocabulary()).names] == ["islamic-state", "geonames:172955"]
    assert parse("Daesh", None).names == ()


@pytest.mark.parametrize("ranked", [finding.MAX_RANKED, 1], ids=["few", "many"])
def test_order(reader: sqlite3.Connection, ranked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where so many fit that they are not ranked."""
    monkeypatch.setattr(finding, "MAX_RANKED", ranked)
    newest = [hit["url"].rpartition("/")[2] for hit in found(reader, "12 OR bridge OR quiet", sort="newest").articles]
    assert newest == ["is", "raqqa", "chinese", "russian", "tarn"]
    oldest = [hit["url"].rpartition("/")[2] for hit in found(reader, "12", sort="oldest").articles]
    assert oldest == ["russian", "chinese", "raqqa"]
    best = [hit["url"].rpartition("/")[2] for hit in found(reader, "prisoners OR bridge").articles]
    assert best == ["tarn", "beyoglu"], "a hit in the headline counts more"
    assert found(reader, "12 OR bridge OR quiet").is_more is (ranked == 1)
    narrowed = found(reader, '(12 OR bridge) publisher:"Tarn Post" since:2026-03-12', sort="newest")
    assert names(narrowed) <= {"raqqa", "chinese"}


def test_facets(reader: sqlite3.Connection) -> None:
    results = found(reader, "12 OR prisoners")
    assert results.total == 4
    assert dict(results.facets["publisher"]) == {"Tarn Post": 3, "Veldran Daily": 1}
    assert dict(results.facets["language"]) == {"en": 2, "ru": 1, "zh": 1}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("prisoners", "[prisoners]"),
        ("харьков", "В [Харькове] погибли"),
        ("阿勒颇", "在[阿勒颇]北部"),
        ("اسرائيلي", "[الإسرائيلية]"),
        ("Daesh 12", "[Islamic State] fighters"),
        ("fight*", "[fighters]"),
    ],
)
def test_hits_are_marked_as_printed(reader: sqlite3.Connection, query: str, shown: str) -> None:
    snippets = [marked(hit["snippet"], "[", "]") for hit in found(reader, query).articles]
    assert any(shown in snippet for snippet in snippets), snippets


@given(query=st.text(max_size=60) | st.text(alphabet='"*()^-:+=ANDORNET/3{} \x00\ud83d加', max_size=30))
def test_any_text_is_a_query(reader: sqlite3.Connection, query: str) -> None:
    found(reader, query)
    reader.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", [fts_query(query)]).fetchone()


def test_the_index_follows_the_articles(reader: sqlite3.Connection) -> None:
    assert list(index.differences(reader)) == []


def test_a_changed_article_is_found_by_its_new_words_only(archive: Archive) -> None:
    url = "https://news.example/changing"
    store(archive, url, headline="Calm in Tarn", paragraphs=("Nothing was heard in the night.",))
    later = archive.capture(exchange(url, minutes=60), run_id=None)
    changed = article(url, headline="Shelling in Tarn", paragraphs=("Shells fell in the night.",))
    archive.store_article(later, changed, extractor="test")
    assert names(find(archive.connection, parse("calm"))) == set()
    assert names(find(archive.connection, parse("shelling"))) == {"changing"}
    assert list(index.differences(archive.connection)) == []


def test_a_commit_puts_all_its_articles_into_the_index_at_once(archive: Archive) -> None:
    """A statement an article would make a segment of the index each, to be merged again and again."""
    pages = "SELECT max(id >> 37) FROM articles_fts_data"  # the segment's number, FTS5's own, in the upper bits
    with archive.group():
        for number in range(20):
            store(archive, f"https://news.example/{number}", headline=f"Day {number}", paragraphs=("Calm in Tarn.",))
    assert archive.connection.execute(pages).fetchone()[0] == 1
    assert len(names(find(archive.connection, parse("calm")))) == 20
    assert list(index.differences(archive.connection)) == []


def test_an_index_merges_seldom_also_one_that_an_older_version_made(tmp_path: Path) -> None:
    asked = "SELECT v FROM articles_fts_config WHERE k = 'automerge'"
    with Archive.open(tmp_path) as archive:
        assert archive.connection.execute(asked).fetchone() == (8,)
        with archive.connection:
            archive.connection.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('automerge', 4)")
            archive.connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm025_merged_seldom'")
    with Archive.open(tmp_path) as archive:
        assert archive.connection.execute(asked).fetchone() == (8,)


def test_a_change_that_fails_leaves_nothing_in_the_index(archive: Archive) -> None:
    def spoil(undone: AbstractContextManager[None], name: str) -> None:
        with undone:
            store(archive, f"https://news.example/{name}", headline="Calm in Brell", paragraphs=("Nothing was heard.",))
            raise RuntimeError

    with archive.group():
        store(archive, "https://news.example/a", headline="Calm in Tarn", paragraphs=("Nothing was heard.",))
        with pytest.raises(RuntimeError):
            spoil(archive.journal.change(), "b")
    with pytest.raises(RuntimeError):
        spoil(archive.group(), "c")
    store(archive, "https://news.example/d", headline="Calm in Dorn", paragraphs=("Nothing was heard.",))
    assert names(find(archive.connection, parse("calm"))) == {"a", "d"}
    assert list(index.differences(archive.connection)) == []


def test_an_index_by_older_rules_is_made_anew(tmp_path: object) -> None:
    with Archive.open(tmp_path) as archive:  # type: ignore[arg-type]
        store(archive, "https://news.example/a", headline="Calm in Tarn", paragraphs=("Nothing was heard.",))
        with archive.connection:
            archive.connection.execute("INSERT INTO articles_fts (articles_fts) VALUES ('delete-all')")
            archive.connection.execute("PRAGMA user_version = 0")
    with Archive.open(tmp_path) as archive:  # type: ignore[arg-type]
        assert names(find(archive.connection, replace(parse("calm")))) == {"a"}
