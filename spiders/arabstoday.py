"""Arabs Today: one article on the many domains of the Arab Today Media Group, each with its own chrome.

All times are GMT, as everything the network prints. English URLs end in the time of publication (DDMMYYHHMMSS),
Arabic ones begin with the hour alone; a page's text often holds no date of its own, only those of related stories.
"""

from crawler.publisher import Feed, Layout, Publisher, Section, Time, UrlTime
from crawler.spider import PublisherSpider

_NETWORK = (
    "arabstoday.net",
    "almaghribtoday.net",
    "casablancatoday.com",
    "themuslimchronicle.com",
    "alsaudiatoday.com",
    "algeriatoday.com",
    "lebanontoday.net",
    "egypttoday.net",
    "syriatoday.net",
)
_STRIP = (
    ".related, .relatednews, .readmore, .readmoregmttimeband, #tcenter, .ticker, .comments, #comments, .share, .social",
    ".cauthorboy, h6.caption, .caption, .addthis, .banner, .ads, .advert, figure, iframe, .footer, .copyright",
)


class ArabsTodaySpider(PublisherSpider):
    """arabstoday.net and its network, English and Arabic."""

    name = "arabstoday"
    publisher = Publisher(
        name="Arabs Today",
        homepage="https://www.arabstoday.net/en/",
        country="LB",
        languages=("ar", "en"),
        timezone="UTC",
        domains=_NETWORK,
        sources=(
            Feed("https://www.arabstoday.net/en/rss"),
            Feed("https://www.arabstoday.net/ar/rss"),
            Feed("https://almaghribtoday.net/home/rss.xml"),
            Section("https://www.arabstoday.net/en/36-latest-news/", links="a[href*='/en/']"),
            Section("https://www.arabstoday.net/36-latest-news/", links="a"),
        ),
        # https://almaghribtoday.net/en/997/syrian-army-controls-1000-square-070317182414
        # https://www.arabstoday.net/314/031928-<Arabic slug> · https://www.arabstoday.net/en/997/a-slug (before 2014)
        article_url=r"//[^/]+/(?:amp/)?(?:en/)?\d{1,5}/(?:[^/?#]+-\d{12}|\d{6}-[^/?#]+|[^/?#\d][^/?#]*-[^/?#]+)/?(?:$|[?#])",
        # /w-12/ writers, /v-3/ video, /36-latest-news/ sections
        not_article_url=r"/(?:[wv]-\d+|video|gallery)/",
        # …-070317182414 = 07.03.2017 18:24:14
        url_times=(
            UrlTime(
                pattern=r"-(?P<d>[0-3]\d)(?P<m>[01]\d)(?P<y>\d\d)(?P<H>[0-2]\d)(?P<M>[0-5]\d)(?P<S>[0-5]\d)/?(?:[?#]|$)",
                zone="UTC",
            ),
        ),
        # twins on all domains: https://almaghribtoday.net/en/997/x-070317182414 → https://www.arabstoday.net/en/997/x-…
        canonical_rewrites=((r"\Ahttps?://[^/]+/", "https://www.arabstoday.net/"),),
        headline_in_slug=True,  # …/en/997/syrian-army-controls-1000-square-070317182414
        layouts=(
            Layout(
                name="2017",
                match="#balmon, .cauthorboy, #articlebody",
                headline=("h1.title, h1[itemprop]", "h1", "h2.title"),
                lede=(".summary, .lead, h2.lead",),
                body=("#balmon", "#articlebody, .articlebody", ".article-body, [itemprop=articleBody]"),
                published=(Time(css=".article-date, .publishdate"),),
                byline=(".cauthorboy h5", ".cauthorboy", ".author"),
                dateline=(".cauthorboy h5", ".dateline"),
                section=(".breadcrumb a, .breadcrumbs a", ".category a, .sectiontitle"),
                tags=(".tags a",),
                image=(".articleimage, .mainimage, .article-image, .image", "figure"),
                caption=("h6.caption", ".caption", "figcaption"),
                credit=(".credit",),
                related=(".related a, .relatednews a",),
                strip=_STRIP,
            ),
        ),
        residue=(
            r"^GMT \d{1,2}:\d{2} \d{4} \w+ ,\d{1,2} \w+$",  # of a related story: "GMT 20:04 2017 Tuesday ,10 October"
            r"^Last Updated ?: ?GMT ?\d{2}:\d{2}(?::\d{2})?$",
            r"^(?:Arab Today, arab today|arabstoday|Arab Today)$",
            r"^Maintained and developed by Arabs Today Group\b.{0,20}$",
            r"^All rights reserved to Arab Today Media Group \d{4} ?©?$",
            r"^(?:Send your comments|Your comment as a visitor|Mandatory \*|Terms of use)$",
            r"^(?:Name|E-mail|Comment Title|Comment) ?\*$",
            r"^: Characters Left$",
            r"^Publishing Terms\s*:",
            r"^آخر تحديث GMT\s?\d{2}:\d{2}(?::\d{2})?$",
            r"^العرب اليوم\s*-?$",
            r"^(?:أخر الأخبار|آخر الأخبار|قد يهمك أيضا\s*:?)$",
        ),
        self_names=(
            "Arabs Today",
            "Arab Today",
            "ArabsToday",
            "Arab Today Media Group",
            "Almaghrib Today",
            "Al Maghrib Today",
            "العرب اليوم",
            "المغرب اليوم",
            "Muslim Chronicle",
            "The Muslim Chronicle",
            "Casablanca Today",
        ),
    )
