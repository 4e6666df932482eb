"""Events of one everyday case, for the desk's tests: who says what, with as few words as can be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from services.desk.core import decide
from services.desk.policy import FILES, DeskPolicy
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import notifications as no
from shared.contracts import recoveries as re
from shared.contracts.caserule import CaseState, recalled
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, caused
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, Personal
from shared.contracts.topics import topic_of
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal
from shared.policy import load_policy
from shared.stage.decision import Decision, History, Memory

KEY, CASE, COMPLAINT, RECOVERY = "key-1", "case-1", "complaint-1", "recovery-1"
# A Monday, ten in the morning in Oslo.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AGENT, OTHER, LEAD = "agent-bjork", "agent-hassel", "lead-gran"
POLICY, _ = load_policy(DeskPolicy, **FILES)
UPHELD = re.Result(category="upheld", relief="monetary")
NOT_UPHELD = re.Result(category="not_upheld", relief="explanation")
C = TypeVar("C", bound=ca.CaseCommand)
R = TypeVar("R", bound=re.RecoveryEvent)


def event(data: Contract, name: str, *, after_s: float = 0, depth: int = 0) -> Event[Contract]:
    """An event of the case's complainant, so many seconds after Monday at ten."""
    return Event(
        id=name,
        source="test",
        key=KEY,
        time=MONDAY + timedelta(seconds=after_s),
        data=data,
        depth=depth,
        topic=topic_of(type(data)).name,
    )


def registered(text: str = "Kaffetraktaren lek.") -> ComplaintRegistered:
    """What intake says."""
    return ComplaintRegistered(
        complaint_id=COMPLAINT,
        source="web",
        channel="web",
        channel_message_id="m1",
        received_at=MONDAY,
        personal=Personal(name="Ada", email="ada@example.com", subject="Trakteren", text=text),
    )


def triaged(**changed: object) -> ComplaintTriaged:
    """What triage says: a medium complaint that needs no person, unless `changed`."""
    plain = ComplaintTriaged(
        complaint_id=COMPLAINT,
        case_id=CASE,
        source="web",
        channel="web",
        received_at=MONDAY,
        kind="complaint",
        written_form="nn",
        severity="medium",
        arousal="calm",
        sentiment=-0.2,
        abuse="none",
        role="customer",
        segment="consumer",
        necessity="nice_to_have",
        phase="after",
        mood="neutral",
        vulnerable=False,
        category="product",
        matters=("product",),
        remedy_sought="refund",
        safety=False,
        legal=False,
        needs_person=False,
        confidence=0.9,
        reasons=("faulty",),
        personal=TriagePersonal(),
    )
    return plain.model_copy(update=changed)


def recovery(kind: type[R], version: int = 1, **changed: object) -> R:
    """What recovery says: a refund that a team lead must sign, unless `changed`."""
    plain = kind(
        recovery_id=RECOVERY,
        complaint_id=COMPLAINT,
        case_id=CASE,
        version=version,
        outcome="granted",
        basis="statutory",
        result=UPHELD,
        gestures=(gesture("refund", amount_minor=90_000, currency="NOK"),),
        total_minor={"NOK": 90_000},
        approval="team_lead",
        decided_by="rule:faulty",
        effective_at=MONDAY,
    )
    return plain.model_copy(update=changed)


def gesture(kind: re.GestureKind, **changed: object) -> re.Gesture:
    """One gesture, proposed."""
    plain = re.Gesture(gesture_id=f"gesture-{kind}", kind=kind, state="proposed")
    return plain.model_copy(update=changed)


def opened(*why: str, severity: str = "medium", due_h: float = 4) -> ca.CaseOpened:
    """What the desk says when a person is needed."""
    return ca.CaseOpened.model_validate(
        {
            "complaint_id": COMPLAINT,
            "case_id": CASE,
            "at": MONDAY,
            "severity": severity,
            "why": why or ("needs_person",),
            "due_at": MONDAY + timedelta(hours=due_h),
        }
    )


def command(kind: type[C], seen: int, *, actor: str = AGENT, **more: object) -> C:
    """What a person says, having seen this version."""
    person = POLICY.people.named(actor)
    words = {"personal": ca.Words(text="Hei.")} if "personal" in kind.model_fields else {}
    return kind.model_validate(
        {
            "complaint_id": COMPLAINT,
            "case_id": CASE,
            "at": MONDAY,
            "actor": actor,
            "role": person.role if person else "",
            "seen_version": seen,
            **words,
            **more,
        }
    )


