"""Feeds as publishers' systems break them, about invented events: what each holds, and what is lost of it."""

from dataclasses import dataclass, field

BASE = "https://news.example/feeds/all.xml"
ONE, TWO = "https://news.example/1-bridge", "https://news.example/2-ferry"


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A feed, the addresses and titles in it, and a word of the problem that is told."""

    name: str
    body: bytes
    entries: tuple[tuple[str, str | None], ...] = ((ONE, "Bridge closed"),)
    problem: str | None = None
    at: tuple[str | None, ...] = field(default=())  # announced times, UTC


def item(inner: str = "", *, link: str = ONE, title: str = "Bridge closed") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{inner}</item>"


def rss(inner: str, *, head: str = '<?xml version="1.0" encoding="UTF-8"?>', attributes: str = "") -> bytes:
    return f'{head}<rss version="2.0"{attributes}><channel><title>News</title>{inner}</channel></rss>'.encode()


def titled(name: str, printed: str, read: str | None, **more: str) -> Broken:
    return Broken(name=name, body=rss(item(title=printed), **more), entries=((ONE, read),))


def dated(printed: str, at: str | None, element: str = "pubDate") -> Broken:
    return Broken(name=f"date {printed}", body=rss(item(f"<{element}>{printed}</{element}>")), at=(at,))


def linked(name: str, inner: str, *urls: str, **more: str) -> Broken:
    body = rss(f"<item><title>Bridge closed</title>{inner}</item>", **more)
    return Broken(name=name, body=body, entries=tuple((url, "Bridge closed") for url in urls))


BOTH = item() + item(link=TWO, title="Ferry runs")
BOTH_READ = ((ONE, "Bridge closed"), (TWO, "Ferry runs"))
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'

FEEDS = [
    # namespaces and entities
    Broken(name="undeclared prefixes", body=rss(item('<media:content url="x.jpg"/><dc:creator>A</dc:creator>'))),
    titled("entities of HTML", "Bridge&nbsp;closed&hellip;", "Bridge closed…"),
    titled("an entity that nobody knows", "Bridge &bridge; closed", "Bridge &bridge; closed"),
    titled("a stray ampersand", "Bridge & dam", "Bridge & dam"),
    linked("ampersands in an address", f"<link>{ONE}?a=1&b=2&lang=en</link>", f"{ONE}?a=1&b=2&lang=en"),
    linked("an address escaped twice", f"<link>{ONE}?a=1&amp;amp;b=2</link>", f"{ONE}?a=1&b=2"),
    titled("a title escaped twice", "Bridge &amp;amp; &amp;quot;dam&amp;quot;", 'Bridge & "dam"'),
    titled("a stray less-than sign", "Losses < 5 % & > 3 of 9", "Losses < 5 % & > 3 of 9"),
    titled("markup in a title", "Bridge &lt;b&gt;closed&lt;/b&gt;", "Bridge closed"),
    titled("unescaped markup in a title", "Bridge <b>closed</b>", "Bridge closed"),
    titled("numbers of windows-1252", "Bridge&#150;closed", "Bridge–closed"),
    titled("a character in halves", "Bridge &#55357;&#56842; closed", "Bridge 😊 closed"),
    titled("numbers of no character", "Bridge &#0;&#x1F;&#55357;&#xFFFF;&#99999999;closed", "Bridge closed"),
    titled("control characters", "Bridge\x00\x08\x0b closed", "Bridge closed"),
    titled("CDATA", "<![CDATA[Bridge & <b>dam</b> &amp; lock]]>", "Bridge & dam & lock"),
    # encodings
    Broken(name="ISO-8859-1 labelled UTF-8", body=rss(item(title="Brücke gesperrt")).decode().encode("latin-1"),
           entries=((ONE, "Brücke gesperrt"),)),
    titled("UTF-8 labelled ISO-8859-1", "Brücke", "Brücke", head='<?xml version="1.0" encoding="ISO-8859-1"?>'),
    titled("an encoding that does not exist", "Brücke", "Brücke", head='<?xml version="1.0" encoding="utf8mb4"?>'),
    titled("UTF-8 labelled UTF-16", "Brücke", "Brücke", head='<?xml version="1.0" encoding="utf-16"?>'),
    Broken(name="UTF-16 without a mark", body=rss(item()).decode().encode("utf-16-le")),
    Broken(name="windows-1251 unlabelled", entries=((ONE, "Мост через реку закрыт на два дня"),),
           body=rss(item(title="Мост через реку закрыт на два дня"), head="").decode().encode("cp1251")),
    Broken(name="one broken byte", entries=((ONE, "Brücke\ufffd in Lösk"),),
           body=rss(item(title="Brücke# in Lösk")).replace(b"#", b"\xff")),
    titled("XML 1.1", "Bridge closed", "Bridge closed", head='<?xml version="1.1"?>'),
    # what stands around the feed
    Broken(name="two byte-order marks", body=b"\xef\xbb\xbf\xef\xbb\xbf" + rss(item())),
    Broken(name="blank lines in front", body=b"\r\n\r\n \t" + rss(item())),
    Broken(name="a warning in front",
           body=b"<br />\n<b>Warning</b>: date() in <b>/srv/x.php</b> on line <b>3</b><br />\n" + rss(item())),
    Broken(name="a notice in front", body=b"Notice: Undefined index: lang in feed.php on line 12\n" + rss(item())),
    Broken(name="an HTML page's head in front", body=b"<html><head><meta charset=utf-8></head>" + rss(item())),
    Broken(name="a comment and a script behind", body=rss(item()) + b"<!-- cached --><script>count()</script>"),
    Broken(name="an error behind", body=rss(item()) + b"\n<br /><b>Fatal error</b>: out of memory"),
    Broken(name="two feeds in one", body=rss(item()) + rss(item(link=TWO, title="Ferry runs")), entries=BOTH_READ),
    # DOCTYPEs
    titled("RSS 0.91's DOCTYPE", "Bridge&eacute;", "Bridgeé", head='<?xml version="1.0"?>\n<!DOCTYPE rss PUBLIC '
           '"-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">\n'),
    titled("a DOCTYPE that names the entities of XHTML", "Bridge&nbsp;closed", "Bridge closed",
           head='<!DOCTYPE rss [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" '
           '"http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent"> %HTMLlat1;]>'),
    Broken(name="a page's DOCTYPE inside an entry", body=rss(item(
        "<description><![CDATA[<!DOCTYPE html [<!ENTITY x 'y'>]><p>Text</p>]]></description>"))),
    # structure
    Broken(name="no declaration, no version", body=f"<rss><channel>{item()}</channel></rss>".encode()),
    Broken(name="capitals", body=b"<RSS><CHANNEL><ITEM><TITLE>Bridge closed</TITLE><LINK>" + ONE.encode()
           + b"</LINK></ITEM></CHANNEL></RSS>"),
    Broken(name="entries outside the channel", body=f"<rss><channel></channel>{item()}</rss>".encode()),
    Broken(name="a title that is not closed", entries=BOTH_READ,
           body=rss(f"<item><title>Bridge closed<link>{ONE}</link></item>" + item(link=TWO, title="Ferry runs"))),
    Broken(name="unescaped markup in a description", entries=BOTH_READ, body=rss(
        f"{item('<description><p>One<br>two<img src=x.jpg></p></description>')}{item(link=TWO, title='Ferry runs')}")),
    Broken(name="attributes without quotes", body=rss(item("<enclosure url=https://news.example/x.mp3 length=1/>"))),
    Broken(name="the same entry twice", body=rss(item() + item()), entries=((ONE, "Bridge closed"),) * 2),
    Broken(name="no titles", body=rss(f"<item><link>{ONE}</link></item>"), entries=((ONE, None),)),
    Broken(name="RDF", body=f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"/><item rdf:about="{ONE}"><title>Bridge closed</title>
        <link>{ONE}</link></item></rdf:RDF>""".encode()),
    Broken(name="RSS 0.91", body=rss(item()).replace(b'"2.0"', b'"0.91"')),
    # addresses
    linked("a relative link", "<link>../1-bridge</link>", ONE),
    linked("a link without its scheme", "<link>//news.example/1-bridge</link>", ONE),
    linked("a link in white space", f"<link>\n   {ONE}\n </link>", ONE),
    linked("xml:base", "<link>1-bridge</link>", "https://news.example/x/1-bridge", attributes=' xml:base="/x/"'),
    linked("a guid for a link", f"<guid>{ONE}</guid>", ONE),
    linked("a permanent guid", f'<guid isPermaLink="true">{ONE}</guid>', ONE),
    linked("an empty link beside Atom's", f'<link/><atom:link rel="alternate" href="{ONE}"/>', ONE),
    linked("Atom's link alone", f'<atom:link href="{ONE}"/>', ONE),
    linked("FeedBurner's link beside the publisher's", "<link>http://feedproxy.google.com/~r/news/~3/abc/</link>"
           f"<feedburner:origLink>{ONE}</feedburner:origLink>", ONE),
    Broken(name="a guid that says it is no link", body=rss(
        f'<item><title>A</title><guid isPermaLink="false">https://news.example/?p=7</guid></item>{item()}'),
        problem="1 of 2 entries have no address"),
    Broken(name="an entry without an address", body=rss(f"<item><title>A</title></item>{item()}"),
           problem="1 of 2 entries have no address"),
    # cut off
    Broken(name="cut in the second entry", body=rss(BOTH)[:-50], problem="cut off after 1"),
    Broken(name="cut behind the last entry", body=rss(BOTH)[:-16], entries=BOTH_READ, problem="cut off after 2"),
    Broken(name="cut within CDATA", body=rss(item() + "<item><title><![CDATA[Ferry")[:-16], problem="cut off after 1"),
    # Atom
    Broken(name="Atom without its namespace", body=f"<feed><entry><title>Bridge closed</title><link href='{ONE}'/>"
           "<id>u</id></entry></feed>".encode()),
    Broken(name="Atom 0.3", body=f'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>Bridge closed'
           f'</title><link rel="alternate" type="text/html" href="{ONE}"/></entry></feed>'.encode()),
    Broken(name="Atom's links of other kinds", body=f'<feed {ATOM}><entry><title type="html">Bridge &amp;lt;b&gt;'
           f'closed</title><link rel="self" href="/self"/><link rel="enclosure" href="x.mp3"/><link href="{ONE}"/>'
           "</entry></feed>".encode(), entries=((ONE, "Bridge <b>closed"),)),
    Broken(name="Atom's title as XHTML", body=f'<feed {ATOM}><entry><title type="xhtml"><div xmlns='
           f'"http://www.w3.org/1999/xhtml">Bridge <i>closed</i></div></title><link href="{ONE}"/></entry></feed>'
           .encode()),
    # JSON Feed
    Broken(name="JSON Feed 1 with line breaks in a title",
           body=f'{{"version":"https://jsonfeed.org/version/1","items":[{{"url":"{ONE}","title":"Bridge\nclosed"}}]}}'
           .encode()),
    Broken(name="JSON Feed whose ids are the addresses", body=b'\xef\xbb\xbf{"items":[{"id":"' + ONE.encode()
           + b'","title":"Bridge closed"},{"id":"7"}]}', problem="1 of 2 entries have no address"),
    # dates
    dated("Tue, 17 Mar 2026 08:12:00 GMT", "2026-03-17T08:12:00Z"),
    dated("Tue, 17 Mar 2026 08:12:00 +0330", "2026-03-17T04:42:00Z"),
    dated("Tue, 17 Mar 2026 08:12:00 +03:00", "2026-03-17T05:12:00Z"),
    dated("Tue, 17 Mar 2026 08:12:00 MSK", "2026-03-17T05:12:00Z"),
    dated("Tue, 17 Mar 26 08:12:00 EST", "2026-03-17T13:12:00Z"),
    dated("Вт, 17 мар 2026 08:12:00 +0300", "2026-03-17T05:12:00Z"),
    dated("17 مارس 2026 08:12 GMT", "2026-03-17T08:12:00Z"),
    dated("2026-03-17T08:12:00.500Z", "2026-03-17T08:12:00.500Z", "dc:date"),
    dated("1773735120", "2026-03-17T08:12:00Z"),
    dated("Tue, 17 Mar 2026 08:12:00", None),
    dated("Tue, 17 Mar 2026 08:12:00 IST", None),
    dated("2026-03-17", None),
    dated("Tue, 31 Feb 2026 08:12:00 GMT", None),
    dated("yesterday", None),
]  # fmt: skip

BOMB = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
REFUSED = [
    ("an entity bomb", rss(item(title="&l9;"), head=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{BOMB}]>'), "DOCTYPE"),
    ("an entity's file", rss(item(title="&x;"), head='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/x">]>'), "DOCTYPE"),
    ("a DOCTYPE without end", rss(item(), head='<!DOCTYPE rss [<!ENTITY x "'), "DOCTYPE"),
    ("an HTML page", b"<!DOCTYPE html><html><body>Just a moment ...</body></html>", "HTML page"),
    ("a page that speaks of feeds", b"<!DOCTYPE html><html><script>x='<rss>'</script>No</html>", "HTML page"),
    ("a feed without entries", rss(""), "no entries"),
    ("a feed cut in its first entry", b"<rss><channel><item><title>Bri", "cut off before"),
    ("entries without any address", rss("<item><title>A</title></item>"), "no entries"),
]  # fmt: skip
