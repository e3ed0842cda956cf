"""What lies in deploy/ is tried for real, as far as this machine can: units by systemd's own checks, the crontab's line
as cron runs it, the backup with rsync, scrapyd with a job, and (where DATELINE_TRY_DEPLOY is set) a cron daemon.

What is not installed is skipped with its name; `make try-deploy` sets up and tries all of it.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from archive import folder as layout
from archive.store import Archive
from tests.conftest import ROOT
from tests.crawler.test_crawl import Ended
from tests.web.faults import Fault
from tests.web.offline import OfflineWeb

pytestmark = pytest.mark.slow

DEPLOY = ROOT / "deploy"
UNITS = sorted([*(DEPLOY / "systemd").glob("*.service"), *(DEPLOY / "systemd").glob("*.timer")])
CRONTAB = (DEPLOY / "cron" / "dateline.crontab").read_text(encoding="utf-8")
SCRAPYD = ROOT / ".venv-scrapyd" / "bin" / "scrapyd"
INSTALLED = "/opt/dateline"  # where the files in deploy/ take the project to be


def needs(program: str) -> str:
    """The path of a program; skips where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed on this machine")
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The project as it is installed, with one publisher and an environment that leads to this one."""
    folder = tmp_path / "home"
    (folder / "spiders").mkdir(parents=True)
    for name in ("archive", "crawler", "deploy", "scrapy.cfg"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("__init__.py", "rt.py"):
        shutil.copy(ROOT / "spiders" / name, folder / "spiders")
    commands = {
        "python": f'exec {sys.executable} "$@"',
        "scrapy": f'exec {sys.executable} -m scrapy "$@"',
        "archive": f"exec {sys.executable} -c 'from archive.cli import main; main()' \"$@\"",
    }
    (folder / ".venv" / "bin").mkdir(parents=True)
    for name, command in commands.items():
        script = folder / ".venv" / "bin" / name
        script.write_text(f"#!/bin/sh\nexport PYTHONPATH={folder}\n{command}\n")
        script.chmod(0o755)
    return folder


# --- systemd ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def units(home: Path, tmp_path: Path) -> Path:
    """The units with the paths of this test's installation."""
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in UNITS:
        (folder / unit.name).write_text(unit.read_text(encoding="utf-8").replace(INSTALLED, os.fspath(home)))
    (folder / "dateline-failed@example.service").symlink_to(folder / "dateline-failed@.service")
    return folder


def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    names = [unit.name.replace("@.", "@example.") for unit in UNITS]
    done = subprocess.run(
        [needs("systemd-analyze"), "verify", "--man=no", *(f"./{name}" for name in names)],
        cwd=units, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # units of the machine itself may have their own faults
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "dateline" in line or str(units) in line]
    assert ours == [], done.stderr


