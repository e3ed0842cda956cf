"""The end of a run: a broken layout is named, the operator is told once, the numbers lie where they are collected."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crawler.test_crawl import Ended, scrapy
from tests.web.offline import OfflineWeb
from tests.web.pages import WebPage

NEW_DESIGN = "dailysabah_2020"  # no layout of RT's fits it


def articles(web: OfflineWeb) -> list[WebPage]:
    return [page for page in web.pages if page.url.startswith("https://www.rt.com/news/") and page.kind == "article"]


def publish(web: OfflineWeb, count: int, *, number: int, layout: str | None = None) -> None:
    """New reports, in the design of the others or in another one."""
    models = articles(web)[:4]
    for place in range(count):
        model = models[place % len(models)]
        url = f"https://www.rt.com/news/{number + place}-convoy-reaches-lesk-{place}"
        web.put(
            replace(model, url=url, aliases=(), layout=layout or model.layout, headline=f"{model.headline} ({place})")
        )


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> list[Ended]:
    """RT over three runs; in the second, its design changes after some articles. The operator wants to know."""
    folder = tmp_path_factory.mktemp("closing")
    told = folder / "told.jsonl"
    script = folder / "tell.py"
    script.write_text(f"import sys; open({str(told)!r}, 'a').write(sys.stdin.read() + '\\n')")
    ends = []
    with OfflineWeb() as web:
        env = {**web.env(), "DATELINE_ALARM_COMMAND": f"{sys.executable} {script}"}
        env["DATELINE_PROMETHEUS"] = str(folder / "dateline.prom")
        publish(web, 12, number=700_000)
        ends.append(scrapy(folder / "archive", "crawl", "rt", env=env))
        publish(web, 3, number=710_000)
        publish(web, 9, number=720_000, layout=NEW_DESIGN)
        ends.append(scrapy(folder / "archive", "crawl", "rt", env=env))
        ends.append(scrapy(folder / "archive", "crawl", "rt", env=env))
    return ends


@pytest.mark.slow
def test_a_layout_that_breaks_in_the_middle_of_a_run_is_named_by_it(crawls: list[Ended]) -> None:
    first, second, _ = crawls
    assert first.code == 0, first.output
    assert first.rows("SELECT kind FROM alarms WHERE run_id = 1") == []
    assert second.code == 6, second.output
    alarms = second.rows("SELECT publisher, kind, message, cleared_at, run_id FROM alarms")
    assert [alarm[:2] for alarm in alarms] == [("RT", "layout")], alarms
    message = alarms[0][2]
    assert message.startswith("RT: the layout broke: of the last ")
    assert "2019" in message
    assert "spiders/rt.py" in message
    assert f"new: {message}" in second.output


def test_an_alarm_that_stands_is_shown_and_does_not_end_the_next_run(crawls: list[Ended]) -> None:
    third = crawls[2]
    assert third.code == 0, third.output
    assert third.one("SELECT count(*) FROM alarms") == 1
    assert "the layout broke" in third.output


def test_the_operator_is_told_once(crawls: list[Ended]) -> None:
    lines = (crawls[0].folder.parent / "told.jsonl").read_text().splitlines()
    assert len(lines) == 1, lines
    said = json.loads(lines[0])
    assert [alarm["kind"] for alarm in said["raised"]] == ["layout"]
    assert said["cleared"] == []
    assert crawls[2].rows("SELECT told FROM alarms") == [("raised",)]


def test_the_numbers_lie_where_they_are_collected(crawls: list[Ended]) -> None:
    lines = Path(crawls[0].folder.parent / "dateline.prom").read_text().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    articles = crawls[2].one("SELECT count(*) FROM articles")
    assert samples['dateline_articles{publisher="RT"}'] == str(articles)
    assert samples['dateline_alarms_open{publisher="RT",kind="layout"}'] == "1"
    assert samples["dateline_last_run_exit_code"] == "0"
    assert int(samples['dateline_archive_bytes{part="warc"}']) > 100_000
    announced = sum(int(count) for name, count in samples.items() if name.startswith("dateline_addresses"))
    assert announced == crawls[2].one("SELECT sum(announced - known) FROM coverage")
    assert samples["dateline_last_success_timestamp_seconds"] == samples["dateline_last_run_timestamp_seconds"]
