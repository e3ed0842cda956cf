#!/bin/sh
# backup.sh [DESTINATION]: copy the archive to a folder, or to host:folder over ssh; without one to $DATELINE_BACKUP.
#
# 1. Sizes, names and order of the files are looked at: what is damaged must not replace what is whole.
# 2. Finished files are copied while a crawl may run. They never change, so a copy that is there stays as it is.
# 3. With the archive's lock held, so that nobody writes: the few that were finished meanwhile, files that a killed run
#    left open, and the database. A crawl that is started in these seconds waits with --wait, or ends with 75.
#
# The copy is an archive: `archive verify --archive COPY` looks at it, and crawling into it goes on where it ended.
# Exit codes: that of `archive verify` where it found damage, 75 when a crawl did not end within an hour, rsync's.
set -eu
: "${DATELINE_ARCHIVE:?names the archive}"
to=${1:-${DATELINE_BACKUP:?names where the copy goes}}
bin=$(cd "$(dirname "$0")/../.venv/bin" && pwd)
cd "$DATELINE_ARCHIVE"

"$bin/archive" verify --quick --archive . >/dev/null

rsync --archive --ignore-existing --include='*/' --exclude='*.open' warc imported quarantine "$to/"

exec 9<>archive.lock
flock --shared --wait 3600 --conflict-exit-code 75 9
printf '{"pid": %s, "command": "backup.sh", "since": "%s"}' $$ "$(date -u +%FT%T+00:00)" >archive.lock
rsync --archive --ignore-existing --exclude='*.open' warc imported quarantine "$to/"
# an open file is replaced while it grows, and goes when it was finished; only files of that name are deleted
rsync --archive --delete --include='*.warc.gz.open' --exclude='*' warc/ "$to/warc/"
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
"$bin/python" -c '
import sqlite3, sys
with sqlite3.connect("archive.db") as source, sqlite3.connect(sys.argv[1]) as copy:
    source.backup(copy)
' "$copy"
rsync --chmod=F640 "$copy" "$to/archive.db"
