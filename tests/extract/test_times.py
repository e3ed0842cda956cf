"""Which of a page's many times is believed."""

from datetime import UTC, datetime

import pytest

from archive.model import Article
from crawler.extract import extract

URL = "https://sputniknews.com/middleeast/201911181077343476-ferry-service-resumes/"
BODY = (
    "<p>The ferry between Port Selby and the islands resumed on Monday after eleven days, the harbour master said.</p>"
    * 2
)


def old_engine(head: str, refs: str = "", url: str = URL, captured_at: datetime | None = None) -> Article:
    html = (
        f"<html><head>{head}</head><body><div class='b-sitenav__time'>14:53 GMT +320 November 2019</div>"
        f"<div class='b-article'><h1>Ferry</h1><div class='b-article__refs-text'>{refs}</div>"
        f"<div class='b-article__text'>{BODY}</div></div></body></html>"
    )
    return extract(html.encode(), url, captured_at=captured_at)


P_TS = '<meta name="analytics:p_ts" content="1574101047">'  # 2019-11-18T18:17:27Z


def test_a_false_z_is_found_out_and_taken_out_of_the_modification_too() -> None:
    article = old_engine(
        P_TS
        + '<meta content="2019-11-18T21:17:46Z" itemprop="dateModified" name="lastmod">'
        + '<meta content="2019-11-18T21:17:27Z" itemprop="datePublished" name="pubdate">'
    )
    assert article.published_at == datetime(2019, 11, 18, 18, 17, 27, tzinfo=UTC)
    assert article.modified_at == datetime(2019, 11, 18, 18, 17, 46, tzinfo=UTC)
    assert article.provenance["published_at"] == "layout:2014"


def test_a_design_not_seen_before_keeps_its_trustworthy_clock_and_its_text() -> None:
    head = P_TS + '<meta content="2019-11-18T21:17:27Z" itemprop="datePublished" name="pubdate">'
    html = f"<html><head>{head}</head><body><div class='brand-new'><h1>Ferry</h1>{BODY}</div></body></html>"
    article = extract(html.encode(), URL)
    assert article.published_at == datetime(2019, 11, 18, 18, 17, 27, tzinfo=UTC)
    assert "harbour master" in article.text
    assert article.provenance["text"] == "trafilatura"


def test_a_true_z_stays() -> None:
    article = old_engine(
        P_TS
        + '<meta content="2019-11-18T19:17:46Z" itemprop="dateModified" name="lastmod">'
        + '<meta content="2019-11-18T18:17:27Z" itemprop="datePublished" name="pubdate">'
    )
    assert article.modified_at == datetime(2019, 11, 18, 19, 17, 46, tzinfo=UTC)


def test_printed_time_without_gmt_is_moscows_and_with_it_utc() -> None:
    moscow = old_engine("", '<time class="b-article__refs-date">21:17 18.11.2019</time>')
    assert moscow.published_at is not None
    assert moscow.published_at.isoformat() == "2019-11-18T21:17:00+03:00"
    assert moscow.provenance["published_at_zone"] == "publisher"
    utc = old_engine("", '<time class="b-article__refs-date">18:17 GMT 18.11.2019</time>')
    assert utc.published_at is not None
    assert utc.published_at.isoformat() == "2019-11-18T18:17:00+00:00"
    assert utc.provenance["published_at_zone"] == "printed"


def test_with_nothing_else_the_url_gives_the_day() -> None:
    article = old_engine("")
    assert article.published_at == datetime(2019, 11, 18, tzinfo=UTC)
    assert article.provenance["published_at_precision"] == "day"
    assert article.provenance["published_at"] == "url"


def test_a_day_gives_way_to_the_time_of_that_day() -> None:
    article = old_engine(
        '<meta property="article:published_time" content="2019-11-18">',
        '<time class="b-article__refs-date">21:17 18.11.2019</time>',
    )
    assert article.published_at is not None
    assert article.published_at.hour == 21
    assert "published_at_precision" not in article.provenance


