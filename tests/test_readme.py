"""README is true to the letter: its commands exist, its examples run, its figures are what the program prints."""

import doctest
import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from crawler import exit_codes
from crawler.publisher import Publisher
from tests import commands as started
from tests.conftest import ROOT, Crawl
from tests.crawler.test_newpublisher import project_copy
from tests.web.offline import OfflineWeb

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def commands() -> list[str]:
    """Every command line of README's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def words(text: str) -> list[list[str]]:
    """Lines as lists of words: column widths do not matter."""
    return [line.split() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("command", [line for line in commands() if line.startswith("make ")])
def test_every_make_target_exists(command: str) -> None:
    target = shlex.split(command)[1]
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), f"README names `{command}`, Makefile has no such target"


@pytest.mark.parametrize("command", [line for line in commands() if "bin/archive" in line and " serve" not in line])
def test_every_archive_command_runs(command: str, demo: Crawl) -> None:
    program, *arguments = shlex.split(command.replace("./demo", os.fspath(demo.folder)))
    assert Path(sys.executable).with_name(Path(program).name).is_file()
    ended = started.run("archive", *arguments, env=dict(os.environ))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.strip()


def test_the_python_examples_give_what_they_print() -> None:
    failed, tried = doctest.testfile(os.fspath(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert tried > 5
    assert failed == 0


def test_the_example_of_a_publisher_is_one() -> None:
    [block] = [code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "PublisherSpider" in code]
    names: dict[str, object] = {"__name__": "example"}
    exec(compile(block, "README.md", "exec"), names)
    publisher = names["CourierSpider"].publisher  # type: ignore[attr-defined]
    assert isinstance(publisher, Publisher)
    assert publisher.is_article("https://courier.example/news/4711-convoy-reaches-lesk")


def test_the_demos_output_is_the_real_one(demo: Crawl) -> None:
    [block] = re.findall(r"```text\n(Crawl 1 .*?)```", README, re.DOTALL)
    title, *shown = [line for line in words(block) if line[0] != "Read"]
    printed_title, *printed = words(demo.output[demo.output.index("Crawl 1 ") :])
    assert printed_title[:-1] == title[:-1]  # all but the folder
    heading, *publishers, total = shown
    assert printed[0] == heading
    assert [line for line in publishers if line not in printed] == []  # a publisher added since may stand between them
    counts = [[int(count) for count in line[-8:]] for line in publishers]
    assert total == ["all", *(str(sum(column)) for column in zip(*counts, strict=True))]
    [written] = re.findall(r"^(Read it: .*)$", block, re.MULTILINE)
    said = written.replace("./demo", "$(DEMO_ARCHIVE)").replace("8001", "$(PORT)")
    assert f'@echo "{said}"' in MAKEFILE


def shown_and_printed(command: str, root: Path) -> tuple[list[str], list[str]]:
    """What README shows of a command's output (to the …, where it is cut), and what the offline web has it print."""
    pattern = rf"```console\n\$ .venv/bin/({command} .*?)\n```.*?```text\n(.*?)```"
    line, block = re.findall(pattern, README, re.DOTALL)[0]
    with OfflineWeb() as web:
        ended = started.run(
            *shlex.split(line), cwd=root, env={**os.environ, **web.env(), "PYTHONPATH": os.fspath(root)}
        )
    assert ended.returncode == 0, ended.stderr
    shown = [" ".join(line).partition("…")[0] for line in words(block)]
    return shown, [" ".join(line) for line in words(ended.stdout)]


def test_what_extract_prints_is_the_real_output() -> None:
    shown, printed = shown_and_printed("scrapy extract", ROOT)
    assert [line for line in shown if not any(full.startswith(line) for full in printed)] == []


def test_what_newpublisher_prints_is_the_real_output(tmp_path: Path) -> None:
    shown, printed = shown_and_printed("scrapy newpublisher", project_copy(tmp_path, without="rt"))
    assert shown == printed[: len(shown)]


def test_what_a_crawl_of_the_past_prints_is_the_real_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_ARCHIVE", os.fspath(tmp_path / "archive"))
    shown, printed = shown_and_printed("scrapy crawl wayback", ROOT)
    assert [line for line in shown if line not in printed] == []


def test_the_exit_codes_are_the_programs() -> None:
    documented = re.findall(r"^\| (\d+) \| \w+ \| (.*) \|$", exit_codes.__doc__ or "", re.MULTILINE)
    shown = re.findall(r"^\| (\d+) \| (.*) \|$", README, re.MULTILINE)
    assert shown == documented


def test_the_settings_and_places_named_exist() -> None:
    missing = [
        path
        for path in re.findall(r"`((?:spiders|crawler|archive|tests|deploy)/[\w./]+)`", README)
        if not (ROOT / path).exists()
    ]
    assert missing == []
