"""`scrapy newpublisher`: what is drafted from the offline web, the review that keeps the test red, and its parts."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.model import Page
from crawler.commands.newpublisher import arguments
from crawler.drafting import draft
from crawler.errors import UsageError
from crawler.extract import extract
from crawler.layout_guess import Sample, guess_layout
from crawler.publisher import Feed
from crawler.survey import Found, FoundSource, Survey, provisional
from crawler.url_shapes import article_pattern
from tests.conftest import ROOT

HOME = "https://courier.example/"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that does not know one of the offline web's publishers yet."""
    return project_copy(tmp_path_factory.mktemp("clone"), without="rt")


def project_copy(folder: Path, *, without: str) -> Path:
    """The project's code and tests in `folder`, minus spiders/<without>.py."""
    for name in ("archive", "crawler", "spiders", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "saved", "reviews"))
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "spiders" / f"{without}.py").unlink()
    return folder


def run(folder: Path, *command: str) -> tuple[int, str]:
    """A Python module's command line in a copy of the project: exit code and what it printed."""
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.fspath(folder), "DATELINE_CONTACT": "mail@example.org"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_publisher_is_drafted_and_its_test_is_red_until_a_person_has_reviewed_it(clone: Path) -> None:
    command = ("tests.web.run", sys.executable, "-m", "scrapy", "newpublisher", "rt", "https://www.rt.com/")
    code, said = run(clone, *command)
    assert code == 0, said
    file = (clone / "spiders" / "rt.py").read_text(encoding="utf-8")
    assert 'Feed("https://www.rt.com/rss/"),  # 13 entries' in file
    assert "/rss/news/" not in file, "it holds the same stories"
    assert 'body=("div.article__text",),' in file
    assert 'country="",' in file, "nothing on the site says where it is, so nothing may be written"
    ended = run(clone, "ruff", "check", "--quiet", "spiders/rt.py")
    assert ended == (0, "")

    test = ("pytest", "-q", "-p", "no:cacheprovider", "tests/spiders/test_reviews.py")
    code, said = run(clone, *test)
    assert code == 1
    assert "set reviewed = true" in said

    review = clone / "tests" / "spiders" / "reviews" / "rt.toml"
    text = review.read_text(encoding="utf-8")
    assert text.count("reviewed = false") == 3
    review.write_text(text.replace("reviewed = false", "reviewed = true"), encoding="utf-8")
    code, said = run(clone, *test)
    assert code == 0, said
    assert "3 passed" in said

    review.write_text(review.read_text(encoding="utf-8").replace("paragraphs = ", "paragraphs = 1"), encoding="utf-8")
    assert run(clone, *test)[0] == 1, "a reviewed page that reads otherwise must fail"

    code, said = run(clone, *command)
    assert code == 64
    assert "spiders/rt.py is there already" in said


def test_without_a_network_it_says_so_and_writes_nothing(clone: Path) -> None:
    code, said = run(clone, "scrapy", "newpublisher", "courier", "https://nowhere.invalid/")
    assert code == 69
    assert "cannot be reached" in said
    assert not (clone / "spiders" / "courier.py").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "give a name and an address"),
        (["courier"], "give a name and an address"),
        (["--force", "courier", HOME], "give a name and an address"),
        (["Courier", HOME], "cannot be a spider's name"),
        (["../x", HOME], "cannot be a spider's name"),
        (["class", HOME], "cannot be a spider's name"),
        (["rt", HOME], "there already"),
        (["warc", HOME], "there already"),
        (["courier", "ftp://courier.example"], "not an http or https URL"),
        (["courier", "https://www.rt.com/"], "spiders/rt.py declares already"),
    ],
)
def test_wrong_arguments(given: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        arguments(given, ROOT)


def test_a_name_and_an_address_are_taken() -> None:
    assert arguments(["courier", "https://courier.example"], ROOT) == ("courier", HOME)


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "other"),
    [
        ("world/2026/11/{n:02}/bridge-reopens", "world/"),
        ("20261122/bridge-{n}.html", "archive/2026"),
        ("news/4711{n}-bridge", "news/"),
        ("world/bridge-reopens-11126222{n}.html", "world/europe"),
        ("news/17933{n}", "tag/17"),
        ("a/bridge-reopens-after-{n}", "about-us"),
    ],
)
def test_the_shape_of_addresses_tells_stories_from_sections(story: str, other: str) -> None:
    found = article_pattern([HOME + story.format(n=number) for number in range(11, 21)], "courier.example")
    assert found is not None
    assert (found.covered, found.total) == (10, 10)
    assert re.search(found.regex, f"https://www.courier.example/{story.format(n=77)}?utm_source=rss")
    assert not re.search(found.regex, HOME + other)
    assert not re.search(found.regex, HOME)


