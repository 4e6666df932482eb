"""Which case a complaint belongs to, and which contact on that matter it is.

Only within one record key: two people's matters are never linked by a machine. The same order is
the surest sign, then a reference that both name, then a similar subject. What a colleague linked
or parted holds. The order in which earlier complaints arrived tells nothing: the same ones, late
or twice, give the same link.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from pydantic import JsonValue

from services.triage.findings import Findings
from services.triage.model import Reading
from services.triage.policy import TriagePolicy
from services.triage.signals.category import OTHER
from services.triage.signals.facts import references_in
from shared.contracts.contract import WrittenForm
from shared.contracts.identity import derived, own_case
from shared.contracts.registered import ComplaintRegistered
from shared.stage.decision import History

# What linking reads in a memory; see `remembered` in memory.py.
COMPLAINED = {"complaint", "request"}
LINKED, UNLINKED = "linked", "unlinked"
# A shorter order number ("12") stands in many a text by chance.
ORDER_ID_CHARS_MIN = 4
Known = Mapping[str, JsonValue]
Sign = Callable[[Known], bool]


class Link(NamedTuple):
    """The case, which contact on it this is, and how it was found ("" for a new matter)."""

    case_id: str
    contact: int
    by: str


def link_of(
    found: Findings, history: History, *, stated: Sequence[Known], policy: TriagePolicy
) -> Link:
    """The earlier case with the same order, else reference, else subject; of several the latest."""
    complaint, days = found.reading.complaint, policy.rules.linking
    new = Link(own_case(complaint.complaint_id), 1, "")
    if not stated or found.kind.kind not in COMPLAINED:
        return new
    known = _earlier_of(stated, history)
    earlier = [data for data in reversed(known) if not _is_other_order(data, complaint)]
    signs: tuple[tuple[str, int, Sign], ...] = (
        ("linked.order", days.order_days, partial(_same_order, complaint)),
        ("linked.reference", days.order_days, partial(_same_reference, found.reading)),
        ("linked.subject", days.subject_days, partial(_same_subject, found.category.category)),
    )
    for by, within_days, is_same in signs:
        for data in earlier:
            if is_same(data) and _age(data, complaint) <= timedelta(days=within_days):
                contact = 1 + sum(other["case_id"] == data["case_id"] for other in known)
                return Link(str(data["case_id"]), contact, by)
    return new


def marks_of(reading: Reading) -> list[str]:
    """What is kept of the references that a text names: enough to know them again, not them."""
    return sorted({derived("reference", one.casefold()) for one in references_in(reading)})


def earlier_form(stated: Sequence[Known]) -> WrittenForm | None:
    """The written form in which this complainant last wrote."""
    ours: tuple[WrittenForm, ...] = ("nb", "nn", "en")
    told = (data.get("written_form") for data in reversed(stated))
    return next((form for said in told for form in ours if form == said), None)


def stated_in(history: History) -> list[Known]:
    """The last statement of each complaint, a correction before the machine's own.

    The complaint that was received first comes first.
    """
    known: dict[str, Known] = {}
    for data in (memory.data for memory in history.memories):
        what, complaint_id = data.get("what"), str(data.get("complaint_id"))
        if what in {"corrected", "reread"} or (what == "triaged" and complaint_id not in known):
            known[complaint_id] = data
    return sorted(known.values(), key=lambda data: (_received_at(data), str(data["complaint_id"])))


def _earlier_of(stated: Sequence[Known], history: History) -> list[Known]:
    """What complains, each in the case that colleagues gave it."""
    told = [m.data for m in history.memories if m.data.get("what") in {LINKED, UNLINKED}]
    if told:
        moved = [dict(data) for data in stated]
        for said in told:
            _move(moved, said)
        stated = moved
    return [data for data in stated if data.get("kind") in COMPLAINED]


def _move(known: Iterable[dict[str, JsonValue]], said: Known) -> None:
    """Do as a colleague said: two cases are one, or a complaint is a case of its own again."""
    case_id, other = str(said["case_id"]), str(said["other_case_id"])
    for data in known:
        opened = own_case(str(data["complaint_id"]))
        if said["what"] == LINKED and data["case_id"] == other:
            data["case_id"] = case_id
        elif said["what"] == UNLINKED and data["case_id"] == case_id and opened == other:
            data["case_id"] = other


def _is_other_order(data: Known, complaint: ComplaintRegistered) -> bool:
    """Whether both are about orders, and not the same."""
    ours, theirs = complaint.order and complaint.order.id, data.get("order_id")
    return bool(ours and theirs and ours != theirs)


def _same_order(complaint: ComplaintRegistered, data: Known) -> bool:
    ours = complaint.order and complaint.order.id
    return bool(ours) and ours == data.get("order_id")


def _same_reference(reading: Reading, data: Known) -> bool:
    """The text names the earlier one's order, or both name the same number."""
    kept, order_id = data.get("references"), str(data.get("order_id") or "")
    words = rf"(?<![\w-]){re.escape(order_id)}(?![\w-])"
    if len(order_id) >= ORDER_ID_CHARS_MIN and re.search(words, reading.tokens.raw):
        return True
    return isinstance(kept, list) and not set(marks_of(reading)).isdisjoint(map(str, kept))


def _same_subject(category: str, data: Known) -> bool:
    return category != OTHER and data.get("category") == category


def _age(data: Known, complaint: ComplaintRegistered) -> timedelta:
    return abs(complaint.received_at - _received_at(data))


def _received_at(data: Known) -> datetime:
    return datetime.fromisoformat(str(data["received_at"]))
