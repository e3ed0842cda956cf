"""Sputnik: sputniknews.com until mid 2021, sputnikglobe.com, sarabic.ae and the other editions since.

Two engines. On the old one only `analytics:p_ts` (unix, UTC) can be trusted: the "Z" of its meta tags was Moscow time
on an English page of 2019 and true on two pages of 2020. Printed times say "GMT" where they are; without it they are
Moscow's. The clock in the old header ("14:53 GMT +320 November 2019") is the reader's.
"""

from crawler.publisher import DayArchive, Feed, Layout, Publisher, Section, Time, UrlTime
from crawler.spider import PublisherSpider

_HOSTS = ("https://sputnikglobe.com", "https://sarabic.ae")
_LINKS = ".list__item a.list__title, a.list__title, .b-plainlist__item a"
_NEW_STRIP = (
    ".article__article, .article__announce-media, .media, .media__title, .article__info, .article__meta",
    ".article__notice, .article__userbar, .article__photo",
    "[data-type=article], [data-type=photolenta], [data-type=video], [data-type=embed], [data-type=image]",
    "[data-type=banner], [data-type=recomendation], [data-type=audio], .article__footer, .article__tags",
    ".article__share, .article__google-news, .article__news-subscribe, .banner, .article__quote-bg, figure",
)
_OLD_STRIP = (
    ".b-inject, .b-disclaimer, .b-banner, .b-article__refs, .b-article__meta, .article__google-news",
    ".social-likes-pane, .b-article__audio, .b-inject__audio, .b-counters, #getShortUrl",
    ".comments, .b-article__likes, figure, iframe",
)


