"""The flow page: what comes, what waits for which stage, and since when."""

from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from services.desk.flow import flow
from shared.contracts import recoveries as re
from tests.core.console_world import Room
from tests.core.test_desk_examples import MONDAY, event, recovery, registered


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A desk with one triaged case that waits for a person."""
    return Room(tmp_path)


def test_what_waits_and_since_when_is_told(room: Room) -> None:
    """A stage stands still, and the page says that all is well."""
    second = registered().model_copy(update={"complaint_id": "c-9", "channel": "phone"})
    room.here.loop.happens(
        event(second, "r9", after_s=60), event(recovery(re.RecoveryProposed), "p")
    )
    with room.keeping.engine.begin() as connection:
        found = flow(connection, MONDAY + timedelta(minutes=3))
    triage = next(stage for stage in found.stages if stage.name == "triage")
    assert (triage.waits, triage.oldest) == (1, MONDAY + timedelta(minutes=1))
    assert {stage.name: stage.per_minute for stage in found.stages}["intake"] == 0.4
    assert found.channels == {"web": 1, "phone": 1}
    assert found.open == {"medium": (1, 0)}
    assert (found.unsigned, found.unsigned_since) == (1, MONDAY)


def test_what_is_old_is_no_rate(room: Room) -> None:
    """Yesterday's complaints look like today's."""
    with room.keeping.engine.begin() as connection:
        found = flow(connection, MONDAY + timedelta(days=2))
    assert {stage.per_minute for stage in found.stages} == {0}
    assert found.channels == {}
    assert found.open == {"medium": (1, 1)}


def test_the_page_and_its_stream_say_the_same(room: Room) -> None:
    """The numbers jump when the first event comes, or none ever does."""
    me = room.agent()
    page = me.sees("/live")
    with me.http.stream("GET", "/live/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        first = next(line for line in answer.iter_lines() if line.startswith("data: "))
    told = orjson.loads(first.removeprefix("data: "))
    assert [name for name in told if f'id="{name}"' not in page] == []
    assert told["medium-open"] == "1"


def test_a_page_that_lies_open_keeps_nobody_signed_in(room: Room) -> None:
    """A screen in the hall is signed in for ever."""
    me = room.agent()
    for _ in range(3):
        room.now += timedelta(minutes=25)
        me.http.get("/live/events")
    assert "Sign in" in me.sees("/cases")
