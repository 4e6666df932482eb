"""Where each complaint has come to, and how many are where: counted from events, pure.

Each registered complaint has exactly one end: settled, answered, rejected, pending payout, or
waiting for a person; or it is still on its way ("open"), which a balance never forgives.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.desk.projection import view
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import Notice, NotificationSent, NotificationSuppressed
from shared.contracts.receipts import ComplaintAccepted
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from shared.contracts.triaged import ComplaintTriaged

End = Literal["settled", "answered", "rejected", "payout_pending", "with_people", "open"]
ENDS: tuple[End, ...] = ("settled", "answered", "rejected", "payout_pending", "with_people")
_MONEY = frozenset({"refund", "price_reduction", "compensation"})
_COMPLAINANT_CHOOSES = frozenset({"asked", "offered"})
# Codes that only say that there are reasons.
_GENERAL = frozenset({"needs_person", "recovery_with_person"})
# A kind that asks for nothing: thanks are all that is owed.
_NOTHING_OWED = frozenset({"praise"})


@dataclass(frozen=True, slots=True)
class Stand:
    """One complaint: its end, why it waits ("safety", "approval:team_lead"), who has heard.

    `severity` is empty until triage has read it.
    """

    complaint_id: str
    end: End
    why: tuple[str, ...] = ()
    heard: bool = False
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of a run. `stands` by complaint id, in the order they were registered."""

    stands: Mapping[str, Stand]
    duplicates: int
    registered: int
    triaged: int
    recovered: int
    notified: int
    replied: int
    sent_twice: int
    traits: Mapping[str, int]

    def at(self, end: End) -> int:
        """How many complaints came to this end."""
        return sum(1 for stand in self.stands.values() if stand.end == end)

    @property
    def waiting(self) -> tuple[Stand, ...]:
        """Those that wait for a person, each with the reason."""
        return tuple(stand for stand in self.stands.values() if stand.end == "with_people")

    @property
    def undone(self) -> tuple[Stand, ...]:
        """Those still on their way, and those that nobody has told anything."""
        return tuple(s for s in self.stands.values() if s.end == "open" or not s.heard)

    @property
    def balances(self) -> bool:
        """Whether every registered complaint has its one end."""
        return self.registered == sum(self.at(end) for end in ENDS)


def tally(events: Iterable[Event[Contract]]) -> Tally:
    """Count. `events`: all of the run, in any order, each as often as it was delivered."""
    delivered = list(events)
    unique = {event.id: event for event in delivered}
    data = [event.data for event in unique.values()]
    registered = {d.complaint_id: d for d in data if isinstance(d, ComplaintRegistered)}
    triaged = {d.complaint_id: d for d in data if isinstance(d, ComplaintTriaged)}
    recoveries = _latest(d for d in data if isinstance(d, RecoveryEvent))
    sent = _sent(delivered)
    heard = _heard(data)
    needs = _needs(list(unique.values()), {t.case_id for t in triaged.values()})
    stands = {
        id_: _stand(
            each, triaged.get(id_), recovery=recoveries.get(id_), needs=needs, heard=id_ in heard
        )
        for id_, each in registered.items()
    }
    accepted = [d for d in data if isinstance(d, ComplaintAccepted)]
    return Tally(
        stands=stands,
        duplicates=sum("duplicate" in each.noted for each in accepted),
        registered=len(registered),
        triaged=len(triaged.keys() & registered.keys()),
        recovered=len(recoveries.keys() & registered.keys()),
        notified=len({notice.complaint_id for notice in sent if notice.audience == "complainant"}),
        replied=sum(isinstance(d, ComplaintReplied) for d in data),
        sent_twice=_twice(sent),
        traits=traits(triaged.values(), recoveries.values()),
    )


def traits(
    triaged: Iterable[ComplaintTriaged], recoveries: Iterable[RecoveryEvent]
) -> dict[str, int]:
    """How varied the complaints were, from what triage and recovery made of them."""
    read = list(triaged)
    forms = Counter(each.written_form for each in read)
    over = sum(each.approval in ("team_lead", "manager") for each in recoveries)
    return {
        "safety_or_legal": sum(each.safety or each.legal for each in read),
        "threats": sum(each.abuse == "threat" for each in read),
        "users": sum(each.role in ("user", "both") for each in read),
        "nb": forms["nb"],
        "nn": forms["nn"],
        "en": forms["en"],
        "over_automatic_limit": over,
    }


