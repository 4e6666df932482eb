"""After a restore: what was done before is read again in the order in which it was written.

Kafka orders the records of one topic only, and a decision hangs on what was heard before it: in
another order the same events would tell people other things than they were told. So up to where
the group had been, the topics of a partition are merged by their records' timestamps, as Kafka
Streams does it; a topic that has nothing in hand is waited for. Where the reader lagged then, or
two were written within a moment, the order may still be another one.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.stage.batch import LogEnds

Place = tuple[str, int]  # topic and partition


def marks_of(
    logs: Mapping[int, Mapping[str, LogEnds]], positions: Mapping[Place, int]
) -> dict[Place, int]:
    """How far all topics of the partitions were done, of which one was done further than known.

    A claim reads on at the last record done: one offset behind the group is where it was.
    """
    marks: dict[Place, int] = {}
    for partition, topics in logs.items():
        done = {(t, partition): min(ends.committed or 0, ends.end) for t, ends in topics.items()}
        if any(mark - positions[place] > 1 for place, mark in done.items()):
            marks |= done
    return marks


class Reread:
    """Records in hand, by topic and partition, until it is known that nothing comes before them."""

    def __init__(self, marks: Mapping[Place, int]) -> None:
        """`marks`: up to which offset each place is read in order; see `marks_of`."""
        self._marks = dict(marks)
        self._in_hand: dict[Place, deque[Any]] = {place: deque() for place in marks}

    def has(self, place: Place) -> bool:
        """Whether this place is still read in order."""
        return place in self._marks

    def take(self, place: Place, records: Iterable[Any]) -> None:
        """Keep what was fetched, in the order of the log."""
        self._in_hand[place].extend(records)

    def empty(self) -> set[Place]:
        """Of which places nothing is in hand: those to fetch, and to ask where they stand."""
        return {place for place, records in self._in_hand.items() if not records}

    def full(self) -> set[Place]:
        """Of which places something is in hand: fetching more of them would fill the memory."""
        return self._in_hand.keys() - self.empty()

    def ordered(self, positions: Mapping[Place, int]) -> Iterator[list[Any]]:
        """What may be decided now, oldest first: records of all topics of one partition each.

        `positions`: what is fetched next of each place that is `empty`. Partitions that are where
        they had been leave, and are read as usual.
        """
        for partition in sorted({partition for _, partition in self._marks}):
            places = sorted(place for place in self._marks if place[1] == partition)
            if records := [*self._oldest_first(places, positions)]:
                yield records
            if not any(self._is_awaited(place, positions) for place in places):
                self._leave(places)

    def _oldest_first(
        self, places: Iterable[Place], positions: Mapping[Place, int]
    ) -> Iterator[Any]:
        while not any(self._is_awaited(place, positions) for place in places):
            in_hand = [records for place in places if (records := self._in_hand[place])]
            if not in_hand:
                return
            yield min(in_hand, key=_written_at).popleft()

    def _is_awaited(self, place: Place, positions: Mapping[Place, int]) -> bool:
        """Something older than all that is in hand may come; what was in hand is not asked for."""
        return not self._in_hand[place] and positions.get(place, 0) < self._marks[place]

    def _leave(self, places: Iterable[Place]) -> None:
        for place in places:
            del self._marks[place], self._in_hand[place]


def _written_at(records: deque[Any]) -> int:
    return int(records[0].timestamp)
