"""The headline of pages of unknown design: what is printed, without what stands around it."""

import json

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import extract
from crawler.extract.printed import Wanted, read_printed

URL = "https://news.example.org/world/ferry"
LINE = "Ferry to the northern islands resumes after eleven days"
STORY = "".join(
    f"<p>{text}</p>"
    for text in (
        "The boats between Port Selby and the islands sailed again on Monday after eleven days, the harbour said.",
        "Two ships had been damaged in the shelling of the outer mole, he added, and one will stay in dock all month.",
    )
)


def headline(body: str, *, title: str = "", og: str | None = None, linked: str | None = None, url: str = URL) -> str:
    head = f"<title>{title}</title>" if title else ""
    head += f'<meta property="og:title" content="{og}">' if og else ""
    data = json.dumps({"@type": "NewsArticle", "headline": linked})
    head += f'<script type="application/ld+json">{data}</script>' if linked else ""
    return extract(f"<html><head>{head}</head><body>{body}</body></html>".encode(), url).headline or ""


@pytest.mark.parametrize(
    "title",
    [
        f"{LINE} | World | Selby Courier",
        f"{LINE} - World - The Selby Courier",
        f"Selby Courier :: {LINE} / World / 06.01.12",
        f"Selby Courier » {LINE}",
        f"{LINE}: COURIER",
        f"Islands: {LINE} — Selby Courier",
        LINE,
    ],
)
@pytest.mark.parametrize("markup", ["<h1>{}</h1>", "<div class=t>{}</div>", "<font size=5><b>{}</b></font><br>"])
def test_what_the_title_says_in_the_form_that_the_page_prints(title: str, markup: str) -> None:
    assert headline(f"<div>{markup.format(LINE)}{STORY}</div>", title=title) == LINE


def test_title_of_a_page_that_prints_no_headline_loses_what_other_claims_leave_out() -> None:
    assert headline(STORY, title=f"{LINE} | World | Selby Courier", og=LINE) == LINE
    assert headline(STORY, title=f"{LINE} - news.example.org") == LINE


def test_chinese_title_parts() -> None:
    line = "北島渡輪停航十一天後恢復通航"
    body = f"<table><tr><td>{line}</td></tr><tr><td>{STORY}</td></tr></table>"
    for ending in ("_圖片頻道_例報網", "-例報網", " - 例報國際 - 例報網", " 國際快訊 例報網", "｜例報"):
        assert headline(body, title=line + ending) == line


def test_the_sites_logo_in_a_first_rank_heading_is_no_headline() -> None:
    body = f"<h1><a href='/'>Selby Courier Online Edition</a></h1><h2>News of the day</h2><h2>{LINE}</h2>{STORY}"
    assert headline(body, title=f"{LINE} - Courier") == LINE


def test_section_in_a_first_rank_heading_is_no_headline() -> None:
    body = f"<h1>Regions</h1><div class=name>{LINE}</div><div>{STORY}</div>"
    assert headline(body, title=f"{LINE} | Courier") == LINE


def test_date_and_subtitle_in_the_heading_are_cut_off() -> None:
    body = f"<h1>{LINE}<br><small>Second pier planned</small> <i>06.01.12 08:49</i></h1>{STORY}"
    assert headline(body, title=f"Courier::: {LINE} / Second pier planned / 06.01.12 / World") == LINE


def test_kicker_goes_where_the_claims_leave_it_out_and_stays_where_they_have_it() -> None:
    body = f"<h1><span>Islands</span> <span>{LINE}</span></h1>{STORY}"
    assert headline(body, title=f"{LINE} | Courier", og=LINE, linked=LINE) == LINE
    with_kicker = f"Islands: {LINE}"
    assert headline(body, title=with_kicker, og=with_kicker, linked=with_kicker) == with_kicker


def test_printed_wording_wins_over_the_one_for_search_engines() -> None:
    reworded = "Ferry to northern islands: boats resume after 11 days of shelling"
    assert headline(f"<article><h1>{LINE}</h1>{STORY}</article>", title=reworded, og=reworded) == LINE


def test_heading_in_the_breadcrumbs_is_not_the_printed_headline() -> None:
    reworded = "Port Selby ferry news"
    body = f"<nav class=crumbs><a>Home</a><h1>{reworded}</h1></nav><article><h2>{LINE}</h2>{STORY}</article>"
    assert headline(body, title=reworded, linked=LINE) == LINE


def test_a_claim_cut_short_is_made_whole_from_the_page() -> None:
    assert headline(f"<div class=a>{LINE}</div>{STORY}", title="Ferry to the northern islands…") == LINE


def test_the_headline_of_another_story_is_not_taken() -> None:
    other = "<aside><h1>Council sets aside funds for a second pier</h1></aside><h3>Harbour rates rise in spring</h3>"
    assert headline(f"{other}<div>{LINE}</div>{STORY}", title=f"{LINE} | Courier") == LINE


def test_markup_inside_the_headline_does_not_cut_it() -> None:
    body = f"<h1>Ferry to <em>the northern</em> islands resumes after <b>eleven </b>days</h1>{STORY}"
    assert headline(body, title="Ferry to the northern islands resumes") == LINE


def test_a_page_without_any_headline() -> None:
    assert headline(STORY) == ""


def test_the_sites_name_is_learned_from_the_link_to_its_front_page() -> None:
    logo = "<h1><a href='/'>Lantern of the North</a></h1>"
    body = f"{logo}<h3>{LINE}</h3>{STORY}"
    assert headline(body, title=f"{LINE} : Lantern of the North | Founded 1911 | Port Selby") == LINE
    assert headline(f"{logo}<div>{STORY}</div>", title="Lantern of the North") == ""
    assert (
        headline(
            f"<a href='https://www.example.org/'>Lantern of the North</a>{STORY}",
            title=f"{LINE} | Lantern of the North",
        )
        == LINE
    )


