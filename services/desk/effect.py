"""What became of a command: wait until the desk's ledger shows it, and say done or refused."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from services.desk import reading
from services.desk.answers import HINTS, Problem, refused
from services.desk.reasons import to_do
from shared.contracts import recoveries as re
from shared.contracts.approvals import ApprovalWords
from shared.contracts.cases import CaseDecided, CaseRefused
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.stage.sealing import UNSEALED, Seals

POLL_S = 0.05
R = TypeVar("R")


class Ledger:
    """The desk's ledger, read off the event loop, never in a writer's way."""

    def __init__(self, engine: Engine, vault: Seals = UNSEALED) -> None:
        """`engine`: the desk's own. What is read is opened with `vault`."""
        self._reader = engine.execution_options(read_only=True, vault=vault)

    async def read(self, ask: Callable[[Connection], R]) -> R:
        """Run one reading in a transaction of its own."""
        return await asyncio.to_thread(self._read, ask)

    def _read(self, ask: Callable[[Connection], R]) -> R:
        with self._reader.begin() as connection:
            return ask(connection)

    async def settled(self, event: Event[Contract], *, wait_s: float) -> bool:
        """Whether its effect showed within `wait_s`; raises `Problem` when it was refused."""
        until = time.monotonic() + wait_s
        while True:
            done = await self.read(lambda connection: _outcome(connection, event))
            if done or time.monotonic() >= until:
                return done
            await asyncio.sleep(POLL_S)


def _outcome(connection: Connection, event: Event[Contract]) -> bool:
    there = reading.event_with(connection, event.id)
    if there is None:
        return False
    if not _same(there, event):
        hint = "This Idempotency-Key was used for another command; take a new one."
        raise Problem(422, "idempotency_key_reused", hint=hint, field="Idempotency-Key")
    if isinstance(event.data, ApprovalWords):
        return _approval(connection, event)
    answer = reading.event_with(connection, derived(event.id, CaseRefused.TYPE, 0))
    if answer is not None and isinstance(answer.data, CaseRefused):
        raise refused(answer.data.code)
    if isinstance(event.data, CaseDecided) and event.data.gestures:
        return _carried_out(connection, event.data, at=event.time)
    return True


def _carried_out(connection: Connection, decided: CaseDecided, *, at: datetime) -> bool:
    """Whether recovery has taken the decision up; raises `Problem` when it came to nothing."""
    ours = f"person:{decided.actor}"
    for each in reading.of_complaint(connection, decided.complaint_id):
        said = each.data
        if not isinstance(said, re.RecoveryEvent) or said.decided_by != ours:
            continue
        if said.effective_at >= at:
            way_out = to_do(said)
            if way_out is not None:
                raise Problem(409, way_out[0], hint=way_out[1], field="gestures")
            return True
    return False


def _approval(connection: Connection, event: Event[Contract]) -> bool:
    """Recovery's answer; none yet means that recovery has not come to it."""
    for each in reading.caused_by(connection, event):
        if isinstance(each.data, re.RecoveryApprovalRefused):
            hint = HINTS.get(each.data.code, "The signature had no effect; look again.")
            raise Problem(409, each.data.code, hint=hint)
        if isinstance(each.data, re.RecoveryEvent):
            return True
    return False


def _same(one: Event[Contract], other: Event[Contract]) -> bool:
    """The same command: what the door adds by itself (time, the version as it was) may differ."""
    added = {"at", "seen_version"}
    said = (each.data.model_dump(exclude=added) for each in (one, other))
    return one.type == other.type and next(said) == next(said)
