"""The desk as it runs: its stage and its door as processes, on a real broker."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from services.desk.client import DeskClient
from services.desk.outlet import Outlet
from services.desk.tokens import mint_token
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.embedded.probe import free_port
from shared.errors import Refused, Transient
from shared.settings import Settings
from tests.core.test_desk_examples import AGENT, OTHER, event, registered, triaged

READY_S_MAX = 90  # two processes that start while other tests run
R = TypeVar("R")


@pytest.fixture
def settings(broker: str, tmp_path: Path) -> Settings:
    """An installation of its own: state, port and tokens."""
    return Settings(bootstrap=broker, state_dir=tmp_path, desk_port=free_port())


@pytest.fixture
def desk(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """The desk's stage and its door, running; the door is what is handed out."""
    environment = {
        **os.environ,
        "KULANSE_BOOTSTRAP": settings.bootstrap,
        "KULANSE_STATE_DIR": str(settings.state_dir),
        "KULANSE_DESK_PORT": str(settings.desk_port),
    }
    command = [sys.executable, "-m", "services.desk"]
    started = [
        subprocess.Popen([*command, verb], env=environment, stderr=subprocess.PIPE)
        for verb in ("run", "door")
    ]
    yield started[1]
    for process in started:
        process.terminate()
    for process in started:
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def person(settings: Settings, name: str) -> DeskClient:
    """A client that speaks as this person."""
    token = mint_token(settings.state_dir, name)
    return DeskClient(f"http://127.0.0.1:{settings.desk_port}", token)


def soon(ask: Callable[[], R | None]) -> R:
    """The answer, once there is one; the door and the stage may still be starting."""
    until = time.monotonic() + READY_S_MAX
    while True:
        try:
            if (found := ask()) is not None:
                return found
        except Refused as refused:
            if refused.code not in ("desk_unreachable", "no_such_case") or time.monotonic() > until:
                raise
        if time.monotonic() > until:
            pytest.fail("the desk did not answer in time")
        time.sleep(0.2)


async def published(settings: Settings, *events: Event[Contract]) -> None:
    """Put these on their topics, as their publishers would: again, when the broker was slow."""
    outlet = Outlet(settings)
    until = time.monotonic() + READY_S_MAX
    for each in events:
        while True:
            try:
                await outlet.publish(each)
            except Transient:
                if time.monotonic() > until:
                    raise
            else:
                break
    await outlet.stop()


def complaint(name: str) -> tuple[Event[Contract], ...]:
    """A complaint that needs a person, of a complainant of its own."""
    ids = {"complaint_id": f"complaint-{name}"}
    said: tuple[Contract, ...] = (
        triaged(needs_person=True, severity="critical", case_id=f"case-{name}", **ids),
        registered().model_copy(update=ids),
    )
    return tuple(
        replace(event(each, f"{name}-{number}"), key=f"key-{name}")
        for number, each in enumerate(said)
    )


def test_a_case_is_taken_answered_and_closed_over_kafka(
    settings: Settings, desk: subprocess.Popen[bytes]
) -> None:
    """What works in memory does not work as processes: topics, partitions, tokens, tables."""
    name = uuid4().hex
    case_id = f"case-{name}"
    with person(settings, AGENT) as me, person(settings, OTHER) as other:
        soon(me.list_cases)
        asyncio.run(published(settings, *complaint(name)))
        soon(lambda: me.show(case_id).needs_person or None)
        took = me.take(case_id, seen_version=0)
        assert (took.state, took.owner, took.version) == ("done", AGENT, 1)
        with pytest.raises(Refused) as late:
            other.take(case_id, seen_version=0)
        assert late.value.code == "stale_version"
        with pytest.raises(Refused, match="reply or decide first"):
            me.close(case_id)
        assert me.reply(case_id, "Vi sender ein ny.").state == "done"
        closed = me.close(case_id, command_id=name)
        assert (closed.state, closed.case_state, closed.version) == ("done", "closed", 3)
        assert me.close(case_id, command_id=name) == closed
        effects = [line.effect for line in me.show(case_id).timeline if ".case." in line.type]
        assert effects.count(False) == 2
    desk.terminate()
    assert desk.wait(timeout=20) == 0


def test_without_a_broker_the_door_says_so(tmp_path: Path) -> None:
    """A command that was lost looks done, or hangs for a minute."""
    nobody = Settings(bootstrap="127.0.0.1:1", state_dir=tmp_path)

    async def tried() -> str:
        outlet = Outlet(nobody)
        try:
            await outlet.publish(complaint("x")[0])
        except Exception as error:  # noqa: BLE001 -- its kind is the answer
            return type(error).__name__
        return "published"

    assert asyncio.run(tried()) == "Transient"
