"""What a connection of the site may do and cost: read, within bounds of time, memory and size.

SQLite's progress handler, on which Datasette's time limit rests, is asked every thousand steps, and one step may copy
ten megabytes. So overdue work is interrupted from beside it as well, and functions of which a single call may take
minutes or gigabytes are refused, or written anew.
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from datasette.database import Database, connections  # type: ignore[import-untyped]
from datasette.views.base import DatasetteError  # type: ignore[import-untyped]

from archive.datasette.terms import Terms
from archive.folder import database

# Bytes that SQLite may hold in all, in the whole process; set where a process serves. The beginning of a word that is
# everywhere takes a hundred million in an archive of a million articles; SQL of one's own is held shorter.
MAX_HEAP, MAX_HEAP_WITH_SQL = 160_000_000, 48_000_000
# Bytes of one query's rows as JSON; they are held several times on their way out
MAX_ANSWER, MAX_ANSWER_WITH_SQL = 12_000_000, 6_000_000
# Bytes of one SQL value or row. A page is read up to 8 MiB; a visitor's own SQL makes values of any size, and the time
# that one step takes grows with them
_MAX_VALUE, _MAX_VALUE_WITH_SQL = 10_000_000, 4_000_000
_MAX_MATCHES = 10  # LIKE and GLOB in a statement of a visitor's own: between them nothing can interrupt it
_MAX_SQL = 20_000  # bytes of one statement; that of a table with forty columns has two thousand
_COUNTED = 64  # values shorter than this do not count: 1,000 rows of them are small
_HUGE = 1_000_000

# Every function that a query may call. What is missing makes bytes from nothing (randomblob, zeroblob, hex), takes
# quadratic time (json_patch), or says something of the machine.
_FUNCTIONS = (
    "abs avg ceil ceiling char coalesce count cume_dist date datetime dense_rank exp first_value floor format glob "
    "group_concat highlight bm25 ifnull iif instr json json_array json_array_length json_each json_extract "
    "json_group_array json_group_object json_object json_quote json_tree json_type json_valid julianday lag "
    "last_value lead length like likelihood likely ln log log10 log2 lower ltrim match max min mod nth_value ntile "
    "nullif percent_rank pow power printf rank replace round row_number rtrim sign snippet sqlite_version sqrt "
    "strftime substr substring sum time total trim trunc typeof unicode unixepoch unlikely upper -> ->> "
    "fts_query escape_fts snippet_of"
)
FUNCTIONS = frozenset(_FUNCTIONS.split())

# What Datasette asks of a schema, by table or index. Not database_list, which tells the path of the file.
_PRAGMAS = frozenset({"table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo"})
_PRAGMAS_WITHOUT_VALUE = frozenset({"schema_version", "data_version"})  # with one they write

# What a statement would have to name in order to read behind the views that hide what is withheld
_BEHIND = re.compile(r"\bmain\b|withheld_(?:urls|titles)", re.IGNORECASE)

# How many LIKE and GLOB the statement has that this thread is preparing
_matches = threading.local()

_is_bounded: ContextVar[bool] = ContextVar("is_bounded", default=False)


def bound(connection: sqlite3.Connection, terms: Terms) -> None:
    """Let a connection read only, call only what `FUNCTIONS` names, and see nothing that `terms` hide."""
    for limit, value in (
        (sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_WITH_SQL if terms.allow_sql else _MAX_VALUE),
        (sqlite3.SQLITE_LIMIT_SQL_LENGTH, _MAX_SQL),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_COLUMN, 100),
        (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
        (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
        # matching takes the product of text and pattern; a query of one's own may make both long. Datasette's own have
        # 37 letters and the name of a table
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64 if terms.allow_sql else 1000),
    ):
        connection.setlimit(limit, value)
    # SQLite's own compare each place with the whole needle: ten megabytes of one letter take hours
    connection.create_function("instr", 2, _instr, deterministic=True)
    connection.create_function("replace", 3, _replace, deterministic=True)
    for name in ("trim", "ltrim", "rtrim"):
        strip = {"trim": str.strip, "ltrim": str.lstrip, "rtrim": str.rstrip}[name]
        connection.create_function(name, 2, _stripping(strip), deterministic=True)
    connection.execute("PRAGMA query_only = 1")
    connection.set_authorizer(_authorizer(terms))


def limit_heap(terms: Terms) -> None:
    """Let SQLite hold no more than a site on these `terms` needs, in this process, for good."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP_WITH_SQL if terms.allow_sql else MAX_HEAP}")
    connection.close()