@pytest.mark.parametrize("name", ["crawl", "serve", "verify", "backup"])
def test_the_services_can_do_little_to_the_machine(name: str, units: Path) -> None:
    """The exposure that systemd reckons, from 0 (none) to 100; a service without any such line has 96."""
    done = subprocess.run(
        [needs("systemd-analyze"), "security", "--offline=true", "--threshold=25", f"./dateline-{name}.service"],
        cwd=units, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze is too old to look at a unit that is not installed")
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


def test_the_crawls_ends_that_are_no_failure_are_named() -> None:
    text = (DEPLOY / "systemd" / "dateline-crawl.service").read_text(encoding="utf-8")
    assert re.search(r"^SuccessExitStatus=5 7 130$", text, re.MULTILINE)
    [minutes] = re.findall(r"--max-minutes (\d+)", text)
    [timeout] = re.findall(r"^TimeoutStartSec=(\d+)min$", text, re.MULTILINE)
    [wait] = re.findall(r"--wait (\d+)", text)
    assert int(minutes) + 2 + int(wait) / 60 < int(timeout), "the crawler's own limit comes first"


def test_each_setting_of_the_environment_file_is_read_by_something() -> None:
    names = re.findall(r"^#?(DATELINE_\w+)=", (DEPLOY / "dateline.env").read_text(encoding="utf-8"), re.MULTILINE)
    readers = [ROOT / "crawler" / "settings.py", *DEPLOY.glob("*.sh")]
    read = "".join(path.read_text(encoding="utf-8") for path in readers)
    assert [name for name in names if name not in read] == []


def test_readme_knows_the_units_and_nothing_else() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme[readme.index("## Run it for years") : readme.index("## Use the extractor alone")]
    assert set(re.findall(r"^\| `(dateline-[\w@]+)`", section, re.MULTILINE)) == {
        unit.stem for unit in UNITS if unit.suffix == ".service"
    }
    named = set(re.findall(r"dateline-\w+\.(?:timer|service)", section))
    assert named <= {unit.name for unit in UNITS}
    missing = [path for path in re.findall(r"\bdeploy/[\w/.-]*\w", section) if not (ROOT / path).exists()]
    assert missing == []


def test_a_unit_that_failed_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "systemctl").write_text('#!/bin/sh\necho "state of $5"\nexit 3\n')
    (tmp_path / "sendmail").write_text(f"#!/bin/sh\ncat > {tmp_path}/mail\n")
    for name in ("systemctl", "sendmail"):
        (tmp_path / name).chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SENDMAIL": f"{tmp_path}/sendmail", "DATELINE_NOTIFY": "a@example.org"}
    subprocess.run([DEPLOY / "tell.sh", "dateline-crawl.service"], env=env, check=True)
    mail = (tmp_path / "mail").read_text()
    assert mail.startswith("To: a@example.org\nSubject: dateline-crawl.service failed on ")
    assert "state of dateline-crawl.service" in mail


# --- cron -------------------------------------------------------------------------------------------------------------


def crontab() -> tuple[dict[str, str], str]:
    """The variables of the crontab, and the command of its first entry."""
    variables = dict(re.findall(r'^(\w+)="?(.*?)"?$', CRONTAB, re.MULTILINE))
    [command] = re.findall(r"^\*/10 \* \* \* \* (.*)$", CRONTAB, re.MULTILINE)
    return variables, command


