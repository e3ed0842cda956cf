"""Actors and places of an article for readers: each once, and marked where the text names them."""

from typing import Any

from archive.names import Name, Piece, listed, pieces

TEXT = "Fighters left Hama.\n\n \n\nThe <b>army</b> entered Hama & Homs."


def mention(kind: str, term: str, part: str, *spans: tuple[int, int], certainty: str = "sure") -> dict[str, Any]:
    return {
        "kind": kind, "term": term, "label": term.title(), "part": part, "count": len(spans),
        "spans": str([list(span) for span in spans]), "certainty": certainty,
    }  # fmt: skip


MENTIONS = [
    {"kind": "conflict", "term": "army", "label": None, "part": "text", "count": 1, "spans": "[]", "certainty": "sure"},
    mention("place", "hama", "headline", (0, 4), certainty="ambiguous"),
    mention("place", "hama", "lede", (14, 18)),
    mention("place", "hama", "text", (14, 18), (TEXT.rindex("Hama"), TEXT.rindex("Hama") + 4)),
    mention("place", "homs", "text", (TEXT.index("Homs"), TEXT.index("Homs") + 4), certainty="ambiguous"),
    mention("actor", "fighters", "text", (0, 8)),
]


def test_each_name_comes_once_with_its_count() -> None:
    assert listed(MENTIONS) == [
        Name("actor", "fighters", "Fighters", 1, is_sure=True),
        Name("place", "hama", "Hama", 3, is_sure=True),
        Name("place", "homs", "Homs", 1, is_sure=False),
    ]


def test_paragraphs_are_cut_where_names_stand() -> None:
    assert pieces(TEXT, MENTIONS) == [
        [Piece("Fighters", "actor", "fighters"), Piece(" left "), Piece("Hama", "place", "hama"), Piece(".")],
        [
            Piece("The <b>army</b> entered "),
            Piece("Hama", "place", "hama"),
            Piece(" & "),
            Piece("Homs", "place", "homs", is_sure=False),
            Piece("."),
        ],
    ]


def test_spans_that_do_not_fit_lose_no_text() -> None:
    odd = [mention("place", "x", "text", (5, 3), (-4, 2), (2, 30), (900, 910), (0, 8), (4, 12))]
    assert ["".join(piece.text for piece in paragraph) for paragraph in pieces(TEXT, odd)] == [
        "Fighters left Hama.",
        "The <b>army</b> entered Hama & Homs.",
    ]
