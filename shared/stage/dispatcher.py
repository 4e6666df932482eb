"""The dispatcher: performs due effects, once each, and tells the stage through its inbox.

claim (committed) → perform, or ask if it was tried before → finish → announce. After a timeout
or a crash the same key is asked again, never a new one. Nothing here decides anything.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Engine

from shared.contracts.codec import encode
from shared.contracts.contract import is_sealed
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.stage import effect_rows
from shared.stage.batch import Plan
from shared.stage.effect_rows import Finished, Leased
from shared.stage.effects import Outcome, Performer
from shared.stage.outputs import pack, unpack
from shared.stage.runner import Sink
from shared.stage.stage import Stage

TIMER = "timer"
IDLE_S = 0.25  # how late a timer may be; released effects wake the dispatcher at once
LEFTOVERS_S = 5.0
# Of the lease: performing ends within it, and does not begin when much of it is over. A process
# that slept with an effect in hand must not do what another has taken meanwhile.
BEGIN_SHARE, PERFORM_SHARE = 0.25, 0.75
AGAIN_S_FIRST, AGAIN_S_MAX = 1.0, 300.0
LEAVE_S_MAX = 20.0  # a worker that is told to stop has 30 s in all, its batch in hand included
UNKNOWN_ASKED_MAX = 8  # then a person: about ten minutes of asking


def _counts_nothing(_done: Sequence[Finished]) -> None:
    return


class Dispatcher:
    """One worker's dispatcher; several share the table by leases."""

    lease_s = effect_rows.LEASE_S

    def __init__(
        self,
        stage: Stage[Any],
        engine: Engine,
        sink: Sink,
        partitions: Callable[[], Collection[int]],
    ) -> None:
        """A stage with effects needs an inbox.

        `partitions`: those claimed here. Before its claim nobody knows whether the ledger was
        restored from an older copy, in which what was done long ago is still to be done.
        """
        self.stage, self.engine, self.sink, self.partitions = stage, engine, sink, partitions
        self.on_finished: Callable[[Sequence[Finished]], None] = _counts_nothing
        self._woken = asyncio.Event()
        self._leaving, self._gone = False, asyncio.Event()
        self._gone.set()

    def wake(self) -> None:
        """Effects were released: look now."""
        self._woken.set()

    def hear(self, plan: Plan) -> None:
        """A batch is done; whatever it left to be done is due now."""
        if any(planned.decision.effects for planned in plan.planned):
            self.wake()

    async def run(self) -> None:
        """Announce what is left over, begin what is due, settle what is done; until `leave`.

        What takes long stays in hand, and holds up nothing else. Without an inbox there are no
        effects, and nothing to look for.
        """
        if self.stage.inbox is None:
            return
        self._gone.clear()
        try:
            await self._work()
        finally:
            self._gone.set()

    async def leave(self) -> None:
        """Begin nothing more, and settle what is in hand, so that a stop leaves nothing unknown.

        What is not done by then is asked for later, as after a crash.
        """
        self._leaving = True
        self.wake()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gone.wait(), LEAVE_S_MAX)

    async def _work(self) -> None:
        looked_at_s = -LEFTOVERS_S
        in_hand: set[asyncio.Task[Finished]] = set()
        while in_hand or not self._leaving:
            self._woken.clear()
            if time.monotonic() - looked_at_s > LEFTOVERS_S:
                looked_at_s = time.monotonic()
                await self._announce_leftovers()
            if not self._leaving:
                in_hand |= await self._begun(self.stage.at_once - len(in_hand))
            if in_hand:
                done, in_hand = await asyncio.wait(in_hand, timeout=IDLE_S)
                await self._settle([task.result() for task in done])
            else:
                await self._nap()

    async def _announce_leftovers(self) -> None:
        """What a worker finished and could not tell any more: the same bytes, the same id."""
        await self.announce(await asyncio.to_thread(effect_rows.unannounced, self.engine))

    async def _nap(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), IDLE_S)
        except TimeoutError:
            return

    async def round(self) -> int:
        """Begin what is due and wait until all of it is done: how many effects that were."""
        finished = await asyncio.gather(*await self._begun(self.stage.at_once))
        await self._settle(finished)
        return len(finished)

    async def _begun(self, most: int) -> set[asyncio.Task[Finished]]:
        """Take up to so many effects that are due, and begin each."""
        before_s = time.monotonic()
        ours = sorted(self.partitions())
        if not ours or most < 1:
            return set()
        leased = await asyncio.to_thread(
            effect_rows.claim_due,
            self.engine,
            ours,
            most=most,
            lease_s=self.lease_s,
            held=self.stage.held_kinds,
        )
        opened = await self._opened(leased)
        return {asyncio.create_task(self._finished(each, before_s)) for each in opened}

    async def _opened(self, leased: Sequence[Leased]) -> list[Leased]:
        """With what they carry open; what was sealed for somebody forgotten stays as it is."""
        vault = self.stage.vault
        sealed = {
            each.effect.record_key for each in leased if each.effect.kind in self.stage.sealed_kinds
        }
        if sealed:
            await asyncio.to_thread(vault.know_keys, sealed)
        return [
            replace(
                each,
                effect=replace(
                    each.effect,
                    payload=vault.opened_payload(each.effect.record_key, each.effect.payload),
                ),
            )
            for each in leased
        ]

    async def _settle(self, finished: Sequence[Finished]) -> None:
        """Write what became of them, then tell the stage."""
        if not finished:
            return
        kept = await asyncio.to_thread(effect_rows.finish, self.engine, finished)
        self.on_finished(kept)
        outcomes = {f.leased.effect.key: f.outcome for f in kept if f.outcome is not None}
        await self.announce(outcomes)

    async def announce(self, outcomes: dict[str, bytes]) -> None:
        """Send outcomes to the inbox, then mark them; a crash between sends the same again."""
        if not outcomes:
            return
        records = [record for blob in outcomes.values() for record in unpack(blob)]
        await self.sink.send(records)
        await asyncio.to_thread(effect_rows.mark_announced, self.engine, outcomes)

    async def _finished(self, leased: Leased, since_s: float) -> Finished:
        """Do it, unless the lease that began at `since_s` is too old: then it is as it was."""
        if time.monotonic() - since_s > self.lease_s * BEGIN_SHARE:
            return Finished(leased, leased.state)
        if leased.effect.kind == TIMER:
            return Finished(leased, "posted", outcome=self._packed(leased, _timer_due(leased)))
        outcome = await self._performed(leased)
        state = _next_state(leased, outcome)
        wait_s = _wait_s(leased) if outcome.again_in_s is None else outcome.again_in_s
        if state in ("posted", "failed", "manual") or (
            state == "unknown" and leased.state != "unknown"
        ):
            told = self._packed(leased, _outcome_of(leased, outcome, state=state))
            return Finished(leased, state, wait_s, outcome.provider_reference, told)
        return Finished(leased, state, wait_s, outcome.provider_reference)

    async def _performed(self, leased: Leased) -> Outcome:
        performer = self.stage.performers.get(leased.effect.kind)
        if performer is None:
            return Outcome("failed", code="no_performer")
        if is_sealed(leased.effect.payload):
            return Outcome("failed", code="forgotten")
        try:
            async with asyncio.timeout(self.lease_s * PERFORM_SHARE):
                return await _call(performer, leased)
        except Exception as error:  # noqa: BLE001 -- whatever the world did, we do not know
            structlog.get_logger().warning(
                "effect_unknown", kind=leased.effect.kind, error=type(error).__name__
            )
            return Outcome("unknown", code=type(error).__name__)

    def _packed(self, leased: Leased, data: EffectOutcome | TimerDue) -> bytes | None:
        inbox = self.stage.inbox
        if inbox is None:
            return None
        event = Event(
            id=derived("outcome", leased.effect.key, data.TYPE, leased.effect.attempts),
            source=self.stage.source,
            key=leased.effect.record_key,
            time=data.at,
            data=data,
            causation_id=leased.cause_id,
            traceparent=leased.traceparent,
            topic=inbox.name,
        )
        return pack([encode(event)])


