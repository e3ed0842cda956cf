"""RT: rt.com in English, with its Russian, Arabic and German editions.

Times on rt.com are UTC: the printed "20 Nov, 2019 05:47" of a real page equals its JSON-LD 05:47:00+00:00. The epoch in
the script beside the date is the *modification* time; scripts are not read.
"""

from crawler.publisher import Feed, Layout, Publisher, Section, Time
from crawler.spider import PublisherSpider

_STRIP = (
    ".rtcode, [class*=read-more], .read-more, .read-more-big, .read-more-big__container, .news-block, .article__share",
    ".article__short-url, .short-url, .article__google-news, .article__tags-trends, .article__date, .article__cover",
    ".article__breadcrumbs, .langs__item, .header-where-schedule, .subscribe, .footer, .tags-public__link",
    ".main-page-podcasts-white, .cookies__banner-wrapper, .social-banner, .media, .media__footer, figure, iframe",
)
_IMAGE = (".article__cover", ".article__text .media", ".article__text figure", ".text .media", ".article__main-image")
_CAPTION = ("[data-role=title]", ".media__title-text", "figcaption", ".media__title")
_CREDIT = ("[data-role=copyright]", ".media__copyright", ".copyright")
_RELATED = (
    "a.read-more-big .read-more-big__title",
    ".read-more a, a.read-more, .article__read-more a",
    ".article__text p:contains('READ MORE') a",
    ".article__text p:contains('ЧИТАЙТЕ ТАКЖЕ') a, .article__text p:contains('Читайте также') a",
    ".article__text p:contains('إقرأ المزيد') a, .article__text p:contains('اقرأ أيضا') a",
)
_TAGS = ("a.tags-trends__link", ".tags-trends a", ".tags a, .article__tags a")
_SECTION = (".article__breadcrumbs a", ".breadcrumbs a", ".breadcrumbs__link")
_BYLINE = (
    ".article__author-text",
    ".article__author",
    ".blog-autor__name, .article__authors",
    ".blog-autor__summary_article",
)