def test_a_claim_from_after_the_capture_is_not_believed() -> None:
    captured = datetime(2019, 11, 20, tzinfo=UTC)
    article = old_engine('<meta name="pubdate" content="2031-01-01T00:00:00Z">', captured_at=captured)
    assert article.published_at == datetime(2019, 11, 18, tzinfo=UTC)


def test_a_modification_before_publication_is_some_other_things_time() -> None:
    article = old_engine(P_TS + '<meta name="lastmod" content="2018-01-01T00:00:00Z">')
    assert article.modified_at is None


@pytest.mark.parametrize(
    "markup", ["<div class=date>12:03 GMT, Nov 20, 2019</div>", "<p>© 2021 Example</p>", "<b>yesterday</b>"]
)
def test_a_page_without_a_claim_has_no_time(markup: str) -> None:
    article = extract(f"<body>{markup}<h1>Ferry</h1>{BODY}</body>".encode(), "https://news.example.org/a")
    assert article.published_at is None
    assert "published_at" not in article.provenance


def test_times_keep_the_offset_they_were_claimed_with() -> None:
    html = f'<head><meta property="article:published_time" content="2019-11-20T05:47:26+05:30"></head><body>{BODY}'
    article = extract(html.encode(), "https://news.example.org/a")
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2019-11-20T05:47:26+05:30"


def generic(body: str, *, head: str = "", url: str = "https://news.example.org/a") -> Article:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return extract(html.encode(), url)


HEADLINE = "<h1>Ferry to the islands resumes after eleven days</h1>"


@pytest.mark.parametrize(
    "name", ["article:published:time", "bt:pubdate", "dc.date.created", "date", "article:published_time"]
)
def test_names_of_meta_tags_for_the_time(name: str) -> None:
    article = generic(BODY, head=f'<meta name="{name}" content="2019-11-20T05:47:26+02:00">')
    assert article.published_at == datetime(2019, 11, 20, 3, 47, 26, tzinfo=UTC)


def test_linked_data_without_a_zone_give_way_to_a_tag_that_has_one() -> None:
    data = '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2019-11-20 05:47:26.0"}</script>'
    article = generic(BODY, head=f'{data}<meta name="date" content="2019-11-20T05:47:26+02:00">')
    assert article.published_at == datetime(2019, 11, 20, 3, 47, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='article-date'>20 November 2019</div>",
        "<p><time>20.11.2019, 05:47</time></p>",
        "<div>Harbour desk <i>Wednesday, 20 November 2019</i></div>",
        "<span class=timestamp>Published: Nov 20, 2019 | Updated: Nov 22, 2019</span>",
    ],
)
def test_date_printed_below_the_headline(markup: str) -> None:
    article = generic(f"<div class=date>25 November 2019</div>{HEADLINE}{markup}{BODY}")
    assert article.published_at == datetime(2019, 11, 20, tzinfo=UTC)
    assert article.provenance["published_at_precision"] == "day"


@pytest.mark.parametrize(
    "markup",
    [
        f"<div class=date>20 November 2019</div>{HEADLINE}{BODY}",
        f"{HEADLINE}<aside><div class=date>20 November 2019</div></aside>{BODY}",
        f"{HEADLINE}<a href=/b><span class=date>20 November 2019</span> Pier planned</a>{BODY}",
        f"{HEADLINE}{BODY}<div class=comment><time>20 November 2019</time></div>",
        f"{HEADLINE}<div class=candidates>The vote of 20 November 2019 is void, says the court</div>{BODY}",
    ],
)
def test_dates_of_other_things_are_not_taken(markup: str) -> None:
    assert generic(markup).published_at is None


def test_day_in_the_folders_of_the_address() -> None:
    article = generic(BODY, url="https://news.example.org/2020/02/17/ferry-resumes")
    assert article.published_at == datetime(2020, 2, 17, tzinfo=UTC)
    assert article.provenance["published_at"] == "url"
    assert generic(BODY, url="https://news.example.org/2020/02/ferry-resumes").published_at is None
