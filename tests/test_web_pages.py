"""The offline web's pages: every page is announced, and its gold agrees with what it prints."""

import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import feedparser
import lxml.etree
import lxml.html
import pytest

from crawler.publisher import DayArchive, Feed, NewsSitemap, Section, publishers
from tests.web import OfflineWeb, WebPage, load
from tests.web.client import fetch, html
from tests.web.pages import LAYOUTS, picture_url
from tests.web.render import RT_ICONS
from tests.web.site import Web, sites

PAGES = load()
ADDRESSES = [url for page in PAGES for url in (page.url, *page.aliases)]
FOUNDING = ("alalam", "arabstoday", "dailysabah", "rt", "sputnik")
ARTICLE = "https://www.rt.com/news/396920-sarven-dam-militants-retreat/"


@pytest.mark.parametrize(
    "url", [f"https://{site.host}{feed.path}" for site in sites() for feed in site.feeds if not feed.match]
)
def test_feeds_parse_and_announce_every_page_of_their_host(web: OfflineWeb, url: str) -> None:
    parsed = feedparser.parse(fetch(web, url)[1])
    assert not parsed.bozo, parsed.get("bozo_exception")
    here = [address for address in ADDRESSES if urlsplit(address).netloc == urlsplit(url).netloc]
    assert {entry.id for entry in parsed.entries} == set(here)
    assert {urlsplit(entry.link)._replace(query="").geturl() for entry in parsed.entries} == set(here)
    for entry in parsed.entries:
        page = next(page for page in PAGES if entry.id in (page.url, *page.aliases))
        assert entry.title == page.headline
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == page.published_at


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_sitemaps_named_by_robots_list_every_page(web: OfflineWeb, site) -> None:
    robots = fetch(web, f"https://{site.host}/robots.txt")[1].decode()
    index, news = re.findall(r"^Sitemap: (.*)$", robots, flags=re.M)
    for path in site.disallow:
        assert f"Disallow: {path}" in robots
    here = {address for address in ADDRESSES if urlsplit(address).netloc == site.host}
    children = locations(fetch(web, index)[1])
    assert news in children
    for child in children:
        body = fetch(web, child)[1]
        assert locations(gzip.decompress(body) if child.endswith(".gz") else body) == here