class RtSpider(PublisherSpider):
    """rt.com and its editions."""

    name = "rt"
    publisher = Publisher(
        name="RT",
        homepage="https://www.rt.com/",
        country="RU",
        languages=("en", "ru", "ar", "de"),
        timezone="UTC",
        domains=("rt.com",),
        sources=(
            Feed("https://www.rt.com/rss/news/"),
            Feed("https://www.rt.com/rss/"),
            Feed("https://russian.rt.com/rss"),
            Feed("https://arabic.rt.com/rss/"),
            # what "Load more" asks for: sixty stories and the number of the page, from 0
            Section(
                "https://www.rt.com/listing/category.worldnews_v.xwidget.newsWidgets/prepare/last-news/60/0",
                links=".list-card__content--title a, a.link_hover",
                pages="https://www.rt.com/listing/category.worldnews_v.xwidget.newsWidgets/prepare/last-news/60/{page}",
                max_pages=3,
                unconfirmed=True,
            ),
        ),
        # https://www.rt.com/news/473849-3-morales-supporters-killed-bolivia/
        # https://russian.rt.com/world/news/700001-konvoi · https://arabic.rt.com/middle_east/1094502-<Arabic slug>/
        # https://www.rt.com/usa/some-slug-without-number/ (2014 and before)
        article_url=r"rt\.com/(?:[\w-]+/){1,4}(?:[a-z]+/)?\d{4,}-[^/]+|//www\.rt\.com/(?:usa|news|politics|business)/[a-z0-9]+(?:-[a-z0-9]+){2,}/?$",
        # https://www.rt.com/in-motion/473000-fireworks/ : one picture or one clip; /listing/ : pages of links
        not_article_url=r"rt\.com/(?:in-vision|in-motion|listing|tags|trends|search|shows?/[^/]+/?$|rss|podcast)",
        canonical_rewrites=(
            # https://rt.com/news/1-a/ → https://www.rt.com/news/1-a/ ; http → https
            (r"\Ahttps?://(?:m\.|amp\.)?(?=rt\.com/)", "https://www."),
            (r"\Ahttp://(?=[a-z]+\.rt\.com/)", "https://"),
        ),
        layouts=(
            Layout(
                name="russian",
                match=".article__text_article-page, .article__heading_article-page",
                headline=("h1.article__heading_article-page", "h1.article__heading", "h1"),
                lede=(".article__summary_article-page", ".article__summary"),
                body=(".article__text_article-page", ".js-mediator-article", ".article__text"),
                published=(
                    Time(css=".article__date-autor-shortcode time::attr(datetime)", zone="Europe/Moscow"),
                    Time(css=".article__date time::attr(datetime)", zone="Europe/Moscow"),
                    Time(css=".article__date, time.date, span.date", zone="Europe/Moscow"),
                ),
                byline=(".article__author a", *_BYLINE),
                section=(*_SECTION, ".article__label a"),
                tags=(".tags-trends a, .article__tags-trends a, .tags-trends__link", ".tags a"),
                image=(".article__cover_article-page", *_IMAGE),
                caption=_CAPTION,
                credit=_CREDIT,
                related=_RELATED,
                strip=_STRIP,
            ),
            Layout(
                name="2019",
                match="div.article__text, .article__text.text",
                headline=("h1.article__heading", ".article__heading", "h1"),
                lede=("div.article__summary", ".article__summary", ".summary"),
                body=("div.article__text", ".article__text"),
                published=(
                    Time(css="meta[name=published_time_telegram]::attr(content)"),
                    Time(css=".article__date .date_article-header::text"),
                    Time(css=".article__date time::attr(datetime)"),
                    Time(css=".article__date"),
                ),
                modified=(
                    Time(css=".article__date .update_date_visible"),
                    Time(css=".article__date .date_article-update, .article__date .date_edited"),
                    Time(css=".article__date .date_update"),
                    Time(css=".article__date time, .article__date span, .article__date"),
                ),
                byline=_BYLINE,
                section=_SECTION,
                tags=_TAGS,
                image=_IMAGE,
                caption=_CAPTION,
                credit=_CREDIT,
                related=_RELATED,
                strip=_STRIP,
            ),
            Layout(
                name="2015",
                match="time.date_article-header, .article__summary, .article .text, div.summary + div.text",
                headline=("h1.article__heading", ".article h1", "h1"),
                lede=(".article__summary", ".article .summary", "div.summary"),
                body=(".article .article__text", ".article .text", "article .text", "div.text"),
                published=(
                    Time(css="time.date_article-header"),
                    Time(css=".date_article-header, .article__date"),
                    Time(css="h1 ~ .date"),
                ),
                modified=(
                    Time(css=".date_article-update, time.date_edited, .article__date time"),
                    Time(css=".article__date"),
                ),
                byline=_BYLINE,
                section=_SECTION,
                tags=_TAGS,
                image=_IMAGE,
                caption=_CAPTION,
                credit=_CREDIT,
                related=_RELATED,
                strip=_STRIP,
            ),
        ),
        residue=(
            r"^READ MORE\s*:",  # "READ MORE: Bridge reopened after two days"
            r"^Also on rt\.com\b",  # "Also on rt.com Bridge reopened"
            r"^Like this story\? Share it with a friend!?$",
            r"^Get short URL$",
            r"^Follow RT on\b.{0,40}$",
            r"^Trends:",  # "Trends:Syria news"
            r"^Where to watch\b.{0,20}$",  # "Where to watch Schedule"
            r"^Subscribe to RT newsletter\b.{0,120}$",
            r"^\d{1,2}:\d{2} GMT, \w{3} \d{1,2}, \d{4}$",  # the header's clock: "12:03 GMT, Nov 20, 2019"
            r"^You can share this story on social media:?$",
            r"^Think your friends would be interested\? Share this story!?$",
            r"^المصدر\s*:\s*RT$",  # the house as its own source; "المصدر: RT|…" names the agency and is read for it
            r"^(?:ЧИТАЙТЕ ТАКЖЕ|Читайте также)\s*:",
            r"^(?:إقرأ المزيد|اقرأ المزيد|اقرأ أيضا)\b.{0,200}$",
        ),
        section_names={
            "news": "World News",
            "russia": "Russia & Former Soviet Union",
            "usa": "USA",
            "uk": "UK",
            "op-ed": "Op-ed",
            "business": "Business News",
            "sport": "Sport News",
        },
        self_names=(
            "RT",
            "RT International",
            "RT.com",
            "RT на русском",
            "RT Arabic",
            "RT DE",
            "RT Deutsch",
            "Russia Today",
        ),
    )
