"""A story of one complaint, told to notify's core event by event: given, when, then."""

from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from services.notify.app import read_policy
from services.notify.core import decide
from services.notify.policy import NotifyPolicy
from shared.contracts.cases import (
    CaseAnswered,
    CaseAsked,
    CaseAssigned,
    CaseDecided,
    CaseWithdrawn,
    GestureWanted,
    Words,
)
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome, TimerDue
from shared.contracts.notifications import NoticePersonal, NotificationRequested
from shared.contracts.recoveries import (
    Gesture,
    RecoveryApproved,
    RecoveryEvent,
    RecoveryProposed,
    Result,
)
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, Personal
from shared.contracts.submitted import Order, Payment
from shared.contracts.triaged import ComplaintTriaged, Fact, TriagePersonal
from shared.stage.decision import Effect, History, Memory

AT = datetime(2026, 11, 16, 8, 12, tzinfo=UTC)  # a Monday at work
POLICY, DIGEST = read_policy()
OWNER = "agent-bjork"
CASE = "ca5e0001-0000-5000-8000-000000000000"
FACTS = {
    "nb": (("thing", "paraplyen"), ("sum", "219 kr"), ("date", "5. november")),
    "nn": (("thing", "paraplyen"), ("sum", "219 kroner"), ("date", "5. november")),
    "en": (("thing", "the umbrella"), ("sum", "219 kr"), ("date", "5 November")),
    "other": (("thing", "parasol"), ("sum", "219 NOK")),
}
R = TypeVar("R", bound=RecoveryEvent)
D = TypeVar("D", bound=Contract)


class Heard(NotificationRequested):
    """A request whose personal part is open, as it is in a core."""

    personal: NoticePersonal


class Story:
    """What notify remembers, says and waits for as events come."""

    def __init__(self, policy: NotifyPolicy = POLICY) -> None:
        """Begin with nothing."""
        self.policy = policy
        self.memories: list[Memory] = []
        self.emits: list[Contract] = []
        self._effects: list[Effect] = []
        self._timers: list[Effect] = []
        self._leaving: list[Effect] = []
        self._count = 0

    def hears(self, *contracts: Contract, at: datetime = AT) -> None:
        """One event after another, each with an id of its own."""
        for contract in contracts:
            self._count += 1
            came = event(contract, at=at, name=f"e{self._count}")
            decision = decide(came, History(tuple(self.memories)), self.policy)
            if decision.remembers is not None:
                memory = Memory(came.id, came.type, came.time, decision.remembers)
                self.memories.append(memory)
            self.emits += decision.emits
            self._effects += decision.effects
            self._timers += [effect for effect in decision.effects if effect.kind == "timer"]
            self._timers = [timer for timer in self._timers if timer.key not in decision.voids]
            self._leaving += [e for e in decision.effects if e.kind not in ("timer", "staff")]

    def leaves(self, *, at: datetime = AT) -> None:
        """Every message to the complainant that is on its way is handed over."""
        while self._leaving:
            left = self._leaving.pop(0)
            self.hears(outcome(left.key, "posted", at=at, complaint_id=left.complaint_id), at=at)

    def lets_time_pass(self, *, until: datetime | None = None) -> None:
        """Every timer that was set comes due, the earliest first; messages leave at once."""
        self.leaves()
        while self._timers:
            self._timers.sort(key=lambda timer: timer.due_at or AT)
            if until is not None and (self._timers[0].due_at or AT) > until:
                return
            timer = self._timers.pop(0)
            due_at = timer.due_at or AT
            name = str(timer.payload["name"])
            due = TimerDue(
                effect_key=timer.key, complaint_id=timer.complaint_id, name=name, at=due_at
            )
            self.hears(due, at=due_at)
            self.leaves(at=due_at)

    def waits_for(self) -> list[str]:
        """The names of the timers that are still to come."""
        return [str(timer.payload["name"]) for timer in self._timers]

    def requested(self) -> list[Heard]:
        """The notices that were decided, in order."""
        return [
            Heard.model_validate(notice.model_dump())
            for notice in self.emits
            if isinstance(notice, NotificationRequested)
        ]

    def effects(self, kind: str) -> list[Effect]:
        """The effects of one kind."""
        return [effect for effect in self._effects if effect.kind == kind]


def event(data: D, *, at: datetime = AT, name: str = "e") -> Event[D]:
    """An event around a contract."""
    return Event(id=name, source="test", key="k", time=at, data=data)