class BoundedDatabase(Database):  # type: ignore[misc]
    """The archive's database, read while a crawl writes it, with all work bounded.

    A query that anybody may have written is bounded in what it returns as well (`execute`); what the site's own pages
    ask is bounded in time (`execute_fn`). Raises DatasetteError where a bound is reached.
    """

    def __init__(self, datasette: Any, path: str, terms: Terms) -> None:
        super().__init__(datasette, path=path, is_mutable=True)
        self._inodes: dict[sqlite3.Connection, int] = {}
        self._seconds = terms.seconds
        self._allows_sql = terms.allow_sql

    async def execute(self, sql: str, *given: Any, **named: Any) -> Any:
        """As in Datasette, but with no more rows than `MAX_ANSWER` bytes, and of nothing that is withheld."""
        if _BEHIND.search(sql):
            raise sqlite3.OperationalError("no such table: leave out main, its tables have their own names here")
        token = _is_bounded.set(True)
        try:
            return await super().execute(sql, *given, **named)
        finally:
            _is_bounded.reset(token)

    async def execute_fn(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What `work` gives, called with a connection in a thread."""
        is_bounded = _is_bounded.get()

        def within_bounds(connection: sqlite3.Connection) -> Any:
            connection = self._standing(connection)
            most = MAX_ANSWER_WITH_SQL if self._allows_sql else MAX_ANSWER
            connection.row_factory = _Counting(most) if is_bounded else sqlite3.Row
            _matches.left = _MAX_MATCHES if is_bounded and self._allows_sql else None
            with _WATCH.over(connection, self._seconds):
                return work(connection)

        try:
            return await super().execute_fn(within_bounds)
        except MemoryError as error:
            raise DatasetteError("This takes more memory than a query may have", status=400) from error
        except sqlite3.OperationalError as error:
            if error.args == ("interrupted",):
                raise DatasetteError(
                    f"This takes longer than the {self._seconds:.0f} seconds that a page may take", status=503
                ) from error
            raise

    def connect(self, write: bool = False) -> sqlite3.Connection:  # noqa: ARG002
        """A connection to the file that is to be read now; the site never writes."""
        path = self._place()
        inode = path.stat().st_ino
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        self._all_file_connections.append(connection)
        self._inodes[connection] = inode
        return connection

    def _place(self) -> Path:
        return database(Path(self.path).parent)

    def _standing(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """This connection, or where a rebuild has put another file in its place, one to that.

        SQLite goes on reading a file that was renamed, and would show for ever what stood in it that day.
        """
        try:
            if self._place().stat().st_ino == self._inodes[connection]:
                return connection
        except FileNotFoundError:  # just being renamed
            return connection
        new = self.connect()
        self.ds._prepare_connection(new, self.name)
        setattr(connections, self.name, new)
        self._all_file_connections.remove(connection)
        del self._inodes[connection]
        connection.close()
        return new

    async def attached_databases(self) -> list[Any]:
        """None: nothing can be attached, and asking SQLite names the file."""
        return []


class _Counting:
    """A row factory that refuses more than `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def __call__(self, cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> sqlite3.Row:
        for value in row:
            if isinstance(value, str | bytes) and len(value) > _COUNTED:
                self._left -= _written(value)
        if self._left < 0:
            raise sqlite3.OperationalError(f"more than {self._most // 1_000_000} MB: ask for fewer rows or columns")
        return sqlite3.Row(cursor, row)


def _written(value: str | bytes) -> int:
    """How many bytes a value takes as JSON; of a huge one, at most."""
    if isinstance(value, bytes):
        return len(value) * 4 // 3
    return len(value) * 6 if len(value) > _HUGE else len(json.dumps(value))


class _Watch:
    """Interrupts connections whose work is overdue, from one thread for all."""

    def __init__(self) -> None:
        self._due: dict[sqlite3.Connection, float] = {}
        self._changed = threading.Condition()
        self._is_running = False

    @contextmanager
    def over(self, connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
        """Interrupt what `connection` does within the block once it has taken `seconds`."""
        with self._changed:
            self._due[connection] = time.monotonic() + seconds
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="watch", daemon=True).start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._due[connection]

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for connection, due in self._due.items():
                    if due <= now:
                        connection.interrupt()
                # one that was interrupted may begin another query: it is asked again soon
                waits = [max(due - now, 0.1) for due in self._due.values()]
                self._changed.wait(min(waits, default=None))


_WATCH = _Watch()


def _authorizer(terms: Terms) -> Callable[..., int]:
    hidden = terms.hidden

    def verdict(action: int, first: str | None, second: str | None, _database: str | None, _by: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_IGNORE if (first, second) in hidden else sqlite3.SQLITE_OK
        if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            return sqlite3.SQLITE_OK if _may_call((second or "").lower()) else sqlite3.SQLITE_DENY
        # a virtual table declares its columns so when a connection meets it first; the file itself is read-only
        if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _PRAGMAS | (
            _PRAGMAS_WITHOUT_VALUE if second is None else frozenset()
        ):
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY

    return verdict


def _may_call(function: str) -> bool:
    left = getattr(_matches, "left", None)
    if function in {"like", "glob"} and left is not None:
        _matches.left = left - 1
        return bool(left > 0)
    return function in FUNCTIONS


def _instr(text: object, wanted: object) -> int | None:
    if text is None or wanted is None:
        return None
    if isinstance(text, bytes) and isinstance(wanted, bytes):
        return text.find(wanted) + 1
    return _as_text(text).find(_as_text(wanted)) + 1


def _replace(text: object, old: object, new: object) -> str | None:
    if text is None or old is None or new is None:
        return None
    whole, wanted, instead = _as_text(text), _as_text(old), _as_text(new)
    if not wanted:
        return whole
    if len(whole) + whole.count(wanted) * max(len(instead) - len(wanted), 0) > _MAX_VALUE:
        raise ValueError("string or blob too big")
    return whole.replace(wanted, instead)


def _stripping(strip: Callable[[str, str], str]) -> Callable[[object, object], str | None]:
    def stripped(text: object, letters: object) -> str | None:
        if text is None or letters is None:
            return None
        if len(_as_text(letters)) > 100:
            raise ValueError("too many letters to strip")
        return strip(_as_text(text), _as_text(letters))

    return stripped


def _as_text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
