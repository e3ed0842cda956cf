"""Who wrote pages of unknown design: people, as the page names them."""

import json

import pytest

from crawler.extract import extract
from crawler.extract.byline import is_person, split_authors

URL = "https://news.example.org/world/ferry"
HEADLINE = "<h1>Ferry to the islands resumes after eleven days</h1>"
BODY = (
    "<p>The ferry between Port Selby and the islands resumed on Monday after eleven days, the harbour master said.</p>"
    * 2
)


def authors(body: str, head: str = "") -> tuple[str, ...]:
    return extract(f"<html><head>{head}</head><body>{body}</body></html>".encode(), URL).authors


def linked(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Mara Lindqvist and Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("Von Mara Lindqvist, Tarsk", ["Mara Lindqvist", "Tarsk"]),
        ("Par Mara Lindqvist et Omar Haddad", ["Mara Lindqvist", "Omar Haddad"]),
        ("Автор: Мара Линд", ["Мара Линд"]),
    ],
)
def test_bylines_are_split(line: str, names: list[str]) -> None:
    assert split_authors(line) == names


@pytest.mark.parametrize(
    "name",
    ["Reuters", "Nordic Presse-Agentur", "Twitter Facebook", "ml Tarsk", "Selby News Desk", "例報新聞", "a@b.org"],
)
def test_houses_addresses_and_initials_are_no_people(name: str) -> None:
    assert not is_person(name)


@pytest.mark.parametrize("name", ["Mara Lindqvist", "de la Cruz", "Eva Kern-Rasch", "松岡大地", "J. R. Holm"])
def test_people(name: str) -> None:
    assert is_person(name)


@pytest.mark.parametrize(
    "markup",
    [
        "<div class=article-byline>Von Mara Lindqvist, Omar Haddad</div>",
        "<div class=byline><span>Mara Lindqvist</span><span>Omar Haddad</span></div>",
        "<p class=authors><a href=/m>Mara Lindqvist</a> <a href=/o>Omar Haddad</a> <a href=/t>Twitter</a></p>",
        "<span itemprop=author><b itemprop=name>Mara Lindqvist and Omar Haddad</b></span>",
    ],
)
def test_marked_bylines_below_the_headline(markup: str) -> None:
    assert authors(f"{HEADLINE}{markup}{BODY}") == ("Mara Lindqvist", "Omar Haddad")


@pytest.mark.parametrize(
    "markup",
    [
        f"{HEADLINE}{BODY}<div class=byline>Mara Lindqvist</div>",
        f"{HEADLINE}<aside><span class=author>Mara Lindqvist</span></aside>{BODY}",
        f"{HEADLINE}<figure><span class=author>Mara Lindqvist</span></figure>{BODY}",
        f"{HEADLINE}<div class=related><a class=author>Mara Lindqvist</a></div>{BODY}",
        f"{HEADLINE}{BODY}<div class=comment><a rel=author>Mara Lindqvist</a></div>",
    ],
)
def test_names_of_others_are_not_taken(markup: str) -> None:
    assert authors(markup) == ()


def test_an_address_for_a_profile_gives_way_to_a_tag_with_a_name() -> None:
    head = (
        '<meta property="article:author" content="https://www.example.com/selby">'
        '<meta name="sailthru.author" content="Mara Lindqvist">'
    )
    assert authors(BODY, head) == ("Mara Lindqvist",)


def test_an_author_is_not_taken_for_the_site() -> None:
    head = linked(author={"@type": "Organization", "name": "Mara Lindqvist"})
    assert authors(BODY, head + '<meta name="author" content="Mara Lindqvist">') == ("Mara Lindqvist",)


def test_the_publisher_in_front_of_a_name_is_the_site() -> None:
    head = linked(
        author={"@type": "Person", "name": "Selby Courier"},
        publisher={"@type": "Organization", "name": "Selby Courier"},
    )
    assert authors(BODY, head) == ()
