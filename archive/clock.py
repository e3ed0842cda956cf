"""What time it is, and whether this machine's clock can be believed: a capture's time is worth as much as its clock.

All code asks `now()`. The environment variable `DATELINE_CLOCK_SHIFT` (seconds) moves it, so that years of crawling can
be tried in minutes on the offline web; an archive of real pages is not opened then (see `archive.opening`).
"""

import ctypes
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

SHIFT = timedelta(seconds=float(os.environ.get("DATELINE_CLOCK_SHIFT") or 0))
_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of linux/timex.h


class _Timex(ctypes.Structure):
    """`struct timex` of adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "seconds", "fraction", "tick")),
        ("rest", ctypes.c_byte * 128),  # pulse-per-second counters and room to grow
    )


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + SHIFT


@cache
def _adjtimex() -> Any:
    """The C library's function, or None where there is none (it is Linux's)."""
    return getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)


def state() -> str:
    """What the kernel knows: `synchronised, off by at most 0.012 s`, `not synchronised`, or `unknown` with the reason.

    An NTP client tells the kernel so (adjtimex(2)); without one, or when it lost its server, the kernel says that too.
    """
    adjtimex = _adjtimex()
    if adjtimex is None:
        return "unknown: this system does not tell"
    told = _Timex()  # modes 0: nothing is changed, so no privilege is needed
    if adjtimex(ctypes.byref(told)) < 0:
        return f"unknown: {os.strerror(ctypes.get_errno())}"
    if told.status & _UNSYNCHRONISED:
        return "not synchronised"
    return f"synchronised, off by at most {told.maxerror / 1_000_000:.3f} s"
