"""Which of a page's many times is believed."""

from datetime import UTC, datetime
from time import process_time

import pytest
from lxml.html import document_fromstring

from archive.model import Article
from crawler.extract import extract
from crawler.extract.printed_dates import Style, printed_times

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


def test_a_design_not_seen_before_is_read_for_the_printed_time_as_an_unknown_site_is() -> None:
    when = '<p class="x1-when"><time datetime="2019-11-18T21:17:00+03:00">18 November 2019, 21:17</time></p>'
    story = f"<div class='brand-new'><h1>Ferry service resumes after eleven days</h1>{when}{TEXT}</div>"
    html = f"<html><head></head><body>{story}</body></html>"
    article = extract(html.encode(), URL)
    assert article.published_at == datetime(2019, 11, 18, 18, 17, tzinfo=UTC), "the address gives the day alone"


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


TEXT = (
    "<p>The harbour master of Port Selby said that the ferry had carried forty passengers and two lorries on its first"
    " trip, and that the second ship would follow once her engine had been looked at.</p>" * 3
)


@pytest.mark.parametrize(
    "markup",
    [
        f"<nav>Home</nav><div class=story><p>20.11.2019 | Harbour desk</p>{HEADLINE}{TEXT}</div>",
        f"{HEADLINE}<p>{'The first ship in eleven days left the islands in a calm sea on Monday. ' * 2}</p>"
        f"<div>20 November 2019</div>{TEXT}",
        f"{HEADLINE}{TEXT}<p>Port Selby, 20 November 2019</p><footer>© 2021 Example</footer>",
        f"{HEADLINE}<div class=meta>By Ann Example | <a href=/2019/11/20/>Nov. 20th, 2019</a></div>{TEXT}",
        f"{HEADLINE}<p>ΔΗΜΟΣΙΕΥΣΗ: 20/11/2019, 07:16</p>{TEXT}".replace("<h1>", "<p>25.11.2019</p><h1>"),
        f"<div>{HEADLINE}<abbr class=published title=2019-11-20>wed</abbr>{TEXT}</div>",
    ],
)
def test_date_printed_around_the_story(markup: str) -> None:
    article = generic(f"<header>Friday, 22 November 2019</header>{markup}")
    assert article.published_at == datetime(2019, 11, 20, tzinfo=UTC)
    assert article.provenance["published_at_precision"] == "day"


@pytest.mark.parametrize(
    "markup",
    [
        f"<div id=page><div class=top>Friday, 22 November 2019</div>{HEADLINE}{TEXT}</div>",
        f"<p>Selby Daily Review 22-11-2019</p>{HEADLINE}{TEXT}",
        f"{HEADLINE}{TEXT}<ul><li><a href=/b>Pier to be built at Port Selby next year</a> <i>20 Nov 2019</i></li></ul>",
        f"{HEADLINE}{TEXT}<ul><li><i>20 Nov 2019</i> <a href=/b>Pier to be built at Port Selby next year</a></li></ul>",
        f"{HEADLINE}<p>Release of the film: 20 November 2019</p>{TEXT}",
        f"{HEADLINE}<p>The treaty was signed on 20 November 2019</p>{TEXT}",
        f"{HEADLINE}<p>Updated 20 November 2019</p>{TEXT}",
        f"{HEADLINE}{TEXT}<p>Copyright 20.11.2019 by Example</p>",
        f"{HEADLINE}{TEXT}<div class=comments><p>Posted on 20 November 2019 by Bob</p></div>",
        f"{HEADLINE}<p>three days ago</p>{TEXT}<p>© 2015–2019</p>",
        "<h1>Latest news from the islands</h1>"
        + "".join(
            f"<article><h2><a href=/{n}>The ferry sails again, part {n}</a></h2><time datetime=2019-11-{n}>x</time>"
            "</article>"
            for n in range(10, 20)
        ),
    ],
)
def test_dates_that_stand_elsewhere_are_not_taken(markup: str) -> None:
    assert generic(markup).published_at is None


@pytest.mark.parametrize(
    ("claimed", "printed", "at"),
    [
        ("2022-05-04T02:41:00Z", "May 3, 2022, 10:41 PM", "2022-05-03T22:41:00-04:00"),
        ("2021-11-04T23:00:00Z", "5. November 2021", "2021-11-05T00:00:00+01:00"),
        ("2022-05-04T02:41:00Z", "May 3, 2022", "2022-05-04T02:41:00+00:00"),
        ("2022-05-04T02:41:00Z", "May 3, 2022, 10:38 PM", "2022-05-04T02:41:00+00:00"),
        ("2022-05-04T12:41:00Z", "May 4, 2022, 8:41 AM", "2022-05-04T12:41:00+00:00"),
        ("2022-05-04T02:41:00+01:00", "May 3, 2022, 10:41 PM", "2022-05-04T02:41:00+01:00"),
    ],
)
def test_a_moment_in_utc_is_kept_in_the_zone_that_the_page_prints_another_day_in(
    claimed: str, printed: str, at: str
) -> None:
    head = f'<meta property="article:published_time" content="{claimed}">'
    article = generic(f"{HEADLINE}<div class=date>{printed}</div>{TEXT}", head=head)
    assert article.published_at is not None
    assert article.published_at.isoformat() == at


def test_a_hundred_thousand_dates_take_no_long_time() -> None:
    rows = "".join(f"<p>{n % 28 + 1}.{n % 12 + 1}.2019 {n % 28 + 1} Smarch 2019</p>" for n in range(20_000))
    line = "1 jan feb mar 2 " * 20_000
    begun = process_time()
    for body in (HEADLINE + rows, f"{HEADLINE}<p class=date>{line}</p>{TEXT}", f"{HEADLINE}<p>{rows[:90_000]}</p>"):
        tree = document_fromstring(f"<html><body>{body}</body></html>")
        printed_times(tree, "https://news.example.org/a", headline=None, paragraphs=(), style=Style())
    assert process_time() - begun < 5


@pytest.mark.parametrize(
    ("url", "lang", "day"),
    [
        ("https://news.example.co.uk/a", "en", datetime(2020, 4, 3, tzinfo=UTC)),
        ("https://news.example.org/a", "en-AU", datetime(2020, 4, 3, tzinfo=UTC)),
        ("https://news.example.org/a", "fr", datetime(2020, 4, 3, tzinfo=UTC)),
        ("https://news.example.org/a", "en-US", None),
        ("https://news.example.org/a", "en", None),
    ],
)
def test_the_third_of_april_or_the_fourth_of_march(url: str, lang: str, day: datetime | None) -> None:
    html = f"<html lang={lang}><body>{HEADLINE}<p class=date>03/04/2020</p>{TEXT}</body></html>"
    assert extract(html.encode(), url).published_at == day
