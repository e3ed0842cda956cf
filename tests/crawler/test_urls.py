"""One page, one URL; and claims of a canonical URL that are not believed."""

import time
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler.publisher import publisher_for
from crawler.survey import provisional
from crawler.urls import canonical_url, clean_url, page_url

SAME = [
    ("https://www.rt.com/news/473849-a-b/?utm_source=rss&utm_medium=rss", "https://www.rt.com/news/473849-a-b/"),
    ("https://www.rt.com/news/473849-a-b/amp/", "https://www.rt.com/news/473849-a-b/"),
    ("http://rt.com/news/473849-a-b/#comments", "https://www.rt.com/news/473849-a-b/"),
    ("https://sputniknews.com/amp/world/201911181077343476-a/", "https://sputniknews.com/world/201911181077343476-a/"),
    ("https://m.sputniknews.com/world/201911181077343476-a/", "https://sputniknews.com/world/201911181077343476-a/"),
    (
        "https://sputnikglobe.com/20230815/a-1112622222.html?chat_room_id=1112622222",
        "https://sputnikglobe.com/20230815/a-1112622222.html",
    ),
    ("https://almaghribtoday.net/en/997/a-b-070317182414", "https://www.arabstoday.net/en/997/a-b-070317182414"),
    ("https://www.casablancatoday.com/en/997/a-b-070317182414", "https://www.arabstoday.net/en/997/a-b-070317182414"),
    ("https://en.alalam.ir/news/1822343/fifty-words", "https://en.alalam.ir/news/1822343"),
    ("http://www.alalamtv.net/news/1822343", "https://www.alalam.ir/news/1822343"),
    ("https://www.dailysabah.com/world/2017/06/30/a-b-c/amp", "https://www.dailysabah.com/world/2017/06/30/a-b-c"),
    ("HTTPS://News.Example.org:443/a?id=7&fbclid=x&page=2", "https://news.example.org/a?id=7&page=2"),
    ("https://news.example.org/a?from=2019", "https://news.example.org/a?from=2019"),
    ("https://news.example.org/خبر", "https://news.example.org/%D8%AE%D8%A8%D8%B1"),
    ("https://news.example.org", "https://news.example.org/"),
]


