"""Where, when and whom: how many articles name each place in each year, month and day, how many were published when,
and which name an actor.

Tables that are counted from articles and mentions and kept in step with them, so that a map of a million articles
is read from some thousand rows: `places_spans` counts by year (`2016`), month (`2016-02`) and day (`2016-02-17`) of
publication, and any stretch of days is the sum of few of these (`covering`). `places_articles` says which articles, and
`articles_days` counts all by day, publisher and language. What has no date is counted under the span ''.
`actors_articles` says which articles name which actor of the vocabulary beyond doubt.

An article counts with the places of the version that it shows. A place that it names ambiguously, and never otherwise,
is counted apart. What is unknown, a publisher or language, is '' in these tables.
"""

# ruff: noqa: S608 - SQL of constants

import json
import sqlite3
from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from archive.rows import unlike

SCHEMA = """
CREATE TABLE articles_days (
    day TEXT NOT NULL,
    publisher TEXT NOT NULL,
    language TEXT NOT NULL,
    articles INTEGER NOT NULL,
    PRIMARY KEY (day, publisher, language)
) WITHOUT ROWID;
CREATE TABLE places_spans (
    span TEXT NOT NULL,
    publisher TEXT NOT NULL,
    place TEXT NOT NULL,
    sure INTEGER NOT NULL,
    ambiguous INTEGER NOT NULL,
    PRIMARY KEY (span, publisher, place)
) WITHOUT ROWID;
CREATE TABLE places_articles (
    place TEXT NOT NULL,
    day TEXT NOT NULL,
    article_id INTEGER NOT NULL,
    is_sure INTEGER NOT NULL,
    PRIMARY KEY (place, day, article_id)
) WITHOUT ROWID;
CREATE INDEX places_articles_of ON places_articles (article_id, is_sure);
"""
ACTORS_SCHEMA = """
CREATE TABLE actors_articles (
    actor TEXT NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (actor, article_id)
) WITHOUT ROWID;
CREATE INDEX actors_articles_of ON actors_articles (article_id);
"""

_SHOWN = "articles.id NOT IN (SELECT article_id FROM withheld)"
_DAY, _PUBLISHER = "coalesce(substr(published_at, 1, 10), '')", "coalesce(publisher, '')"

# What each table holds, of the articles that fit. An article shows the newest version that was read from its capture.
_DAYS = f"SELECT {_DAY}, {_PUBLISHER}, coalesce(language, ''), count(*) FROM articles WHERE {{}} GROUP BY 1, 2, 3"
_NAMED = f"""
WITH shown AS (
    SELECT id AS article_id, {_DAY} AS day, (SELECT id FROM versions
        WHERE versions.capture_id = articles.capture_id AND article_id = articles.id ORDER BY number DESC LIMIT 1
    ) AS version_id FROM articles WHERE {{}}
)
SELECT term, {{}} FROM shown JOIN mentions USING (version_id) WHERE kind = '{{}}' GROUP BY article_id, term
"""
_PLACES = _NAMED.format("{}", "day, article_id, max(certainty = 'sure')", "place")
_ACTORS = f"{_NAMED.format('{}', 'article_id', 'actor')} HAVING max(certainty = 'sure')"
_SPANS = f"""
SELECT substr(day, 1, length), {_PUBLISHER}, place, sum(is_sure), sum(NOT is_sure)
FROM places_articles JOIN articles ON articles.id = article_id
JOIN (SELECT 4 AS length UNION SELECT 7 UNION SELECT 10) ON day <> '' OR length = 10
WHERE {{}} GROUP BY 1, 2, 3
"""

_ADD_DAY = "ON CONFLICT DO UPDATE SET articles = articles + excluded.articles"
_ADD_SPAN = "ON CONFLICT DO UPDATE SET sure = sure + excluded.sure, ambiguous = ambiguous + excluded.ambiguous"


def add(connection: sqlite3.Connection, article_id: int) -> None:
    """Count an article as it is now, inside the caller's transaction, unless it is withheld.

    It must not be counted yet.
    """
    only, places = f"articles.id = ? AND {_SHOWN}", "places_articles.article_id = ?"
    connection.execute(f"INSERT INTO articles_days {_DAYS.format(only)} {_ADD_DAY}", [article_id])
    connection.execute(f"INSERT INTO places_articles {_PLACES.format(only)}", [article_id])
    connection.execute(f"INSERT INTO places_spans {_SPANS.format(places)} {_ADD_SPAN}", [article_id])
    connection.execute(f"INSERT INTO actors_articles {_ACTORS.format(only)}", [article_id])


