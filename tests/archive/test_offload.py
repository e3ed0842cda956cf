"""WARC files in a bucket: put there, read back, read by range, verified, and gone from the disk only then."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from archive import stored
from archive.cli import main
from archive.errors import ArchiveError, ArchiveLocked, RecordError
from archive.finding import Level
from archive.offload import Uploads, offload
from archive.rebuild import rebuild
from archive.records import read_record, read_records
from archive.store import Archive
from archive.verify import verify
from tests.archive.conftest import dumped, fill, store, warc_files
from tests.archive.merging.machines import joined
from tests.conftest import crawl_offline_web

pytest.importorskip("fsspec", reason="fsspec is not installed (pip install -e '.[s3]')")


@pytest.fixture
def bucket(tmp_path: Path) -> str:
    """A folder, by fsspec's own filesystem: everything but the network."""
    (tmp_path / "bucket").mkdir()
    return f"file://{tmp_path / 'bucket'}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "data")
    return tmp_path / "data"


def in_bucket(bucket: str) -> list[Path]:
    return sorted(path for path in Path(bucket.removeprefix("file://")).rglob("*") if path.is_file())


def test_files_go_and_everything_goes_on(folder: Path, bucket: str) -> None:
    files = {path.name: path.read_bytes() for path in (folder / "warc").glob("*.warc.gz")}
    done = offload(folder, bucket)
    assert (done.copied, done.removed) == (len(files), len(files))
    assert {path.name: path.read_bytes() for path in in_bucket(bucket)} == files
    assert list((folder / "warc").glob("*.warc.gz")) == []
    report = verify(folder)
    assert report.findings == ()
    assert report.files == len(files)
    with Archive.open(folder) as archive:
        assert all(archive.page(capture).body for capture in archive.unfinished() if capture.status)
        capture, _ = store(archive, "https://news.example/later")
        assert archive.page(capture).body
    before = dumped(folder)
    rebuild(folder, software="test")
    assert verify(folder).findings == ()
    assert [line for line in before if line not in dumped(folder)] == []


def test_with_keep_they_stay_and_go_later_without_a_second_copy(folder: Path, bucket: str) -> None:
    done = offload(folder, bucket, keep=True)
    assert done.copied == len(warc_files(folder)) + len(warc_files(folder, text=True))
    assert done.removed == 0
    assert verify(folder).findings == ()
    again = offload(folder, bucket)
    assert (again.copied, again.removed) == (0, done.copied)
    assert offload(folder, bucket).removed == 0


