"""A seam between the archive and its disk: every change of a file, seen before it is done and able to fail.

`Disk` hangs itself behind `os` and `io.open` for the WARC files, and behind SQLite as its default VFS for the
database, so that what is watched is the archive as it is, with no line of it changed. It works where Python's `sqlite3`
shares its library's symbols (all usual builds on Linux).

Operations are `create`, `write`, `truncate`, `sync`, `rename`, `unlink`, `mkdir` and `syncdir`. Shared memory of SQLite
(`-shm`), temporary files and the lock file say nothing about the archive and are left out.
"""

import ctypes
import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

_IGNORED = ("-shm", "archive.lock")


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One change of a file below the watched folder, or what the writer was told (`kind` "told", `told` the fact).

    `path` is relative to the folder; `size` of a `truncate`; `target` of a `rename`.
    """

    kind: str
    path: str = ""
    offset: int = 0
    data: bytes = b""
    size: int = 0
    target: str = ""
    told: Any = None

    @property
    def by_sqlite(self) -> bool:
        """Whether it concerns the database."""
        return self.path.startswith("archive.db")


Before = Callable[[Operation], None]  # may raise OSError: then the operation fails with it, and is not done


class Disk:
    """While its `with` block runs, `before` is called with every operation below `folder`.

    An error that it raises is what the archive gets instead; `torn` of the bytes of a failing write are written first.
    """

    def __init__(self, folder: Path, before: Before, *, torn: float = 0.0) -> None:
        self.folder = f"{folder.resolve()}/"
        self.before = before
        self.torn = torn
        self._stack = ExitStack()

    def __enter__(self) -> "Disk":
        for name in (
            "write",
            "ftruncate",
            "fsync",
            "fdatasync",
            "open",
            "rename",
            "replace",
            "unlink",
            "mkdir",
            "chmod",
        ):
            real = getattr(os, name)
            self._stack.enter_context(patch.object(os, name, partial(getattr(self, f"_{name}"), real)))
        self._stack.enter_context(patch.object(io, "open", partial(self._io_open, io.open)))
        self._stack.enter_context(_watched_sqlite(self))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def below(self, path: str | bytes | os.PathLike[str] | int) -> str | None:
        """The path relative to the folder, None where it lies elsewhere or is of no interest."""
        if isinstance(path, int):
            path = Path(f"/proc/self/fd/{path}").readlink()
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links must stay
        if f"{name}/" == self.folder:
            return ""
        if not name.startswith(self.folder) or name.endswith((*_IGNORED, " (deleted)")):
            return None
        return name.removeprefix(self.folder)

    # What the archive calls

    def _write(self, real: Any, fd: int, data: Any) -> int:
        name = self.below(fd)
        if name is None:
            return int(real(fd, data))
        with_flag = os.O_APPEND & _flags(fd)
        offset = os.fstat(fd).st_size if with_flag else os.lseek(fd, 0, os.SEEK_CUR)
        try:
            self.before(Operation(kind="write", path=name, offset=offset, data=bytes(data)))
        except OSError:
            if self.torn:
                real(fd, memoryview(data)[: int(len(data) * self.torn)])
            raise
        return int(real(fd, data))

    def _ftruncate(self, real: Any, fd: int, size: int) -> None:
        if (name := self.below(fd)) is not None:
            self.before(Operation(kind="truncate", path=name, size=size))
        real(fd, size)

    def _fsync(self, real: Any, fd: int) -> None:
        if (name := self.below(fd)) is not None:
            self.before(Operation(kind="syncdir" if (Path(self.folder) / name).is_dir() else "sync", path=name))
        real(fd)

    _fdatasync = _fsync

    def _open(self, real: Any, path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        if flags & os.O_CREAT and (name := self.below(path)) is not None and not Path(path).exists():
            self.before(Operation(kind="create", path=name))
        return int(real(path, flags, *args, **kwargs))

    def _rename(self, real: Any, source: Any, target: Any, **kwargs: Any) -> None:
        if (name := self.below(source)) is not None:
            self.before(Operation(kind="rename", path=name, target=self.below(target) or ""))
        real(source, target, **kwargs)

    _replace = _rename

    def _unlink(self, real: Any, path: Any, **kwargs: Any) -> None:
        if (name := self.below(path)) is not None:
            self.before(Operation(kind="unlink", path=name))
        real(path, **kwargs)

    def _mkdir(self, real: Any, path: Any, *args: Any, **kwargs: Any) -> None:
        if (name := self.below(path)) and not Path(path).exists():
            self.before(Operation(kind="mkdir", path=name))
        real(path, *args, **kwargs)

    def _chmod(self, real: Any, path: Any, *args: Any, **kwargs: Any) -> None:
        if (name := self.below(path)) is not None:
            self.before(Operation(kind="chmod", path=name))
        real(path, *args, **kwargs)

    def _io_open(self, real: Any, file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        is_written = any(letter in mode for letter in "wxa+")
        name = self.below(file) if is_written else None
        if name is None:
            return real(file, mode, *args, **kwargs)
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_TRUNC if "w" in mode else 0)
        raw = _Through(os.open(file, flags, 0o666), "r+b" if "+" in mode else "wb")
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        named = dict(zip(("buffering", "encoding", "errors", "newline"), args, strict=False)) | kwargs
        named.pop("buffering", None)
        return io.TextIOWrapper(buffered, **named)


class _Through(io.FileIO):
    """A file whose changes go through `os`, where they are seen."""

    def write(self, data: Any) -> int:
        return os.write(self.fileno(), data)

    def truncate(self, size: int | None = None) -> int:
        end = self.tell() if size is None else size
        os.ftruncate(self.fileno(), end)
        return end


def _flags(fd: int) -> int:
    with open(f"/proc/self/fdinfo/{fd}", encoding="ascii") as info:  # noqa: PTH123 - `io.open` is being watched
        return int(next(line for line in info if line.startswith("flags")).split()[1], 8)


# SQLite's virtual file system (sqlite3.h, "OS Interface Object"): the structures as far as they are needed here. The
# real VFS opens the file; its table of methods is then exchanged for a copy in which some lead here first.

_FILE, _INT64 = ctypes.c_void_p, ctypes.c_int64
_CLOSE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_void_p, ctypes.c_int, _INT64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, _INT64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int)
_PATH = ctypes.c_void_p  # a pointer and no string: SQLite keeps it, so it must be handed on as it came
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, _PATH, _FILE, ctypes.c_int, ctypes.c_void_p)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, _PATH, ctypes.c_int)

_OK, _IOERR, _FULL, _READONLY, _CANTOPEN = 0, 10, 13, 8, 14
_FAILURES = {"write": 3, "sync": 4, "syncdir": 5, "truncate": 6, "unlink": 10}  # SQLITE_IOERR_…: 10 | number << 8


class _Methods(ctypes.Structure):
    _fields_ = (
        ("iVersion", ctypes.c_int), ("xClose", _CLOSE), ("xRead", ctypes.c_void_p), ("xWrite", _WRITE),
        ("xTruncate", _TRUNCATE), ("xSync", _SYNC), ("others", ctypes.c_void_p * 13),
    )  # fmt: skip


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", ctypes.c_int), ("szOsFile", ctypes.c_int), ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p), ("zName", ctypes.c_char_p), ("pAppData", ctypes.c_void_p), ("xOpen", _OPEN),
        ("xDelete", _DELETE), ("others", ctypes.c_void_p * 14),
    )  # fmt: skip


class _SqliteFile(ctypes.Structure):
    _fields_ = (("pMethods", ctypes.POINTER(_Methods)),)


_made: list[Any] = []  # SQLite keeps pointers to these for the process's life


class _Shim:
    """One VFS for the life of the process; `disk` is who watches now, if anybody."""

    def __init__(self) -> None:
        import _sqlite3

        self.disk: Disk | None = None
        self.library = ctypes.CDLL(_sqlite3.__file__)
        self.library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self.real = self.library.sqlite3_vfs_find(None)
        self.names: dict[int, str] = {}
        self.fresh: set[int] = set()  # files whose directory SQLite syncs with them for the first time
        self.methods: dict[int, tuple[_Methods, _Methods]] = {}
        self.vfs = _Vfs.from_buffer_copy(self.real.contents)
        self.vfs.zName = b"watched"
        self.vfs.xOpen, self.vfs.xDelete = _OPEN(self.open), _DELETE(self.delete)

    def register(self, disk: Disk | None) -> None:
        self.disk = disk
        self.library.sqlite3_vfs_register(ctypes.byref(self.vfs) if disk else self.real, 1)

    def seen(self, name: str | None, kind: str, **fields: Any) -> int:
        """Tell who watches. Returns SQLite's result code for what he says."""
        if self.disk is None or name is None:
            return _OK
        try:
            self.disk.before(Operation(kind=kind, path=name, **fields))
        except OSError as error:
            if error.errno == errno.ENOSPC:
                return _FULL
            if error.errno == errno.EROFS:
                return _READONLY if kind != "create" else _CANTOPEN
            return _IOERR | _FAILURES.get(kind, 0) << 8
        return _OK

    def open(self, vfs: int, path: int | None, file: int, flags: int, out: int) -> int:
        name = self.disk.below(ctypes.string_at(path)) if self.disk and path else None
        is_new = name is not None and not os.path.exists(ctypes.string_at(path or 0))  # noqa: PTH110
        if is_new and flags & 4 and (code := self.seen(name, "create")):  # SQLITE_OPEN_CREATE
            return code
        code = int(self.real.contents.xOpen(vfs, path, file, flags, out))
        if code or name is None:
            return code
        opened = ctypes.cast(file, ctypes.POINTER(_SqliteFile)).contents
        address = ctypes.addressof(opened.pMethods.contents)
        if address not in self.methods:
            self.methods[address] = (opened.pMethods.contents, self.replaced(opened.pMethods.contents))
        opened.pMethods = ctypes.pointer(self.methods[address][1])
        self.names[file] = name
        if is_new and name.endswith(("-wal", "-journal")):
            self.fresh.add(file)
        return code

    def replaced(self, real: _Methods) -> _Methods:
        """A copy of a table of methods in which writes, truncations and syncs are seen."""
        ours = _Methods.from_buffer_copy(real)

        def write(file: int, data: int, length: int, offset: int) -> int:
            code = self.seen(self.names.get(file), "write", offset=offset, data=ctypes.string_at(data, length))
            return code or int(real.xWrite(file, data, length, offset))

        def truncate(file: int, size: int) -> int:
            return self.seen(self.names.get(file), "truncate", size=size) or int(real.xTruncate(file, size))

        def sync(file: int, flags: int) -> int:
            code = self.seen(self.names.get(file), "sync") or int(real.xSync(file, flags))
            if not code and file in self.fresh:
                self.fresh.discard(file)
                code = self.seen("", "syncdir")
            return code

        def close(file: int) -> int:
            self.names.pop(file, None)
            self.fresh.discard(file)
            return int(real.xClose(file))

        ours.xWrite, ours.xTruncate, ours.xSync, ours.xClose = (
            _WRITE(write), _TRUNCATE(truncate), _SYNC(sync), _CLOSE(close),
        )  # fmt: skip
        return ours

    def delete(self, vfs: int, path: int, sync_folder: int) -> int:
        name = self.disk.below(ctypes.string_at(path)) if self.disk else None
        if os.path.exists(ctypes.string_at(path)) and (code := self.seen(name, "unlink")):  # noqa: PTH110
            return code
        code = int(self.real.contents.xDelete(vfs, path, sync_folder))
        return code or (self.seen("", "syncdir") if sync_folder and name is not None else _OK)


@contextmanager
def _watched_sqlite(disk: Disk) -> Iterator[None]:
    if not _made:
        sqlite3.connect(":memory:").close()  # SQLite initialises itself
        _made.append(_Shim())
    shim: _Shim = _made[0]
    before = shim.disk
    shim.register(disk)
    try:
        yield
    finally:
        shim.register(before)
