"""The mystery shopper's visits: what is sent, and whether what came was right and in time. Pure.

A visit comes under a source of its own (`SYNTHETIC_SOURCE`): recovery starts nothing for it, and
the scorecard leaves it out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue

from shared.contracts.contract import Contract, WrittenForm
from shared.contracts.envelope import Event
from shared.contracts.notifications import NotificationSent
from shared.contracts.recoveries import RecoveryProposed, RecoverySettled
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.triaged import ComplaintTriaged, Kind
from shared.policy import load_policy

STEPS = ("registered", "triaged", "proposed", "acknowledged")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Visit(_Part):
    """One complaint of ours, and how it should be read."""

    form: WrittenForm
    kind: Kind
    subject: str
    text: str


class Rules(_Part):
    """`mystery.yaml`: the visits, and how long each step may take, in seconds."""

    acknowledged_s: float
    proposed_s: float
    give_up_s: float
    visits: tuple[Visit, ...]


class _Policy(_Part):
    rules: Rules


@dataclass
class Seen:
    """What has been seen of one visit: seconds until each step, and what was wrong."""

    visit: Visit
    began_at: datetime
    complaint_id: str
    took_s: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every step has come."""
        return all(step in self.took_s for step in STEPS)

    def hear(self, event: Event[Contract], at: datetime) -> None:
        """Take in an event, seen at this time; another complaint's is passed over."""
        data = event.data
        if getattr(data, "complaint_id", None) != self.complaint_id:
            return
        step = _step(data)
        if step:
            self.took_s.setdefault(step, (at - self.began_at).total_seconds())
        self.wrong += [code for code in _faults(data, self.visit) if code not in self.wrong]


def load() -> Rules:
    """The policy; raises `Refused` naming the file and the field."""
    return load_policy(_Policy, rules="mystery.yaml")[0].rules


def document(visit: Visit, *, number: str) -> bytes:
    """The complaint as the door takes it; each visit is somebody else's, on some partition."""
    said: dict[str, JsonValue] = {
        "channel": "web",
        "channel_message_id": f"mystery-{number}",
        "complainant": {"id": f"mystery-{number}", "name": "Mystery Shopper"},
        "subject": visit.subject,
        "text": visit.text,
    }
    return orjson.dumps(said)


def faults(seen: Seen, rules: Rules) -> list[str]:
    """What was wrong with a visit, as codes; nothing when all was right and in time."""
    missing = [f"no_{step}" for step in STEPS if step not in seen.took_s]
    limits: Mapping[str, float] = {
        "proposed": rules.proposed_s,
        "acknowledged": rules.acknowledged_s,
    }
    slow = [f"slow_{step}" for step in limits if seen.took_s.get(step, 0) > limits[step]]
    return [*missing, *slow, *seen.wrong]


def _step(data: Contract) -> str:
    match data:
        case ComplaintRegistered():
            return "registered"
        case ComplaintTriaged():
            return "triaged"
        case RecoveryProposed():
            return "proposed"
        case NotificationSent(audience="complainant", counts_as=kinds) if (
            "acknowledgement" in kinds
        ):
            return "acknowledged"
        case _:
            return ""


def _faults(data: Contract, visit: Visit) -> Iterable[str]:
    match data:
        case ComplaintTriaged():
            if data.kind != visit.kind:
                yield "wrong_kind"
            if data.written_form != visit.form:
                yield "wrong_form"
        case NotificationSent(audience="complainant", written_form=form) if form != visit.form:
            yield "answered_in_wrong_form"
        case RecoverySettled() if any(g.amount_minor for g in data.gestures):
            yield "paid"
        case _:
            return