def registered(
    *, email: str | None = "siv@example.com", phone: str | None = None, **changes: object
) -> ComplaintRegistered:
    """A complaint on the web by Siv, about an umbrella of 219."""
    order = Order(
        id="A-1",
        kind="goods",
        purchased_at=AT - timedelta(days=11),
        payments=(Payment(reference="p", amount_minor=21900, currency="NOK"),),
    )
    fields: dict[str, object] = {
        "complaint_id": "c1",
        "source": "shop",
        "channel": "web",
        "channel_message_id": "m1",
        "received_at": AT,
        "order": order,
        "personal": Personal(
            name="Siv Tangerud",
            email=email,
            phone=phone,
            subject="Paraplyen gikk i stykker",
            text="Paraplyen jeg kjøpte, gikk i stykker.",
        ),
    }
    return ComplaintRegistered.model_validate({**fields, **changes})


def triaged(**changes: object) -> ComplaintTriaged:
    """The reading: calm, low, a complaint about a product, in bokmål."""
    form = str(changes.get("written_form", "nb"))
    facts = tuple(
        Fact.model_validate({"kind": kind, "words": words}) for kind, words in FACTS[form]
    )
    fields: dict[str, object] = {
        "complaint_id": "c1", "case_id": CASE, "source": "shop", "channel": "web",
        "received_at": AT, "kind": "complaint", "written_form": "nb", "severity": "low",
        "arousal": "calm", "sentiment": -0.2, "abuse": "none", "role": "customer",
        "segment": "consumer", "necessity": "nice_to_have", "phase": "after", "mood": "neutral",
        "vulnerable": False, "category": "product", "matters": ("product",),
        "remedy_sought": "refund", "safety": False, "legal": False, "needs_person": False,
        "confidence": 0.9, "reasons": ("kind.complaint",), "personal": TriagePersonal(facts=facts),
    }  # fmt: skip
    return ComplaintTriaged.model_validate({**fields, **changes})


def recovery(kind: type[R], version: int = 1, **changes: object) -> R:
    """A refund of 219, granted by a rule."""
    refund = Gesture(
        gesture_id="g", kind="refund", amount_minor=21900, currency="NOK", state="pending"
    )
    fields: dict[str, object] = {
        "recovery_id": "r1", "complaint_id": "c1", "case_id": CASE, "version": version,
        "outcome": "granted", "basis": "statutory",
        "result": Result(category="upheld", relief="monetary"), "gestures": (refund,),
        "approval": "automatic", "decided_by": "rule:remedies", "effective_at": AT,
    }  # fmt: skip
    return kind.model_validate({**fields, **changes})


def replied() -> ComplaintReplied:
    """The complainant writes again."""
    return ComplaintReplied(
        complaint_id="c1",
        case_id=CASE,
        channel="web",
        received_at=AT,
        personal=Personal(text="En ting til."),
    )


def taken() -> CaseAssigned:
    """A colleague takes the case: from then on it is hers, at version 1."""
    return CaseAssigned.model_validate({**_command(0), "owner": OWNER})


def asked(text: str, *, version: int) -> CaseAsked:
    """A colleague asks."""
    return CaseAsked.model_validate({**_command(version), "personal": Words(text=text)})


def answered(text: str, *, version: int) -> CaseAnswered:
    """A colleague answers."""
    return CaseAnswered.model_validate({**_command(version), "personal": Words(text=text)})


def withdrawn(version: int) -> CaseWithdrawn:
    """The complainant took it back, and a colleague wrote it down."""
    return CaseWithdrawn.model_validate(_command(version))


def decided(
    text: str, *, version: int, category: str = "not_upheld", refund: bool = False
) -> CaseDecided:
    """A colleague decides, with or without money."""
    gestures = (GestureWanted(kind="refund", amount_minor=21900, currency="NOK"),) if refund else ()
    result = Result.model_validate({"category": category, "relief": "none"})
    return CaseDecided.model_validate(
        {
            **_command(version),
            "result": result,
            "gestures": gestures,
            "personal": Words(text=text),
        }
    )


def _command(version: int) -> dict[str, object]:
    return {
        "complaint_id": "c1",
        "case_id": CASE,
        "at": AT,
        "actor": OWNER,
        "role": "agent",
        "seen_version": version,
    }


def outcome(
    key: str,
    state: Literal["posted", "failed", "unknown"],
    *,
    at: datetime = AT,
    complaint_id: str = "c1",
) -> EffectOutcome:
    """How an effect went."""
    return EffectOutcome(effect_key=key, kind="mail", complaint_id=complaint_id, state=state, at=at)


CALM = (registered(), triaged(), recovery(RecoveryProposed), recovery(RecoveryApproved, 2))


def spoken(story: Story) -> list[tuple[str, tuple[str, ...]]]:
    """Template and what it counts as, of what went to the complainant."""
    return [(n.template, n.counts_as) for n in story.requested() if n.audience == "complainant"]