def test_what_changed_in_the_bucket_is_found(folder: Path, bucket: str) -> None:
    offload(folder, bucket)
    changed, cut, gone = [path for path in in_bucket(bucket) if "-text" not in path.name][:3]
    for path in (changed, cut, gone):
        path.chmod(0o644)
    data = bytearray(changed.read_bytes())
    data[len(data) // 2] ^= 0xFF
    changed.write_bytes(data)
    cut.write_bytes(cut.read_bytes()[:-10])
    gone.unlink()
    report = verify(folder)
    assert report.worst is Level.EVIDENCE
    for path in (changed, cut, gone):
        assert any(path.name in finding.place for finding in report.findings), report.findings
    with pytest.raises(RecordError, match="cannot read"):
        list(read_records(folder / "warc" / gone.name))


def test_nothing_is_removed_that_is_not_there_as_it_was(folder: Path, bucket: str) -> None:
    offload(folder, bucket, keep=True)
    first = in_bucket(bucket)[0]
    first.chmod(0o644)
    first.write_bytes(first.read_bytes() + b"more")
    with pytest.raises(ArchiveError, match="is kept"):
        offload(folder, bucket)
    assert (folder / "warc" / first.name).exists()


def test_a_copy_that_is_not_the_file_is_not_believed(
    folder: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = stored.ask

    def torn(url: str, method: str, *given: object, **named: object) -> object:
        result = ask(url, method, *given, **named)  # type: ignore[arg-type]
        if method == "put_file":
            place = Path(url.removeprefix("file://"))
            place.chmod(0o644)
            place.write_bytes(b"\0" + place.read_bytes()[1:])
        return result

    monkeypatch.setattr(stored, "ask", torn)
    with pytest.raises(ArchiveError, match="has other bytes"):
        offload(folder, bucket)
    assert list((folder / "warc").glob("*.stored")) == []
    assert verify(folder).findings == ()


def test_only_ranges_are_asked_for(folder: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = warc_files(folder)[0]
    records = list(read_records(path))
    offload(folder, bucket)
    asked: list[int] = []
    ask = stored.ask

    def counted(url: str, method: str, *given: object, **named: object) -> object:
        if method == "cat_file":
            asked.append(int(str(named["end"])) - int(str(named["start"])))
        return ask(url, method, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(stored, "ask", counted)
    assert read_record(path, records[2].offset) == records[2]
    assert len(asked) == 1
    assert asked[0] <= 64 * 1024


def test_a_bucket_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nothing is lost"):
        offload(folder, f"file://{tmp_path}/data/archive.db")
    assert verify(folder).findings == ()
    with Archive.open(folder), pytest.raises(ArchiveLocked):
        offload(folder, f"file://{tmp_path}/bucket")


def test_shards_whose_files_are_in_a_bucket_are_merged(tmp_path: Path, bucket: str) -> None:
    for name in ("a", "b"):
        fill(tmp_path / name, runs=1)
    offload(tmp_path / "a", bucket)
    joined([tmp_path / "a", tmp_path / "b"], tmp_path / "all")
    assert verify(tmp_path / "all").findings == ()
    before = dumped(tmp_path / "all")
    rebuild(tmp_path / "all", software="test")
    assert dumped(tmp_path / "all") == before


def test_files_are_put_there_as_they_are_sealed(tmp_path: Path, bucket: str) -> None:
    folder = tmp_path / "data"
    with Archive.open(folder, max_size=2000) as archive:
        uploads = Uploads(folder, bucket)
        archive.journal.on_sealed = uploads.add
        for number in range(6):
            store(archive, f"https://news.example/{number}")
    assert uploads.finish(30) == []
    sealed = sorted(path.name for path in (folder / "warc").glob("*.warc.gz"))
    assert len(sealed) > 4
    assert [path.name for path in in_bucket(bucket)] == sealed
    assert all(stored.note_of(folder / "warc" / name) for name in sealed)


def test_what_a_run_could_not_put_there_the_next_one_does(tmp_path: Path, bucket: str) -> None:
    folder = tmp_path / "data"
    fill(folder, runs=1)
    (tmp_path / "file").write_text("")
    problems = Uploads(folder, f"file://{tmp_path}/file/x").finish(30)
    assert problems
    assert all("could not be put into" in problem for problem in problems)
    assert Uploads(folder, bucket).finish(30) == []
    assert offload(folder, bucket).copied == 0


def test_the_command(folder: Path, bucket: str) -> None:
    done = CliRunner().invoke(main, ["offload", "--archive", os.fspath(folder), "--to", bucket])
    assert done.exit_code == 0, done.output
    assert "put into" in done.output
    assert CliRunner().invoke(main, ["offload", "--archive", os.fspath(folder / "no"), "--to", bucket]).exit_code == 66
    assert CliRunner().invoke(main, ["offload", "--archive", os.fspath(folder)]).exit_code == 2


# --- a server that speaks S3 ---


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket on moto's server, a process of its own."""
    pytest.importorskip("moto", reason="moto is not installed (make test-machines)")
    pytest.importorskip("s3fs", reason="s3fs is not installed (make test-machines)")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=output, stderr=output
        )
    environment = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        for _ in range(200):
            try:
                with urlopen(f"http://127.0.0.1:{port}/"):
                    break
            except OSError:
                time.sleep(0.2)
        stored.ask("s3://archive", "mkdir")
        yield "s3://archive"
    server.kill()
    server.wait()


@pytest.mark.slow
def test_an_archive_in_an_s3_bucket(s3: str, tmp_path: Path) -> None:
    fill(tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    before = dumped(tmp_path / "data")
    offload(tmp_path / "data", f"{s3}/first")
    assert list((tmp_path / "data" / "warc").glob("*.warc.gz")) == []
    report = verify(tmp_path / "data")
    assert report.findings == ()
    assert report.records == verify(tmp_path / "copy").records
    rebuild(tmp_path / "data", software="test")
    assert dumped(tmp_path / "data") == before
    stored.ask(f"{s3}/first/warc/{warc_files(tmp_path / 'copy')[0].name}", "rm_file")
    assert verify(tmp_path / "data").worst is Level.EVIDENCE


@pytest.mark.slow
def test_a_crawl_puts_its_files_into_the_bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BUCKET", f"{s3}/second")
    crawl = crawl_offline_web(tmp_path / "data", "crawlall", "--publisher", "rt")
    assert crawl.exit_code == 0, crawl.output
    files = [path.name for path in (tmp_path / "data" / "warc").glob("*.warc.gz")]
    assert sorted(name.rpartition("/")[2] for name in stored.ask(f"{s3}/second/warc", "ls", detail=False)) == sorted(
        files
    )
    done = CliRunner().invoke(main, ["offload", "--archive", os.fspath(tmp_path / "data")])
    assert "0 files (0 bytes) put" in done.output, done.output
    assert verify(tmp_path / "data").findings == ()


@pytest.mark.slow
def test_a_bucket_that_refuses(s3: str, tmp_path: Path) -> None:
    fill(tmp_path / "data", runs=1)
    with pytest.raises(ArchiveError, match="nothing is lost"):
        offload(tmp_path / "data", "s3://there-is-no-such-bucket/first")
    assert verify(tmp_path / "data").findings == ()
