"""Al-Alam: the Arabic site, and the English edition of 2013–16 (closed by 2018: reachable in archives only).

The English pages print no zone. Tehran is the best inference: article ids and picture names of 2016 run on the same
clock as the printed times, and that clock is Tehran's on the home page of 2018. The Arabic pages label theirs GMT.
"""

from crawler.publisher import Feed, Layout, Publisher, Section, Time
from crawler.spider import PublisherSpider

_ZONE = "Asia/Tehran"
_STRIP = (
    ".news-detail-tag, .related, .related-news, .relatednews, .share, .social, .sharebar, .tags, .comments, .print",
    ".news-image, .image, figure, iframe, .toolbar, .news-tools, .date, .time, .short-link",
)


class AlAlamSpider(PublisherSpider):
    """alalam.ir, alalamtv.net, en.alalam.ir."""

    name = "alalam"
    publisher = Publisher(
        name="Al-Alam",
        homepage="https://www.alalam.ir/",
        country="IR",
        languages=("ar", "en"),
        timezone=_ZONE,
        domains=("alalam.ir", "alalamtv.net", "alalam.news"),
        sources=(
            Feed("https://www.alalam.ir/rss"),
            Feed("https://en.alalam.ir/rss", discontinued=True),  # gone from the language menu by March 2018
            Section("https://www.alalam.ir/syria", links="a[href^='/news/']"),
            Section("https://www.alalam.ir/iraq", links="a[href^='/news/']"),
            Section("https://www.alalam.ir/yemen", links="a[href^='/news/']"),
        ),
        # https://en.alalam.ir/news/1793318 · https://www.alalam.ir/news/3437411/<Arabic slug>
        article_url=r"(?:alalam\.ir|alalamtv\.net|alalam\.news)/news/\d+(?:/[^/?#]*)?/?(?:$|[?#])",
        not_article_url=r"/news/(?:image|video)/|/(?:category|allnews|live|program)s?/",
        canonical_rewrites=(
            (r"\Ahttps?://(?:www\.)?en\.(?:alalam\.ir|alalamtv\.net)/", "https://en.alalam.ir/"),
            (r"\Ahttps?://(?:www\.|m\.)?(?:alalam\.ir|alalamtv\.net)/", "https://www.alalam.ir/"),
            # with and without slug: https://en.alalam.ir/news/1822343/50-nusra-front-terrorists-killed
            (r"(?<=/news/)(\d+)/.*\Z", r"\1"),
        ),
        layouts=(
            Layout(
                name="ar",
                match=".news-detail, .news-detail-tag, .news-detail-body, .news_body",
                headline=(".news-detail h1", "h1.content_title, h1.news-title", "h1"),
                lede=(".news-detail .content_lead, .news-detail .lead, .news-lead", "h1 ~ .content_lead, h1 ~ .lead"),
                body=(
                    ".news-detail-body, .news_body, .news-body",
                    ".news-detail .content, .news-detail-content, .news-text, #news-text",
                    "[itemprop=articleBody]",
                    ".news-detail",
                ),
                published=(Time(css=".news-date, .news-detail-date, .news_date"), Time(css=".date, .time, time")),
                byline=(".news-author, .author",),
                dateline=(".news-dateline, .dateline",),
                section=(".breadcrumb a, .breadcrumbs a", ".news-category a, .category a", ".rotitr"),
                tags=(".news-detail-tag a", ".tags a"),
                image=(".news-image, .news-detail-image, .news-detail .image", ".news-detail figure"),
                caption=("figcaption", ".caption"),
                credit=(".credit, .copyright",),
                related=(".related-news a, .relatednews a, .related a",),
                strip=_STRIP,
            ),
            Layout(
                name="en",
                match="#content, .newsbody, .news_text, .newstext, .detail",
                headline=("h1.title, .news-title h1, .newstitle", "h1", "h2.title"),
                lede=(".newslead, .news_lead, p.lead, .lead",),
                body=(
                    ".newsbody, .news_text, .newstext, .news-text",
                    "[itemprop=articleBody], .body, .detail_text",
                    "#news_content, .news_content, .detail",
                ),
                published=(
                    # "Fri Feb 26, 2016 14:28:26"
                    Time(css=".newsdate, .news_date, .news-date", zone=_ZONE),
                    Time(css=".date, .time, time", zone=_ZONE),
                ),
                section=(".breadcrumb a, .breadcrumbs a", ".category a"),
                tags=(".tags a, .newstags a",),
                image=(".newsimage, .news_image, .news-image, .picture", "figure"),
                caption=("figcaption", ".caption"),
                credit=(".credit",),
                related=(".related a, .related_news a",),
                strip=_STRIP,
            ),
        ),
        residue=(
            r"^[A-Z]{1,4}(?:/[A-Z]{1,4})?(?: ?\d{1,3})?$|^\d{3}-\d{1,3}$",  # sign-off: "S/SH 11", "S/SH", "218-12"
            r"^تصنيف\s*:",
        ),
        self_names=(
            "Al-Alam",
            "Alalam",
            "Al Alam",
            "Al-Alam News Network",
            "Al-Alam News",
            "Alalam News",
            "العالم",
            "قناة العالم",
        ),
    )
