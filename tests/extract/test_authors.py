"""Who wrote pages of unknown design: people first, then agencies and newsrooms, the house last."""

import json

import pytest

from crawler.extract import extract

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
        f"{HEADLINE}{BODY}<div class=byline>Mara Lindqvist</div><div class=byline>Omar Haddad</div>",
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


def person(name: str) -> dict[str, object]:
    return {"@type": "Person", "name": name}


SELBY = {"@type": "Organization", "name": "Selby Courier"}


@pytest.mark.parametrize(
    ("claimed", "names"),
    [
        ({"@type": "Organization", "name": "dpa"}, ("dpa",)),
        (person("The Associated Press"), ("The Associated Press",)),
        ([person("Mara Lindqvist"), {"@type": "Organization", "name": "SDA"}], ("Mara Lindqvist", "SDA")),
        (person("Islands Desk"), ("Islands Desk",)),
        ("Mara Lindqvist and Omar Haddad, dpa", ("Mara Lindqvist", "Omar Haddad", "dpa")),
        (["Mara Lindqvist", "Omar Haddad"], ("Mara Lindqvist", "Omar Haddad")),
        ([[person("Mara Lindqvist")], {"@list": [person("Omar Haddad")]}], ("Mara Lindqvist", "Omar Haddad")),
        ({"@type": "Role", "author": person("Mara Lindqvist")}, ("Mara Lindqvist",)),
        ({"@type": "Person", "name": ["Mara Lindqvist", "Omar Haddad"]}, ("Mara Lindqvist", "Omar Haddad")),
        ({"@type": "Person", "givenName": "Mara", "familyName": "Lindqvist"}, ("Mara Lindqvist",)),
        (person("<a href='/mara'>Mara Lindqvist</a>"), ("Mara Lindqvist",)),
        (person("By  MARA\u00a0LINDQVIST"), ("MARA LINDQVIST",)),
        (person("https://www.facebook.com/selby"), ()),
        (person("mara@example.org"), ()),
        (person("admin"), ()),
        (person("mara.lindqvist"), ()),
        (person("null"), ()),
    ],
)
def test_authors_in_linked_data(claimed: object, names: tuple[str, ...]) -> None:
    assert authors(BODY, linked(author=claimed)) == names


def test_an_author_may_be_another_node_of_the_graph() -> None:
    graph = {
        "@graph": [
            {"@type": "NewsArticle", "headline": "Ferry resumes", "author": {"@id": "#mara"}},
            {"@type": "Person", "@id": "#mara", "name": "Mara Lindqvist"},
        ]
    }
    head = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    assert authors(BODY, head) == ("Mara Lindqvist",)


def test_pointers_that_lead_in_a_circle_end() -> None:
    node: dict[str, object] = {"@id": "#a", "author": {"@id": "#a"}}
    assert authors(BODY, linked(author=[node] * 50)) == ()


def test_the_house_is_an_author_where_it_alone_signs() -> None:
    head = linked(author=person("Selby Courier"), publisher=SELBY)
    assert authors(BODY, head) == ("Selby Courier",)


@pytest.mark.parametrize(
    "printed",
    [
        "<p class=byline>By Mara Lindqvist</p>",
        "<p>By Mara Lindqvist</p>",
        "<p><b>Mara Lindqvist</b></p>",
        "<ul><li><strong>Author</strong> Mara Lindqvist</li></ul>",
    ],
)
def test_people_who_are_printed_come_before_the_house(printed: str) -> None:
    head = linked(author=person("Selby Courier"), publisher=SELBY) + '<meta name="author" content="Selby Courier">'
    assert authors(f"{HEADLINE}{printed}{BODY}", head) == ("Mara Lindqvist",)


def test_an_agency_comes_before_the_house() -> None:
    head = linked(author=person("Selby Courier"), publisher=SELBY)
    assert authors(f"{HEADLINE}<div class=byline>By Reuters</div>{BODY}", head) == ("Reuters",)


def test_a_byline_that_names_more_people_than_the_data_is_the_whole() -> None:
    printed = "<div class=byline><a>Mara Lindqvist</a> <a>Omar Haddad</a></div>"
    assert authors(f"{HEADLINE}{printed}{BODY}", linked(author=person("Omar Haddad"))) == (
        "Mara Lindqvist",
        "Omar Haddad",
    )


def test_an_office_beside_the_name_adds_nobody() -> None:
    printed = "<div class=byline>By Mara Lindqvist, News Reporter</div>"
    assert authors(f"{HEADLINE}{printed}{BODY}", linked(author=person("Mara Lindqvist"))) == ("Mara Lindqvist",)


@pytest.mark.parametrize(
    "content",
    ["Selby Web Solutions", "Selby GmbH", "Example", "https://example.org", "desk@example.org", "Selby News: ferries"],
)
def test_the_tag_for_authors_often_holds_the_site_or_its_maker(content: str) -> None:
    assert authors(HEADLINE + BODY, f'<meta name="author" content="{content}">') == ()


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="author" content="Mara Lindqvist">',
        '<meta property="article:author" content="Mara Lindqvist">',
        '<meta name="parsely-author" content="Mara Lindqvist">',
        '<meta name="dc.creator" content="Mara Lindqvist">',
        '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Mara Lindqvist">',
    ],
)
def test_tags_that_name_people(head: str) -> None:
    assert authors(BODY, head) == ("Mara Lindqvist",)


def test_the_reading_time_is_no_author() -> None:
    head = '<meta name="twitter:label1" content="Reading time"><meta name="twitter:data1" content="Three Minutes">'
    assert authors(BODY, head) == ()


def test_the_only_byline_of_a_page_counts_wherever_it_stands() -> None:
    assert authors(f"{HEADLINE}{BODY}<div class=byline>Mara Lindqvist</div>") == ("Mara Lindqvist",)


def test_a_nickname_counts_where_it_is_all_the_page_gives() -> None:
    assert authors(f"{HEADLINE}<span class='vcard author'>maralind</span>{BODY}") == ("maralind",)
    assert authors(f"{HEADLINE}<span class=author-menu>Opinion</span>{BODY}") == ()


@pytest.mark.parametrize("label", ["Author: ", "Autor: ", "Автор: ", "作者："])
def test_a_labelled_author_below_the_text(label: str) -> None:
    name = "王小明" if label == "作者：" else "Mara Lindqvist"
    assert authors(f"{HEADLINE}{BODY}<p>{label}{name}</p>") == (name,)


def test_a_sentence_on_reporters_is_no_byline() -> None:
    assert authors(f"{HEADLINE}<p>记者怀揣梦想</p>{BODY}") == ()
    assert authors(f"{HEADLINE}<p>记者王小明</p>{BODY}") == ("王小明",)


def test_two_labelled_authors_are_authors_of_two_stories() -> None:
    assert authors(f"{HEADLINE}{BODY}<p>Author: Mara Lindqvist</p><p>Author: Omar Haddad</p>") == ()