def locations(body: bytes) -> set[str]:
    """The `<loc>` of a sitemap or sitemap index."""
    root = lxml.etree.fromstring(body)
    return {element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_home_pages_name_their_feeds(web: OfflineWeb, site) -> None:
    home = html(web, f"https://{site.host}/")
    named = home.xpath("//link[@rel='alternate'][contains(@type, 'rss')]/@href")
    assert named
    for href in named:
        body = fetch(web, urljoin(f"https://{site.host}/", href))[1]
        assert feedparser.parse(body).entries


def test_section_pages_lead_through_their_pages_once(web: OfflineWeb) -> None:
    url, seen, pages = "https://www.dailysabah.com/search?qsection=world&pgno=1", [], 0
    while url:
        page = html(web, url)
        seen += page.xpath("//div[@class='widget_content']/a/@href")
        following = page.xpath("//a[@rel='next']/@href")
        url, pages = (urljoin(url, following[0]) if following else ""), pages + 1
        assert not url or "qsection=world" in url
    assert pages > 1
    wanted = [page.path for page in PAGES if re.search(r"sabah\.com/(world|asia|mideast|syrian-crisis)/", page.url)]
    assert sorted(seen) == sorted(wanted)


@pytest.mark.parametrize("site", sites(), ids=lambda site: site.host)
def test_sections_show_stories_that_exist(web: OfflineWeb, site) -> None:
    known = {urlsplit(address).path for address in ADDRESSES if urlsplit(address).netloc == site.host}
    for section in site.sections:
        response, body = fetch(web, f"https://{site.host}{section.path}")
        assert response.status == 200
        links = set(lxml.html.document_fromstring(body.decode()).xpath("//a/@href"))
        own = {page.path for page in Web(PAGES).on_host(site) if re.search(section.match, page.path)}
        assert links & known <= own
        assert bool(links & known) == bool(own)


@pytest.mark.parametrize(
    ("name", "source"),
    [(name, source) for name, publisher in publishers().items() for source in publisher.sources],
    ids=lambda value: getattr(value, "url", value),
)
def test_every_source_that_a_spider_declares_yields_stories(web: OfflineWeb, name: str, source: object) -> None:
    assert isinstance(source, Feed | NewsSitemap | Section | DayArchive)
    url = source.url.format(day=_day_with_a_story(source.url)) if isinstance(source, DayArchive) else source.url
    response, body = fetch(web, url)
    assert response.status == 200
    if isinstance(source, Feed):
        found = {entry.id for entry in feedparser.parse(body).entries}
    elif isinstance(source, NewsSitemap) or source.links is None:
        found = locations(body)
    else:
        selected = lxml.html.document_fromstring(body.decode()).cssselect(source.links)
        found = {urljoin(source.url, element.get("href")) for element in selected}
    assert found & set(ADDRESSES)


def _day_with_a_story(template: str) -> date:
    """A day, by the calendar of the site's zone, on which it published."""
    site = next(site for site in sites() if site.host == urlsplit(template).hostname)
    story = next(page for page in PAGES if page.is_article and urlsplit(page.url).hostname == site.host)
    return story.published_at.astimezone(ZoneInfo(site.zone)).date()


def test_the_founding_publishers_have_a_dozen_articles_and_other_pages() -> None:
    for name in FOUNDING:
        kinds = [page.kind for page in PAGES if page.publisher == name]
        assert kinds.count("article") >= 12, name
        assert kinds.count("off_topic") >= 2, name
        assert kinds.count("gallery") + kinds.count("video") >= 1, name
    assert {page.layout for page in PAGES if page.is_article} == set(LAYOUTS) - {"redesign"}


def test_texts_are_of_natural_length_and_each_its_own() -> None:
    sentences: dict[str, str] = {}
    for page in PAGES:
        if page.kind == "article":
            # a publisher that somebody adds may begin with short pages
            paragraphs, words = (4, 100) if page.publisher in FOUNDING else (3, 60)
            assert paragraphs <= len(page.expected_paragraphs) <= 9, page.name
            assert words <= len(page.expected_text.split()) <= 450, (page.name, len(page.expected_text.split()))
        for paragraph in page.expected_paragraphs:
            assert sentences.setdefault(paragraph, page.name) == page.name
    assert len({page.headline for page in PAGES}) == len({page.url for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", [page for page in PAGES if page.is_article], ids=lambda page: page.name)
def test_what_is_expected_is_printed(web: OfflineWeb, page: WebPage) -> None:
    for url in (page.url, *page.aliases):
        document = html(web, url)
        for junk in document.xpath("//script | //style"):
            junk.drop_tree()
        text = " ".join(document.text_content().split())
        assert page.headline in " ".join(document.xpath("string(//body//h1)").split())
        alternatives = " ".join(" ".join(document.xpath("//@alt | //@title")).split())
        for wanted in (page.headline, *page.expected_paragraphs, *page.expected_tags):
            assert " ".join(wanted.split()) in text, wanted
        for wanted in (page.expected_section, page.wire, page.dateline, *page.authors):
            assert wanted is None or wanted in text
        for image in page.expected_images:
            assert image.caption is None or image.caption in text + alternatives
            assert image.credit is None or image.credit in text
        for story in page.expected_related:
            assert story.title in text


@pytest.mark.parametrize("page", [page for page in PAGES if page.layout == "alalam_en"], ids=lambda page: page.name)
def test_the_dump_counts_its_bytes(web: OfflineWeb, page: WebPage) -> None:
    text = html(web, page.url).text_content()
    found = re.search(r'string\((\d+)\) "(\[.*?\])"', text)
    assert found is not None
    assert len(found[2].encode()) == int(found[1])
    stories = json.loads(found[2])
    assert [story["title"] for story in stories] == [story.title for story in page.expected_related]
    assert [f"https://en.alalam.ir/news/{story['id']}" for story in stories] == [s.url for s in page.expected_related]


@pytest.mark.parametrize("url", [address for address in ADDRESSES if "/en/" in address])
def test_the_stamps_of_related_stories_name_the_right_weekday(web: OfflineWeb, url: str) -> None:
    page = next(page for page in PAGES if url in (page.url, *page.aliases))
    stamps = html(web, url).xpath("//span[@class='stamp']/text()")
    read = [datetime.strptime(stamp, "GMT %H:%M %Y %A ,%d %B").replace(tzinfo=UTC) for stamp in stamps]
    assert read == [story.published_at for story in page.expected_related]
    for stamp, when in zip(stamps, read, strict=True):
        assert when.strftime("%A") in stamp


def test_addresses_carry_the_date_of_their_page() -> None:
    moscow = ZoneInfo("Europe/Moscow")
    for page in PAGES:
        if page.layout == "sputnik_old":
            assert page.path.split("/")[2][:8] == f"{page.published_at.astimezone(moscow):%Y%m%d}", page.name
        elif page.layout == "sputnik_new":
            assert page.path.split("/")[1] == f"{page.published_at.astimezone(moscow):%Y%m%d}", page.name
        elif page.layout == "dailysabah_2017":
            assert f"{page.published_at:/%Y/%m/%d/}" in page.path, page.name
        elif page.layout == "arabstoday_en":
            assert page.path.endswith(f"-{page.published_at:%d%m%y%H%M%S}"), page.name
        elif page.layout == "arabstoday_ar":
            assert page.path.split("/")[2].startswith(f"{page.published_at:%H%M%S}-"), page.name


def test_zones_follow_the_calendar() -> None:
    offsets = {
        (page.layout, page.published_at.year, page.published_at.month): page.published_at.utcoffset() for page in PAGES
    }
    assert offsets["dailysabah_2017", 2016, 5] == timedelta(hours=3)  # EEST, before Turkey stayed at UTC+3
    assert offsets["alalam_en", 2013, 12] == timedelta(hours=3, minutes=30)
    assert offsets["alalam_en", 2014, 6] == timedelta(hours=4, minutes=30)  # Iran kept summer time until 2022


def test_known_traps_are_laid(web: OfflineWeb) -> None:
    rt = html(web, ARTICLE)
    icons = rt.xpath("//body/*[1]//title/text()")
    assert len(icons) == 47
    assert icons == [f"icon {icon}" for icon in RT_ICONS]
    page = next(page for page in PAGES if page.url == ARTICLE)
    assert str(int(page.modified_at.timestamp())) in "".join(rt.xpath("//div[@class='article__date']/script/text()"))
    column = next(page for page in PAGES if page.extra.get("false_z"))
    metadata = html(web, column.url)
    assert metadata.xpath("//meta[@name='pubdate']/@content") == [
        f"{column.published_at + timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"
    ]
    assert metadata.xpath("//meta[@name='analytics:p_ts']/@content") == [str(int(column.published_at.timestamp()))]
    sabah = html(web, next(page.url for page in PAGES if page.layout == "dailysabah_2017" and page.is_article))
    assert re.search(r"em[A-Z]\w* Photo/em", sabah.text_content())
    assert html(web, "https://en.alalam.ir/news/1795130").xpath("//meta[@property='og:url']/@content") == ["/"]


def test_twins_share_their_text_and_not_their_chrome(web: OfflineWeb) -> None:
    twins = [page for page in PAGES if page.aliases]
    assert len(twins) >= 3
    for page in twins:
        bodies = {fetch(web, url)[1] for url in (page.url, *page.aliases)}
        assert len(bodies) == 1 + len(page.aliases)


def test_picture_addresses_are_distinct() -> None:
    pictures = [image.url for page in PAGES for image in page.all_images]
    assert len(pictures) == len(set(pictures))
    assert picture_url(PAGES[0], 1) != picture_url(PAGES[0], 2)