PAGE = "https://www.courier.example/world/bridge-reopens"
# What stands for PAGE, whoever publishes it
FOLDED = [
    "https://www.courier.example/world/bridge-reopens#comments",
    "https://WWW.Courier.example:443/world/bridge-reopens",
    "https://www.courier.example./world/bridge-reopens",
    "  https://www.courier.example/world/bridge-reopens\n",
    f"{PAGE}?",
    f"{PAGE}?&",
    # campaigns
    f"{PAGE}?utm_source=rss&utm_medium=rss&utm_campaign=world",
    f"{PAGE}?UTM_Source=rss",
    f"{PAGE}?utm_source=rss&amp;utm_medium=rss",
    f"{PAGE}?at_medium=RSS&at_campaign=rss",
    f"{PAGE}?ns_mchannel=social&ns_source=twitter",
    f"{PAGE}?pk_campaign=mail&mtm_keyword=x&matomo_source=y",
    f"{PAGE}?xtor=RSS-3208&cmpid=a&CMP=share_btn_tw&ito=1490&ocid=wsnews",
    f"{PAGE}?wt_mc=rss.red&wt_zmc=nl.int&icid=a&ncid=b&s_cid=c",
    # counted clicks
    f"{PAGE}?fbclid=IwAR0abc&mibextid=Zxz2cZ",
    f"{PAGE}?gclid=Cj0&gbraid=0A&wbraid=1&dclid=2&gad_source=1&srsltid=A",
    f"{PAGE}?yclid=1&ysclid=l2&msclkid=3&twclid=4&ttclid=5&igshid=6&tblci=7",
    f"{PAGE}?_ga=2.1.2.3&_gl=1*abc*_ga*MQ..&__twitter_impression=true&guccounter=1&guce_referrer_sig=A",
    # mail
    f"{PAGE}?mc_cid=1&mc_eid=2&_hsenc=p2&_hsmi=3&mkt_tok=eyJ&vero_id=x&spMailingID=7",
    # where the reader stood
    f"{PAGE}?ref_src=twsrc%5Etfw",
    f"{PAGE}?chat_room_id=1112622222",
    f"{PAGE}?from=rss",
    f"{PAGE}?source=twitter",
    f"{PAGE}?share=facebook",
    f"{PAGE}?partner=rss&emc=rss",
    f"{PAGE}?print=1",
    # AMP
    f"{PAGE}/amp",
    f"{PAGE}.amp",
    f"{PAGE}?amp",
    f"{PAGE}?amp=1",
    f"{PAGE}?amp=true&amp_js_v=0.1&usqp=mq331AQCCAE",
    f"{PAGE}?outputType=amp",
    f"{PAGE}?output=amp",
    "https://www.courier.example/amp/world/bridge-reopens",
    "https://www.courier.example/amp/amp/world/bridge-reopens/amp",
    "https://www.google.com/amp/s/www.courier.example/world/bridge-reopens",
    "https://www.google.com/amp/s/www.courier.example/world/bridge-reopens/amp",
    "https://www.google.de/amp/s/www.courier.example/amp/world/bridge-reopens?amp_js_v=0.1#amp_tf=From",
    "https://www-courier-example.cdn.ampproject.org/c/s/www.courier.example/world/bridge-reopens?amp=1",
    "https://www-courier-example.cdn.ampproject.org/v/s/www.courier.example/world/bridge-reopens/amp?amp_js_v=a6",
    "https://www-courier-example.cdn.ampproject.org/wp/s/www.courier.example/world/bridge-reopens",
    # counted clicks that carry the address
    f"https://www.google.com/url?sa=t&url={PAGE}&usg=AOv",
    f"https://www.google.co.uk/url?q={quote(PAGE, safe='')}&sa=D",
    f"http://news.google.com/news/url?sa=t&fd=R&cid=527&url={PAGE}",
    "https://news.google.com/rss/articles/"
    "CBMiMGh0dHBzOi8vd3d3LmNvdXJpZXIuZXhhbXBsZS93b3JsZC9icmlkZ2UtcmVvcGVuc9IBAA?oc=5",
    "https://news.google.com/__i/rss/rd/articles/"
    "CBMiMGh0dHBzOi8vd3d3LmNvdXJpZXIuZXhhbXBsZS93b3JsZC9icmlkZ2UtcmVvcGVuc9IBAA==",
    f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&tid=1&url={quote(PAGE, safe='')}&c=1&mkt=en-us",
    f"https://l.facebook.com/l.php?u={quote(PAGE, safe='')}%3Ffbclid%3DIwAR0&h=AT0",
    f"https://vk.com/away.php?to={quote(PAGE, safe='')}&cc_key=",
    f"https://www.youtube.com/redirect?event=video_description&q={quote(PAGE, safe='')}",
    f"https://t.me/iv?url={quote(PAGE, safe='')}&rhash=abc",
    f"https://duckduckgo.com/l/?uddg={quote(PAGE, safe='')}&rut=1",
    f"https://out.reddit.com/t3_a?url={quote(PAGE, safe='')}&token=A",
    f"https://l.facebook.com/l.php?u={quote(f'https://www.google.com/url?q={quote(PAGE, safe=chr(0))}', safe='')}",
]  # fmt: skip
# What only looks like another form of a page
KEPT = [
    "https://www.courier.example/story?id=7&page=2",
    "https://www.courier.example/?p=4711",
    "https://www.courier.example/list?from=20",
    "https://www.courier.example/list?from=1",
    "https://www.courier.example/a?ref=7",
    "https://www.courier.example/a?print=letter",
    "https://www.courier.example/amplifiers/amp-test",
    "https://www.courier.example/news/camp",
    "https://m.courier.example/a",
    "https://amp.courier.example/a",
    "https://www.courier.example/url?url=https://other.example/",
    "https://www.google.com/search?q=https://other.example/",
    "https://news.google.com/rss/articles/CBMiX0FVX3lxTE5abcdefghijklmnop",
    "https://feedproxy.google.com/~r/courier/~3/abc/",
    "https://www.google.com/amplify",
    "https://x.cdn.ampproject.org/c/s/",
    "https://vk.com/away.php?to=javascript:alert(1)",
]


