"""robots.txt by RFC 9309: tables of files and of answers, the files read alone, the answers crawled."""

import gzip
import os
import tomllib
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from crawler import robots
from crawler.middlewares.robots import DisallowedByRobots, RobotsUnreachable, read_robots
from tests import commands
from tests.crawler.raw_server import RawServer, Script

HERE = Path(__file__).parent
FILES = tomllib.loads((HERE / "robots_files.toml").read_text(encoding="utf-8"))["case"]
ANSWERS = tomllib.loads((HERE / "robots_answers.toml").read_text(encoding="utf-8"))["case"]
DOMAIN = "raw.example"


def test_the_tables_are_large_and_their_names_unique() -> None:
    assert len(FILES) + len(ANSWERS) >= 80
    for table in (FILES, ANSWERS):
        assert len({case["name"] for case in table}) == len(table)


@pytest.mark.parametrize("case", FILES, ids=[case["name"] for case in FILES])
def test_what_a_file_says(case: dict[str, Any]) -> None:
    body = bytes.fromhex(case["bytes"]) if "bytes" in case else case["file"].encode()
    body += b"#\n" * (case.get("padding", 0) // 2) + case.get("after", "").encode()
    said = robots.parse(body, "Dateline")
    may, may_not = case.get("may", []), case.get("may_not", [])
    assert [path for path in may if not said.allows(f"https://example.org{path}")] == []
    assert [path for path in may_not if said.allows(f"https://example.org{path}")] == []
    assert said.delay == case.get("delay")
    assert list(said.sitemaps) == case.get("sitemaps", [])


def test_a_home_page_without_its_slash_and_fragments() -> None:
    said = robots.parse(b"User-agent: *\nDisallow: /$\nDisallow: /*%23", "Dateline")
    assert not said.allows("https://example.org")
    assert not said.allows("https://example.org/#top")
    assert said.allows("https://example.org/a#/")
    assert not said.allows("https://example.org/a%23")


def test_hostile_patterns_take_no_time() -> None:
    """Backtracking through fourteen stars on one letter would take longer than the universe has lasted."""
    pattern = b"Disallow: /" + b"*a" * 14 + b"*b$\n"
    said = robots.parse(b"User-agent: *\n" + pattern * 10_000, "Dateline")
    assert said.allows(f"https://example.org/{'a' * 2000}")
    assert not said.allows(f"https://example.org/{'a' * 2000}b")


def test_a_closed_site_is_told_from_a_forbidden_page() -> None:
    with pytest.raises(RobotsUnreachable, match="503"):
        read_robots(503, b"", "Dateline").check("https://example.org/")
    with pytest.raises(DisallowedByRobots, match="disallows") as caught:
        read_robots(200, b"User-agent: *\nDisallow: /", "Dateline").check("https://example.org/")
    assert not isinstance(caught.value, RobotsUnreachable)


def scripts_of(case: dict[str, Any]) -> dict[str, Script | tuple[Script, ...]]:
    """What the case's host answers."""
    host = f"{case['name']}.{DOMAIN}"
    last = f"elsewhere.{host}" if case.get("elsewhere") else host
    chain = case.get("chain", 0)
    scripts: dict[str, Script | tuple[Script, ...]] = {f"{host}/{path}": PAGE for path in ("open", "closed")}
    hops = ["/robots.txt", *(f"/robots-{number}.txt" for number in range(1, chain + 1))]
    for here, there in pairwise(hops):
        scripts[host + here] = Script((answer(302, location=f"http://{last}{there}"),))
    final = Script((raw_answer(case),), ending=case.get("ending", "keep"))
    first = Script((answer(case["first"]),)) if "first" in case else None
    scripts[last + hops[-1]] = (first, final) if first is not None else final
    return scripts


def raw_answer(case: dict[str, Any]) -> bytes:
    if "raw" in case or "status" not in case:
        return str(case.get("raw", "")).encode()
    body = case.get("body", "User-agent: *\nDisallow: /closed\n").encode()
    body += b"# padding\n" * (case.get("padding", 0) // 10)
    if case.get("padding"):
        body += b"User-agent: *\nDisallow: /open\n"
    if case.get("gzip"):
        body = gzip.compress(body)[: -case.get("cut", 0) or None]
        return answer(case["status"], body, "Content-Encoding: gzip")
    whole = answer(case["status"], body, location=case.get("location"))
    return whole[: -case.get("cut", 0) or None]


def answer(status: int, body: bytes = b"", *fields: str, location: str | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} So", "Content-Type: text/plain", *fields]
    lines += [f"Location: {location}"] if location else []
    lines += [f"Content-Length: {len(body)}"] if status not in {204, 304} else []
    return "\r\n".join([*lines, "", ""]).encode() + body


PAGE = Script((answer(200, b"<html><body><p>Nothing new.</p></body></html>"),))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The paths that a crawl asked each host for: /open and /closed of all of them were announced."""
    folder = tmp_path_factory.mktemp("robots")
    scripts = {place: script for case in ANSWERS for place, script in scripts_of(case).items()}
    urls = [f"http://{case['name']}.{DOMAIN}/{path}" for case in ANSWERS for path in ("open", "closed")]
    settings = ["RETRY_TIMES=1", "DOWNLOAD_TIMEOUT=4", "EXTRACTION_WORKERS=1"]
    with RawServer(scripts, (DOMAIN,), folder) as server:
        environment = {**os.environ, **server.env(), "DATELINE_ARCHIVE": str(folder / "archive")}
        ended = commands.run("tests.crawler.crawl_urls", *settings, *urls, env=environment)
        assert ended.returncode in {0, 4}, ended.stdout + ended.stderr
        by_host = defaultdict(list)
        for request in server.asked:
            by_host[request.host].append(request.target)
    return by_host


@pytest.mark.parametrize("case", ANSWERS, ids=[case["name"] for case in ANSWERS])
def test_what_an_answer_makes_of_a_site(asked: dict[str, list[str]], case: dict[str, Any]) -> None:
    paths = asked[f"{case['name']}.{DOMAIN}"]
    assert paths[0] == "/robots.txt"
    assert ("/open" in paths, "/closed" in paths) == (case["open"], case["closed"]), paths


@pytest.mark.slow
def test_a_long_run_asks_again_and_holds_to_what_it_read_while_it_cannot(tmp_path: Path) -> None:
    """A day of a run, at the pace of a test: read, then not to be had, then closed."""
    said = ((200, b"User-agent: *\nDisallow: /closed"), (503, b""), (200, b"User-agent: *\nDisallow: /"))
    files = tuple(Script((answer(status, body),)) for status, body in said)
    pages = {f"/{number}": PAGE for number in range(12)}
    settings = ["ROBOTS_MAX_AGE=0.6", "RETRY_TIMES=0", "OFFLINE_PACE=0.25", "CONCURRENT_REQUESTS=1"]
    urls = [f"http://{DOMAIN}/closed", *(f"http://{DOMAIN}{page}" for page in pages)]
    with RawServer({"/robots.txt": files, **pages}, (DOMAIN,), tmp_path) as server:
        environment = {**os.environ, **server.env(), "DATELINE_ARCHIVE": str(tmp_path / "archive")}
        ended = commands.run("tests.crawler.crawl_urls", *settings, "EXTRACTION_WORKERS=1", *urls, env=environment)
        asked = [request.target for request in server.asked]
    first, second, third, *_ = (place for place, target in enumerate(asked) if target == "/robots.txt")
    assert 0 == first < second - 1 < third - 2, asked
    assert set(asked[third:]) == {"/robots.txt"}, "closed by then"
    assert "/closed" not in asked
    assert len(asked) < len(pages)
    assert "robots.txt disallows" in ended.stdout + ended.stderr or ended.returncode == 0
