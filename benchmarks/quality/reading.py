"""Reads a row as triage would: the real core, no shell."""

from datetime import UTC, datetime

from benchmarks.quality.sets import Row
from services.triage.core import decide
from services.triage.policy import TriagePolicy
from shared.contracts.contract import LINE_CHARS_MAX, TEXT_CHARS_MAX
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import History, Rejected

# A Monday at noon; no set tells when its texts were written.
AT = datetime(2026, 11, 16, 11, tzinfo=UTC)


def registered(row: Row) -> Event[ComplaintRegistered]:
    """The text as intake would register it."""
    data = ComplaintRegistered(
        complaint_id=row.id[:LINE_CHARS_MAX],
        source="quality",
        channel="web",
        channel_message_id=row.id[:LINE_CHARS_MAX],
        received_at=AT,
        personal=Personal(text=row.text[:TEXT_CHARS_MAX] or "-"),
    )
    return Event(id=row.id, source="kulanse/intake", key="quality", time=AT, data=data)


def read(row: Row, policy: TriagePolicy) -> ComplaintTriaged:
    """What triage states of a row."""
    decided = decide(registered(row), History(), policy)
    if isinstance(decided, Rejected):
        raise TypeError(f"triage rejected {row.id}: {decided}")
    statement = decided.emits[0]
    if not isinstance(statement, ComplaintTriaged):
        raise TypeError(f"triage stated {type(statement).__name__} of {row.id}")
    return statement
