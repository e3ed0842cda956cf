"""How many reports a story comes to, however its copies hang together."""

import pytest

from archive.stories import origins, reports


def rows(*links: tuple[int, int | None]) -> list[dict[str, int | None]]:
    return [{"id": article_id, "copied_from": source} for article_id, source in links]


@pytest.mark.parametrize(
    ("story", "count", "expected"),
    [
        (rows((1, None), (2, 1), (3, 1)), 1, {1: None, 2: 1, 3: 1}),
        (rows((1, None), (2, 1), (3, 2)), 1, {1: None, 2: 1, 3: 1}),  # a copy of a copy
        (rows((1, None), (2, None), (3, 2)), 2, {1: None, 2: None, 3: 2}),
        (rows((2, 1), (3, 1)), 1, {2: None, 3: 2}),  # the first is withheld
        (rows((2, 1), (3, 7), (4, 1)), 2, {2: None, 3: None, 4: 2}),  # two are
        (rows((1, 2), (2, 1)), 1, {1: None, 2: 1}),  # dates were corrected, and both were linked
    ],
    ids=["one origin", "chain", "two origins", "origin withheld", "two withheld", "ring"],
)
def test_reports_are_counted_not_copies(
    story: list[dict[str, int | None]], count: int, expected: dict[int, int | None]
) -> None:
    assert origins(story) == expected
    assert reports(story) == count
