"""The queues: what comes first, and who may take what."""

from collections.abc import Iterable
from datetime import UTC, datetime

from services.desk.model import CaseView, QueueRow
from shared.contracts.cases import CaseDecided
from shared.contracts.triaged import SEVERITIES
from shared.people import Person

LESS = frozenset({"partly_upheld", "not_upheld"})
Place = tuple[int, datetime, str]
# A case without a deadline waits for the complainant: it comes last in its severity.
NEVER = datetime.max.replace(tzinfo=UTC)


def rank(row: QueueRow) -> int:
    """0 for critical, and so on down; everything urgent comes before all that is not."""
    below = len(SEVERITIES) - 1 - SEVERITIES.index(row.severity)
    return below if row.urgent else below + len(SEVERITIES)


def ranks_of(severity: str) -> tuple[int, ...]:
    """Every rank that a severity can have, urgent and not; none of a severity that there is not."""
    found = (each for each in SEVERITIES if each == severity)
    below = [len(SEVERITIES) - 1 - SEVERITIES.index(each) for each in found]
    return tuple(rank + step for rank in below for step in (0, len(SEVERITIES)))


def is_urgent(rank: int) -> bool:
    """Whether a row with this rank is urgent: the ledger keeps the rank alone."""
    return rank < len(SEVERITIES)


def place(row: QueueRow) -> Place:
    """What is urgent first, then severity, then the deadline."""
    return (rank(row), row.due_at or NEVER, row.case_id)


def ordered(rows: Iterable[QueueRow]) -> tuple[QueueRow, ...]:
    """A queue in the order in which it should be worked."""
    return tuple(sorted(rows, key=place))


def may_see(row: QueueRow | CaseView, person: Person) -> bool:
    """Whoever a case is about never reads it first; other cases are open to everyone here."""
    return person.person not in row.about


def why_not(row: QueueRow | CaseView, person: Person) -> str | None:
    """Why a person may not take a case: "about_the_actor", "never_handles", or None."""
    if not may_see(row, person):
        return "about_the_actor"
    handles = {row.category, *(row.why if isinstance(row, QueueRow) else row.needs)}
    return "never_handles" if handles & set(person.never_handles) else None


def second_no(case: CaseView, decided: CaseDecided) -> bool:
    """Whether she would give less than asked after she refused to sign: that is for another."""
    refused = any(a.by == decided.actor and not (a.given or a.refused) for a in case.approvals)
    return refused and decided.result.category in LESS


def mine(rows: Iterable[QueueRow], person: Person) -> tuple[QueueRow, ...]:
    """What she owns."""
    return ordered(row for row in rows if row.owner == person.person)


def team(rows: Iterable[QueueRow], person: Person) -> tuple[QueueRow, ...]:
    """What nobody owns yet and she may take."""
    free = (row for row in rows if row.owner is None and row.needs_person)
    return ordered(row for row in free if why_not(row, person) is None)