def test_a_mark_that_links_home_and_is_described_by_the_headline_does_not_hide_it() -> None:
    logo = "<a href=/><img src=l.gif alt='Selby Courier'></a>"
    mark = f"<a href=/><img src=m.gif alt='{LINE}'></a>"
    assert headline(f"{logo}<h1>{mark} {LINE}</h1>{STORY}", title=f"{LINE} | Courier") == LINE


def test_a_title_that_is_nothing_but_names_is_no_headline() -> None:
    names = '<meta property="og:site_name" content="Selby Courier">'
    assert headline(f"{names}{STORY}", title="Selby Courier, example.org") == ""


def test_the_name_at_the_end_of_the_title_is_no_headline_though_a_heading_of_the_first_rank_prints_it() -> None:
    body = f"<h1>Society of Island Mariners</h1><h2>{LINE}</h2>{STORY}"
    assert headline(body, title=f"{LINE} | Society of Island Mariners") == LINE


def test_a_heading_of_which_nothing_speaks_yields_to_the_line_that_the_title_begins_with() -> None:
    advertisement = "<h1>Win four weeks of sauna and a new bathing robe</h1>"
    assert headline(f"<div class=t>{LINE}</div>{advertisement}{STORY}", title=f"{LINE} | islands, sea") == LINE
    section = "<div>Northern islands and sea</div>"
    printed = headline(f"{section}<h1>{LINE}</h1>{STORY}", title="News - Northern islands and sea - example.org")
    assert printed == LINE


def test_of_two_parts_of_the_title_that_are_printed_alike_the_first_is_the_headline() -> None:
    body = f"<div>Sea lanes of the far north</div><div>{LINE}</div>{STORY}"
    assert headline(body, title=f"{LINE} | Sea lanes of the far north | World | Courier") == LINE


def test_a_headline_in_several_rows_is_taken_whole() -> None:
    rows = ("北島渡輪停航十一天後恢復通航", "「防波堤」遭砲擊 兩船受損", "第三艘月底才能修復")
    body = f"<div><b>{' <br>'.join(rows)}</b></div>{STORY}"
    assert headline(body, title=f"{' '.join(rows)} - 例報") == " ".join(rows)


def test_linked_data_state_the_kicker_that_the_page_prints_elsewhere() -> None:
    body = f"<p>After the shelling</p><h1>{LINE}</h1>{STORY}"
    with_kicker = f"After the shelling: {LINE}"
    assert headline(body, title=f"{with_kicker} | Courier", linked=with_kicker) == with_kicker


def test_what_linked_data_and_open_graph_agree_on_wins_over_a_variant_that_the_page_prints() -> None:
    variant = "Islanders breathe again: the boats are back"
    body = f"<h1>{variant}</h1>{STORY}"
    assert headline(body, title="Ferry news", og=LINE, linked=LINE) == LINE
    assert headline(body, title=variant, og=LINE, linked=LINE) == variant, "the title sides with the print"
    assert headline(body, title="Ferry news", og="Ferries: all you need to know", linked=LINE) == variant


def test_linked_data_that_are_cut_short_or_go_on_do_not_win() -> None:
    body = f"<h1>{LINE}</h1>{STORY}"
    for linked in (LINE[:40], f"{LINE[:40]}…", f"{LINE} - Islands and ports"):
        assert headline(body, title="Ferry", og=linked, linked=linked) == LINE


def test_nothing_printed_leaves_the_headline_to_linked_data_before_the_title_for_sharing() -> None:
    sharing = "Eleven days without a boat: now they sail again"
    assert headline(STORY, title=sharing, og=sharing, linked=LINE) == LINE


def test_a_title_that_nothing_confirms_may_be_the_sites_name_and_is_no_headline() -> None:
    assert headline(f"<div>Broadcasting corporation</div>{STORY}", title="Broadcasting corporation of the north") == ""
    assert headline(STORY, title=f"{LINE} | news.example.org") == LINE
    assert headline(STORY, linked=LINE) == LINE


def test_a_heading_that_repeats_the_title_with_its_names_yields_to_the_plain_line() -> None:
    title = f"{LINE} | News from the islands | Local news"
    assert headline(f"<h1>{title}</h1><h2>{LINE}</h2>{STORY}", title=title, og=LINE) == LINE


def test_what_is_left_at_the_end_of_a_title_without_its_name_is_cut() -> None:
    assert headline(STORY, title=f"{LINE} -", og=f"{LINE} |") == LINE


WORDS = st.sampled_from(["Ferry", "Ferry runs", " runs again ", "again", "\n", "Elsewhere", "no", "x " * 450])
BOXES = st.recursive(
    WORDS,
    lambda inner: st.tuples(st.sampled_from(["p", "h1", "b", "td", "title"]), st.lists(inner, max_size=4)).map(
        lambda box: f"<{box[0]}>{''.join(box[1])}</{box[0]}>"
    ),
    max_leaves=25,
)


@given(BOXES)
def test_what_is_passed_over_holds_no_text_that_is_looked_for(markup: str) -> None:
    tree = lxml.html.document_fromstring(f"<body>{markup} </body>")
    first = frozenset(tree.iter("h1"))
    quickly = read_printed(tree, Wanted(claimed="ferryrunsagain", whole=first))
    slowly = read_printed(tree, Wanted(claimed="ferryrunsagain", whole=first, cut=("none begins so",)))
    assert quickly.texts == slowly.texts
