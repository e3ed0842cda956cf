"""The tables, indexes and views that the steps of `migrations.py` make, as SQL. A released one is never edited."""

INITIAL = """
CREATE TABLE about (
    key TEXT PRIMARY KEY,
    value TEXT
);
CREATE TABLE publishers (
    name TEXT PRIMARY KEY,
    spider TEXT,
    homepage TEXT,
    country TEXT,
    languages TEXT,
    timezone TEXT
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    arguments TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    exit_code INTEGER,
    summary TEXT
);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    run_id INTEGER REFERENCES runs(id),
    fetched_at TEXT,
    outcome TEXT,
    entries INTEGER NOT NULL,
    error TEXT,
    UNIQUE (publisher, url)
);
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    captured_at TEXT NOT NULL,
    url TEXT NOT NULL,
    publisher TEXT REFERENCES publishers(name),
    kind TEXT NOT NULL,
    status INTEGER,
    outcome TEXT,
    detail TEXT,
    content_type TEXT,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    payload_digest TEXT,
    ip_address TEXT,
    via TEXT,
    truncated TEXT,
    error TEXT,
    run_id INTEGER REFERENCES runs(id),
    UNIQUE (file, offset)
);
CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    seen_at TEXT NOT NULL,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    title TEXT,
    url TEXT NOT NULL,
    raw_url TEXT NOT NULL,
    source TEXT NOT NULL,
    position INTEGER NOT NULL,
    announced_at TEXT,
    run_id INTEGER REFERENCES runs(id),
    outcome TEXT,
    detail TEXT,
    capture_id INTEGER REFERENCES captures(id)
);
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    headline TEXT,
    publisher TEXT REFERENCES publishers(name),
    published_at TEXT,
    section TEXT,
    language TEXT,
    lede TEXT,
    text TEXT NOT NULL,
    byline TEXT,
    authors TEXT NOT NULL,
    dateline TEXT,
    wire TEXT,
    tags TEXT NOT NULL,
    images TEXT NOT NULL,
    related TEXT NOT NULL,
    published_offset TEXT,
    published_zone TEXT,
    published_precision TEXT,
    modified_at TEXT,
    modified_offset TEXT,
    seen_at TEXT,
    captured_at TEXT NOT NULL,
    relevance REAL,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL UNIQUE,
    versions INTEGER NOT NULL,
    capture_id INTEGER NOT NULL REFERENCES captures(id)
);
CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    number INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    headline TEXT,
    lede TEXT,
    text TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    publisher TEXT REFERENCES publishers(name),
    published_at TEXT,
    section TEXT,
    language TEXT,
    byline TEXT,
    authors TEXT NOT NULL,
    dateline TEXT,
    wire TEXT,
    tags TEXT NOT NULL,
    images TEXT NOT NULL,
    related TEXT NOT NULL,
    published_offset TEXT,
    published_zone TEXT,
    published_precision TEXT,
    modified_at TEXT,
    modified_offset TEXT,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    provenance TEXT NOT NULL,
    removed TEXT NOT NULL,
    relevance REAL,
    vocabulary TEXT,
    extractor TEXT NOT NULL,
    text_file TEXT,
    text_record_id TEXT,
    capture_id INTEGER NOT NULL REFERENCES captures(id),
    UNIQUE (article_id, number),
    UNIQUE (article_id, capture_id, text_hash)
);
CREATE TABLE mentions (
    version_id INTEGER NOT NULL REFERENCES versions(id),
    term TEXT NOT NULL,
    part TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (version_id, term, part)
);
CREATE TABLE syndications (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    syndicated_from INTEGER NOT NULL REFERENCES articles(id),
    similarity REAL,
    method TEXT NOT NULL,
    PRIMARY KEY (article_id, syndicated_from)
);
CREATE INDEX captures_url ON captures (url);
CREATE INDEX captures_run ON captures (run_id);
CREATE INDEX captures_outcome ON captures (outcome);
CREATE INDEX captures_publisher ON captures (publisher);
CREATE INDEX sightings_url ON sightings (url);
CREATE INDEX sightings_open ON sightings (publisher, id) WHERE outcome IS NULL;
CREATE INDEX sightings_open_url ON sightings (url) WHERE outcome IS NULL;
CREATE INDEX articles_published ON articles (published_at);
CREATE INDEX articles_publisher ON articles (publisher, published_at);
CREATE INDEX articles_language ON articles (language, published_at);
CREATE INDEX articles_section ON articles (section);
CREATE INDEX articles_capture ON articles (capture_id);
CREATE INDEX versions_capture ON versions (capture_id);
CREATE INDEX mentions_term ON mentions (term);
"""

