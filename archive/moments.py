"""Stored times as people read them."""

from datetime import UTC, datetime, timedelta, timezone


def readable(value: str | None, offset: str | None = None, precision: str | None = None) -> str:
    """`2024-05-01T10:20:00Z` as `1 May 2024, 13:20 UTC+03:00`: the clock on the publisher's wall, with its zone.

    Without `offset` in UTC; with `precision` "day" only the date. Empty for None, the value itself when it is no time.
    """
    if not value:
        return ""
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        moment = moment.astimezone(_zone(offset))
    except ValueError:
        return value
    day = f"{moment.day} {moment:%B %Y}"
    if precision == "day":
        return day
    return f"{day}, {moment:%H:%M} {moment.tzname() or 'UTC'}"


def _zone(offset: str | None) -> timezone:
    """`+03:00` → that zone."""
    if not offset or offset == "+00:00":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))