def remove(connection: sqlite3.Connection, article_id: int) -> None:
    """Take an article out of the counts, as it is now: before it changes. What was not counted must not be removed."""
    for day, publisher, language, count in connection.execute(_DAYS.format("id = ?"), [article_id]).fetchall():
        key = [day, publisher, language]
        fits = "WHERE day = ? AND publisher = ? AND language = ?"
        connection.execute(f"UPDATE articles_days SET articles = articles - {int(count)} {fits}", key)
        connection.execute(f"DELETE FROM articles_days {fits} AND articles = 0", key)
    spans = connection.execute(_SPANS.format("places_articles.article_id = ?"), [article_id]).fetchall()
    fits = "WHERE span = ? AND publisher = ? AND place = ?"
    for *key, sure, ambiguous in spans:
        values = [sure, ambiguous, *key]
        connection.execute(f"UPDATE places_spans SET sure = sure - ?, ambiguous = ambiguous - ? {fits}", values)
        connection.execute(f"DELETE FROM places_spans {fits} AND sure + ambiguous = 0", key)
    for table in ("places_articles", "actors_articles"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ?", [article_id])


def make(connection: sqlite3.Connection) -> None:
    """Count everything anew, inside the caller's transaction."""
    for table in _COUNTED:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, (SCHEMA + ACTORS_SCHEMA).split(";\n")):
        connection.execute(statement)
    for table, counted in _COUNTED.items():
        connection.execute(f"INSERT INTO {table} {counted}")


def make_actors(connection: sqlite3.Connection) -> None:
    """Note anew which articles name which actors, inside the caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS actors_articles")
    for statement in filter(str.strip, ACTORS_SCHEMA.split(";\n")):
        connection.execute(statement)
    connection.execute(f"INSERT INTO actors_articles {_COUNTED['actors_articles']}")


def differences(connection: sqlite3.Connection) -> Iterator[str]:
    """Where the tables do not hold what articles and mentions say: each in words."""
    for table, counted in _COUNTED.items():
        yield from unlike(connection, table, counted, f"SELECT * FROM {table}")


_COUNTED = {
    "articles_days": _DAYS.format(_SHOWN),
    "places_articles": _PLACES.format(_SHOWN),
    "places_spans": _SPANS.format(1),
    "actors_articles": _ACTORS.format(_SHOWN),
}  # in this order: the spans are counted from the places


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A place as GeoNames or our vocabulary numbers it, and how many articles name it, surely or only ambiguously."""

    place: str
    sure: int
    ambiguous: int

    @property
    def articles(self) -> int:
        """Both."""
        return self.sure + self.ambiguous


def extent(connection: sqlite3.Connection) -> tuple[date, date] | None:
    """The first and the last day of publication; None where no article has a date."""
    # each by itself is read from one end of the table; both in one question from all of it
    edge = "(SELECT {}(day) FROM articles_days WHERE day <> '')"
    found = connection.execute(f"SELECT {edge.format('min')}, {edge.format('max')}").fetchone()
    return (date.fromisoformat(found[0]), date.fromisoformat(found[1])) if found[0] else None


def covering(first: date, last: date) -> list[str]:
    """The fewest years, months and days that make up the days from `first` to `last`."""
    spans: list[str] = []
    day, end = first.toordinal(), last.toordinal() + 1
    while day < end:
        at = date.fromordinal(day)
        text, year, month = at.isoformat(), 365 + isleap(at.year), monthrange(at.year, at.month)[1]
        steps = ((text[:4], at.month == at.day == 1, year), (text[:7], at.day == 1, month), (text, True, 1))
        span, days = next((span, days) for span, begins, days in steps if begins and day + days <= end)
        spans.append(span)
        day += days
    return spans


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which articles are asked about: those of these days and publishers; None does not limit."""

    first: date | None = None
    last: date | None = None
    publishers: Sequence[str] | None = None

    @property
    def values(self) -> dict[str, str | None]:
        """As SQL's `:first`, `:last` and `:publishers`."""
        first, last = (day.isoformat() if day else None for day in (self.first, self.last))
        return {"first": first, "last": last, "publishers": json.dumps(self.publishers)}


def _of_publishers(scope: Scope) -> str:
    """The condition as SQL: of all, half a million rows need not be asked for their publisher."""
    return "1" if scope.publishers is None else "publisher IN (SELECT value FROM json_each(:publishers))"


def named_in(connection: sqlite3.Connection, scope: Scope) -> list[Named]:
    """The places that articles of these days and publishers name, the most named first."""
    begin, end = extent(connection) or (date.max, date.min)
    spans = covering(max(scope.first or begin, begin), min(scope.last or end, end))
    spans += [""] if scope.first is None and scope.last is None else []
    sql = f"""
        SELECT place, sum(sure), sum(ambiguous) FROM places_spans
        WHERE span IN (SELECT value FROM json_each(:spans)) AND {_of_publishers(scope)}
        GROUP BY place ORDER BY sum(sure) + sum(ambiguous) DESC, place
    """
    values = {"spans": json.dumps(spans), **scope.values}
    return [Named(*row) for row in connection.execute(sql, values)]


def named_by(connection: sqlite3.Connection, article_ids: Sequence[int]) -> list[Named]:
    """The places that these articles name, the most named first."""
    sql = """
        SELECT place, sum(is_sure), sum(NOT is_sure) FROM places_articles
        WHERE article_id IN (SELECT value FROM json_each(?)) GROUP BY place ORDER BY count(*) DESC, place
    """
    return [Named(*row) for row in connection.execute(sql, [json.dumps(list(article_ids))])]