YEARS = """
ALTER TABLE sources ADD COLUMN interval_s INTEGER;
ALTER TABLE sources ADD COLUMN next_at TEXT;
ALTER TABLE sources ADD COLUMN changed_at TEXT;
ALTER TABLE sources ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE captures ADD COLUMN etag TEXT;
ALTER TABLE captures ADD COLUMN last_modified TEXT;
ALTER TABLE captures ADD COLUMN original_at TEXT;
ALTER TABLE captures ADD COLUMN intermediary TEXT;
ALTER TABLE sightings ADD COLUMN fields TEXT;
ALTER TABLE sightings ADD COLUMN memento TEXT;
ALTER TABLE sightings ADD COLUMN new_to TEXT;
CREATE TABLE polls (
    id INTEGER PRIMARY KEY,
    polled_at TEXT NOT NULL,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    source TEXT NOT NULL,
    part_of TEXT,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    entries INTEGER NOT NULL,
    new INTEGER NOT NULL,
    error TEXT,
    capture_id INTEGER REFERENCES captures(id),
    run_id INTEGER REFERENCES runs(id)
);
CREATE TABLE watches (
    url TEXT PRIMARY KEY,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    first_at TEXT NOT NULL,
    visited_at TEXT NOT NULL,
    visits INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    next_at TEXT,
    capture_id INTEGER REFERENCES captures(id)
);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    changed_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    classes TEXT NOT NULL,
    details TEXT NOT NULL,
    rules TEXT NOT NULL,
    from_version INTEGER REFERENCES versions(id),
    to_version INTEGER REFERENCES versions(id),
    capture_id INTEGER REFERENCES captures(id)
);
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    raised_at TEXT NOT NULL,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    source TEXT,
    kind TEXT NOT NULL,
    message TEXT NOT NULL,
    figures TEXT NOT NULL,
    cleared_at TEXT,
    told TEXT,
    run_id INTEGER REFERENCES runs(id)
);
CREATE TABLE coverage (
    day TEXT NOT NULL,
    publisher TEXT NOT NULL REFERENCES publishers(name),
    source TEXT NOT NULL,
    polls INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    announced INTEGER NOT NULL,
    known INTEGER NOT NULL,
    fetched INTEGER NOT NULL,
    extracted INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    off_topic INTEGER NOT NULL,
    not_article INTEGER NOT NULL,
    blocked INTEGER NOT NULL,
    empty INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (publisher, day, source)
);
CREATE INDEX coverage_day ON coverage (day);
CREATE INDEX coverage_pending ON coverage (publisher) WHERE pending > 0;
CREATE INDEX sightings_new ON sightings (publisher, source, seen_at) WHERE new_to IS NOT NULL;
CREATE INDEX sightings_first ON sightings (url) WHERE new_to = 'publisher';
CREATE INDEX versions_publisher ON versions (publisher, captured_at);
CREATE INDEX watches_capture ON watches (capture_id);
CREATE TABLE imports (
    file TEXT NOT NULL REFERENCES files(file),
    selection TEXT NOT NULL,
    name TEXT,
    position INTEGER NOT NULL,
    records INTEGER NOT NULL,
    responses INTEGER NOT NULL,
    captures INTEGER NOT NULL,
    damages INTEGER NOT NULL,
    finished_at TEXT,
    run_id INTEGER REFERENCES runs(id),
    PRIMARY KEY (file, selection)
);
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    strikes INTEGER NOT NULL,
    run_id INTEGER REFERENCES runs(id)
);
CREATE INDEX polls_run ON polls (run_id);
CREATE INDEX polls_source ON polls (publisher, source, polled_at);
CREATE INDEX polls_capture ON polls (capture_id);
CREATE INDEX polls_part ON polls (publisher, part_of, polled_at) WHERE part_of IS NOT NULL;
CREATE INDEX watches_next ON watches (publisher, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX changes_article ON changes (article_id);
CREATE INDEX changes_at ON changes (changed_at);
CREATE INDEX changes_version ON changes (to_version);
CREATE INDEX alarms_open ON alarms (publisher, kind) WHERE cleared_at IS NULL;
CREATE INDEX captures_at ON captures (captured_at);
CREATE INDEX sightings_at ON sightings (seen_at);
CREATE INDEX sightings_memento ON sightings (memento) WHERE memento IS NOT NULL;
CREATE VIEW coverage_days AS
WITH RECURSIVE calendar (publisher, day, last) AS (
    SELECT publisher, min(day), (SELECT max(day) FROM coverage) FROM coverage GROUP BY publisher
    UNION ALL SELECT publisher, date(day, '+1 day'), last FROM calendar WHERE day < last
)
SELECT day, publisher,
    CASE WHEN coalesce(sum(polls + announced), 0) = 0 THEN 'no crawl'
        WHEN sum(announced) = 0 AND sum(polls) = sum(unanswered) THEN 'no answer'
        WHEN sum(announced) = 0 THEN 'nothing announced'
        WHEN sum(blocked + empty + failed + pending) > 0 THEN 'in part'
        ELSE 'whole' END AS state,
    coalesce(sum(announced - known), 0) AS announced,
    coalesce(sum(fetched), 0) AS fetched,
    coalesce(sum(extracted), 0) AS extracted,
    coalesce(sum(unchanged), 0) AS unchanged,
    coalesce(sum(off_topic), 0) AS off_topic,
    coalesce(sum(not_article), 0) AS not_article,
    coalesce(sum(blocked), 0) AS blocked,
    coalesce(sum(empty), 0) AS empty,
    coalesce(sum(failed), 0) AS failed,
    coalesce(sum(pending), 0) AS pending,
    coalesce(sum(polls), 0) AS polls,
    coalesce(sum(unanswered), 0) AS unanswered
FROM calendar LEFT JOIN coverage USING (publisher, day)
GROUP BY day, publisher;
CREATE VIEW standings AS
WITH seen AS (
    SELECT publisher, source, url, min(seen_at) AS first_seen_at, max(seen_at) AS last_seen_at, count(*) AS times,
        min(position) AS highest, max(position) AS lowest, count(DISTINCT title) AS titles
    FROM sightings WHERE memento IS NULL GROUP BY publisher, source, url
), ended AS (
    SELECT *, (SELECT min(polled_at) FROM polls WHERE polls.publisher = seen.publisher AND polls.source = seen.source
        AND polled_at > last_seen_at AND outcome = 'read') AS dropped_at FROM seen
)
SELECT url, publisher, source, first_seen_at, last_seen_at, dropped_at, dropped_at IS NULL AS stands, times, highest,
    lowest, titles
FROM ended;
"""

