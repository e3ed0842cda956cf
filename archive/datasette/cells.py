"""CSV that Datasette writes, with no cell that a spreadsheet would compute: as in the exports, and as safe."""

import csv
import io
import re

from archive.export import cell

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)  # "-12", "1.5e-07"

csv.field_size_limit(2**31 - 1)


def harmless(lines: bytes) -> bytes:
    """Whole rows of CSV, each cell that begins like a formula with an apostrophe before it."""
    rows = csv.reader(io.StringIO(lines.decode("utf-8", "replace"), newline=""))
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    for row in rows:
        writer.writerow([text if not text or _NUMBER.fullmatch(text) else cell(text) for text in row])
    return written.getvalue().encode("utf-8", "replace")
