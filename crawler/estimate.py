"""How far a long piece of work has come, and how long it will take."""

import time
from dataclasses import dataclass, field

SOON = 5.0  # seconds before which there is nothing to go by


@dataclass(kw_only=True, slots=True)
class Estimate:
    """`total` things to do, begun now; `noun` names them."""

    total: int
    noun: str
    begun_at: float = field(default_factory=time.monotonic)

    def words(self, done: int) -> str:
        """`1,204 of 20,300 captures, about 3 h left`; the estimate once there is something to go by."""
        passed = time.monotonic() - self.begun_at
        left = passed / done * (self.total - done) if done and passed > SOON and done < self.total else None
        return f"{done:,} of {self.total:,} {self.noun}" + (f", about {duration(left)} left" if left else "")


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h`, `2 days`: as exact as an estimate is."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
