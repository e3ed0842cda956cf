"""What stands beside a story of unknown design is not taken for it: comments, feeds, tickers, boxes named as such."""

import pytest

from crawler.extract import extract

URL = "https://news.example.org/world/bridge"
HEADLINE = "Bridge at Port Selby opens again"
STORY = (
    "The bridge at Port Selby was opened to lorries on Tuesday, nine weeks after a shell tore up its northern ramp.",
    "Engineers had laid a steel deck over the gap, and the mayor walked across it ahead of the first convoy of flour.",
    "The repair cost four million crowns, half of them lent by the province, the town's treasurer told reporters.",
)
OTHERS = (
    "A court in the capital has put off the trial of three customs officers until the end of the month, clerks said.",
    "The price of diesel fell for the third week in a row after tankers were let into the southern terminal again.",
    "Schools in the valley will stay closed until Thursday because of the flood that cut the road to Upper Marten.",
    "Two climbers were brought down from Mount Ansel on Monday with frostbite, the rescue service's spokesman said.",
    "The museum of navigation has bought back a chart that was stolen from its reading room forty years ago.",
)
VIEWS = tuple(
    f"I crossed that bridge every day for {n} years, and nobody ever asked us what it was built for!"
    for n in range(9, 21)
)


def page(*boxes: str, head: str = "") -> bytes:
    return f"<html><head><title>{HEADLINE}</title>{head}</head><body>{''.join(boxes)}</body></html>".encode()


def story(tag: str = "p") -> str:
    return "".join(f"<{tag}>{line}</{tag}>" for line in STORY)


def title(number: int) -> str:
    return f'<a href="/n/{number}">Another story of the day has number {number}</a>'


def test_comments_that_outweigh_the_story_are_not_taken_for_it() -> None:
    comments = "".join(
        f'<div class="voice" id="{4000 + n}"><i>resident, 9:{n + 10}</i><p>{line}</p></div>'
        for n, line in enumerate(VIEWS)
    )
    html = page(f'<div id="top"><h1>{HEADLINE}</h1>{"<br><br>".join(STORY)}</div>', f'<div id="board">{comments}</div>')
    assert extract(html, URL).paragraphs == STORY


def test_box_called_comments_is_no_text() -> None:
    comments = "".join(f"<p>{line}</p>" for line in VIEWS)
    html = page(
        f'<main><h1>{HEADLINE}</h1><div class="t">{story()}</div><div class="reader-comments">{comments}</div></main>'
    )
    assert extract(html, URL).paragraphs == STORY


def test_story_in_the_section_called_comment_is_text() -> None:
    html = page(f'<div class="comment"><h1>{HEADLINE}</h1><div class="comment-body">{story()}</div></div>')
    assert extract(html, URL).paragraphs == STORY


@pytest.mark.parametrize(
    "feed",
    [
        "<dl>" + "".join(f"<dt>{title(n)}</dt><dd>{line}</dd>" for n, line in enumerate(OTHERS)) + "</dl>",
        "".join(f"<h4>{title(n)}</h4><p>{line}</p>" for n, line in enumerate(OTHERS)),
        "<ul>" + "".join(f"<li><h3>{title(n)}</h3><div>{line}</div></li>" for n, line in enumerate(OTHERS)) + "</ul>",
    ],
    ids=["definition list", "headings and paragraphs", "list of boxes"],
)
def test_feed_of_other_stories_below_is_no_text(feed: str) -> None:
    html = page(f'<div class="a"><h1>{HEADLINE}</h1>{story()}<div class="f">{feed}</div></div>')
    assert extract(html, URL).paragraphs == STORY


def test_linked_headings_within_a_story_stay_with_their_paragraphs() -> None:
    parts = "".join(f"<h3>{title(n)}</h3><p>{line}</p><p>{OTHERS[n]}</p>" for n, line in enumerate(STORY))
    found = extract(page(f'<div class="a"><h1>{HEADLINE}</h1>{parts}</div>'), URL).paragraphs
    assert [line for line in (*STORY, *OTHERS[:3]) if line not in found] == []


def test_ticker_below_its_report_is_no_text() -> None:
    posts = "".join(
        f'<div class="post" id="post-{7000 + n}"><h3>{n + 8}:15</h3><p>{line}</p></div>'
        for n, line in enumerate(OTHERS)
    )
    html = page(f'<article><h1>{HEADLINE}</h1><div class="t">{story()}</div><div class="live">{posts}</div></article>')
    assert extract(html, URL).paragraphs == STORY


def test_numbered_entries_are_the_text_where_there_is_no_other() -> None:
    posts = "".join(
        f'<div class="post" id="post-{7000 + n}"><b>{n + 8}:15</b><p>{line}</p></div>' for n, line in enumerate(OTHERS)
    )
    found = extract(page(f"<article><h1>{HEADLINE}</h1><div>{posts}</div></article>"), URL).paragraphs
    assert [line for line in OTHERS if line not in found] == []


def test_numbered_parts_of_a_story_are_text() -> None:
    parts = "".join(f'<div class="part" id="c{9000 + n}"><p>{line}</p></div>' for n, line in enumerate(OTHERS))
    found = extract(page(f"<article><h1>{HEADLINE}</h1>{story()}<div>{parts}</div></article>"), URL).paragraphs
    assert found == STORY + OTHERS


def test_what_stands_above_the_headline_is_no_text() -> None:
    html = page(f'<div class="c"><p>{OTHERS[0]}</p><h1>{HEADLINE}</h1>{story()}</div>')
    assert extract(html, URL).paragraphs == STORY