class SputnikSpider(PublisherSpider):
    """Sputnik's editions, both engines."""

    name = "sputnik"
    publisher = Publisher(
        name="Sputnik",
        homepage="https://sputnikglobe.com/",
        country="RU",
        languages=("en", "ar"),
        timezone="Europe/Moscow",
        domains=(
            "sputnikglobe.com",
            "sputniknews.com",
            "sarabic.ae",
            "snanews.de",
            "sputnik.by",
            "sputnik.kz",
            "sputniknews.africa",
            "anlatilaninotesi.com.tr",
            "noticiabrasil.net.br",
            "spnfa.ir",
        ),
        sources=(
            Feed("https://sputnikglobe.com/export/rss2/archive/index.xml"),
            Feed("https://sarabic.ae/export/rss2/archive/index.xml"),
            # the old engine's hosts, given up in 2021 and 2022 for the two above
            Feed("https://sputniknews.com/export/rss2/archive/index.xml", discontinued=True),
            Feed("https://arabic.sputniknews.com/export/rss2/archive/index.xml", discontinued=True),
            Section(
                "https://sputnikglobe.com/world/",
                links=_LINKS,
            ),
            *(DayArchive(f"{host}/archive/{{day:%Y%m%d}}", links=_LINKS, unconfirmed=True) for host in _HOSTS),
            *(DayArchive(f"{host}/sitemap_article_index.xml?date={{day:%Y%m%d}}", unconfirmed=True) for host in _HOSTS),
            # the past of the old engine, for as long as it answers
            DayArchive(
                "https://sputniknews.com/archive/{day:%Y%m%d}", links=_LINKS, discontinued=True, unconfirmed=True
            ),
        ),
        # https://sputniknews.com/middleeast/201512091031454159-syria-army-offensive-daesh/
        # https://sputnikglobe.com/20230815/some-slug-1112622222.html
        article_url=r"/\d{4}(?:0[1-9]|1[0-2])[0-3]\d(?:\d{9,11}(?:-[^/?#]*)?/?(?:$|[?#])|/[^/?#]+-\d{8,12}\.html)",
        # https://sputniknews.com/photo/201911181077343999-parade/ : a gallery
        not_article_url=r"/(?:photo|videoclub|infographics|cartoons|photolents|docs|archive|tags?|authors?|search|services)/",
        # the first eight digits are Moscow's calendar day
        url_times=(
            UrlTime(pattern=r"/(?P<Y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)\d{9,11}(?=[-/?#]|$)", zone="Europe/Moscow"),
            UrlTime(pattern=r"/(?P<Y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)/[^/]+\.html", zone="Europe/Moscow"),
        ),
        canonical_rewrites=(
            (r"\Ahttps?://(?:m|amp|www)\.(?=(?:[a-z]+\.)?(?:sputnik|sarabic|snanews))", "https://"),
            (r"\Ahttp://", "https://"),
        ),
        layouts=(
            Layout(
                name="2021",
                match=".article__body, .article__announce-text, h1.article__title",
                headline=("h1.article__title", ".article__title", "h1"),
                lede=(
                    "h1 ~ .article__announce-text, .article__announce-text",
                    ".article__lead",
                    ".article__announce-lead",
                ),
                body=(
                    ".article__body .article__text, .article__body .article__quote-text, .article__body .article__h2,"
                    " .article__body .article__h3, .article__body .article__list,"
                    " .article__body [data-type=h2], .article__body [data-type=h3], .article__body [data-type=list],"
                    " .article__body [data-type=quote], .article__body [data-type=text]",
                    ".article__body",
                ),
                published=(
                    Time(css=".article__info-date a[data-unixtime]::attr(data-unixtime)", format="unix"),
                    Time(css="[itemprop=datePublished]"),
                    Time(css=".article__info-date a, .article__info-date"),
                ),
                modified=(
                    Time(css=".article__info-date-modified::attr(data-unixtime)", format="unix"),
                    Time(css=".article__info-date-modified [data-unixtime]::attr(data-unixtime)", format="unix"),
                    Time(css="[itemprop=dateModified]"),
                    Time(css=".article__info-date-modified, .article__info-date"),
                ),
                byline=(".article__author-name", ".article__author a"),
                section=(
                    ".article__header-rubric a, a.article__rubric",
                    ".article__breadcrumbs a",
                    "[itemprop=articleSection]",
                ),
                tags=(
                    ".article__footer li.tag a",
                    ".article__footer li.tag, .article__footer a.tag",
                    ".article__tags a",
                    "li.tag a",
                ),
                image=(
                    ".article__announce .media, .article__announce",
                    ".article__body [data-type=image]",
                    ".article__photo",
                ),
                caption=(".media__description", ".media__title", "figcaption"),
                credit=(
                    ".media__copyright-item.m-copyright",
                    ".media__copyright-item",
                    ".media__copyright",
                    ".media__author",
                ),
                related=(".article__body .article__article-title",),
                strip=_NEW_STRIP,
            ),
            Layout(
                name="2014",
                match=".b-article__text, .b-article__lead, .b-article, meta[name='analytics:p_ts']",
                headline=(".b-article__header-title h1", "h1[itemprop]", ".b-article h1", "h1"),
                lede=(".b-article__lead", "[itemprop=description]:not(meta)"),
                body=(".b-article__text", "[itemprop=articleBody]"),
                published=(
                    Time(css="meta[name='analytics:p_ts']::attr(content)", format="unix"),
                    Time(css="time.b-article__refs-date"),
                ),
                modified=(Time(css="time.b-article__refs-date-upd"),),
                byline=(".b-article__refs-author",),
                section=("a.b-article__refs-rubric", ".b-article__refs-rubric"),
                tags=(".b-article__refs-tags a",),
                image=(
                    ".b-article__header",
                    ".b-article__header-audio",
                    ".b-article__text .b-inject:not(.m-inject-min)",
                    ".b-article__text figure",
                ),
                caption=(
                    ".b-inject__content",
                    ".b-inject__descr",
                    ".b-inject__description, .b-inject__title",
                    "figcaption",
                ),
                credit=(".b-article__header-copy", ".b-inject__copy", ".b-inject__copyright"),
                related=(
                    ".b-article__refs-item dd a, .b-article__refs-item-title:not(.b-article__refs-tags) a",
                    ".b-inject.m-inject-min a",
                ),
                strip=_OLD_STRIP,
                stop_at=("#share", ".b-article__refs", ".comments"),
            ),
        ),
        residue=(
            r"^\d{1,2}:\d{2} GMT ?[+-]\d\s?\d{1,2} \w+ \d{4}$",  # header clock: "00:00 GMT +321 July 2019"
            r"^(?:Listen Live|Live|Search|Log inRegisterLog out|Get short URL)$",
            r"^(?:Subscribe|Go to the mediabank|Being updated)$",
            r"^(?:Topic|Related|Tags):\s*$",
            r"^Community standards ?(?:Discussion)?$",
            r"^Comment via (?:Facebook|Sputnik).{0,30}$",
            r"^(?:All comments|Show new comments ?\(\d+\)|in reply to ?\(Show comment ?Hide comment\))$",
            r"^\d{1,3} \d{1,7}$",  # likes and views: "0 52870"
            r"^To participate in the discussion\b.{0,40}$",
            r"^log in or register$",
            r"^(?:Table of contents|New first ?Old first|Заголовок открываемого материала)$",
            r" - (?:Sputnik International|سبوتنيك عربي), 1920, \d{2}\.\d{2}\.\d{4}$",  # alt template of every picture
            r"^The views (?:and opinions )?expressed in (?:the|this) (?:article|column|op-ed)\b.{0,160}$",
            r"^We'd love to get your feedback at\b",
            r"^(?:انسخ الرابط|تابعنا عبر|الموضوع:|انظر أيضا:|الكلمات الدلالية:|معايير المجتمع|نقاش)$",
            r"^(?:كل التعليقات|أمساليوم|بث مباشر)$",
            r"^التعليق بواسطة (?:Sputnik|Facebook).{0,40}$",
            r"^\d{1,2}:\d{2}(?: GMT)?$",  # sarabic's grid of hours
        ),
        self_names=(
            "Sputnik",
            "Sputnik International",
            "Sputnik News",
            "Sputnik Globe",
            "Sputnik Arabic",
            "سبوتنيك",
            "سبوتنيك عربي",
            "RIA Novosti",
        ),
    )