def days(connection: sqlite3.Connection, scope: Scope) -> dict[date, int]:
    """How many articles were published on each day, in order."""
    sql = f"""
        SELECT day, sum(articles) FROM articles_days WHERE day <> '' AND day >= coalesce(:first, '')
        AND day <= coalesce(:last, day) AND {_of_publishers(scope)} GROUP BY day ORDER BY day
    """
    return {date.fromisoformat(day): count for day, count in connection.execute(sql, scope.values)}


def articles(connection: sqlite3.Connection, scope: Scope) -> int:
    """How many articles there are of these days and publishers; those without a date where no day is asked for."""
    if scope.first is None and scope.last is None:
        sql = f"SELECT coalesce(sum(rows), 0) FROM articles_months WHERE {_of_publishers(scope)}"
        return int(connection.execute(sql, scope.values).fetchone()[0])
    sql = f"""
        SELECT coalesce(sum(articles), 0) FROM articles_days WHERE day >= coalesce(:first, iif(:last IS NULL, '', '0'))
        AND day <= coalesce(:last, day) AND {_of_publishers(scope)}
    """
    return int(connection.execute(sql, scope.values).fetchone()[0])


def days_by(connection: sqlite3.Connection, by: str, publisher: str | None = None) -> list[tuple[str, str, int]]:
    """Day, name and number of articles in order of days; `by` is `publisher` or `language`; of one publisher or all."""
    return _by(connection, f"SELECT day AS span, {_NAME[by]} AS name, articles AS number FROM articles_days", publisher)


def months_by(connection: sqlite3.Connection, by: str, publisher: str | None = None) -> list[tuple[str, str, int]]:
    """The same by months (`2016-02`): of many years a fifteenth of the rows (see `archive.tallies`)."""
    return _by(connection, f"SELECT month AS span, {_NAME[by]} AS name, rows AS number FROM articles_months", publisher)


_NAME = {"publisher": "publisher", "language": "language"}


def _by(connection: sqlite3.Connection, counts: str, publisher: str | None) -> list[tuple[str, str, int]]:
    sql = f"""
        SELECT span, name, sum(number) FROM ({counts} WHERE :publisher IS NULL OR publisher = :publisher)
        WHERE span <> '' GROUP BY 1, 2 HAVING sum(number) > 0 ORDER BY 1
    """
    return connection.execute(sql, {"publisher": publisher}).fetchall()


def days_of(connection: sqlite3.Connection, place: str) -> dict[date, int]:
    """How many articles that name a place were published on each day."""
    sql = "SELECT day, count(*) FROM places_articles WHERE place = ? AND day <> '' GROUP BY day ORDER BY day"
    return {date.fromisoformat(day): count for day, count in connection.execute(sql, [place])}


def naming(
    connection: sqlite3.Connection, place: str, scope: Scope, *, limit: int, offset: int = 0
) -> list[tuple[int, bool]]:
    """Articles that name a place, the latest first, each with whether it surely means this one."""
    sql = """
        SELECT article_id, is_sure FROM places_articles WHERE place = :place AND day >= coalesce(:first, '')
        AND day <= coalesce(:last, day) ORDER BY day DESC, article_id DESC LIMIT :limit OFFSET :offset
    """
    if scope.publishers is not None:
        sql = f"""
            SELECT article_id, is_sure FROM places_articles JOIN articles ON id = article_id WHERE place = :place
            AND day >= coalesce(:first, '') AND day <= coalesce(:last, day) AND {_of_publishers(scope)}
            ORDER BY day DESC, article_id DESC LIMIT :limit OFFSET :offset
        """
    rows = connection.execute(sql, {"place": place, "limit": limit, "offset": offset, **scope.values})
    return [(article_id, bool(is_sure)) for article_id, is_sure in rows]


def actors_among(connection: sqlite3.Connection, article_ids: Sequence[int]) -> list[tuple[str, int]]:
    """The actors that these articles name beyond doubt, with how many do, the most named first."""
    sql = """
        SELECT actor, count(*) FROM actors_articles INDEXED BY actors_articles_of
        WHERE article_id IN (SELECT value FROM json_each(?)) GROUP BY actor ORDER BY 2 DESC, 1
    """
    return connection.execute(sql, [json.dumps(list(article_ids))]).fetchall()


def naming_among(connection: sqlite3.Connection, place: str, article_ids: Sequence[int]) -> list[tuple[int, bool]]:
    """Those of these articles that name a place, the latest first, each with whether it surely means this one."""
    sql = """
        SELECT article_id, is_sure FROM places_articles
        WHERE place = ? AND article_id IN (SELECT value FROM json_each(?)) ORDER BY day DESC, article_id DESC
    """
    rows = connection.execute(sql, [place, json.dumps(list(article_ids))])
    return [(article_id, bool(is_sure)) for article_id, is_sure in rows]