def taken(seen: int = 0, actor: str = AGENT) -> ca.CaseAssigned:
    """She takes it."""
    return command(ca.CaseAssigned, seen, actor=actor, owner=actor)


def decided(seen: int, *, actor: str = AGENT, result: re.Result = UPHELD) -> ca.CaseDecided:
    """She decides."""
    return command(ca.CaseDecided, seen, actor=actor, result=result)


def approval(kind: type[ap.ApprovalGiven | ap.ApprovalDeclined]) -> ap.ApprovalWords:
    """A team lead's words on version 1 of the recovery."""
    return kind(
        recovery_id=RECOVERY,
        complaint_id=COMPLAINT,
        case_id=CASE,
        seen_version=1,
        actor=LEAD,
        role="team_lead",
        reason="Rett.",
        at=MONDAY,
    )


def replied(complaint_id: str = "complaint-2") -> ComplaintReplied:
    """The complainant writes again; the reply has an id of its own."""
    return ComplaintReplied(
        complaint_id=complaint_id,
        case_id=CASE,
        channel="email",
        received_at=MONDAY,
        personal=Personal(text="Her er kvitteringa."),
    )


def unsent(state: str = "failed") -> no.NotificationFailed:
    """A message that did not leave."""
    return no.NotificationFailed.model_validate(
        {
            "notice_id": "notice-1",
            "complaint_id": COMPLAINT,
            "case_id": CASE,
            "kind": "decision",
            "counts_as": ("decision",),
            "audience": "complainant",
            "channel": "email",
            "written_form": "nn",
            "template": "decision",
            "state": state,
            "code": "refused",
            "at": MONDAY,
        }
    )


def unspoken(kind: str, *, code: str = "no_private_way") -> no.NotificationSuppressed:
    """A message that was not sent, on purpose."""
    return no.NotificationSuppressed.model_validate(
        {"complaint_id": COMPLAINT, "kind": kind, "audience": "complainant", "code": code}
    )


class Desk:
    """The desk's core as its stage runs it: history folded, and `cases` read back at once."""

    def __init__(self, policy: DeskPolicy = POLICY) -> None:
        """`reads_back` False: what it emits is still on its way."""
        self.history, self.policy, self.reads_back = History(), policy, True
        self.seen: list[Event[Contract]] = []
        self.emitted: list[Event[Contract]] = []
        self.last = Decision()

    @property
    def known(self) -> CaseState:
        """The case as the rule left it."""
        return recalled((memory.data for memory in self.history.memories), CASE)

    def given(self, *events: Event[Contract] | Contract) -> "Desk":
        """It reads these, in order; a bare contract gets an id and a later second."""
        for each in events:
            number = len(self.seen)
            self.read(
                each if isinstance(each, Event) else event(each, f"e{number}", after_s=number)
            )
        return self

    def read(self, one: Event[Contract]) -> tuple[Contract, ...]:
        """It reads one event; what it emits."""
        self.seen.append(one)
        self.last = decision = decide(one, self.history, self.policy)
        if decision.remembers is not None:
            memory = Memory(one.id, one.type, one.time, decision.remembers)
            self.history = replace(self.history, memories=(*self.history.memories, memory))
        found = [
            caused(one, data, ordinal=i, source="kulanse/desk", policy_digest="p")
            for i, data in enumerate(decision.emits)
        ]
        self.emitted += found
        for each in found if self.reads_back else ():
            self.read(each)
        return decision.emits

    def says(self, data: Contract) -> tuple[Contract, ...]:
        """What it emits on one more event."""
        number = len(self.seen)
        return self.read(event(data, f"e{number}", after_s=number))

    def refusal(self, said: ca.CaseCommand) -> str | None:
        """The code of its answer to a command; None when the command had an effect."""
        codes = [each.code for each in self.says(said) if isinstance(each, ca.CaseRefused)]
        return codes[0] if codes else None


def test_the_example_policy_names_the_people_of_the_examples() -> None:
    """Every test below would fail for the wrong reason: a pseudonym that nobody has."""
    assert {AGENT, OTHER, LEAD} <= POLICY.people.names
