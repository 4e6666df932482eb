"""A small stage for the conformance suite: it counts what each complainant said.

Reads `complaints.registered` (replies), `cases` (withdrawals) and `recovery.inbox`. Every event
becomes one `feedback.given` whose question is the count so far: a decision made twice, out of
order or on a stale history shows in the output's bytes. Words in a reply ask for trouble.
"""

from pathlib import Path

from shared.contracts.cases import CaseWithdrawn
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.feedback import FeedbackGiven
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.topics import CASES, RECOVERY_INBOX, REGISTERED
from shared.errors import Fault
from shared.stage.decision import Decision, Effect, History, Rejected, Reserve
from shared.stage.effects import Claimed, Outcome
from shared.stage.stage import Stage

SHARED_ROW, SHARED_MOST = "shared", 1_000_000


def decide(  # signature: stage
    event: Event[Contract], history: History, _policy: None
) -> Decision | Rejected:
    """Count; "boom" raises, "reject" is refused, "effect" asks for one, "share" takes a share."""
    words = said(event.data)
    if "boom" in words:
        message = "a bug in the core"
        raise RuntimeError(message)
    if "reject" in words:
        return Rejected((Fault("refused", "personal.text", "say something else"),))
    seen = len(history.memories) + 1
    return Decision(
        emits=(_feedback(event, seen, history=history),),
        effects=_effects(event) if "effect" in words else (),
        reserves=_share(history) if "share" in words else (),
        remembers={"seen": seen},
    )


def touches(event: Event[Contract]) -> tuple[str, ...]:
    """Those that share see the shared row."""
    return (SHARED_ROW,) if "share" in said(event.data) else ()


def said(data: Contract) -> str:
    """What was said, if anything was."""
    if isinstance(data, ComplaintReplied) and isinstance(data.personal, Personal):
        return data.personal.text
    return ""


def _share(history: History) -> tuple[Reserve, ...]:
    # Compare and set: two workers that saw the same number cannot both be right.
    return (Reserve(SHARED_ROW, 1, history.reserved[SHARED_ROW] + 1),)


def _effects(event: Event[Contract]) -> tuple[Effect, ...]:
    key = derived("probe", event.id)
    return (Effect(key, "journal", str(event.id), {"cause": event.id}),)


def _feedback(event: Event[Contract], seen: int, *, history: History) -> FeedbackGiven:
    complaint_id = getattr(event.data, "complaint_id", event.id)
    shared = history.reserved.get(SHARED_ROW, 0)
    return FeedbackGiven(
        complaint_id=complaint_id,
        case_id=complaint_id,
        moment="experience",
        question=f"{_kind(event.data)} {seen} {shared}",
        score=5,
        at=event.time,
    )


def _kind(data: Contract) -> str:
    if isinstance(data, EffectOutcome):
        return f"outcome-{data.state}"
    return "withdrawn" if isinstance(data, CaseWithdrawn) else "said"


class Journal:
    """A performer that writes each effect down, one line a call, as a provider's log would."""

    def __init__(self, path: Path) -> None:
        """`path`: the journal."""
        self.path = path

    async def perform(self, effect: Claimed) -> Outcome:
        """Write the key down."""
        with self.path.open("a") as journal:
            journal.write(effect.key + "\n")
        return Outcome("posted", provider_reference=effect.key[:8])

    async def ask(self, effect: Claimed) -> Outcome:
        """It happened if it is in the journal."""
        done = self.path.exists() and effect.key in self.path.read_text().split()
        return Outcome("posted" if done else "again", provider_reference=effect.key[:8])


def probe(journal: Path) -> Stage[None]:
    """The stage."""
    return Stage(
        name="probe",
        inputs=(REGISTERED, CASES, RECOVERY_INBOX),
        decide=decide,
        policy=None,
        policy_digest="probe",
        inbox=RECOVERY_INBOX,
        performers={"journal": Journal(journal)},
        touches=touches,
    )
