"""Index keys are those that every other CDX tool makes. The expected ones were made with the `surt` package 0.3.1."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import surt as surt_module
from archive.surt import surt
from tests.conftest import ROOT

KEYS = {
    "https://www.Example.org:443/News//a/?b=2&A=1#top": "org,example)/news/a?a=1&b=2",
    "http://example.com": "com,example)/",
    "http://example.com/": "com,example)/",
    "https://example.com:8443/a/b/": "com,example:8443)/a/b",
    "http://www2.example.co.uk/index.html": "uk,co,example)/index.html",
    "http://example.com/a/../b/./c": "com,example)/b/c",
    "http://example.com/a?": "com,example)/a",
    "http://example.com/a?b": "com,example)/a?b",
    "http://example.com/a?b=&a": "com,example)/a?a&b=",
    "http://example.com/?x=1&x=0": "com,example)/?x=0&x=1",
    "http://example.com/a%20b": "com,example)/a%20b",
    "http://example.com/a%2520b": "com,example)/a%20b",
    "http://example.com/%D9%87%D8%AF%D9%86%D8%A9": "com,example)/%d9%87%d8%af%d9%86%d8%a9",
    "http://example.com/هدنة?q=قصف": "com,example)/%d9%87%d8%af%d9%86%d8%a9?q=%d9%82%d8%b5%d9%81",
    "http://127.0.0.1:8080/x": "1,0,0,127:8080)/x",
    "http://example.com./x": "com,example)/x",
    "http://example.com/a?jsessionid=0123456789abcdef0123456789abcdef&b=1": "com,example)/a?b=1",
    "http://example.com/a?b=1&sid=0123456789abcdef0123456789abcdef": "com,example)/a?&b=1",
    "http://example.com/(S(0123456789abcdef01234567))/page.aspx": "com,example)/page.aspx",
    "http://example.com/a?phpsessid=0123456789abcdef0123456789abcdef": "com,example)/a",
    "http://example.com/a/b/?p=1/2/": "com,example)/a/b?p=1/2/",
    "http://example.com/a//b": "com,example)/a/b",
    "http://www.www.example.com/": "com,example,www)/",
    "https://xn--80ak6aa92e.com/x": "com,xn--80ak6aa92e)/x",
    "http://example.com/A_B-C~d!e*f'(g)": "com,example)/a_b-c~d!e*f'(g)",
    "http://example.com/a+b?c+d=e%2Bf": "com,example)/a+b?c+d=e+f",
    "http://example.com/a%23b": "com,example)/a%23b",
    "http://example.com/a%3Fb": "com,example)/a?b",
    "http://example.com/a?x=%26": "com,example)/a?&x=",
    "http://example.com/a,b;c=d": "com,example)/a,b;c=d",
    "http://m.example.com/2026/11/22/a-1.html?utm_source=rss": "com,example,m)/2026/11/22/a-1.html?utm_source=rss",
    "http://example.com/?": "com,example)/",
    "http://example.com//": "com,example)/",
    "http://example.com/a?b=2&a=1&a=0&aa=1&a": "com,example)/a?a&a=0&a=1&aa=1&b=2",
    "http://example.com/a?cfid=12&cftoken=34&x=1": "com,example)/a?x=1",
    "https://example.com/%E0%A4%A": "com,example)/%e0%a4%25a",
    "http://example.com/café": "com,example)/caf%c3%a9",
    "http://example.com/caf%E9": "com,example)/caf%e9",
    "https://www.valley.example/news/1-x/": "example,valley)/news/1-x",
    "http://example.com/a?a=1&&b=2": "com,example)/a?&a=1&b=2",
    "http://example.com/robots.txt": "com,example)/robots.txt",
    "http://EXAMPLE.com:80/UPPER?Q=Z": "com,example)/upper?q=z",
    "http://example.com/a=b&c": "com,example)/a=b&c",
    "http://example.com/a?x=http://www.other.com/": "com,example)/a?x=http://www.other.com/",
    "http://example.com/a/..": "com,example)/",
    "http://example.com/../a": "com,example)/../a",
    "http://news.münchen.example/x": "example,xn--mnchen-3ya,news)/x",
    "http://example.com/a/../../b": "com,example)/../b",
    "http://example.com/a/%2e%2e/b": "com,example)/b",
    "http://example.com/a/.": "com,example)/a",
    "http://example.com/a?sid=0123456789abcdef0123456789abcdef": "com,example)/a",
    "http://example.com/a?x=1&jsessionid=0123456789abcdef0123456789abcdef&b=1": "com,example)/a?b=1&x=1",
    "http://example.com/a?aspsessionidabcdefgh=abcdefghijklmnopqrstuvwx&b=1": "com,example)/a?b=1",
    "http://example.com/x?Y=%E4%B8%AD&y=%2f": "com,example)/x?y=%e4%b8%ad&y=/",
    "http://example.com/a?b=1#c?d": "com,example)/a?b=1",
    "http://example.com/a b?c d": "com,example)/a%20b?c%20d",
    "http://user:pw@example.com/x": "com,example)/x",
}


@pytest.mark.parametrize(("url", "key"), KEYS.items())
def test_key(url: str, key: str) -> None:
    assert surt(url) == key


@pytest.mark.parametrize("address", ["urn:dateline:journal", "dns:news.example", "http:", ""])
def test_what_is_no_web_address_is_its_own_key(address: str) -> None:
    assert surt(address) == address


@given(st.from_regex(surt_module._PLAIN, fullmatch=True, alphabet=st.characters(codec="ascii")))
def test_plain_addresses_take_the_short_way_to_the_same_key(url: str) -> None:
    assert surt(url) == surt(f"{url}#top")


def test_the_expected_keys_are_those_of_the_package(tmp_path: Path) -> None:
    python = ROOT / ".venv-pywb" / "bin" / "python"
    if (
        not python.exists()
        or subprocess.run([python, "-c", "import surt"], check=False, capture_output=True).returncode
    ):
        pytest.skip("surt is not installed beside the project (make replay-env)")
    (tmp_path / "urls").write_text("\n".join(KEYS), encoding="utf-8")
    program = "import surt, sys\nfor url in open(sys.argv[1], encoding='utf-8'): print(surt.surt(url.rstrip('\\n')))"
    made = subprocess.run([python, "-W", "ignore", "-c", program, tmp_path / "urls"], check=True, capture_output=True)
    assert made.stdout.decode().splitlines() == list(KEYS.values())
