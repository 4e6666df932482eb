"""What the law wants told to an authority of a complaint: a dangerous product, a data breach.

Each is a promise of kind `report` to ourselves, in the name of one colleague: she decides whether
there is something to tell, and closing the case says that it was told or need not be.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from pydantic import JsonValue

from services.triage.model import Words
from services.triage.what_counts import Part
from shared.business_time import Calendar, Within, deadline
from shared.contracts.cases import CaseClosed
from shared.contracts.identity import derived
from shared.contracts.promises import PromiseKept
from shared.people import People
from shared.stage.decision import NOTHING, Decision, History, Reason

REPORTS = "reports"
ENDED = "reports_ended"


class Duty(Part):
    """Something to report: what shows that it may be there, to whom, until when, by which law."""

    code: str
    to: str
    address: str
    labels: tuple[str, ...]
    none: tuple[str, ...] = ()
    # A role of people.yaml.
    owner: str
    within: Within
    paragraph: str
    source: str
    read: date
    verified: bool
    note: str = ""


class Duties(Part):
    """`reports.yaml`."""

    reports: tuple[Duty, ...]


class Knows(NamedTuple):
    """What a report is read from: the duties, who works here, and the calendar."""

    duties: Duties
    people: People
    calendar: Calendar


class Owed(NamedTuple):
    """A report that is owed: by whom, until when, and the words that told."""

    code: str
    owner: str
    due_at: datetime
    words: Words


def owed_of(
    why: Mapping[str, Words], *, category: str, at: datetime, knows: Knows
) -> Iterator[Owed]:
    """The reports that these finds may ask for, `at` the moment we became aware."""
    for duty in knows.duties.reports:
        found = [label for label in duty.labels if label in why]
        if found and not any(label in why for label in duty.none):
            due_at = deadline(at, duty.within, calendar=knows.calendar).astimezone(UTC)
            words = tuple(dict.fromkeys(word for label in found for word in why[label]))
            owner = owner_of(duty.owner, category=category, people=knows.people)
            yield Owed(duty.code, owner, due_at, words)


def owner_of(role: str, *, category: str, people: People) -> str:
    """The first colleague in a role with whom the category may land; else the role itself."""
    able = (each for each in people.with_role(role) if category not in each.never_handles)
    return next((each.person for each in able), role)


def report_id(complaint_id: str, code: str) -> str:
    """The promise's id."""
    return derived("promise", complaint_id, code)


def closed(command: CaseClosed, history: History) -> Decision:
    """Whoever closes the case says that its reports are done with; notify says what was late."""
    complaint_id = command.complaint_id
    mine = [m.data for m in history.memories if m.data.get("complaint_id") == complaint_id]
    owed: dict[str, JsonValue] = {}
    for data in mine:
        told = data.get(REPORTS)
        if data.get("what") == ENDED:
            owed.clear()
        elif isinstance(told, dict) and data.get("what") != "corrected":
            owed |= told
    if not owed:
        return NOTHING
    kept = (_kept(code, told, command=command) for code, told in owed.items())
    return Decision(
        emits=tuple(one for one in kept if one.due_at >= command.at),
        remembers={"what": ENDED, "complaint_id": complaint_id},
        reasons=(Reason("reports.ended"),),
    )


def _kept(code: str, owed: JsonValue, *, command: CaseClosed) -> PromiseKept:
    fields = owed if isinstance(owed, dict) else {}
    return PromiseKept(
        promise_id=report_id(command.complaint_id, code),
        complaint_id=command.complaint_id,
        case_id=command.case_id,
        kind="report",
        due_at=datetime.fromisoformat(str(fields["due_at"])),
        owner=str(fields["owner"]),
    )
