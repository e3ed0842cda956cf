"""A search as an address: what a visitor asked for, the answer, and the addresses of the answers beside it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from archive.search.aliases import Name
from archive.search.find import FACETS, SORTS, Results, ask, find
from archive.search.query import last_day

PAGE = 20  # articles
_MAX_PAGE = 50
_FILTERS = (*FACETS, "since", "until")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, the names that were widened to all their forms, and the beginnings that were not to all words."""

    results: Results
    names: tuple[Name, ...]
    beginnings: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The parameters of a search page, each valid whatever was given."""

    text: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = "best"
    page: int = 1
    aliases: bool = True

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read an address: q, publisher, language, wire, section, since, until, sort, page, aliases=off."""
        filters = [(name, value) for name in _FILTERS if (value := (given.get(name) or "").strip())]
        page, sort = given.get("page") or "1", given.get("sort") or "best"
        return cls(
            text=(given.get("q") or "").strip(),
            filters=tuple((name, value) for name, value in filters if _is_day(name, value)),
            sort=sort if sort in SORTS else "best",
            page=min(int(page), _MAX_PAGE) if page.isascii() and page.isdigit() and int(page[:4]) else 1,
            aliases=given.get("aliases") != "off",
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.text and not self.filters

    def answer(self, connection: sqlite3.Connection) -> Answer:
        """Ask the archive."""
        query = ask(connection, self.text, aliases=self.aliases)
        query = replace(query, filters=query.filters | dict(self.filters))
        results = find(connection, query, sort=self.sort, limit=PAGE, offset=(self.page - 1) * PAGE)
        return Answer(results, query.names, query.beginnings)

    def address(self, **changes: str | int | bool | None) -> str:
        """The query string of this search with something else: `address(publisher="RT")`, `address(wire=None)`."""
        filters = dict(self.filters) | {name: value for name, value in changes.items() if name in _FILTERS}
        aliases = changes.get("aliases", self.aliases)
        parts = {
            "q": self.text or None,
            **filters,
            "sort": changes.get("sort", self.sort if self.sort != "best" else None),
            "page": changes.get("page"),
            "aliases": None if aliases else "off",
        }
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    @property
    def more(self) -> int | None:
        """The number of the next page, where there may be one."""
        return self.page + 1 if self.page < _MAX_PAGE else None


def _is_day(name: str, value: str) -> bool:
    try:
        return name not in {"since", "until"} or bool(last_day(value))
    except (ValueError, OverflowError):
        return False