def _stand(
    registered: ComplaintRegistered,
    triaged: ComplaintTriaged | None,
    *,
    recovery: RecoveryEvent | None,
    needs: Mapping[str, tuple[str, ...]],
    heard: bool,
) -> Stand:
    id_ = registered.complaint_id
    if registered.automatic:
        return Stand(id_, "answered", ("automatic",), heard=True)
    if triaged is None:
        return Stand(id_, "open", ("not_triaged",), heard)
    end, why = _end(triaged, recovery, needs=needs.get(triaged.case_id, ()))
    if end == "answered" and not heard:
        end, why = "open", ("not_answered",)
    return Stand(id_, end, why, heard, triaged.severity)


def _end(
    triaged: ComplaintTriaged, recovery: RecoveryEvent | None, *, needs: tuple[str, ...]
) -> tuple[End, tuple[str, ...]]:
    """The end, by the last word of recovery; then by what still lies with people."""
    if isinstance(recovery, re.RecoveryRejected):
        return "rejected", ()
    if isinstance(recovery, re.RecoveryApproved | re.RecoveryAdjusted) and _pending(recovery):
        return "payout_pending", ()
    if recovery is not None and recovery.outcome in _COMPLAINANT_CHOOSES:
        needs = ("complainant_chooses", *needs)
    if needs:
        return "with_people", _reasons(needs, recovery)
    if recovery is None:
        owed = triaged.kind not in _NOTHING_OWED
        return ("open", ("not_recovered",)) if owed else ("answered", ())
    return _without_needs(recovery)


def _without_needs(recovery: RecoveryEvent) -> tuple[End, tuple[str, ...]]:
    if isinstance(recovery, re.RecoverySettled):
        return "settled", ()
    if isinstance(recovery, re.RecoveryExpired) or recovery.outcome == "no_action":
        return "answered", ()
    return "open", (recovery.TYPE.split(".")[2], recovery.outcome)


def _reasons(needs: tuple[str, ...], recovery: RecoveryEvent | None) -> tuple[str, ...]:
    """Why it waits: the desk's codes, and instead of the general one recovery's own reasons."""
    said = [code for code in needs if code not in _GENERAL]
    if len(said) < len(needs) and recovery is not None:
        said += [code for code in recovery.reasons if code not in _GENERAL]
    return tuple(dict.fromkeys(said)) or needs


def _pending(recovery: RecoveryEvent) -> bool:
    return any(g.kind in _MONEY and g.state == "pending" for g in recovery.gestures)


def _latest(events: Iterable[RecoveryEvent]) -> dict[str, RecoveryEvent]:
    latest: dict[str, RecoveryEvent] = {}
    for said in events:
        known = latest.get(said.complaint_id)
        if known is None or said.version > known.version:
            latest[said.complaint_id] = said
    return latest


def _needs(
    events: Sequence[Event[Contract]], case_ids: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """By case: why a person is needed now, as the desk itself tells it."""
    of_case: dict[str, list[Event[Contract]]] = defaultdict(list)
    for event in events:
        case_id = getattr(event.data, "case_id", None)
        if case_id is not None:
            of_case[case_id].append(event)
    return {case_id: view(of_case[case_id], case_id).needs for case_id in set(case_ids)}


def _heard(data: Iterable[Contract]) -> set[str]:
    """Whom a message has reached, or who is deliberately told nothing."""
    told = (NotificationSent, NotificationSuppressed)
    return {d.complaint_id for d in data if isinstance(d, told) and d.audience == "complainant"}


def _sent(delivered: Iterable[Event[Contract]]) -> list[Notice]:
    """What was sent; an event that was delivered twice is one event."""
    unique = {event.id: event.data for event in delivered}
    return [data for data in unique.values() if isinstance(data, NotificationSent)]


def _twice(sent: Iterable[Notice]) -> int:
    """How many messages went out a second time.

    The next step of an escalation says the same to other colleagues, and the next share of a
    promise's time the same again: those are other messages.
    """
    times = Counter(
        (n.complaint_id, n.kind, n.audience, n.people, n.template, n.version, *_share(n))
        for n in sent
    )
    return sum(count - 1 for count in times.values())


def _share(notice: Notice) -> tuple[str | None, int | None]:
    return notice.promise_id, notice.percent
