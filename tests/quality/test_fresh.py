"""Triage hears danger in lines that its lists were not made from, and none in figures of speech."""

from collections import Counter

from tests.quality import floors, fresh


def test_no_share_of_the_unseen_lines_drops() -> None:
    """A change of lists would leave a fire or a hurt child with an ordinary answer."""
    assert floors.dropped(fresh.shares()) == []


def test_the_unseen_half_is_the_same_in_every_written_form() -> None:
    """What is seen in one written form would be learnt from for the others."""
    halves = Counter((line.kind, line.is_open, line.form) for line in fresh.lines())
    counts = {(kind, is_open): set[int]() for kind, is_open, _ in halves}
    for (kind, is_open, _), count in halves.items():
        counts[kind, is_open].add(count)
    assert {key: len(found) for key, found in counts.items()} == dict.fromkeys(counts, 1)


def test_every_line_stands_once() -> None:
    """A line in both halves would be seen after all."""
    texts = Counter((line.form, line.text) for line in fresh.lines())
    assert [text for text, times in texts.items() if times > 1] == []
