"""What Datasette counts above a table, read from the archive's tallies where these have it.

Datasette counts the rows that fit the address, and by each facet: of a million rows, read from disk, half a second each
at least, and where its time is up the facet is missing. Where an address asks for certain values of columns that a
tally has, the same question to the tally has the same answer. Likewise on the page of one row, which counts the rows of
all tables that name it.
"""

# ruff: noqa: S608 - of names that a tally has, and of Datasette's own conditions

import re

from archive.tallies import TALLIES

# As Datasette 0.65 writes them (views/table.py, facets.py): "select count(*) from captures where "outcome" = :p0 "
_WHERE = r"(?:where (?P<where>.*?))?\s*"
_COUNT = re.compile(rf"select count\(\*\) from \[?(?P<table>\w+)\]?\s*{_WHERE}", re.DOTALL | re.IGNORECASE)
_FACET = re.compile(
    rf"\s*select \[?(?P<column>\w+)\]? as value, count\(\*\) as count from \(\s*"
    rf"select [\w, \[\]]+ from \[?(?P<table>\w+)\]?\s*{_WHERE}\)\s*"
    r"where \[?(?P=column)\]? is not null\s*"
    r"group by \[?(?P=column)\]? order by count desc, value limit (?P<limit>\d+)\s*"
)
# views/row.py: "select (select count(*) from captures where publisher=:id), (select count(*) …) …"
_REFERRING = re.compile(r"\(select count\(\*\) from \[?(?P<table>\w+)\]? where \[?(?P<column>\w+)\]?=:id\)")
_CONDITION = re.compile(r'"(\w+)" (?:= :p\d+|is(?: not)? null)')

_BY_TABLE = {tally.of: (tally, "1") for tally in TALLIES if tally.amount == "1"}
_BY_TABLE["standings"] = (_BY_TABLE["sightings"][0], "is_first")
OF_A_TABLE, OF_A_ROW = "select count(*) from ", "select (select count(*) from "


def from_tally(sql: str) -> str:
    """The same question to a tally where `sql` is a count that one has, with the same parameters; else `sql` itself."""
    if sql.startswith(OF_A_ROW):
        return _REFERRING.sub(_referring, sql)
    asked = _COUNT.fullmatch(sql) or _FACET.fullmatch(sql)
    if asked is None or asked["table"] not in _BY_TABLE:
        return sql
    tally, counted = _BY_TABLE[asked["table"]]
    conditions = asked["where"].strip().split(" and ") if asked["where"] else []
    column = asked.groupdict().get("column")
    named = [match[1] for condition in conditions if (match := _CONDITION.fullmatch(condition))]
    if len(named) < len(conditions) or not {*named, *([column] if column else [])} <= tally.by.keys():
        return sql
    fits = " and ".join([counted, *conditions])
    if column is None:
        return f"select coalesce(sum(rows), 0) from {tally.name} where {fits}"
    return (
        f"select {column} as value, sum(rows) as count from {tally.name} where {fits} and {column} is not null "
        f"group by {column} having sum(rows) > 0 order by count desc, value limit {asked['limit']}"
    )


def _referring(count: re.Match[str]) -> str:
    tally, counted = _BY_TABLE.get(count["table"], (None, ""))
    if tally is None or count["column"] not in tally.by:
        return count[0]
    return f"(select coalesce(sum(rows), 0) from {tally.name} where {counted} and {count['column']}=:id)"
