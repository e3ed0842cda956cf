"""The database's schema as named steps, in order. A released step is never edited: add the next one."""

import sqlite3

from sqlite_utils import Database, Migrations

from archive import atlas, copies, coverage_days, permalinks, tables, tallies
from archive.errors import SchemaTooNew
from archive.search import index

schema = Migrations("dateline")


@schema()
def m001_initial(db: Database) -> None:
    """Publishers, sources, runs, sightings, captures, articles, versions, mentions, syndications, and search."""
    for statement in filter(str.strip, tables.INITIAL.split(";\n")):
        db.execute(statement)
    # without accents, so that a search for "Beyoglu" finds "Beyoğlu"; the table is named in double quotes,
    # the only way in which Datasette recognises it as the table's search index
    articles = db.table("articles")
    articles.enable_fts(["headline", "text"], tokenize="unicode61 remove_diacritics 2", create_triggers=True)


@schema()
def m002_journal(db: Database) -> None:
    """The WARC files with their hashes, and where in them a version's text begins."""
    db.execute(
        "CREATE TABLE files (file TEXT PRIMARY KEY, size INTEGER NOT NULL, sha256 TEXT NOT NULL, records INTEGER, "
        "first_sequence INTEGER, last_sequence INTEGER, chained INTEGER, problem TEXT)"
    )
    db.execute("ALTER TABLE versions ADD COLUMN text_offset INTEGER")


@schema()
def m003_reextraction(db: Database) -> None:
    """One capture may give several versions with the same text: newer rules read its other fields otherwise."""
    table, unique = "versions", ",\n    UNIQUE (article_id, capture_id, text_hash)"
    made = str(db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0])
    db.execute(made.replace(unique, "").replace(f"CREATE TABLE {table}", f"CREATE TABLE {table}_new", 1))
    db.execute(f"INSERT INTO {table}_new SELECT * FROM {table}")  # noqa: S608 - constants
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE {table}_new RENAME TO {table}")
    db.execute(f"CREATE INDEX versions_capture ON {table} (capture_id)")


@schema()
def m004_repair(db: Database) -> None:
    """Which file holds what was saved of a damaged one."""
    db.execute("ALTER TABLE files ADD COLUMN replaced_by TEXT")


@schema()
def m005_record_ids(db: Database) -> None:
    """Finding a capture by its record: a revisit names the one that has its body."""
    db.execute("CREATE INDEX captures_record ON captures (record_id)")


@schema()
def m006_years(db: Database) -> None:
    """Each asking of a source, when each is due; pages watched and what changed; coverage, alarms, imports."""
    for statement in filter(str.strip, tables.YEARS.split(";\n")):
        db.execute(statement)


@schema()
def m007_search(db: Database) -> None:
    """Search by folded words, and what sorting and counting of what was found needs."""
    for trigger in ("articles_ai", "articles_ad", "articles_au"):
        db.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    index.make(db.conn)
    db.execute("CREATE INDEX articles_slim ON articles (id, published_at, publisher, language, section, wire)")


@schema()
def m008_copies(db: Database) -> None:
    """A sample of each article's words in runs of five, by which copies at other publishers are found."""
    copies.make(db.conn)


@schema()
def m009_names(db: Database) -> None:
    """Beside the terms of conflict, the actors and places that a version names, and where in it they stand."""
    for statement in filter(str.strip, tables.MENTIONS.split(";\n")):
        db.execute(statement)


@schema()
def m010_withheld(db: Database) -> None:
    """Articles that are kept from readers, since when and why."""
    for statement in filter(str.strip, tables.WITHHOLDINGS.split(";\n")):
        db.execute(statement)


@schema()
def m011_fortnights(db: Database) -> None:
    """The samples of words by time of publication, so that those of today lie together in the database."""
    copies.make(db.conn)


@schema()
def m012_shards(db: Database) -> None:
    """Which shards were merged into this archive, how far, and which runs are theirs."""
    for statement in filter(str.strip, tables.SHARDS.split(";\n")):
        db.execute(statement)


