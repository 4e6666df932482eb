"""The chain behind `explain`: order of events, timers, history, and what it must not import."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.cli.chain import EVENTS_MAX, World
from services.cli.stages import Part, part_of
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.inbox import TimerDue
from shared.contracts.promises import PromiseMade
from shared.contracts.topics import NOTIFY_INBOX, PROMISES, SUBMITTED
from shared.stage.decision import NOTHING, Decision, Effect, History
from shared.stage.stage import Stage
from tests.core.cli_examples import AT, submitted

HEAVY = ("faust", "mode", "aiokafka", "sqlalchemy", "structlog", "fastapi", "httpx")
Decide = Callable[[Event[Contract], History, None], Decision]


def _part(decide: Decide) -> Part:
    stage = Stage(
        "notify",
        inputs=(SUBMITTED, PROMISES),
        decide=decide,
        policy=None,
        policy_digest="d",
        inbox=NOTIFY_INBOX,
    )
    return part_of(stage)


def _event(at: datetime = AT) -> Event[Contract]:
    return Event("e1", "test", "key", at, submitted(), topic=SUBMITTED.name)


def _timer(key: str, wait: timedelta) -> Effect:
    return Effect(key, "timer", "c1", {"name": key, "more": 1}, due_at=AT + wait)


def _promise(at: datetime) -> PromiseMade:
    return PromiseMade(
        promise_id="p",
        complaint_id="c1",
        case_id="k1",
        kind="first_touch",
        due_at=at,
        owner="agent",
    )


def test_timers_come_in_due_order_with_their_own_time() -> None:
    """An outcome would be shown before the pause that an upset person is owed."""

    def decide(event: Event[Contract], _history: History, _p: None) -> Decision:  # signature: stage
        if isinstance(event.data, TimerDue):
            return NOTHING
        later = _timer("later", timedelta(minutes=15))
        return Decision(effects=(later, _timer("sooner", timedelta(seconds=30))))

    world = World([_part(decide)])
    world.submit(_event())
    due = [e.data for e in world.events if isinstance(e.data, TimerDue)]
    expected = [("sooner", AT + timedelta(seconds=30)), ("later", AT + timedelta(minutes=15))]
    assert expected == [(timer.name, timer.at) for timer in due]
    assert due[0].detail == {"more": 1}


def test_silence_of_people_is_not_played() -> None:
    """A person's two hours of silence would be shown as if they had passed."""

    def decide(_e: Event[Contract], _history: History, _p: None) -> Decision:  # signature: stage
        return Decision(effects=(_timer("silent", timedelta(hours=2)),))

    world = World([_part(decide)])
    world.submit(_event())
    assert [e for e in world.events if isinstance(e.data, TimerDue)] == []


def test_voided_timer_never_comes() -> None:
    """A mail that the decision had called off would be shown."""

    def decide(event: Event[Contract], _history: History, _p: None) -> Decision:  # signature: stage
        if isinstance(event.data, TimerDue):
            return Decision(voids=("second",))
        first = _timer("first", timedelta(seconds=1))
        return Decision(effects=(first, _timer("second", timedelta(seconds=2))))

    world = World([_part(decide)])
    world.submit(_event())
    assert [e.data.name for e in world.events if isinstance(e.data, TimerDue)] == ["first"]


def test_what_is_emitted_reaches_who_reads_it() -> None:
    """A stage would not hear what another one, or itself, had said."""
    heard: list[str] = []

    def decide(event: Event[Contract], _history: History, _p: None) -> Decision:  # signature: stage
        heard.append(event.type)
        at = event.time
        return NOTHING if isinstance(event.data, PromiseMade) else Decision(emits=(_promise(at),))

    World([_part(decide)]).submit(_event())
    assert heard == ["kulanse.complaint.submitted.v1", "kulanse.promise.made.v1"]


def test_a_chain_in_circles_ends() -> None:
    """Two stages that answer each other for ever would hang `explain`."""

    def decide(event: Event[Contract], _history: History, _p: None) -> Decision:  # signature: stage
        return Decision(emits=(_promise(event.time),))

    world = World([_part(decide)])
    with pytest.raises(RuntimeError, match="circles"):
        world.submit(_event())
    assert len(world.events) <= EVENTS_MAX + 1


def test_explain_imports_no_broker_and_no_database() -> None:
    """`kulanse explain` would not start within a second."""
    code = (
        "import sys, services.cli.explain, services.cli.many, services.cli.answer;"
        "from services.cli.stages import parts; parts();"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