# The spans of `mentions` are JSON: [[start, end], …], in code points of the part.
MENTIONS = """
CREATE TABLE mentions_new (
    version_id INTEGER NOT NULL REFERENCES versions(id),
    kind TEXT NOT NULL DEFAULT 'conflict',
    term TEXT NOT NULL,
    label TEXT,
    part TEXT NOT NULL,
    count INTEGER NOT NULL,
    spans TEXT NOT NULL DEFAULT '[]',
    certainty TEXT NOT NULL DEFAULT 'sure',
    PRIMARY KEY (version_id, kind, term, part)
) WITHOUT ROWID;
INSERT INTO mentions_new (version_id, term, part, count) SELECT version_id, term, part, count FROM mentions;
DROP TABLE mentions;
ALTER TABLE mentions_new RENAME TO mentions;
CREATE INDEX mentions_term ON mentions (kind, term, version_id);
ALTER TABLE versions ADD COLUMN names TEXT;
"""

WITHHOLDINGS = """
CREATE TABLE withholdings (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL,
    withheld_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    restored_at TEXT
);
CREATE UNIQUE INDEX withholdings_in_force ON withholdings (article_id) WHERE restored_at IS NULL;
CREATE VIEW withheld AS SELECT article_id, withheld_at, reason FROM withholdings WHERE restored_at IS NULL;
"""

