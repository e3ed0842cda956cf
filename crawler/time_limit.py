"""A limit on the time of a run that holds whatever hangs, in four steps, each for when the one before did not help:

1. At the limit the crawl is stopped in order (`Run.stop`): what is being transferred is finished, the rest is left.
2. A *grace* later the event loop is ended: a spider or server that keeps it waiting is waited for no longer.
3. Half a grace later a thread closes the archive and ends the process: a spider that never gives the loop back, a name
   that does not resolve, a worker that cannot be killed.
4. Another half later the process is ended from C, with a traceback of every thread on standard error: code that holds
   the interpreter's lock, such as a regular expression without end, or a disk that does not answer.

Nothing acknowledged is lost by any of them; after the last two, what was captured and not extracted is the next run's.
"""

import asyncio
import contextlib
import faulthandler
import os
import sys
import threading
from collections.abc import Callable

from twisted.internet.error import ReactorNotRunning

from crawler import exit_codes
from crawler.run import Run


class TimeLimit:
    """The limit of one run, counted from `start`. It holds until the process ends, its clearing up included."""

    def __init__(self, run: Run, *, seconds: float, grace: float, laggards: Callable[[], list[str]]) -> None:
        """`laggards`: the names of spiders that have not ended."""
        self.run = run
        self.seconds = seconds
        self.grace = grace
        self.laggards = laggards
        self.is_over = False
        self._stop: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Set all four going; called before the event loop runs."""
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

        reactor.callLater(self.seconds, self._stop_in_order)  # type: ignore[arg-type]
        reactor.callLater(self.seconds + self.grace, self._stop_loop)  # type: ignore[arg-type]
        threading.Thread(target=self._watch, name="time-limit", daemon=True).start()
        with contextlib.suppress(ValueError, OSError):  # standard error is no file: a test's, or closed
            faulthandler.dump_traceback_later(self.seconds + 2 * self.grace, exit=True)

    def ended(self) -> None:
        """The archive is closed, the code is known: what is left is the interpreter's own end, which may hang as well.

        It has half a grace from now, at least ten seconds, for a machine may be busy and the grace a test's.
        """
        with contextlib.suppress(ValueError, OSError):
            faulthandler.dump_traceback_later(max(self.grace / 2, 10), exit=True)

    def _stop_in_order(self) -> None:
        self.is_over = True
        self._stop = asyncio.ensure_future(self.run.stop())

    def _stop_loop(self) -> None:
        from twisted.internet import reactor  # noqa: PLC0415

        self._name_laggards("did not stop within {grace:g} s after the time limit and was cut off")
        with contextlib.suppress(ReactorNotRunning):
            reactor.stop()  # type: ignore[misc]

    def _watch(self) -> None:
        threading.Event().wait(self.seconds + 1.5 * self.grace)
        self.is_over = True
        self._name_laggards("hangs; the archive is closed without it")
        code = self.run.closed_with
        if code is None:
            code = exit_codes.TIME_LIMIT
            with contextlib.suppress(Exception):  # whatever it is: the files mend themselves at the next opening
                self.run.close(code)
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    def _name_laggards(self, words: str) -> None:
        for name in self.laggards():
            print(f"error: {name} {words.format(grace=self.grace)}", file=sys.stderr)
