"""Pages of unknown design: all of the text, none of the menus, the page's own spelling."""

import json

from crawler.extract import extract

URL = "https://news.example.org/world/ferry"
STORY = [
    "The ferry between Port Selby and the northern islands resumed on Monday after eleven days, the harbour said.",
    "Two ships had been damaged in the shelling of the outer mole, he added, and one will stay in dock all month.",
    "Islanders had been supplied by fishing boats, whose owners asked for no money, according to the town council.",
    "The council has set aside funds for a second pier, which is to be built on the sheltered side of the bay.",
]
MENU = "".join(f'<td><a href="/{name}">{name}</a></td>' for name in ("News", "Sport", "Weather", "Politics", "Archive"))


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


def test_second_container_of_the_same_kind_is_not_lost() -> None:
    parts = "".join(
        f'<div class="story-part">{paragraphs(part)}</div><div class="promo"><a href="/x">Subscribe</a></div>'
        for part in (STORY[:2] * 1, STORY[2:])
    )
    article = extract(f"<body><h1>Ferry resumes</h1><main>{parts}</main></body>".encode(), URL)
    assert article.paragraphs == tuple(STORY)


def test_table_layout_gives_the_story_not_the_menu() -> None:
    html = (
        f"<body><table><tr>{MENU}</tr></table><table><tr><td width=200><table><tr>{MENU}</tr></table></td>"
        f"<td><h1>Ferry resumes</h1>{paragraphs(STORY)}</td></tr></table></body>"
    )
    article = extract(html.encode(), URL)
    assert article.paragraphs == tuple(STORY)


def test_body_of_linked_data_finds_text_that_stands_apart() -> None:
    body = " ".join(STORY)
    data = json.dumps({"@type": "NewsArticle", "headline": "Ferry resumes", "articleBody": body})
    latest = "".join(f'<p><a href="/{n}">Another story of the day, number {n}</a></p>' for n in range(8))
    html = (
        f'<head><script type="application/ld+json">{data}</script></head><body>'
        f'<div class="a">{paragraphs(STORY[:1])}</div>'
        f'<div class="b"><section>{paragraphs(STORY[1:2])}</section></div>'
        f'<div class="c"><div class="d">{paragraphs(STORY[2:])}</div></div><div class="latest">{latest}</div></body>'
    )
    assert extract(html.encode(), URL).paragraphs == tuple(STORY)


def test_zero_width_joiners_of_persian_stay() -> None:
    lines = [
        "نیروهای امدادی می\u200cگویند راه\u200cهای کوهستانی پس از یازده روز باز شد و خودروها به روستاها می\u200cرسند.",
        "شورای شهر می\u200cگوید که بودجه\u200cای برای پل دوم کنار گذاشته شده است و ساختن آن در بهار آغاز خواهد شد.",
    ]
    article = extract(f"<html lang=fa><body><h1>راه\u200cها باز شد</h1>{paragraphs(lines)}</body>".encode(), URL)
    assert "می\u200cگویند" in article.text


def test_line_breaks_part_paragraphs_where_there_are_no_tags_for_them() -> None:
    html = f"<body><h1>Ferry resumes</h1><div>{'<br><br>'.join(STORY)}</div></body>"
    assert extract(html.encode(), URL).paragraphs == tuple(STORY)


def test_headline_without_the_sites_name() -> None:
    html = (
        '<head><title>Ferry resumes - Example News</title><meta property="og:site_name" content="Example News"></head>'
        f"<body><div>{paragraphs(STORY)}</div></body>"
    )
    assert extract(html.encode(), URL).headline == "Ferry resumes"


def test_lede_below_the_headline_is_in_the_text() -> None:
    lede = "Supplies reach the islands again after the longest interruption since the war began, officials say."
    header = f'<header><h1>Ferry resumes</h1><p class="article__lead">{lede}</p></header>'
    html = f"<body><article>{header}<div>{paragraphs(STORY)}</div></article>"
    article = extract(html.encode(), URL)
    assert article.lede == lede
    assert article.paragraphs == (lede, *STORY)


def test_a_page_without_text_is_an_article_with_empty_text() -> None:
    article = extract(b"<html><body></body></html>", URL)
    assert (article.text, article.paragraphs, article.canonical_url) == ("", (), URL)
