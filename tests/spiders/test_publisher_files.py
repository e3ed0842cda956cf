"""The publisher files: data that holds together, and URL patterns that know their articles."""

import re
from zoneinfo import ZoneInfo

import pytest

from crawler.extract.page import parse
from crawler.extract.select import nodes, texts
from crawler.publisher import Layout, Publisher, publisher_for, publishers

NAMES = ("rt", "sputnik", "dailysabah", "alalam", "arabstoday")
ARTICLES = [
    ("rt", "https://www.rt.com/news/473849-3-morales-supporters-killed-bolivia/"),
    ("rt", "https://www.rt.com/usa/some-slug-without-number/"),
    ("rt", "https://russian.rt.com/russia/news/738291-stolknoveniya-granica"),
    ("rt", "https://arabic.rt.com/middle_east/1094502-%D8%AE%D8%A8%D8%B1/"),
    ("sputnik", "https://sputniknews.com/middleeast/201512091031454159-syria-army-offensive-daesh/"),
    ("sputnik", "https://arabic.sputniknews.com/arab_world/202003171044888021-%D8%AE%D8%A8%D8%B1/"),
    ("sputnik", "https://sputnikglobe.com/20230815/a-slug-of-words-1112622222.html"),
    ("sputnik", "https://sarabic.ae/20230815/%D8%AE%D8%A8%D8%B1-1112622222.html"),
    ("dailysabah", "https://www.dailysabah.com/syrian-crisis/2017/06/30/daesh-fully-withdraws"),
    ("dailysabah", "https://www.dailysabah.com/war-on-terror/2018/01/03/a-slug-1514968212"),
    ("dailysabah", "https://www.dailysabah.com/politics/diplomacy/talks-begin-on-border-opening"),
    ("dailysabah", "https://www.dailysabah.com/world/grain-ship-struck-off-port/news"),
    ("alalam", "https://en.alalam.ir/news/1793318"),
    ("alalam", "https://www.alalam.ir/news/3437411/%D8%AE%D8%A8%D8%B1"),
    ("arabstoday", "https://almaghribtoday.net/en/997/syrian-army-controls-1000-square-070317182414"),
    ("arabstoday", "https://www.arabstoday.net/314/031928-%D8%AE%D8%A8%D8%B1"),
]
OTHERS = [
    ("rt", "https://www.rt.com/"),
    ("rt", "https://www.rt.com/news/"),
    ("rt", "https://www.rt.com/in-motion/473000-fireworks-over-river/"),
    ("rt", "https://www.rt.com/rss/news/"),
    ("sputnik", "https://sputniknews.com/middleeast/"),
    ("sputnik", "https://sputniknews.com/archive/20191118"),
    ("sputnik", "https://sputniknews.com/photo/201911181077343999-parade/"),
    ("dailysabah", "https://www.dailysabah.com/"),
    ("dailysabah", "https://www.dailysabah.com/world/europe"),
    ("dailysabah", "https://www.dailysabah.com/gallery/spring-in-the-tulip-gardens/images"),
    ("alalam", "https://www.alalam.ir/syria"),
    ("alalam", "https://www.alalam.ir/category/12"),
    ("arabstoday", "https://www.arabstoday.net/en/36-latest-news/"),
    ("arabstoday", "https://www.arabstoday.net/en/v-3/some-video-070317182414"),
]


def each_publisher(function):
    return pytest.mark.parametrize("publisher", [publishers()[name] for name in NAMES], ids=NAMES)(function)


def test_all_five_are_declared() -> None:
    assert set(NAMES) <= set(publishers())


@pytest.mark.parametrize(("name", "url"), ARTICLES)
def test_articles_are_known_and_found_by_domain(name: str, url: str) -> None:
    assert publisher_for(url) is publishers()[name]
    assert publishers()[name].is_article(url)


@pytest.mark.parametrize(("name", "url"), OTHERS)
def test_other_pages_are_not_articles(name: str, url: str) -> None:
    assert not publishers()[name].is_article(url)


def test_lookalike_domains_belong_to_nobody() -> None:
    assert publisher_for("https://notrt.com/news/473849-a-b/") is None
    assert publisher_for("https://www.rt.com.example.org/news/473849-a-b/") is None


@each_publisher
def test_data_hold_together(publisher: Publisher) -> None:
    ZoneInfo(publisher.timezone)
    for pattern in (publisher.article_url, publisher.not_article_url or "", *publisher.residue):
        re.compile(pattern)
    for rule in publisher.url_times:
        ZoneInfo(rule.zone)
        assert {"d", "m"} <= set(re.compile(rule.pattern).groupindex)
    assert publisher.sources
    assert all(publisher_for(source.url) is publisher for source in publisher.sources)
    assert len({layout.name for layout in publisher.layouts}) == len(publisher.layouts)


@each_publisher
def test_every_selector_compiles(publisher: Publisher) -> None:
    tree = parse("<p>x</p>")
    assert tree is not None
    for layout in publisher.layouts:
        nodes(tree, layout.match)
        for css in selectors(layout):
            texts(tree, css)
        for spec in (*layout.published, *layout.modified):
            texts(tree, spec.css)
            if spec.zone:
                ZoneInfo(spec.zone)


def selectors(layout: Layout) -> list[str]:
    fields = (
        "headline",
        "lede",
        "body",
        "byline",
        "dateline",
        "section",
        "tags",
        "image",
        "caption",
        "credit",
        "related",
        "strip",
        "stop_at",
    )
    return [css for field in fields for css in getattr(layout, field)]
