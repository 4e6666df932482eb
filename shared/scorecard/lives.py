"""The life of each complaint as the scorecard needs it, from the events alone, in any order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.contracts.cases import CaseAnswered, CaseAsked, CaseCommand, CaseDecided, CaseReopened
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.feedback import FeedbackGiven
from shared.contracts.notifications import Notice, NotificationRequested, NotificationSent
from shared.contracts.promises import Promise, PromiseBroken, PromiseKept
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.contracts.triaged import ComplaintTriaged

SURVEY = "survey"  # the template of notify's
REOPENED_WITHIN = timedelta(days=30)


@dataclass
class Life:
    """One complaint: when what came, what was said, and what people thought of it."""

    registered: ComplaintRegistered | None = None
    triaged: ComplaintTriaged | None = None
    requested: list[NotificationRequested] = field(default_factory=list)
    sent: list[NotificationSent] = field(default_factory=list)
    touched_at: list[datetime] = field(default_factory=list)
    reopened_at: list[datetime] = field(default_factory=list)
    ended: dict[str, Promise] = field(default_factory=dict)
    scores: dict[tuple[str, str], int] = field(default_factory=dict)

    def said_s(self, kind: str) -> float | None:
        """Seconds from when it came until the first message that counts as this."""
        times = [n.at for n in self._heard() if kind in n.counts_as]
        if self.registered is None or not times:
            return None
        return max(0.0, (min(times) - self.registered.received_at).total_seconds())

    @property
    def touched_s(self) -> float | None:
        """Seconds until a person wrote or decided."""
        if self.registered is None or not self.touched_at:
            return None
        return max(0.0, (min(self.touched_at) - self.registered.received_at).total_seconds())

    @property
    def solved_at_once(self) -> bool | None:
        """Whether the first decision was the last, and nobody had to come back within 30 days."""
        decisions = {n.notice_id for n in self._heard() if n.kind == "decision"}
        first = min((n.at for n in self._heard() if "decision" in n.counts_as), default=None)
        if first is None:
            return None
        again = [at for at in self.reopened_at if first <= at <= first + REOPENED_WITHIN]
        paid = {n.notice_id for n in self._heard() if n.template == "paid"}
        return len(decisions - paid) <= 1 and not again

    @property
    def own_way(self) -> bool | None:
        """Whether every message came on their own channel and in their own form."""
        heard = self._heard()
        if self.registered is None or self.triaged is None or not heard:
            return None
        channel, form = self.registered.channel, self.triaged.written_form
        return all((n.channel, n.written_form) == (channel, form) for n in heard)

    @property
    def survey_answered(self) -> bool | None:
        """Whether who was asked how it went has answered anything; None: not asked."""
        if not any(n.template == SURVEY for n in self._heard()):
            return None
        return any(moment == "experience" for moment, _ in self.scores)

    @property
    def two_facts(self) -> bool | None:
        """Whether the acknowledgement named two facts; None where the words are sealed."""
        first = next((n for n in self.requested if "acknowledgement" in n.counts_as), None)
        if first is None or isinstance(first.personal, Sealed) or self.triaged is None:
            return None
        if isinstance(self.triaged.personal, Sealed):
            return None
        body = first.personal.body.casefold()
        words = {fact.words.casefold() for fact in self.triaged.personal.facts}
        return sum(word in body for word in words) >= 2  # noqa: PLR2004 -- DOMAIN.md: two facts

    def _heard(self) -> list[NotificationSent]:
        return [n for n in self.sent if n.audience == "complainant"]


def lives_of(events: Iterable[Event[Contract]]) -> dict[str, Life]:
    """By complaint; an event that came twice counts once, robots' mail not at all."""
    found: dict[str, Life] = {}
    seen: set[str] = set()
    for event in events:
        complaint_id = getattr(event.data, "complaint_id", None)
        if event.id not in seen and isinstance(complaint_id, str):
            seen.add(event.id)
            _add(found.setdefault(complaint_id, Life()), event.data)
    return {
        name: life
        for name, life in sorted(found.items())
        if life.registered is not None and not life.registered.automatic
    }


def is_synthetic(life: Life) -> bool:
    """Whether we wrote it ourselves: counted apart."""
    return life.registered is not None and life.registered.source == SYNTHETIC_SOURCE


def _add(life: Life, data: Contract) -> None:
    match data:
        case ComplaintRegistered():
            life.registered = data
        case ComplaintTriaged():
            life.triaged = data
        case FeedbackGiven():
            life.scores[data.moment, data.question] = data.score
        case PromiseKept() | PromiseBroken():
            life.ended.setdefault(data.promise_id, data)
        case Notice():
            _add_notice(life, data)
        case CaseCommand():
            _add_command(life, data)
        case _:
            pass


def _add_notice(life: Life, data: Notice) -> None:
    if isinstance(data, NotificationRequested) and data.audience == "complainant":
        life.requested.append(data)
    if isinstance(data, NotificationSent):
        life.sent.append(data)


def _add_command(life: Life, data: CaseCommand) -> None:
    if isinstance(data, CaseAsked | CaseAnswered | CaseDecided):
        life.touched_at.append(data.at)
    if isinstance(data, CaseReopened):
        life.reopened_at.append(data.at)
