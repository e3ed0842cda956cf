"""Paragraphs, not soup: pages of several designs and scripts, cut where a reader sees paragraphs end."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extract import extract
from crawler.extract.body import Block, _document, blocks, is_prose, paragraphs, read
from crawler.extract.breaks import BREAK, LINK_END, LINK_START, cut
from crawler.extract.furniture import remove_furniture

URL = "https://news.example.org/world/ferry"
STORIES = {
    "latin": [
        "The ferry to the northern islands sailed on Monday for the first time in eleven days, the harbour said.",
        "Two ships had been damaged in the shelling of the outer mole, and one will stay in dock all month.",
        "Fishing boats supplied the islanders in the meantime; their owners asked for no money at all.",
        "The council has set aside funds for a second pier, which is to be built on the sheltered side.",
    ],
    "cyrillic": [
        "Паром на северные острова вышел в понедельник впервые за одиннадцать дней, сообщили в порту города.",
        "Два судна были повреждены при обстреле внешнего мола, и одно останется в доке до конца месяца.",
        "Всё это время островитян снабжали рыбацкие лодки, владельцы которых не взяли с них денег.",
        "Городской совет отложил средства на второй причал, который построят с подветренной стороны бухты.",
    ],
    "arabic": [
        "أبحرت العبارة إلى الجزر الشمالية يوم الاثنين للمرة الأولى منذ أحد عشر يوما، بحسب ما أعلنت إدارة الميناء.",
        "وكانت سفينتان قد تضررتا في قصف الرصيف الخارجي، وستبقى إحداهما في الحوض الجاف حتى نهاية الشهر.",
        "وفي هذه الأثناء زودت قوارب الصيد سكان الجزر بالطعام والوقود، ولم يطلب أصحابها أي مال مقابل ذلك.",
        "وخصص مجلس المدينة أموالا لبناء رصيف ثان في الجهة المحمية من الخليج، على أن يبدأ العمل في الربيع.",
    ],
    "chinese": [
        "港务局周一表示，前往北部岛屿的渡轮在停航十一天之后首次恢复通航，当天早晨就有三百多名乘客登船。",
        "此前两艘船在外堤遭到炮击时受损，其中一艘将在船坞停留到月底，另一艘预计下周可以重新投入使用。",
        "停航期间，渔船一直为岛上居民运送粮食和燃料，船主们没有收取任何费用，居民们对此表示十分感谢。",
        "市议会已经拨出资金修建第二座码头，新码头将建在海湾避风的一侧，工程计划在明年春天正式开始。",
    ],
}


def page(body: str) -> bytes:
    return f"<html><head><title>Ferry sails again</title></head><body>{body}</body></html>".encode()


def texts(html: str) -> list[str]:
    return [block.text for block in blocks(document_fromstring(f"<body>{html}</body>"))]


DESIGNS = {
    "paragraphs": lambda lines: "<div class=text>" + "".join(f"<p>{line}</p>" for line in lines) + "</div>",
    "divs": lambda lines: "<article>" + "".join(f"<div>{line}</div>" for line in lines) + "</article>",
    "double breaks": lambda lines: "<div id=story>" + "<br><br>".join(lines) + "</div>",
    "double breaks with blanks": lambda lines: "<div id=story>" + "<br>\n&nbsp;<br />\n".join(lines) + "</div>",
    "single breaks": lambda lines: "<div id=story>" + "<br>".join(lines) + "</div>",
    "one cell": lambda lines: f"<table><tr><td>{'<br><br>'.join(lines)}</td></tr></table>",
    "spans of a component": lambda lines: (
        "<div>" + '<span class="x br"></span><span class="x br"></span>'.join(lines) + "</div>"
    ),
    "indented": lambda lines: "<div>" + "<br>".join(f"\u3000\u3000{line}" for line in lines) + "</div>",
    "preformatted": lambda lines: "<pre>" + "\n\n".join(lines) + "</pre>",
}


@pytest.mark.parametrize("script", STORIES)
@pytest.mark.parametrize("design", DESIGNS)
def test_each_paragraph_is_one_whatever_parts_them(design: str, script: str) -> None:
    lines = STORIES[script]
    assert texts(DESIGNS[design](lines)) == lines


@pytest.mark.parametrize("script", STORIES)
@pytest.mark.parametrize("design", ["paragraphs", "divs", "double breaks", "single breaks", "one cell"])
def test_article_has_the_paragraphs_in_reading_order(design: str, script: str) -> None:
    lines = STORIES[script]
    article = extract(page(f"<h1>Ferry sails again</h1>{DESIGNS[design](lines)}"), URL)
    assert article.paragraphs == tuple(lines)
    assert article.text == "\n\n".join(lines)


def test_lines_wrapped_by_hand_are_one_paragraph() -> None:
    words = STORIES["latin"][0].split()
    wrapped = "<br>\n".join(" ".join(words[start : start + 6]) for start in range(0, len(words), 6))
    assert texts(f"<div>{wrapped}</div>") == [STORIES["latin"][0]]


def test_break_within_a_sentence_does_not_part_it() -> None:
    one, two, *_ = STORIES["latin"]
    html = f"<div>{one}<br>{two.replace(', and', ',<br>and')}<br>{one}</div>"
    assert texts(html) == [one, two, one]


def test_wide_characters_are_not_parted_by_a_line_feed() -> None:
    story = STORIES["chinese"][0]
    assert texts(f"<p>{story[:20]}\n  {story[20:]}</p>") == [story]
    assert texts(f"<p>{story[:32]}<br>{story[32:]}</p>") == [story]
    assert texts("<p>渡轮 ferry\nnow</p>") == ["渡轮 ferry now"]


def test_items_of_a_list_made_with_breaks_stay_apart() -> None:
    assert texts("<p>The crew needs:<br>Two pumps<br>Rope, 200 m<br>Fuel for a week</p>") == [
        "The crew needs:", "Two pumps", "Rope, 200 m", "Fuel for a week",
    ]  # fmt: skip


def test_row_of_data_is_one_line_and_a_table_of_text_is_not() -> None:
    rows = "<tr><th>Ship</th><th>Berth</th></tr><tr><td>Selby</td><td>4</td></tr>"
    assert texts(f"<table>{rows}</table>") == ["Ship Berth", "Selby 4"]
    first, second = STORIES["latin"][:2]
    assert texts(f"<table><tr><td>{first}</td><td>{second}</td></tr></table>") == [first, second]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>On <time>Monday</time> the ferry sailed.</p>", "On Monday the ferry sailed."),
        ('<p><span class="drop-cap">T</span>he ferry sailed.</p>', "The ferry sailed."),
        ("<p>The fer\u00adry sail<wbr>ed.</p>", "The ferry sailed."),
        ("<p>The <b>fer</b>ry\u200b, <i>at last</i>, sailed.</p>", "The ferry, at last, sailed."),
        ("<p>The\u00a0ferry \n\t sailed.</p>", "The ferry sailed."),
        ("<p>Rope &amp; fuel &lt;200 l&gt;.</p>", "Rope & fuel <200 l>."),
        ("<p>می\u200cرود</p>", "می\u200cرود"),
    ],
)
def test_words_are_neither_joined_nor_split(html: str, text: str) -> None:
    assert texts(html) == [text]


def test_share_of_links_is_each_paragraphs_own() -> None:
    html = '<div>The ferry sailed on Monday.<br><br><a href="/a">Harbour master resigns</a></div>'
    shares = [block.linked for block in blocks(document_fromstring(f"<body>{html}</body>"))]
    assert shares == [0, 1]


def test_link_around_blocks_links_them_all() -> None:
    html = "<body>Before<a href=/x><h3>Harbour master resigns</h3><p>He will leave.</p></a><p>Behind</p></body>"
    found = [(block.text, block.linked) for block in blocks(document_fromstring(html))]
    assert found == [("Before", 0), ("Harbour master resigns", 1), ("He will leave.", 1), ("Behind", 0)]


def test_link_over_a_break_is_linked_on_both_sides() -> None:
    found: list[Block] = blocks(document_fromstring("<body><a href=/x>One line<br><br>Two lines</a> more</body>"))
    assert [(block.text, round(block.linked, 2)) for block in found] == [("One line", 1), ("Two lines more", 0.64)]


@pytest.mark.parametrize(
    "unseen",
    [
        '<span class="sr-only">, opens new tab</span>',
        '<span class="visually-hidden">, opens new tab</span>',
        '<span class="screen-reader-text">, opens new tab</span>',
        '<span style="border:0;clip:rect(0 0 0 0);height:1px">, opens new tab</span>',
        '<span style="clip-path: inset(50%)">, opens new tab</span>',
        '<span style="display : none">, opens new tab</span>',
        "<span hidden>, opens new tab</span>",
        '<span aria-hidden="true">icon</span>',
        '<span class="visible-print-inline">, https://news.example.org/ferry</span>',
        "<noscript>Switch scripts on.</noscript>",
        '<a class="comments-count" href="#comments">12</a>',
        '<span class="tooltip-content">Selby, a port of 20,000</span>',
    ],
)
def test_words_that_nobody_sees_are_no_text(unseen: str) -> None:
    tree = document_fromstring(
        f"<body><p>The ferry from <a href=/selby>Selby</a>{unseen}, sailed on Monday.</p></body>"
    )
    remove_furniture(tree)
    assert [block.text for block in blocks(tree)] == ["The ferry from Selby, sailed on Monday."]


def test_visible_words_of_like_names_stay() -> None:
    html = (
        '<body style="visibility:hidden"><div class="print-edition"><p class="screen">The ferry sailed.</p>'
        '<p class="comment">He had <a href="/comment/4">4</a> comments.</p>'
        '<span class="tooltip">Selby</span></div></body>'
    )
    tree = document_fromstring(html)
    remove_furniture(tree)
    assert [block.text for block in blocks(tree)] == ["The ferry sailed.", "He had 4 comments.", "Selby"]


def test_headings_and_quotes_keep_their_place() -> None:
    one, two, three, four = STORIES["latin"]
    body = f"<p>{one}</p><h2>A second pier</h2><p>{two}</p><blockquote><p>{three}</p></blockquote>{four}"
    (story,) = document_fromstring(f"<body><div>{body}</div></body>").iter("div")
    assert paragraphs([story]) == (one, "A second pier", two, three, four)


def test_chrome_between_paragraphs_goes_to_its_own_fields() -> None:
    one, two, three, four = STORIES["latin"]
    body = (
        f"<h1>Ferry sails again</h1><div><p>{one}</p><p>Photo: Jane Doe / Harbour Post</p><p>{two}</p>"
        f"<p>READ MORE: Harbour master resigns</p><p>{three}</p><p>Advertisement</p><p>{four}</p>"
        "<p>Tags: ferry, harbour</p></div>"
    )
    article = extract(page(body), URL)
    assert article.paragraphs == (one, two, three, four)
    assert [story.title for story in article.related] == ["Harbour master resigns"]
    assert article.tags == ("ferry", "harbour")
    assert [image.credit for image in article.images] == ["Jane Doe / Harbour Post"]
    assert "Advertisement" in [removed.text for removed in article.removed]


def test_lede_is_one_paragraph_not_the_box_around_the_headline() -> None:
    one, *rest = STORIES["latin"]
    header = f'<header class="article-intro"><span>News</span><h1>Ferry sails again</h1><p>{one}</p></header>'
    article = extract(page(f"{header}<div>{''.join(f'<p>{line}</p>' for line in rest)}</div>"), URL)
    assert "News" not in article.text
    assert article.paragraphs[-3:] == tuple(rest)


def test_teasers_marked_as_descriptions_are_no_lede() -> None:
    story = "".join(f"<p>{line}</p>" for line in STORIES["latin"])
    teasers = "".join(
        f'<div class="card"><h1>Story number {n} of the day</h1><div itemprop="description">'
        f"What else happened on day {n} in the harbour of Port Selby and beyond.</div></div>"
        for n in range(5)
    )
    article = extract(page(f"<div><h1>Ferry sails again</h1>{story}</div><section>{teasers}</section>"), URL)
    assert article.paragraphs == tuple(STORIES["latin"])


def test_long_runs_of_breaks_and_blanks_are_cut_in_linear_time() -> None:
    begun = time.process_time()
    texts("<div>" + "x<br>&nbsp;" * 40_000 + "</div>")
    texts("<pre>" + "\n " * 200_000 + "</pre>")
    texts("<div>" + "中\n" * 200_000 + "</div>")
    assert time.process_time() - begun < 3


@pytest.mark.parametrize("links", ["", "<ul><li><a href=/1>Harbour news</a></li><li><a href=/2>Islands</a></li></ul>"])
@pytest.mark.parametrize("lines", STORIES.values(), ids=STORIES.keys())
def test_prose_stays_whether_or_not_trafilatura_is_asked(lines: list[str], links: str) -> None:
    """It is asked only where something else stands in a layout's body."""
    text = "".join(f"<p>{line}</p>" for line in lines)
    body = document_fromstring(f"<div><h2>{lines[0][:20]}</h2>{text}{links}</div>")
    found = blocks(body)
    kept = set(read(_document(found)))
    assert paragraphs([body]) == tuple(block.text for block in found if block.text in kept or is_prose(block))


TEXT = st.text("aB. \n\t\u3000\u200b中", max_size=6)
LINK = TEXT.map(lambda text: f"{LINK_START}{text}{LINK_END}")


@given(st.lists(st.one_of(TEXT, LINK, LINK.map(lambda link: f"{LINK_START}a {link}{LINK_END}")), max_size=6))
def test_a_run_without_breaks_is_read_as_one_with_breaks_is(pieces: list[str]) -> None:
    run = "".join(pieces)
    assert list(cut(run)) == list(cut(f"{run} {BREAK}"))
