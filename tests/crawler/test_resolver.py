"""No private address is connected to, however it is spelled; the offline web is the one exception."""

import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import UsageError
from crawler.resolver import OfflineWeb, refusal
from tests import commands

REFUSED = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.5", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1",
    "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:0:a00:1::f5ff:fffe", "not-an-address", "",
]  # fmt: skip
ALLOWED = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", REFUSED)
def test_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_allowed(address: str) -> None:
    assert refusal(address) is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_fares_the_same_inside_ipv6(address: object) -> None:
    assert bool(refusal(f"::ffff:{address}")) == bool(refusal(str(address)))


def test_the_offline_web_is_parsed() -> None:
    offline = OfflineWeb.parse("127.0.0.1:8080:8443")
    assert (offline.address, offline.port("http"), offline.port("https")) == ("127.0.0.1", 8080, 8443)
    assert OfflineWeb.parse("::1:80:443").address == "::1"


@pytest.mark.parametrize("value", ["", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:a:b", "8.8.8.8:80:443", "host:80:443"])
def test_an_offline_web_that_is_none_is_a_usage_error(value: str) -> None:
    with pytest.raises(UsageError, match="DATELINE_OFFLINE_WEB"):
        OfflineWeb.parse(value)


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
]


def test_the_crawler_reaches_no_private_address_by_any_spelling(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "DATELINE_OFFLINE_WEB"}
    urls = [f"http://{spelling}/" for spelling in SPELLINGS]
    done = commands.run(
        "tests.crawler.crawl_urls", "KIND=source", *urls, "http://127.0.0.1:22/",
        env={**environment, "DATELINE_ARCHIVE": str(tmp_path), "DATELINE_CONTACT": "mail@example.org"},
    )  # fmt: skip
    problems = done.stdout.partition("Problems:")[2].splitlines()
    for spelling in SPELLINGS:
        # [::1] is not even resolved: the resolver knows IPv4 alone
        words = "cannot be reached" if spelling == "[::1]" else "address refused"
        assert any(f"http://{spelling}/" in line and words in line for line in problems), (spelling, problems)
    assert any("port 22 is not a web port" in line for line in problems), problems
    database = sqlite3.connect(tmp_path / "archive.db")
    assert database.execute("SELECT count(*) FROM captures").fetchone() == (0,)
    database.close()
