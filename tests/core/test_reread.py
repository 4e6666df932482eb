"""What is read again after a restore comes in the order in which it was written."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from shared.stage.batch import LogEnds
from shared.stage.reread import Reread, marks_of

HEARD, TOLD, LATER = ("registered", 0), ("inbox", 0), ("registered", 1)


class Found(NamedTuple):
    """What of a record counts here."""

    topic: str
    offset: int
    timestamp: int


def test_a_worker_that_starts_as_it_ended_reads_nothing_in_order() -> None:
    """Every start would wait for each topic's last record before anything else is decided."""
    logs = {0: {"registered": LogEnds(0, 9, 8), "inbox": LogEnds(0, 4, 4)}}
    assert marks_of(logs, {HEARD: 7, TOLD: 4}) == {}


def test_all_topics_of_a_partition_that_lies_behind_are_read_in_order() -> None:
    """A topic that nothing new came on since the copy would be read before or after its time."""
    logs = {0: {"registered": LogEnds(0, 9, 8), "inbox": LogEnds(0, 4, 4)}}
    assert marks_of(logs, {HEARD: 3, TOLD: 3}) == {HEARD: 8, TOLD: 4}


def test_nothing_is_awaited_that_the_log_does_not_hold() -> None:
    """A topic that was made anew would be waited for where the old one had been, for ever."""
    logs = {0: {"registered": LogEnds(0, 2, 8), "inbox": LogEnds(0, 4, 4)}}
    assert marks_of(logs, {HEARD: 0, TOLD: 0}) == {HEARD: 2, TOLD: 4}


def test_what_may_come_before_is_awaited() -> None:
    """A timer would be heard before the reading that it waited for; people are told twice then."""
    reread = Reread({HEARD: 2, TOLD: 1})
    timer, first, last = Found("inbox", 0, 50), Found("heard", 0, 10), Found("heard", 1, 60)
    reread.take(TOLD, [timer])
    assert list(reread.ordered({HEARD: 0})) == []
    reread.take(HEARD, [first, last])
    assert list(reread.ordered({})) == [[first, timer]]
    assert list(reread.ordered({TOLD: 1})) == [[last]]


def test_one_partition_does_not_wait_for_another() -> None:
    """Nobody is heard in two; a slow one would hold all."""
    reread, found = Reread({HEARD: 2, LATER: 5}), Found("heard", 1, 10)
    reread.take(HEARD, [found])
    assert list(reread.ordered({LATER: 0})) == [[found]]


def test_markers_at_the_end_are_no_records() -> None:
    """Where an upstream writes in transactions the last offset is never fetched."""
    reread, found = Reread({HEARD: 2, TOLD: 9}), Found("heard", 1, 10)
    reread.take(HEARD, [found])
    assert list(reread.ordered({TOLD: 9})) == [[found]]
    assert list(reread.ordered({HEARD: 2, TOLD: 9})) == []
    assert not reread.has(HEARD)


TIMES = st.lists(st.integers(0, 30), max_size=12).map(sorted)


@given(draw=st.data(), logs=st.dictionaries(st.sampled_from("abc"), TIMES, min_size=1))
def test_however_it_is_fetched_it_comes_in_order_and_whole(
    draw: st.DataObject, logs: dict[str, list[int]]
) -> None:
    """A record that stays in hand is never decided; one out of its time tells people twice."""
    records = {
        name: [Found(name, i, written_at) for i, written_at in enumerate(times)]
        for name, times in logs.items()
    }
    reread = Reread({(name, 0): len(times) for name, times in logs.items()})
    stands = dict.fromkeys(logs, 0)
    came: list[Found] = []
    while any(reread.has((name, 0)) for name in logs):
        for name, _ in sorted(reread.empty()):
            at, many = stands[name], draw.draw(st.integers(1, 5))
            reread.take((name, 0), records[name][at : at + many])
            stands[name] = min(at + many, len(logs[name]))
        for found in reread.ordered({(name, 0): stands[name] for name, _ in reread.empty()}):
            came += found
    assert [found.timestamp for found in came] == sorted(found.timestamp for found in came)
    for name in logs:
        assert [found for found in came if found.topic == name] == records[name]