def test_addresses_without_a_common_shape_give_none() -> None:
    assert article_pattern([HOME + word for word in ("bridge", "convoy", "truce")], "courier.example") is None
    assert article_pattern([], "courier.example") is None


# --- layouts ----------------------------------------------------------------------------------------------------------


def sample(number: int, *, body: str = "story-body", home: bool = False) -> Sample:
    """An article page in the courier's design."""
    texts = [
        f"On day {number} of the truce a convoy of {number} lorries reached the besieged town of Lesk, it was said.",
        f"It carried flour for {number} hundred people who had been cut off since the shelling began in the spring.",
        f"The governor said that {number} more convoys would follow as soon as sappers had cleared the road of mines.",
    ]
    paragraphs = "".join(f"<p>{text}</p>" for text in texts)
    html = (
        f"<html lang=en><head><title>Convoy {number} reaches Lesk</title></head><body><nav><a href=/>Home</a></nav>"
        f"<div class='css-1x2y3z wrap'><h1 class=headline>Convoy {number} reaches Lesk</h1>"
        f"<div class='css-9z8y7x {body}'>{paragraphs}</div></div><footer class=foot><p>All rights.</p></footer>"
    )
    page = Page(url=f"{HOME}news/{number}", body=html.encode(), captured_at=datetime.now(UTC), content_type="text/html")
    article = extract(page.body, page.url, publisher=provisional("courier.example", HOME))
    assert article.paragraphs == tuple(texts)
    return Sample(page=page, article=article)


FRONT = Page(
    url=HOME, body=b"<html><title>The Courier</title><body><h1>News</h1><p>x</p>", captured_at=datetime.now(UTC)
)


def guessed(*samples: Sample, front: Page = FRONT) -> tuple[str, ...] | None:
    layout = guess_layout(samples, front, provisional("courier.example", HOME), name="first")
    return None if layout is None else (layout.match, *layout.headline, *layout.body)


def test_a_selector_that_all_pages_share_is_proposed_and_none_that_a_build_made() -> None:
    assert guessed(sample(1), sample(2), sample(3)) == ("div.story-body", "h1.headline", "h1", "div.story-body")


def test_pages_that_do_not_agree_leave_the_layout_open() -> None:
    assert guessed(sample(1), sample(2, body="other-body")) is None
    assert guessed(sample(1)) is None
    assert guessed() is None


def test_what_the_home_page_has_as_well_is_no_mark_of_an_article() -> None:
    front = Page(
        url=HOME,
        body=b"<html><body><div class='wrap'><div class=story-body><p>x</p></div></div>",
        captured_at=datetime.now(UTC),
    )
    assert guessed(sample(1), sample(2), front=front) is None


# --- the draft --------------------------------------------------------------------------------------------------------


def found(name: str = "The Courier", *samples: Sample) -> Survey:
    return Survey(
        home=FRONT,
        name=Found(value=name, evidence="og:site_name"),
        domain="courier.example",
        languages=("en",),
        country=Found(),
        timezone=Found(),
        sources=(FoundSource(source=Feed(f"{HOME}rss"), entries=3),),
        pattern=None,
        samples=samples or (sample(1), sample(2)),
    )


@pytest.mark.parametrize(
    "name", ['Courier" + __import__("os").abort() + "', "Кур'ер\nimport os", '"""', "back\\slash\\"]
)
def test_a_site_cannot_write_code_into_the_draft(name: str) -> None:
    source = draft("courier", found(name)).files["spiders/courier.py"].decode()
    names: dict[str, object] = {"__name__": "spiders.courier"}
    exec(compile(source, "courier.py", "exec"), names)
    publisher = names["CourierSpider"].publisher  # type: ignore[attr-defined]
    assert publisher.name == name.replace("\n", " ")
    assert publisher.sources == (Feed(f"{HOME}rss"),)


def test_the_review_quotes_little_of_a_page() -> None:
    drafted = draft("courier", found())
    review = drafted.files["tests/spiders/reviews/courier.toml"].decode()
    pages = tomllib.loads(review)["page"]
    assert [page["reviewed"] for page in pages] == [False, False]
    assert all(len(page["begins"]) <= 60 and len(page["ends"]) <= 60 for page in pages)
    assert all(text not in review for one in (sample(1), sample(2)) for text in one.article.paragraphs)


def test_nothing_is_written_where_one_of_the_files_exists(tmp_path: Path) -> None:
    (tmp_path / "tests/spiders/reviews").mkdir(parents=True)
    (tmp_path / "tests/spiders/reviews/courier.toml").touch()
    with pytest.raises(UsageError, match=r"reviews/courier.toml is there already"):
        draft("courier", found()).write(tmp_path)
    assert not (tmp_path / "spiders").exists()
