"""Where a finished WARC file's bytes are: in the archive's folder, or in a bucket that a note beside its place names.

`warc/x.warc.gz.stored` says that the bytes of `warc/x.warc.gz` are in a bucket, how many and with which SHA-256; it is
written when they were read back from there and found the same (see `archive.offload`), and only then may the file
itself be gone. Whoever opens a WARC opens it here, local or not, and reads only the ranges that it wants.

Any filesystem that fsspec knows will do; S3 and what speaks its language is what it is tried with. Endpoint and keys
are those of the environment (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …), never of the archive.
"""

import io
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

SUFFIX = ".stored"

# Bytes that are fetched at once where record follows record: a request to a bucket costs as long as some megabytes.
AHEAD = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A note: the bytes are at `url`."""

    url: str
    size: int
    sha256: str


def note_for(path: Path) -> Path:
    """Where the note about a file is."""
    return path.with_name(path.name + SUFFIX)


def note_of(path: Path) -> Stored | None:
    """What the note beside a file's place says. Raises OSError where it cannot be read."""
    try:
        return Stored(**json.loads(note_for(path).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise OSError(f"{note_for(path)} is damaged ({error}); copy the file from the bucket by hand") from error


def write_note(path: Path, stored: Stored) -> None:
    """Note where a file's bytes are; whoever calls syncs the folder."""
    partial = note_for(path).with_name(f"{path.name}.note.part")
    partial.write_text(json.dumps(asdict(stored)), encoding="utf-8")
    partial.replace(note_for(path))


def exists(path: Path) -> bool:
    """Whether a finished file is here, or was put into a bucket."""
    return path.exists() or note_for(path).exists()


def size(path: Path) -> int:
    """The bytes of a file: those that are here, else those that the bucket says it has. Raises OSError."""
    if path.exists():
        return path.stat().st_size
    stored = note_of(path)
    if stored is None:
        raise FileNotFoundError(2, "No such file or directory", str(path))
    return int(ask(stored.url, "info")["size"])


def noted_size(path: Path) -> int:
    """Like `size`, without asking the bucket."""
    stored = None if path.exists() else note_of(path)
    return stored.size if stored is not None else path.stat().st_size


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, wherever they are. Raises OSError."""
    try:
        return path.open("rb", buffering=0)
    except FileNotFoundError:
        stored = note_of(path)
        if stored is None:
            raise
        return RemoteFile(stored)  # type: ignore[return-value]


def is_remote(path: Path) -> bool:
    """Whether a file's bytes are in a bucket only."""
    return not path.exists() and note_for(path).exists()


def finished(folder: Path, pattern: str = "*.warc.gz") -> list[Path]:
    """The finished files of a folder by their names, whether their bytes are here or in a bucket."""
    found = {path.with_name(path.name.removesuffix(SUFFIX)) for path in folder.glob(pattern + SUFFIX)}
    return sorted(found.union(folder.glob(pattern)))


class RemoteFile(io.RawIOBase):
    """A file in a bucket, for reading ranges of it; what one request brought is kept until another is needed."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._position = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked for."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._stored.size}[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The bytes of a range, fewer only at the end of the file. Raises OSError."""
        end = self._stored.size if size < 0 else min(self._stored.size, self._position + size)
        if self._position >= end:
            return b""
        data = bytes(ask(self._stored.url, "cat_file", start=self._position, end=end))
        if len(data) != end - self._position:
            raise OSError(f"{self._stored.url}: {len(data)} bytes of the {end - self._position} asked for came")
        self._position = end
        return data


@cache
def _filesystem(protocol: str) -> "AbstractFileSystem":
    try:
        import fsspec  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise OSError(
            2, f"files are in a bucket ({protocol}://): in the project's folder .venv/bin/pip install -e '.[s3]'"
        ) from error
    options = {"auto_mkdir": True} if protocol == "file" else {}  # a bucket has no folders to be made
    return fsspec.filesystem(protocol, use_listings_cache=False, **options)


def ask(url: str, method: str, *given: Any, first_is_url: bool = True, **named: Any) -> Any:
    """A question to a bucket, in fsspec's words; whatever its library raises is an OSError here."""
    try:
        return getattr(_filesystem(url.partition("://")[0]), method)(*((url,) if first_is_url else ()), *given, **named)
    except Exception as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
        raise OSError(getattr(error, "errno", None) or 5, said, url) from error