@schema()
def m013_counted(db: Database) -> None:
    """Indexes from which the pages that count a whole archive are read, and what is withheld found."""
    for statement in filter(str.strip, tables.COUNTED.split(";\n")):
        db.execute(statement)


@schema()
def m014_facets(db: Database) -> None:
    """Counting a publisher's articles by language and section."""
    db.execute("CREATE INDEX articles_facets ON articles (publisher, language, section)")


@schema()
def m015_atlas(db: Database) -> None:
    """How many articles name each place by year, month and day, and how many were published each day."""
    atlas.make(db.conn)


@schema()
def m016_openings(db: Database) -> None:
    """Samples that hold more of each opening, so that copies of short texts are found."""
    copies.make(db.conn)
    db.execute("DELETE FROM fingerprints WHERE article_id IN (SELECT article_id FROM withheld)")


@schema()
def m017_permalinks(db: Database) -> None:
    """Finding an article by the digest of its address, which stays where numbers do not."""
    permalinks.make(db.conn)


@schema()
def m018_runs(db: Database) -> None:
    """Counting the captures of a run by their outcome, from an index alone."""
    db.execute("DROP INDEX captures_run")
    db.execute("CREATE INDEX captures_run ON captures (run_id, outcome)")


@schema()
def m019_blocks(db: Database) -> None:
    """Between which times the articles of each block of numbers were published: where the newest hits are."""
    db.execute("CREATE INDEX articles_blocks ON articles (id >> 12, published_at)")
    db.execute("DROP TABLE IF EXISTS articles_words")  # it counted all articles that have a word to say that one has


@schema()
def m020_calendar(db: Database) -> None:
    """The calendar of coverage as a table, and standings in an order that some index has."""
    db.execute("DROP VIEW coverage_days")
    coverage_days.make(db.conn)
    db.execute("DROP VIEW standings")
    db.execute(tables.STANDINGS)


@schema()
def m021_actors(db: Database) -> None:
    """Which articles name which actors, for counting and narrowing what a search finds."""
    atlas.make_actors(db.conn)


@schema()
def m022_surfaced(db: Database) -> None:
    """What a publisher surfaced, in order of time."""
    db.execute("CREATE INDEX sightings_surfaced ON sightings (publisher, seen_at) WHERE new_to IS NOT NULL")


@schema()
def m023_tallies(db: Database) -> None:
    """How many rows the large tables have by what their pages count, and indexes for what a click on a count asks."""
    for statement in filter(str.strip, tables.CLICKED.split(";\n")):
        db.execute(statement)
    tallies.make(db.conn)


@schema()
def m024_latest_readings(db: Database) -> None:
    """The latest captured texts of a publisher, by which its page says how well its pages are read."""
    db.execute("CREATE INDEX versions_captured ON versions (publisher, captured_at)")


@schema()
def m025_merged_seldom(db: Database) -> None:
    """The search index of a large archive merges less often."""
    index.tune(db.conn)


def is_behind(connection: sqlite3.Connection) -> bool:
    """Whether the database was last written before this program learned of some step."""
    taken = {name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")}
    return not {migration.name for migration in schema._migrations} <= taken


def migrate(db: Database, *, path: str) -> None:
    """Bring the database at `path` up to date. Raises SchemaTooNew when it knows steps that this program does not."""
    known = {migration.name for migration in schema._migrations}
    unknown = [migration.name for migration in schema.applied(db) if migration.name not in known]
    if unknown:
        raise SchemaTooNew(
            f"{path} was written by a newer version (schema step {unknown[-1]}); install that version to open it"
        )
    foreign_keys = db.execute("PRAGMA foreign_keys").fetchone()[0]
    db.execute("PRAGMA foreign_keys = OFF")  # a table that others refer to may be made anew
    schema.apply(db)
    db.execute(f"PRAGMA foreign_keys = {foreign_keys}")
