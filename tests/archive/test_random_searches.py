"""Any string whatever is a search: thousands of random ones, on the page, in the table, in feeds, find no error."""

import random
import sqlite3
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from archive.search.page import Asked
from tests.full_site import fill

SEED = 20261122
_WORDS = (
    "aleppo", "Daesh", "الرقة", "والرقة", "Ракка", "拉卡", "ceasefire", "truce", "AND", "OR", "NOT", "NEAR", "NEAR/5",
    "NEAR/99999999999", "headline:", "text:", "publisher:", "since:", "until:", "language:", "wire:",
    "section:", "since:2016",
    "since:2016-13", "until:9999-99-99", "since:٢٠١٦", "=", "==", "-", "--", "*", "**", "a*", "*a", '"',
    '""', '"""', "(", ")",
    "((", "))", "()", "^", ":", "::", "{", "}", "+", ",", ";", "\\", "/", "|", "&", "<", ">", "'", "''", "`",
    "%", "%%", "%s", "?",
    "\0", "\t", "\n", "\r\n", "\x1b", "\x7f", "\u200f", "\u202e", "\ufeff", "\u2028", "\ufffd", "\ud7ff",
    "\U0010ffff", "\u0301",
    "e\u0301", "ﷺ", "ﬃ", "İ", "ẞ", "ǅ", "٣", "Ⅷ", "½", "🇸🇾", "👨‍👩‍👧", "한국", "ประเทศไทย", "አማርኛ", "ქართული",
    "a" * 300, "x" * 2000,
)  # fmt: skip


def texts(seed: int, count: int) -> list[str]:
    """Words and signs put together, letters of all of Unicode, bytes read as text."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        if number % 3 == 0:
            joint = chance.choice(["", " ", "  "])
            made.append(joint.join(chance.choice(_WORDS) for _ in range(chance.randint(1, 12))))
        elif number % 3 == 1:
            end = 0x110000 if chance.random() < 0.3 else 0x3000
            points = [chance.randrange(1, end) for _ in range(chance.randint(1, 40))]
            made.append("".join(chr(point) for point in points if not 0xD800 <= point < 0xE000))
        else:
            made.append(chance.randbytes(chance.randint(1, 60)).decode("latin-1" if number % 2 else "utf-8", "replace"))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("searched")
    fill(folder, demonstration=False)
    return folder


async def ask(served: Datasette, text: str) -> None:
    """Search for `text` on the page, in the table and in a feed."""
    asked = quote(text, safe="")
    if len(asked) > 7000:
        asked = asked[:7000].rpartition("%")[0]
    for address in (f"/?q={asked}", f"/archive/articles.json?_size=1&_search={asked}", f"/-/feed.atom?q={asked}"):
        answer = await served.client.get(address)
        assert answer.status_code == 200, f"{answer.status_code} for {text!r}: {answer.text[:300]}"


async def test_three_thousand_questions(served: Datasette) -> None:
    """Asked as the pages ask, and as the table's search asks, without the pages around them."""

    def answered(connection: sqlite3.Connection, some: list[str]) -> None:
        for text in some:
            asked = Asked.of({"q": text, "since": text, "page": text, "sort": text})
            asked.answer(connection)
            assert asked.address(page=2).startswith("?")
            connection.execute(
                "SELECT rowid FROM articles_fts WHERE articles_fts MATCH escape_fts(?) LIMIT 1", [text]
            ).fetchall()

    questions = texts(SEED, 3000)
    for begin in range(0, 3000, 100):  # what is asked in one go has only some seconds
        some = questions[begin : begin + 100]
        await served.get_database("archive").execute_fn(partial(answered, some=some))


@pytest.mark.slow
async def test_a_hundred_pages(served: Datasette) -> None:
    for text in texts(SEED + 1, 100):
        await ask(served, text)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_twenty_thousand_pages(served: Datasette) -> None:
    for text in texts(SEED + 2, 20_000):
        await ask(served, text)
