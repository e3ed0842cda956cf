"""Copies of a wire's text are told from other reports of the same event, and from reports in the same form."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import copies
from archive.likeness import likeness, wording
from archive.rebuild import rebuild
from archive.store import Archive
from tests.archive.conftest import article, dumped, exchange
from tests.archive.copies import Pair, forms, pairs

WIRE = (
    "At least twelve people were killed when shells hit a market in the town of Tarn on Tuesday, local officials said.",
    "The mayor, Ilda Veshner, told reporters that rescue teams were still looking for people under the rubble of two "
    "shops beside the covered hall, and that the hospital had asked for blood of all groups.",
    "Both sides denied that they had fired. Observers of the regional mission said they had counted nine craters, all "
    "from the same direction, and would publish their report by the end of the week.",
    "The market stands four kilometres from the line where the two armies have faced each other since the spring. It "
    "had opened again only last month, after a truce that was to let farmers bring in the harvest.",
)
CUT = ("TARN (Agency) - " + WIRE[0], WIRE[1])
WITH_OWN = (
    "Our correspondent in the capital writes that shops closed in mourning on Wednesday morning.",
    *WIRE,
    "The foreign ministry summoned the ambassador. Schools in the district will stay closed until Monday at least.",
)
EDITED = (
    "At least 12 people were killed when shells hit a market in the town of Tarn yesterday, local officials said.",
    WIRE[1].replace("rescue teams were", "rescuers were"),
    WIRE[2],
)
OTHER_REPORT = (
    "Shells fell on the covered market of Tarn around noon, killing a dozen shoppers and stall keepers.",
    "“I heard three blasts, then people ran past me,” said a baker whose shop faces the hall. Doctors at the only "
    "hospital said they were short of blood.",
    "Neither army took responsibility. Monitors of the regional mission counted nine craters and said that all shells "
    "had come from one side; a report is expected within days.",
)
SAME_FORM = (
    "At least four people were killed when shells hit a bus station in the town of Brell on Friday, officials said.",
    "The governor told reporters that the wounded had been taken to three hospitals and that the station was closed.",
    "Both sides denied that they had fired. The regional mission said that its observers could not reach the place.",
)
TRANSLATED = (
    "Mindestens zwölf Menschen starben, als am Dienstag Granaten einen Markt in der Stadt Tarn trafen, wie Behörden "
    "vor Ort sagten. Die Bürgermeisterin, Ilda Veshner, erklärte Reportern, dass Rettungskräfte noch immer unter den "
    "Trümmern zweier Läden neben der Markthalle nach Menschen suchten und dass das Krankenhaus um Blut bat."
)
TUESDAY = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def store(archive: Archive, publisher: str, paragraphs: tuple[str, ...], *, hours: int = 0, url: str = "") -> int:
    url = url or f"https://{publisher.lower()}.example/{len(paragraphs)}-{hours}"
    capture = archive.capture(exchange(url), run_id=None)
    fields = article(url, publisher=publisher, paragraphs=paragraphs, published_at=TUESDAY + timedelta(hours=hours))
    return archive.store_article(capture, fields, extractor="test")[1]


def syndications(archive: Archive) -> set[tuple[int, int]]:
    return set(archive.connection.execute("SELECT article_id, syndicated_from FROM syndications"))


@pytest.mark.parametrize("text", [WIRE, CUT, WITH_OWN, EDITED], ids=["whole", "cut", "added to", "edited"])
def test_a_copy_is_linked_to_the_first(archive: Archive, text: tuple[str, ...]) -> None:
    first = store(archive, "Wire", WIRE)
    assert syndications(archive) == set()
    later = store(archive, "Paper", text, hours=3)
    assert syndications(archive) == {(later, first)}


@pytest.mark.parametrize("text", [OTHER_REPORT, SAME_FORM], ids=["same event", "same form"])
def test_another_report_is_none(archive: Archive, text: tuple[str, ...]) -> None:
    store(archive, "Wire", WIRE)
    store(archive, "Paper", text, hours=3)
    assert syndications(archive) == set()


def test_what_was_published_first_is_the_origin_whenever_it_is_found(archive: Archive) -> None:
    paper = store(archive, "Paper", CUT, hours=5)
    other = store(archive, "Post", WITH_OWN, hours=8)
    assert syndications(archive) == {(other, paper)}
    wire = store(archive, "Wire", WIRE)
    assert syndications(archive) == {(other, paper), (paper, wire), (other, wire)}


def test_neither_the_same_publisher_nor_another_year_counts(archive: Archive) -> None:
    store(archive, "Wire", WIRE)
    store(archive, "Wire", WIRE, hours=2)
    store(archive, "Paper", WIRE, hours=24 * 365)
    assert syndications(archive) == set()


def test_a_changed_text_is_compared_anew(archive: Archive) -> None:
    first = store(archive, "Wire", WIRE)
    later = store(archive, "Paper", ("Shells fell on Tarn.",), hours=3, url="https://paper.example/live")
    assert syndications(archive) == set()
    store(archive, "Paper", WITH_OWN, hours=3, url="https://paper.example/live")
    assert syndications(archive) == {(later, first)}


def test_a_new_time_of_publication_is_compared_anew(archive: Archive) -> None:
    """Candidates are looked up by when they came out."""
    store(archive, "Wire", WIRE)
    url = "https://paper.example/dated-wrong"
    later = store(archive, "Paper", CUT, hours=24 * 365, url=url)
    assert syndications(archive) == set()
    store(archive, "Paper", (*CUT, "The date was corrected."), hours=3, url=url)
    assert syndications(archive) == {(later, 1)}
    periods = archive.connection.execute("SELECT DISTINCT period FROM fingerprints").fetchall()
    assert len(periods) == 1


def test_a_rebuilt_archive_has_the_same_links_and_samples(tmp_path: Path) -> None:
    with Archive.open(tmp_path) as archive:
        store(archive, "Wire", WIRE)
        store(archive, "Paper", CUT, hours=3)
        sample = archive.connection.execute("SELECT * FROM fingerprints ORDER BY 1, 2, 3").fetchall()
    before = dumped(tmp_path)
    rebuild(tmp_path, software="test")
    assert dumped(tmp_path) == before
    with Archive.open(tmp_path, write=False) as archive:
        assert archive.connection.execute("SELECT * FROM fingerprints ORDER BY 1, 2, 3").fetchall() == sample


def test_the_numbers_are_the_same_for_ever() -> None:
    """They are stored: another hash would find nothing of what was archived before."""
    assert sorted(wording("Shells hit a market in Tarn").shingles) == [-557922186486947914, 1075752381333827961]


# --- labelled pairs ---------------------------------------------------------------------------------------------------


def labelled_pairs() -> list[Pair]:
    return pairs("stories.toml") + pairs("held_out.toml")


def _counted(labelled: list[Pair]) -> Counter[tuple[bool, bool]]:
    """How many pairs were (taken for a copy, one)."""
    return Counter((likeness(wording(pair.one), wording(pair.other)) > 0, pair.is_copy) for pair in labelled)


def test_copies_are_told_from_what_only_looks_so() -> None:
    labelled = labelled_pairs()
    assert len(labelled) >= 300
    assert sum(pair.is_written for pair in labelled) >= 180
    counted = _counted(labelled)
    wrong = [pair.kind for pair in labelled if (likeness(wording(pair.one), wording(pair.other)) > 0) != pair.is_copy]
    assert counted[True, True] / (counted[True, True] + counted[True, False]) >= 0.98, wrong
    assert counted[True, True] / (counted[True, True] + counted[False, True]) >= 0.95, wrong


def test_a_translation_is_a_report_of_its_own() -> None:
    assert likeness(wording("\n\n".join(WIRE)), wording(TRANSLATED)) == 0


@pytest.mark.parametrize("form", forms(), ids=lambda form: form[0][:25])
def test_of_a_daily_form_only_one_days_are_copies(archive: Archive, form: list[str]) -> None:
    """What a publisher prints on another day, too, is no evidence: two publishers with the same form copy nothing."""
    for hours, publisher in ((0, "Wire"), (2, "Paper")):
        for day, text in enumerate(form):
            url = f"https://{publisher}.example/{day}"
            store(archive, publisher, tuple(text.split("\n\n")), hours=24 * day + hours, url=url)
    assert {(copy - first) % len(form) for copy, first in syndications(archive)} <= {0}


def test_the_background_of_a_story_is_no_copy_once_it_is_known(archive: Archive) -> None:
    background = WIRE[2:]
    store(archive, "Wire", WIRE)
    store(archive, "Paper", ("The mayor of Tarn resigned.", *background), hours=30)
    later = store(archive, "Wire", ("Tarn buried its dead.", *background), hours=48)
    assert not [pair for pair in syndications(archive) if later in pair]


def test_a_text_that_everybody_prints_is_found_without_reading_all_of_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a common shingle only the first holders are read, and of those only some texts."""
    monkeypatch.setattr(copies, "_MOST_HOLDERS", 10)
    monkeypatch.setattr(copies, "_MAX_CANDIDATES", 8)
    for number in range(40):
        store(archive, f"Paper{number}", WIRE, hours=1)
    assert (40, 1) in syndications(archive)
    asked: list[str] = []
    archive.connection.set_trace_callback(asked.append)
    copies.of(archive.connection, 40)
    archive.connection.set_trace_callback(None)
    assert sum(sql.startswith("SELECT publisher") for sql in asked) == 10
    assert sum(sql.startswith("SELECT id, publisher") for sql in asked) == 1 + 4


def test_short_notes_are_found(archive: Archive) -> None:
    """Of a note of thirty words a sixteenth of the shingles may be none at all."""
    notes = list(dict.fromkeys(pair.one.split("\n\n")[0] for pair in labelled_pairs() if pair.kind.startswith("base/")))
    for number, note in enumerate(notes):
        store(archive, "Wire", (note,), url=f"https://wire.example/{number}")
        store(archive, "Paper", (note,), hours=1, url=f"https://paper.example/{number}")
    assert len(notes) >= 15
    assert len(syndications(archive)) >= 0.9 * len(notes)
