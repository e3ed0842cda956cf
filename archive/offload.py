"""Finished files into a bucket: copied, read back, compared, noted, and only then perhaps taken from the disk."""

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import BinaryIO

from archive import folder as layout
from archive import stored
from archive.errors import ArchiveError, ArchiveNotFound
from archive.folder import IMPORTED, OURS, sync_folder
from archive.stored import RemoteFile, Stored

_PIECE = stored.AHEAD


@dataclass(frozen=True, kw_only=True, slots=True)
class Offloaded:
    """What was done: files and bytes that were copied, and that were taken from the disk."""

    copied: int = 0
    copied_bytes: int = 0
    removed: int = 0
    removed_bytes: int = 0


def size(folder: Path) -> int:
    """How many bytes `offload` has to look at."""
    return sum(path.stat().st_size for path in _here(folder))


def offload(
    folder: Path, bucket: str, *, keep: bool = False, advance: Callable[[int], object] = lambda _bytes: None
) -> Offloaded:
    """Put every finished file of the archive in `folder` into `bucket` (`s3://name/prefix`).

    A file is read back whole before its note is written. Unless they are to be kept, files with a note are then taken
    from the disk, after both sides were compared with the note once more. Killed, it is done again. Takes the archive's
    lock. Raises ArchiveNotFound, ArchiveLocked, ArchiveError.
    """
    if not (folder / layout.WARC).is_dir():
        raise ArchiveNotFound(f"there is no archive in {folder}; name its folder with --archive")
    lock = layout.lock(folder)
    copied, removed = list[int](), list[int]()
    try:
        for path in _here(folder):
            count = path.stat().st_size
            if stored.note_of(path) is None:
                store(folder, path, bucket)
                copied.append(count)
            if not keep:
                _remove(path)
                removed.append(count)
            advance(count)
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or bucket}: {error.strerror or error}; nothing is lost: mend it, and start again"
        ) from error
    finally:
        os.close(lock)
    return Offloaded(copied=len(copied), copied_bytes=sum(copied), removed=len(removed), removed_bytes=sum(removed))


def store(folder: Path, path: Path, bucket: str) -> Stored:
    """Copy a finished file to its place in a bucket, read it back, and note it. Raises OSError and ArchiveError."""
    url = f"{bucket.rstrip('/')}/{path.relative_to(folder).as_posix()}"
    with path.open("rb") as stream:
        note = Stored(url=url, size=path.stat().st_size, sha256=_sha256(stream))
    stored.ask(url, "put_file", str(path), url, first_is_url=False)
    with RemoteFile(note) as copy:
        found = _sha256(copy)  # type: ignore[arg-type]  # it reads and seeks
    if found != note.sha256:
        raise ArchiveError(f"{url} has other bytes than {path}: SHA-256 {found}, not {note.sha256}; the file is kept")
    stored.write_note(path, note)
    sync_folder(path.parent)
    return note


def _here(folder: Path) -> list[Path]:
    """The finished WARC files on the disk."""
    found = (path for part in (*OURS, IMPORTED) for path in (folder / part).glob("*.warc*"))
    return sorted(path for path in found if path.name.endswith((".warc.gz", ".warc")))


def _remove(path: Path) -> None:
    """Take a file from the disk whose bytes are in the bucket."""
    note = stored.note_of(path)
    if note is None:
        return
    with path.open("rb") as stream:
        found = _sha256(stream)
    if (path.stat().st_size, found) != (note.size, note.sha256):
        raise ArchiveError(f"{path} is not what is in the bucket by its note; it is kept. Run `archive verify`")
    there = int(stored.ask(note.url, "info")["size"])
    if there != note.size:
        raise ArchiveError(f"{note.url} has {there} bytes instead of {note.size}; {path} is kept")
    path.unlink()
    sync_folder(path.parent)


def _sha256(stream: BinaryIO) -> str:
    content = hashlib.sha256()
    while piece := stream.read(_PIECE):
        content.update(piece)
    return content.hexdigest()


class Uploads:
    """Puts files into a bucket as they are sealed, in a thread of its own, while the crawl goes on."""

    def __init__(self, folder: Path, bucket: str) -> None:
        self._folder = folder
        self._bucket = bucket
        self._queue: SimpleQueue[Path | None] = SimpleQueue()
        self._problems: list[str] = []
        self._thread = threading.Thread(target=self._run, name="uploads", daemon=True)
        self._thread.start()
        for path in _here(folder):  # what an earlier run did not come to
            if stored.note_of(path) is None:
                self.add(path)

    def add(self, path: Path) -> None:
        """A file was sealed."""
        self._queue.put(path)

    def finish(self, timeout: float) -> list[str]:
        """Wait until all is there, `timeout` seconds at most. Returns what went wrong; the next run tries again."""
        self._queue.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._problems.append(f"{self._bucket}: files are still on their way; the next run goes on")
        return self._problems

    def _run(self) -> None:
        while (path := self._queue.get()) is not None:
            try:
                store(self._folder, path, self._bucket)
            except (OSError, ArchiveError) as error:
                said = str(error) or type(error).__name__
                self._problems.append(f"{path.name} could not be put into {self._bucket}: {said}")