@pytest.mark.parametrize("url", FOLDED)
def test_what_stands_for_a_page_is_folded_into_it(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize("url", KEPT)
def test_what_may_be_another_page_is_kept(url: str) -> None:
    assert canonical_url(url) == url


COURIER = replace(provisional("courier.example", "https://www.courier.example/"), domains=("courier.example",))


@pytest.mark.parametrize("form", ["m", "mobile", "touch", "wap", "amp", "lite"])
def test_a_publishers_other_hosts_are_folded(form: str) -> None:
    assert canonical_url(f"https://{form}.courier.example/world/bridge-reopens", COURIER) == PAGE
    edition = f"https://{form}.arabic.courier.example/1"
    assert canonical_url(edition, COURIER) == "https://arabic.courier.example/1"
    assert canonical_url(f"https://{form}.other.example/1", COURIER) == f"https://{form}.other.example/1"
    assert page_url(f"https://{form}.courier.example/world/bridge-reopens", PAGE, None) == PAGE


@pytest.mark.parametrize("url", FOLDED[20:])
def test_what_is_fetched_is_the_publishers_page_and_no_wrapper(url: str) -> None:
    cleaned = clean_url(url)
    assert cleaned is not None
    assert urlsplit(cleaned).hostname == "www.courier.example"


@pytest.mark.parametrize(("url", "canonical"), SAME)
def test_canonical(url: str, canonical: str) -> None:
    publisher = publisher_for(url)
    assert canonical_url(url, publisher) == canonical
    assert canonical_url(canonical, publisher) == canonical


@pytest.mark.parametrize(
    "claim", ["/", "https://news.example.org/", "https://other.example.com/a/b", "", None, "http://[", "javascript:1"]
)
def test_claims_that_are_not_believed(claim: str | None) -> None:
    url = "https://news.example.org/world/ferry-service"
    assert page_url(url, claim, None) == url


def test_a_claim_of_the_same_site_is_believed() -> None:
    found = page_url(
        "https://m.example.org/a?story=7", "https://www.example.org/world/ferry-service?utm_source=x", None
    )
    assert found == "https://www.example.org/world/ferry-service"


def test_a_publishers_claim_must_be_an_article() -> None:
    url = "https://www.rt.com/news/473849-a-b/"
    assert page_url(url, "https://www.rt.com/news/", publisher_for(url)) == url


_PIECES = st.sampled_from(
    ["https://", "http://", "www.google.com", "/url?q=", "/amp", "/amp/s/", "x.cdn.ampproject.org/c/s/", "m.", ".amp",
     "courier.example", "/", "?", "&", "#", "=", "utm_source=rss", "amp=1", "%2F", "%", ":", "@", "[", "]", "خ",
     "\ud800", ":99999", "news.google.com/rss/articles/CBMi", "..", " ", "\n", "\\"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=12).map("".join)))
@example("https://https://\ud800")
def test_any_text_is_survived(text: str) -> None:
    for publisher in (None, COURIER, publisher_for("https://www.rt.com/")):
        once = canonical_url(text, publisher)
        assert canonical_url(once, publisher) == once
    cleaned = clean_url(text)
    assert cleaned is None or clean_url(cleaned) == cleaned


def test_wrappers_in_wrappers_without_end_take_no_time() -> None:
    started = time.process_time()
    canonical_url("https://www.google.com/amp/s/" * 100_000)
    canonical_url("https://www.google.com/amp/s/" * 280 + "courier.example/")
    clean_url("https://www.google.com/amp/s/" * 280 + "courier.example/")
    assert time.process_time() - started < 1


def test_a_url_without_end_is_none() -> None:
    assert clean_url("http://example.org/" + "1" * 8000)
    assert clean_url("http://example.org/" + "1" * 10**6) is None
