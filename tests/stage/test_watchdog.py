"""The watchdog: work that lies there and does not move ends the process; nothing else does."""

import threading
import time
from collections.abc import Callable

import pytest
from faust.types import TP

from shared.stage.lag import Lag
from shared.stage.watchdog import EXIT_STALLED, Progress, watch

PATIENCE_S = 0.01
# Long enough for a look; whatever may not come has had its chance then.
LOOKS_S = 2.5
NEVER_S = 60.0


class End:
    """Stands in for the end of the process: keeps the exit code."""

    def __init__(self) -> None:
        """Still alive."""
        self.code: int | None = None
        self.came = threading.Event()

    def __call__(self, code: int) -> None:
        """The process would be gone."""
        self.code = code
        self.came.set()


def _watched(progress: Progress, excused: Callable[[], bool] = lambda: False) -> End:
    end = End()
    watch(progress, excused, patience_s=PATIENCE_S, end=end)
    return end


def test_records_in_hand_that_do_not_move_end_the_process() -> None:
    """A stage whose loop hangs would stand there for ever, taking its partitions along."""
    progress = Progress()
    progress.took(3)
    end = _watched(progress)
    assert end.came.wait(NEVER_S), "never came: the end"
    assert end.code == EXIT_STALLED


def test_a_lag_that_does_not_move_ends_the_process() -> None:
    """A consumer that silently fetches no more would look idle."""
    progress = Progress()
    progress.behind(1)
    end = _watched(progress)
    assert end.came.wait(NEVER_S), "never came: the end"
    assert end.code == EXIT_STALLED


def test_standing_still_on_purpose_is_excused() -> None:
    """A stage that was stopped for a person would be restarted once a minute."""
    progress = Progress()
    progress.took(3)
    assert not _watched(progress, lambda: True).came.wait(LOOKS_S)


@pytest.fixture
def idle() -> Progress:
    """A stage that has done all it took."""
    progress = Progress()
    progress.took(3)
    progress.did(3)
    progress.behind(0)
    return progress


def test_an_idle_stage_is_left_alone(idle: Progress) -> None:
    """A quiet night would be a night of restarts."""
    assert not _watched(idle).came.wait(LOOKS_S)
    assert idle.stalled_s(time.monotonic() + 3600) == 0.0


def test_progress_counts_from_the_last_move() -> None:
    """A long queue that is worked on would look stalled."""
    progress = Progress()
    progress.took(10)
    later = time.monotonic() + 3600
    progress.did(4)
    assert progress.in_hand == 6
    assert progress.stalled_s(later) <= 3600


def test_an_assignment_begins_anew() -> None:
    """What was in hand before a rebalance would count against the worker for ever."""
    progress = Progress()
    progress.took(10)
    progress.assigned()
    assert progress.ready
    assert progress.in_hand == 0


def test_being_up_to_date_does_not_excuse_what_is_in_hand() -> None:
    """A hung batch would go unseen as long as no other records come."""
    progress = Progress()
    progress.took(3)
    before = progress.stalled_s(time.monotonic() + 3600)
    progress.behind(0)
    assert progress.stalled_s(time.monotonic() + 3600) >= before


class Reader:
    """A consumer at `at` of logs that end at `end`; an exception in its place is raised.

    `counts`: it reads for a claim; `joins`: something keeps it in its group.
    """

    def __init__(
        self, end: int | Exception, at: int | None, *, counts: bool = True, joins: bool = True
    ) -> None:
        """One partition; none where nothing keeps it in its group."""
        self.end, self.at, self.counts, self.joins = end, at, counts, joins

    def is_in_its_group(self) -> bool:
        """Whether it joins."""
        return self.joins

    def reads_for_a_claim(self) -> bool:
        """Whether what it fetches counts."""
        return self.counts

    def assignment(self) -> list[TP]:
        """The one."""
        return [TP("complaints.registered", 0)] if self.joins else []

    async def position(self, tp: TP) -> int | None:
        """Where it is."""
        return self.at

    async def highwaters(self, *partitions: TP) -> dict[TP, int]:
        """Where the log ends."""
        if isinstance(self.end, Exception):
            raise self.end
        return dict.fromkeys(partitions, self.end)


@pytest.mark.parametrize(
    ("reader", "lag"),
    [
        (Reader(9, 9), 0),
        (Reader(9, 4), 5),
        (Reader(9, None), 9),
        (Reader(9, 12), 0),
        (Reader(ConnectionError(), 9), 1),
        (Reader(9, 9, counts=False), 1),
        (Reader(9, 9, joins=False), 1),
    ],
    ids=[
        "up to date",
        "behind",
        "nowhere yet",
        "before a new leader",
        "no answer",
        "no claim",
        "out of its group for good",
    ],
)
async def test_how_far_behind_a_consumer_is(reader: Reader, lag: int) -> None:
    """The watchdog would end a healthy worker, or spare a dead one."""
    assert lag == (await Lag().measured(reader))[0]


async def test_a_partition_that_is_never_fetched_is_seen() -> None:
    """The whole lag can shrink while one partition lies untouched for days."""
    now_s, reader = 0.0, Reader(9, 4)
    lag = Lag(clock=lambda: now_s)
    assert await lag.measured(reader) == (5, 0.0)
    now_s = 40.0
    assert await lag.measured(reader) == (5, 40.0)
    reader.at = 6
    assert await lag.measured(reader) == (3, 0.0)
    reader.at, now_s = 9, 50.0
    assert await lag.measured(reader) == (0, 0.0)


def test_the_age_of_the_oldest_event_is_known() -> None:
    """Ops would see a count of records, and not how long anybody waits."""
    progress, later = Progress(), time.monotonic() + 30
    assert progress.waited_s(later, 999.0) == 0.0
    progress.behind(5, 12.0)
    assert progress.waited_s(time.monotonic(), 999.0) == 12.0, "one look is no backlog yet"
    progress.behind(5, 12.0)
    assert progress.waited_s(time.monotonic(), 999.0) == 999.0
    progress.behind(0)
    assert progress.waited_s(later, 999.0) == 0.0
    progress.took(3)
    assert progress.waited_s(later, 0.0) > 29.0
