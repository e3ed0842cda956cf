"""The budget of bytes under way: floods wait, small answers do not, and everything ends."""

from dataclasses import dataclass

from crawler.intake import Intake

KIB = 1024


@dataclass
class Wire:
    """What a transport is to the budget."""

    reading: bool = True

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.reading = False

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.reading = True


def test_floods_wait_and_small_answers_pass() -> None:
    intake = Intake(limit=1000 * KIB, small=10 * KIB)
    wires = {number: Wire() for number in range(10)}
    for _ in range(100):
        for number, wire in wires.items():
            if wire.reading:
                intake.received(number, 16 * KIB, wire)
    assert [number for number, wire in wires.items() if wire.reading] == [0], "the first is read on, whatever it holds"
    late, small = Wire(), Wire()
    intake.received("late", 80 * KIB, late)
    intake.received("small", 5 * KIB, small)
    assert late.reading, "an answer below its share passes the floods"
    assert small.reading


def test_each_gets_its_turn_in_order() -> None:
    intake = Intake(limit=10 * KIB, small=KIB)
    wires = [Wire() for _ in range(4)]
    for number, wire in enumerate(wires):
        intake.received(number, 8 * KIB, wire)
    assert [wire.reading for wire in wires] == [True, False, False, False]
    for number in range(4):
        intake.release(number)
        assert all(wire.reading for wire in wires[: number + 2])
    assert intake.held == 0


def test_what_was_never_received_is_released_in_vain() -> None:
    intake = Intake()
    intake.release("nothing")
    assert intake.held == 0