async def _call(performer: Performer, leased: Leased) -> Outcome:
    if leased.state == "pending":
        return await performer.perform(leased.effect)
    return await performer.ask(leased.effect)


def _next_state(leased: Leased, outcome: Outcome) -> str:
    if outcome.state == "again":
        return "pending"
    if outcome.state != "unknown":
        return outcome.state
    if leased.state == "in_flight" and leased.reference is not None:
        # It has told us its name for it: a look that failed makes nothing unknown.
        return "in_flight"
    return "manual" if leased.asked >= UNKNOWN_ASKED_MAX else "unknown"


def _wait_s(leased: Leased) -> float:
    doublings = min(leased.effect.attempts - 1, 10)
    return min(AGAIN_S_MAX, AGAIN_S_FIRST * float(1 << doublings))


def _timer_due(leased: Leased) -> TimerDue:
    detail = dict(leased.effect.payload)
    name = str(detail.pop("name", ""))
    effect = leased.effect
    return TimerDue(
        effect_key=effect.key,
        complaint_id=effect.complaint_id,
        name=name,
        detail=detail,
        at=leased.due_at,
    )


def _outcome_of(leased: Leased, outcome: Outcome, *, state: Any) -> EffectOutcome:
    return EffectOutcome(
        effect_key=leased.effect.key,
        kind=leased.effect.kind,
        complaint_id=leased.effect.complaint_id,
        state=state,
        provider_reference=outcome.provider_reference,
        code=outcome.code,
        detail=dict(outcome.detail),
        at=datetime.now(UTC),
    )