# A merged run is told apart by its shard, and by its id there.
SHARDS = """
CREATE TABLE shards (
    shard TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    head TEXT NOT NULL,
    merged_at TEXT NOT NULL
);
ALTER TABLE runs ADD COLUMN shard TEXT;
ALTER TABLE runs ADD COLUMN shard_run INTEGER;
CREATE UNIQUE INDEX runs_shard ON runs (shard, shard_run) WHERE shard IS NOT NULL;
"""

# What pages about a whole archive count is read from indexes alone.
COUNTED = """
DROP INDEX captures_publisher;
CREATE INDEX captures_publisher ON captures (publisher, captured_at);
CREATE INDEX captures_via ON captures (via) WHERE via IS NOT NULL;
CREATE INDEX sightings_capture ON sightings (capture_id) WHERE capture_id IS NOT NULL;
CREATE INDEX articles_changed ON articles (captured_at) WHERE versions > 1;
"""

# A row for each first sighting in a source (`new_to`), so that the latest are read from the index of times; the rest is
# looked up for those that are shown.
_SEEN = """FROM sightings AS seen
    WHERE seen.url = first.url AND seen.publisher = first.publisher AND seen.source = first.source
        AND seen.memento IS NULL"""
STANDINGS = f"""
CREATE VIEW standings AS
SELECT url, publisher, source, first_seen_at, last_seen_at, dropped_at, dropped_at IS NULL AS stands, times, highest,
    lowest, titles
FROM (
    SELECT *, (SELECT min(polled_at) FROM polls WHERE polls.publisher = known.publisher
        AND polls.source = known.source AND polled_at > last_seen_at AND outcome = 'read') AS dropped_at
    FROM (
        SELECT url, publisher, source, seen_at AS first_seen_at, (SELECT max(seen_at) {_SEEN}) AS last_seen_at,
            (SELECT count(*) {_SEEN}) AS times, (SELECT min(position) {_SEEN}) AS highest,
            (SELECT max(position) {_SEEN}) AS lowest, (SELECT count(DISTINCT title) {_SEEN}) AS titles
        FROM sightings AS first WHERE new_to IS NOT NULL AND memento IS NULL
    ) AS known
)
"""  # noqa: S608 - of constants

# A click on a count above a table asks for the latest rows that have one value: each such index has them in that order.
# What is counted stands in tallies, so the index that articles were counted from is of no more use.
CLICKED = """
DROP INDEX articles_facets;
DROP INDEX articles_section;
CREATE INDEX articles_section ON articles (section, published_at);
DROP INDEX versions_publisher;
CREATE INDEX versions_publisher ON versions (publisher);
DROP INDEX captures_outcome;
CREATE INDEX captures_outcome ON captures (outcome, captured_at);
CREATE INDEX sightings_publisher ON sightings (publisher, seen_at);
CREATE INDEX sightings_outcome ON sightings (outcome, seen_at);
"""
