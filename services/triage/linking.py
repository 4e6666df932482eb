"""Which case a complaint belongs to, and which contact on that matter it is.

Only within one record key: two people's matters are never linked by a machine.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic import JsonValue

from services.triage.policy import TriagePolicy
from shared.contracts.contract import WrittenForm
from shared.contracts.identity import derived
from shared.contracts.registered import ComplaintRegistered
from shared.stage.decision import History

# What linking reads in a memory; see `remembered` in the core.
COMPLAINED = {"complaint", "request"}


class Link(NamedTuple):
    """The case, which contact on it this is, and how it was found ("" for a new matter)."""

    case_id: str
    contact: int
    by: str


def link_of(
    complaint: ComplaintRegistered,
    *,
    kind: str,
    category: str,
    history: History,
    policy: TriagePolicy,
) -> Link:
    """The latest earlier case with the same order, or with the same subject within days."""
    new = Link(derived("case", complaint.complaint_id), 1, "")
    if kind not in COMPLAINED:
        return new
    for data in reversed(list(earlier_of(history))):
        if by := _same(data, complaint, category=category, policy=policy):
            case_id = str(data["case_id"])
            count = sum(other.get("case_id") == case_id for other in earlier_of(history))
            return Link(case_id, count + 1, by)
    return new


def earlier_of(history: History) -> Iterator[dict[str, JsonValue]]:
    """What is remembered of earlier complaints of this complainant, oldest first."""
    for memory in history.memories:
        if memory.data.get("what") == "triaged" and memory.data.get("kind") in COMPLAINED:
            yield dict(memory.data)


def earlier_form(history: History) -> WrittenForm | None:
    """The written form this complainant was last read in."""
    forms: list[WrittenForm] = ["nb", "nn", "en"]
    for memory in reversed(history.memories):
        for form in forms:
            if memory.data.get("written_form") == form:
                return form
    return None


def _same(
    data: dict[str, JsonValue],
    complaint: ComplaintRegistered,
    *,
    category: str,
    policy: TriagePolicy,
) -> str:
    days = (
        complaint.received_at - datetime.fromisoformat(str(data["received_at"]))
    ).total_seconds()
    age = timedelta(seconds=abs(days))
    order_id = complaint.order.id if complaint.order else None
    known = data.get("order_id")
    if order_id and known:
        same = order_id == known and age <= timedelta(days=policy.rules.linking.order_days)
        return "linked.order" if same else ""
    same = data.get("category") == category and category != "other"
    if same and age <= timedelta(days=policy.rules.linking.subject_days):
        return "linked.subject"
    return ""
