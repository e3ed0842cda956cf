"""The kernel's own words on whether its clock is set by others."""

import ctypes

import pytest

from archive import clock

TIMEX = clock._Timex


def kernel(*, answer: int, status: int = 0, maxerror: int = 0) -> object:
    """An adjtimex that fills the structure in as the kernel would."""

    def adjtimex(pointer: object) -> int:
        told = pointer._obj  # type: ignore[attr-defined]
        assert told.modes == 0, "a question must not change the clock"
        told.status, told.maxerror = status, maxerror
        return answer

    return adjtimex


@pytest.mark.parametrize(
    ("adjtimex", "said"),
    [
        (kernel(answer=0, status=0x2001, maxerror=12_300), "synchronised, off by at most 0.012 s"),
        (kernel(answer=5, status=0x0041, maxerror=16_000_000), "not synchronised"),
        (None, "unknown: this system does not tell"),
    ],
)
def test_what_the_kernel_tells(monkeypatch: pytest.MonkeyPatch, adjtimex: object, said: str) -> None:
    monkeypatch.setattr(clock, "_adjtimex", lambda: adjtimex)
    assert clock.state() == said


def test_a_kernel_that_refuses_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> int:
        ctypes.set_errno(1)
        return -1

    monkeypatch.setattr(clock, "_adjtimex", lambda: refuse)
    assert clock.state() == "unknown: Operation not permitted"


def test_this_machines_kernel_answers_in_the_same_words() -> None:
    assert clock.state().startswith(("synchronised, off by at most ", "not synchronised", "unknown: "))
    assert ctypes.sizeof(TIMEX) >= 208  # of struct timex on 64-bit Linux: the kernel writes that much
