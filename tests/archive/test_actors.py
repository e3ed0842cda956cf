"""Whom articles are about: counted beside what a search finds, and what it is narrowed by."""

from pathlib import Path

import pytest
from datasette.app import Datasette

from archive import atlas, model
from archive.search.find import Results, ask, find
from archive.store import Archive
from tests.archive.conftest import article, exchange

ISLAMIC_STATE, SOMEBODY = "islamic-state", "somebody-else"


def publish(archive: Archive, name: str, *actors: str, doubtful: tuple[str, ...] = (), minutes: int = 0) -> int:
    """An article that names actors, some only doubtfully; returns its id."""
    found = [(actor, part, "sure") for actor in actors for part in ("headline", "text")]
    found += [(actor, "text", "ambiguous") for actor in doubtful]
    mentions = tuple(
        model.Mention(kind="actor", term=actor, label=actor, part=part, spans=((0, 1),), certainty=certainty)
        for actor, part, certainty in found
    )
    given = article(f"https://news.example/{name}", headline=f"Report {name}", paragraphs=(f"Shelling {minutes}.",))
    capture = archive.capture(exchange(given.url, minutes=minutes), run_id=None)
    named = model.Named(mentions=mentions, vocabulary="test")
    return archive.store_article(capture, given, named=named, extractor="test")[1]


def fill(archive: Archive) -> None:
    publish(archive, "a", ISLAMIC_STATE, SOMEBODY)
    publish(archive, "b", ISLAMIC_STATE)
    publish(archive, "c", SOMEBODY, doubtful=(ISLAMIC_STATE,))
    publish(archive, "d")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("actors")
    with Archive.open(folder) as archive:
        fill(archive)
    return folder


def found(archive: Archive, query: str) -> Results:
    return find(archive.connection, ask(archive.connection, query))


def names(archive: Archive, query: str) -> set[str]:
    return {hit["url"][-1] for hit in found(archive, query).articles}


def test_actors_are_counted_beyond_doubt_and_under_the_name_that_readers_know(archive: Archive) -> None:
    fill(archive)
    assert found(archive, "report").facets["actor"] == (("Islamic State", 2), (SOMEBODY, 2))
    assert found(archive, "report publisher:nobody").facets["actor"] == ()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("actor:daesh", {"a", "b"}),
        ('actor:"Islamic State"', {"a", "b"}),
        (f"actor:{ISLAMIC_STATE}", {"a", "b"}),
        ("report actor:داعش", {"a", "b"}),
        ("report actor:Somebody-Else", {"a", "c"}),
        ("rep* actor:daesh language:en", {"a", "b"}),
        ("-shelling actor:daesh", set()),
        ("actor:nobody", set()),
    ],
)
def test_a_search_is_narrowed_by_an_actor(archive: Archive, query: str, expected: set[str]) -> None:
    fill(archive)
    assert names(archive, query) == expected


def test_they_follow_the_articles(archive: Archive) -> None:
    fill(archive)
    publish(archive, "a", SOMEBODY, minutes=5)
    assert names(archive, "actor:daesh") == {"b"}
    (version,) = archive.mentions.versions([2])
    relevance = model.Relevance(score=0.9, relevant=True, matches=(), vocabulary="test")
    archive.mentions.revise(version, relevance, model.Named(mentions=(), vocabulary="newer"))
    assert names(archive, "actor:daesh") == set()
    archive.withholdings.withhold(3, "a court said so")
    kept = "SELECT article_id FROM actors_articles"
    assert archive.connection.execute(kept).fetchall() == [(1,)]
    archive.withholdings.restore(3)
    assert archive.connection.execute(kept).fetchall() == [(1,), (3,)]
    assert list(atlas.differences(archive.connection)) == []
    archive.connection.execute("DELETE FROM actors_articles WHERE article_id = 1")
    assert list(atlas.differences(archive.connection)) == [f"actors_articles lacks ('{SOMEBODY}', 1)"]
    archive.connection.rollback()


async def test_the_page_of_a_search_counts_them_and_leads_there(served: Datasette) -> None:
    html = (await served.client.get("/?q=report")).text
    assert 'href="?q=report&amp;actor=Islamic+State"' in html
    narrowed = (await served.client.get("/?q=report&actor=Islamic+State")).text
    assert "2 articles" in narrowed
    assert "actor: <bdi>Islamic State</bdi>" in narrowed
    assert "Report c" not in narrowed