def as_cron(command: str, home: Path, archive: Path, env: Mapping[str, str]) -> "subprocess.Popen[str]":
    """Start a command as cron does: by SHELL, in HOME, with the crontab's variables and hardly any others."""
    variables, _ = crontab()
    ours = {"DATELINE_HOME": os.fspath(home), "DATELINE_ARCHIVE": os.fspath(archive), "HOME": os.fspath(home)}
    return subprocess.Popen(
        [variables["SHELL"], "-c", command], cwd=home, env={"LOGNAME": "dateline", **variables, **ours, **env},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_cron_takes_the_crontab() -> None:
    done = subprocess.run(
        [needs("crontab"), "-n", DEPLOY / "cron" / "dateline.crontab"], capture_output=True, text=True, check=False
    )
    if "invalid option" in done.stderr:
        pytest.skip("this crontab cannot check without installing")
    assert done.returncode == 0, done.stderr


def test_the_crontabs_line_crawls_without_a_word_and_a_second_start_is_skipped(
    web: OfflineWeb, home: Path, tmp_path: Path
) -> None:
    needs("flock")
    _, command = crontab()
    archive = tmp_path / "archive"
    first = as_cron(command, home, archive, web.env())
    deadline = time.monotonic() + 30
    while not (archive / "archive.db").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    second = as_cron(command, home, archive, web.env())
    assert second.communicate(timeout=60)[0] == ""
    assert second.returncode == 0
    assert first.poll() is None, "the second one waited"
    output, _ = first.communicate(timeout=90)
    assert (first.returncode, output) == (0, "")
    ended = Ended(0, output, archive)
    assert ended.rows("SELECT command, exit_code FROM runs") == [("crawlall", 0)]
    assert ended.one("SELECT count(*) FROM articles") >= 6


@pytest.mark.timeout(300)
def test_a_cron_daemon_fires_the_line_and_skips_the_second(web: OfflineWeb, home: Path, tmp_path: Path) -> None:
    """Two minutes by the clock: it fires every minute here, and the first run is made to last longer than one."""
    if not os.environ.get("DATELINE_TRY_DEPLOY"):
        pytest.skip("takes three minutes; `make try-deploy` runs it")
    cron, unshare = needs("cron"), needs("unshare")
    if os.geteuid() != 0:
        pytest.skip("a cron daemon wants root")
    web.fault(r"^https://www\.rt\.com/robots.txt$", Fault("body", body=b"User-agent: *\nCrawl-delay: 8\n"))
    log, archive = tmp_path / "log", tmp_path / "archive"
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "flock"  # says when cron started the line, and how it ended
    shim.write_text(f'#!/bin/sh\necho start >> {log}\n{shutil.which("flock")} "$@"\necho "end $?" >> {log}\n')
    shim.chmod(0o755)
    variables, command = crontab()
    variables |= {"DATELINE_HOME": os.fspath(home), "DATELINE_ARCHIVE": os.fspath(archive), "HOME": os.fspath(home)}
    variables |= {**web.env(), "PATH": f"{tmp_path}/bin:{variables['PATH']}", "MAILTO": ""}
    lines = [f'{name}="{value}"' for name, value in variables.items()]
    (tmp_path / "crontab").write_text("\n".join([*lines, f"* * * * * {command}", ""]))
    # its own mounts and processes: nothing of the machine's own crontabs runs, and nothing is left
    script = f"""
        mount -t tmpfs -o mode=755 tmpfs /var/spool/cron && mkdir -m 1730 /var/spool/cron/crontabs
        for place in /etc/cron.d /etc/cron.hourly; do mount -t tmpfs tmpfs $place; done
        mount --bind /dev/null /etc/crontab
        crontab {tmp_path}/crontab && exec {cron} -f
    """
    daemon = subprocess.Popen(
        [unshare, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-ec", script]
    )
    try:
        deadline = time.monotonic() + 200
        while not log.exists() or "end 0" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text() if log.exists() else "it never fired"
            assert daemon.poll() is None
            time.sleep(0.5)
        said = log.read_text().split("\n")
        assert said[:3] == ["start", "start", "end 0"], "the second start came and went while the first was at work"
        assert layout.is_locked(archive)
        assert Ended(0, "", archive).one("SELECT count(*) FROM runs") == 1
    finally:
        daemon.kill()
        daemon.wait()
        web.clear_faults()


# --- backup -----------------------------------------------------------------------------------------------------------


def backup(home: Path, archive: Path, copy: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [home / "deploy" / "backup.sh", copy],
        env={"PATH": os.environ["PATH"], "DATELINE_ARCHIVE": os.fspath(archive)},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def verified(home: Path, archive: Path) -> int:
    command = [home / ".venv" / "bin" / "archive", "verify", "--archive", archive]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(done.stdout, done.stderr)  # shown where a test fails
    return done.returncode


@pytest.fixture
def installed(home: Path) -> Path:
    """`home` with scripts of its own: backup.sh takes the environment from beside it."""
    (home / "deploy").unlink()
    shutil.copytree(DEPLOY, home / "deploy")
    needs("rsync")
    needs("flock")
    return home


def test_a_backup_is_an_archive_and_goes_on_where_it_ended(installed: Path, demo_copy: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    done = backup(installed, demo_copy, copy)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert verified(installed, copy) == 0
    with Archive.open(demo_copy, demonstration=True) as archive:  # a run that leaves its file open: it is killed
        archive.start_run(command="crawl", arguments={}, version="1")
        left = shutil.copytree(demo_copy, tmp_path / "left")
    assert list((left / "warc").glob("*.open"))
    assert backup(installed, left, copy).returncode == 0
    assert list((copy / "warc").glob("*.open"))
    assert verified(installed, copy) == 0
    with Archive.open(left, demonstration=True) as archive:
        archive.start_run(command="crawl", arguments={}, version="1")
    assert backup(installed, left, copy).returncode == 0
    assert not list((copy / "warc").glob("*.open")), "what was finished meanwhile is no longer open in the copy"
    assert verified(installed, copy) == 0
    with Archive.open(copy, demonstration=True) as archive:
        assert archive.counts()["runs"] == 3


def test_what_is_damaged_does_not_replace_what_is_whole(installed: Path, demo_copy: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    assert backup(installed, demo_copy, copy).returncode == 0
    damaged = next((demo_copy / "warc").glob("*.warc.gz"))
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:-1000])
    assert backup(installed, demo_copy, copy).returncode == 65
    assert verified(installed, copy) == 0


def test_no_crawl_writes_while_the_database_is_copied(installed: Path, demo_copy: Path, tmp_path: Path) -> None:
    """The second rsync, with the lock held, is made to wait; its name stands in the lock."""
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "rsync"
    shim.write_text(f'#!/bin/sh\necho >> {tmp_path}/calls\nsleep 1\nexec {shutil.which("rsync")} "$@"\n')
    shim.chmod(0o755)
    env = {"PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "DATELINE_ARCHIVE": os.fspath(demo_copy)}
    running = subprocess.Popen([installed / "deploy" / "backup.sh", tmp_path / "copy"], env=env)
    while not (tmp_path / "calls").exists() or (tmp_path / "calls").stat().st_size < 2:
        assert running.poll() is None
        time.sleep(0.02)
    with pytest.raises(layout.ArchiveLocked, match=r"backup\.sh"):
        Archive.open(demo_copy, demonstration=True)
    assert running.wait(timeout=60) == 0


# --- scrapyd ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def scrapyd(web: OfflineWeb, home: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a scrapyd with the configuration of deploy/, in its own folders."""
    if not SCRAPYD.exists():
        pytest.skip("scrapyd is not installed beside the project (make scrapyd-env)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shutil.copy(ROOT / "spiders" / "sputnik.py", home / "spiders")
    text = (DEPLOY / "scrapyd" / "scrapyd.conf").read_text(encoding="utf-8")
    text = text.replace("/var/lib/dateline/scrapyd", os.fspath(tmp_path / "state")).replace("6800", str(port))
    (home / "scrapyd.conf").write_text(text)
    env = {**os.environ, **web.env(), "DATELINE_ARCHIVE": os.fspath(tmp_path / "archive")}
    env.pop("PYTHONPATH", None)
    with (tmp_path / "scrapyd.log").open("w") as log:
        server = subprocess.Popen([SCRAPYD], cwd=home, env=env, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while True:
                assert server.poll() is None, (tmp_path / "scrapyd.log").read_text()
                try:
                    urlopen(f"http://127.0.0.1:{port}/daemonstatus.json", timeout=5).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def ask(address: str, **posted: str) -> dict[str, Any]:
    with urlopen(address, data=urlencode(posted).encode() if posted else None, timeout=10) as answer:
        return json.load(answer)  # type: ignore[no-any-return]


def test_scrapyd_runs_jobs_one_after_the_other(scrapyd: str, tmp_path: Path) -> None:
    assert ask(f"{scrapyd}/listspiders.json?project=default")["spiders"] == ["rt", "sputnik"]
    for spider in ("rt", "sputnik"):
        done = ask(f"{scrapyd}/schedule.json", project="default", spider=spider, setting="DUE_ONLY=True")
        assert done["status"] == "ok"
    deadline = time.monotonic() + 90
    while len((jobs := ask(f"{scrapyd}/listjobs.json?project=default"))["finished"]) < 2:
        assert len(jobs["running"]) <= 1, "an archive has one writer"
        assert time.monotonic() < deadline, (tmp_path / "scrapyd.log").read_text()
        time.sleep(0.2)
    assert {job["spider"] for job in jobs["finished"]} == {"rt", "sputnik"}
    ended = Ended(0, "", tmp_path / "archive")
    assert ended.rows("SELECT command, exit_code FROM runs ORDER BY command") == [("crawl rt", 0), ("crawl sputnik", 0)]
    assert ended.rows("SELECT DISTINCT publisher FROM articles ORDER BY 1") == [("RT",), ("Sputnik",)]
