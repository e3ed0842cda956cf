"""Daily Sabah, both designs.

Printed times carry no zone; they are Istanbul's: UTC+3 all year since September 2016, EET or EEST before. No page of
either design was at hand when this was written: selectors come from published scrapers, several beside each other.
"""

from crawler.publisher import Feed, Layout, Publisher, Section, Time, UrlTime
from crawler.spider import PublisherSpider

_ZONE = "Europe/Istanbul"
_STRIP = (
    ".share, .social, .social-share, .shareButtons, .tags, .related, .related-news, .relatedNews, .newsletter, .banner",
    ".advertisement, .ad, .read_more, .also_read, .image_holder, .article_image, .layout-ratio, figure, iframe",
    ".comments, .widget_content, .absolute_right_link, .breadcrumb, .article_date, .date_text, .dateInfo, .news-date",
)


class DailySabahSpider(PublisherSpider):
    """dailysabah.com."""

    name = "dailysabah"
    publisher = Publisher(
        name="Daily Sabah",
        homepage="https://www.dailysabah.com/",
        country="TR",
        languages=("en",),
        timezone=_ZONE,
        domains=("dailysabah.com",),
        sources=(
            Feed("https://www.dailysabah.com/rssFeed/world"),
            Feed("https://www.dailysabah.com/rssFeed/turkey"),
            Feed("https://www.dailysabah.com/rssFeed/defense"),
            Section(
                "https://www.dailysabah.com/search?qsection=world&pgno=1",
                links=".widget_content > a, .widget_content a",
                next_page=".page_number.active + a, a[rel=next]",
                max_pages=3,
            ),
        ),
        # https://www.dailysabah.com/syrian-crisis/2017/06/30/daesh-fully-withdraws-from-syrias-aleppo-province-monitor-says
        # https://www.dailysabah.com/politics/diplomacy/some-slug-of-words · https://www.dailysabah.com/world/some-slug/news
        article_url=(
            r"dailysabah\.com/(?:amp/)?(?:[\w-]+/\d{4}/\d\d/\d\d/[^/?#]+"
            r"|[\w-]+/[\w-]+/[\w-]*-[\w-]*-[\w-]+/?(?:$|[?#])|[\w-]+/[\w-]+-[\w-]+/news)"
        ),
        not_article_url=r"dailysabah\.com/(?:gallery|photo|video|search|rss|tags?|authors?|columns/[^/]+/?$|editorial/?$)",
        # "/2017/06/30/" : the day in Istanbul
        url_times=(UrlTime(pattern=r"/(?P<Y>20\d\d)/(?P<m>\d\d)/(?P<d>\d\d)/", zone=_ZONE),),
        canonical_rewrites=((r"\Ahttps?://(?:m\.|amp\.|www\.)?(?=dailysabah\.com/)", "https://www."),),
        layouts=(
            Layout(
                name="2020",
                match="h1.main_page_title, div.article_body, .article_body",
                headline=("h1.main_page_title", "h1"),
                lede=("h2.spot", ".article_spot, .main_page_spot", ".article_body > h2.spot"),
                body=("div.article_body", ".article_body"),
                published=(
                    Time(css=".article_date .published, .date_published", zone=_ZONE),
                    Time(css=".article_date, .date_text, .main_page_date", zone=_ZONE),
                ),
                modified=(
                    Time(css=".article_date .updated, .date_updated, .date_modified", zone=_ZONE),
                    Time(css=".article_date, .main_page_date", zone=_ZONE),
                ),
                byline=(".reporter_name", ".article_author, .author_name, .by_author", ".writer_name, .byline"),
                dateline=(".city, .article_place, .dateline",),
                section=("[class*=breadcrumb] a", ".article_category a"),
                tags=(".tags a, .article_tags a, .tag_list a",),
                image=("div.image_holder", ".article_image", ".article_body figure", "main .layout-ratio"),
                caption=("figcaption", ".image_caption, .caption", ".image_title"),
                credit=(".image_credit, .credit", ".copyright, .photo_credit"),
                related=(".read_more a, .also_read a, .related a, .related_news a",),
                strip=_STRIP,
                stop_at=(".tags, .article_tags, .comments",),
            ),
            Layout(
                name="2013",
                match="#newsDescription, div.txt",
                headline=(".newsDetail h1, .news-detail h1", "h1"),
                lede=("#newsSpot, .newsSpot, h2.spot, .spot",),
                body=("div#newsDescription div.txt", "#newsDescription", "div.txt"),
                published=(
                    Time(css=".publishDate, .published", zone=_ZONE),
                    Time(css=".dateInfo, .newsDate, .news-date, .date", zone=_ZONE),
                ),
                modified=(
                    Time(css=".updateDate, .updated", zone=_ZONE),
                    Time(css=".dateInfo, .newsDate, .news-date, .date", zone=_ZONE),  # "Published … Updated …" in one
                ),
                byline=(".authorName, .author, .writer, .byline, .reporter_name",),
                dateline=(".city, .place, .dateline",),
                section=("[class*=breadcrumb] a",),
                tags=(".tags a, .newsTags a",),
                image=(".newsImage, .news-image, .imageHolder, .image_holder", "#newsDescription figure"),
                caption=("figcaption", ".caption, .imageCaption"),
                credit=(".credit, .copyright, .imageCredit",),
                related=(".relatedNews a, .related a",),
                strip=_STRIP,
            ),
        ),
        residue=(
            r"^(?:Published|Updated)\s+\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}$",  # "Published 30.06.2017 17:05"
            r"^em[A-Z].{1,60}/em$",  # <em> that lost its brackets: "emAP Photo/em"
            r"^(?:Share on (?:Facebook|Twitter|WhatsApp|LinkedIn)\s*)+$",
        ),
        self_names=(
            "Daily Sabah",
            "DAILY SABAH",
            "DailySabah",
            "Daily Sabah with agencies",
            "Daily Sabah with Agencies",
        ),
    )
