"""One decision in the making: the standing as it changes, and what is said and done on the way."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from services.recovery.approvers import asked
from services.recovery.events import (
    OVER,
    event_of,
    limits_of,
    promise_of,
    proposed,
    signature_timer,
)
from services.recovery.model import Held, Remedy, Standing
from services.recovery.payments import release, reserve
from services.recovery.policy import Policy
from services.recovery.starting import started
from shared.business_time import Within, deadline
from shared.contracts.contract import Contract
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseBroken, PromiseKept
from shared.contracts.recoveries import (
    RecoveryApproved,
    RecoveryEvent,
    RecoveryProposed,
    RecoverySettled,
)
from shared.stage.decision import Decision, Effect, Reason, Reserve

# What leaves for a complaint that we wrote ourselves, whoever signs it.
GIVES_NOTHING = frozenset({"timer", "order_lookup"})
GONE = frozenset({"pending", "posted", "unknown", "manual"})


@dataclass(slots=True)
class Course:
    """Collects; `decision()` is what comes of it. `at` is the event's time, the only now."""

    standing: Standing
    at: datetime
    policy: Policy
    emits: list[Contract] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    reserves: list[Reserve] = field(default_factory=list)

    def becomes(self, **changes: object) -> None:
        """Change the standing."""
        self.standing = self.standing.model_copy(update=changes)

    def say(self, event: type[RecoveryEvent], **changes: object) -> None:
        """The next event of this recovery: version last + 1, no gaps."""
        self.becomes(**{**changes, "version": self.standing.version + 1})
        self.emits.append(event_of(event, self.standing, at=self.at))

    def plan(self, remedies: Iterable[Remedy]) -> None:
        """Hold these remedies as proposed gestures beside what has already left."""
        version = self.standing.version + 1
        recovery_id = self.standing.recovery_id
        held = tuple(
            proposed(
                self.standing,
                remedy,
                gesture_id=derived("gesture", recovery_id, ordinal, version),
                policy=self.policy,
            )
            for ordinal, remedy in enumerate(remedies)
        )
        self.release_unsent()
        self.becomes(
            held=(*self.gone(), *held),
            decided_version=version,
            silences=0,
            asked_again_from=0,
            asked=(),
        )

    def gone(self) -> tuple[Held, ...]:
        """What has already left, or may have: it stays, whatever is decided anew."""
        return tuple(held for held in self.standing.held if held.gesture.state in GONE)

    def reserve(self) -> None:
        """Claim what shall go back along each payment."""
        limits = limits_of(self.standing)
        pairs = [
            reserve(held, limits) if held.gesture.state == "proposed" else (held, ())
            for held in self.standing.held
        ]
        self._take(pairs)

    def release_unsent(self) -> None:
        """Give back the claims of what was only proposed, or failed for certain."""
        limits = limits_of(self.standing)
        pairs = [
            release(held, limits) if held.gesture.state in {"proposed", *OVER} else (held, ())
            for held in self.standing.held
        ]
        self._take(pairs)

    def approve(self, *, by: str) -> None:
        """Signed: effects start, tasks get an owner and a time, and each date is promised."""
        self.reserve()
        self.voids.append(signature_timer(self.standing))
        begun = [started(held, self.standing, at=self.at, policy=self.policy) for held in self.held]
        self.becomes(held=tuple(each.held for each in begun))
        self.say(RecoveryApproved, approved_by=by, status="approved", matter=None)
        for each in begun:
            self.emits += each.promises
            self.effects += each.effects
        self.settle_if_done()

    def sign_alone(self, actor: str) -> None:
        """Decided and signed by the same colleague, within her own limit."""
        self.becomes(
            held=tuple(
                held.model_copy(update={"signed_by": actor})
                if held.gesture.state == "proposed"
                else held
                for held in self.held
            )
        )
        self.approve(by=f"person:{actor}")

    @property
    def held(self) -> tuple[Held, ...]:
        """The gestures as they are now."""
        return self.standing.held

    def settle_if_done(self) -> None:
        """Settled when all that is held was posted."""
        states = {held.gesture.state for held in self.held}
        if states <= {"posted"} and self.standing.status in {"approved", "failed"}:
            told = tuple(held.model_copy(update={"settled": True}) for held in self.held)
            self.say(RecoverySettled, status="settled", held=told)

    def date_met(self, held: Held) -> None:
        """Say whether the promise of a gesture was kept, now that it is done."""
        due_at = held.gesture.due_at
        if due_at is not None and not self.standing.broken(held.gesture.gesture_id):
            kept = PromiseKept if self.at <= due_at else PromiseBroken
            self.emits.append(promise_of(kept, self.standing, held=held, due_at=due_at))

    def ask(self, *, about: Iterable[str] = (), **changes: object) -> None:
        """Propose it to those who may sign; silence is no consent: then somebody else is asked.

        `about`: whom the complaint is about.
        """
        self.becomes(asked=asked(self.standing, self.policy, about=frozenset(about)))
        self.say(RecoveryProposed, **changes)
        recovery = self.policy.recovery
        hours = recovery.approver_silence_business_h
        within = Within(business_hours=hours)
        due_at = deadline(self.at, within, calendar=self.policy.deadlines.calendar)
        self.effect(signature_timer(self.standing), {"name": "approval_silence"}, due_at=due_at)

    def effect(
        self,
        key: str,
        payload: dict[str, JsonValue],
        *,
        kind: str = "timer",
        due_at: datetime | None = None,
    ) -> None:
        """One more effect: a timer unless said otherwise, due at once unless dated."""
        self.effects.append(Effect(key, kind, self.standing.complaint_id, payload, due_at=due_at))

    def decision(self, *codes: str) -> Decision:
        """What the runner records and emits."""
        real = not self.standing.synthetic
        return Decision(
            emits=tuple(self.emits),
            effects=tuple(each for each in self.effects if real or each.kind in GIVES_NOTHING),
            voids=tuple(self.voids),
            reserves=tuple(each for each in self.reserves if real and each.add_minor),
            remembers={"standing": self.standing.dumped()},
            reasons=tuple(Reason(code) for code in dict.fromkeys((*codes, *self.standing.reasons))),
        )

    def _take(self, pairs: list[tuple[Held, tuple[Reserve, ...]]]) -> None:
        claims = [claim for _, claims in pairs for claim in claims]
        if claims:
            self.becomes(held=tuple(held for held, _ in pairs))
            self.reserves += claims
