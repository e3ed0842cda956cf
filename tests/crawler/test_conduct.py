"""No live crawl without a contact, and no switch that takes the manners away."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from scrapy.utils.project import get_project_settings

from crawler import conduct
from crawler.errors import ConfigurationError
from tests import commands
from tests.crawler.raw_server import RawServer, Script

CONTACT = "https://example.org/about-our-crawler"


def scrapy(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`scrapy COMMAND`, with nothing in the environment that says who or where."""
    ours = {"DATELINE_OFFLINE_WEB", "DATELINE_CONTACT", "DATELINE_ARCHIVE", "SSL_CERT_FILE"}
    inherited = {key: value for key, value in os.environ.items() if key not in ours}
    return commands.run("scrapy", *command, env={**inherited, **environment})


@pytest.mark.parametrize(
    "contact",
    ["https://example.org/about", "http://news.example/", "desk@example.org", "mailto:a.b+c@news.example.org"],
)
def test_contacts(contact: str) -> None:
    assert conduct.is_contact(contact)


@pytest.mark.parametrize(
    "text",
    ["", "me", "example.org", "ftp://example.org/", "https://", "https://localhost/", "a@b", "a b@example.org",
     "https://user:secret@example.org/", "https://example.org/\r\nX: 1", "https://[::1", "Jo <a@example.org>",
     "https://example.org/)", "https://exämple.org/"],
)  # fmt: skip
def test_what_is_no_contact(text: str) -> None:
    assert not conduct.is_contact(text)


@pytest.mark.parametrize(
    ("command", "contact", "words"),
    [(["crawlall"], "", "no contact is set"), (["crawl", "rt"], "call me", "'call me' is no web or mail address")],
)
def test_without_a_contact_nothing_is_opened_or_asked(
    tmp_path: Path, command: list[str], contact: str, words: str
) -> None:
    ended = scrapy(*command, DATELINE_ARCHIVE=str(tmp_path / "a"), DATELINE_CONTACT=contact)
    assert ended.returncode == 78, ended.stdout + ended.stderr
    assert words in ended.stderr
    assert "export DATELINE_CONTACT=" in ended.stderr
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    "command", [["extract", "https://x.example/1"], ["newpublisher", "courier", "https://x.example/"]]
)
def test_looking_at_one_page_wants_a_contact_too(command: list[str]) -> None:
    ended = scrapy(*command)
    assert ended.returncode == 78, ended.stdout + ended.stderr
    assert "no contact is set" in ended.stderr


def test_scrapys_own_commands_ask_nobody_without_a_contact() -> None:
    ended = scrapy("fetch", "https://www.example.org/")
    assert ended.stdout.strip() == ""
    assert "no contact is set" in ended.stderr


def test_an_import_needs_no_contact(tmp_path: Path) -> None:
    (tmp_path / "empty.warc").write_bytes(b"")
    ended = scrapy("crawl", "warc", "-a", f"path={tmp_path / 'empty.warc'}", DATELINE_ARCHIVE=str(tmp_path / "a"))
    assert "contact" not in ended.stdout + ended.stderr
    assert (tmp_path / "a").exists()


LEFT_OUT = {
    "DOWNLOADER_MIDDLEWARES": ["{}", json.dumps({**conduct.MIDDLEWARES, next(reversed(conduct.MIDDLEWARES)): None})],
    "DOWNLOAD_HANDLERS": ["{}", '{"http": "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"}'],
    "ROBOTSTXT_USER_AGENT": ["Googlebot", ""],
    "USER_AGENT": ["Mozilla/5.0 (X11; Linux x86_64)", "Dateline/1.0"],
    "CONTACT": ["nobody"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in LEFT_OUT.items() for value in values])
def test_no_setting_takes_the_manners_away(name: str, value: str) -> None:
    settings = get_project_settings()
    settings.set("CONTACT", CONTACT, priority="cmdline")
    settings.set("USER_AGENT", f"Dateline/1.0 (+{CONTACT})", priority="cmdline")
    conduct.check(settings)
    settings.set(name, value, priority="cmdline")
    with pytest.raises(ConfigurationError, match=name if name != "CONTACT" else "DATELINE_CONTACT"):
        conduct.check(settings)


@pytest.mark.parametrize(
    ("setting", "code"),
    [("ROBOTSTXT_OBEY=False", 4), ("DOWNLOADER_MIDDLEWARES={}", 78), ("ROBOTSTXT_USER_AGENT=Other", 78)],
)
def test_there_is_no_switch_to_ignore_robots_txt(tmp_path: Path, setting: str, code: int) -> None:
    """Scrapy's own switch changes nothing; what would take ours away is refused."""
    closed = b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nUser-agent: *\nDisallow: /\r\n"
    with RawServer({"/robots.txt": Script((closed,))}, ("raw.example",), tmp_path) as server:
        environment = {**os.environ, **server.env(), "DATELINE_ARCHIVE": str(tmp_path / "a")}
        ended = commands.run("tests.crawler.crawl_urls", setting, "http://raw.example/news/1", env=environment)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert {asked.target for asked in server.asked} == ({"/robots.txt"} if code == 4 else set())
