"""Where a case stands, from the set of its events: no arrival order, no state of the desk.

Commands apply in the order of the versions their actors saw, openings where the desk's count of
commands put them; a command that the desk refused applies nowhere. That is partition order,
written in the events themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.contracts import cases as ca
from shared.contracts.caserule import (
    ABOUT,
    CaseState,
    applied,
    step,
)
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import SEVERITIES, ComplaintTriaged, Severity, is_raised

Events = Sequence[Event[Contract]]
Order = tuple[datetime, int, str]


@dataclass(frozen=True, slots=True)
class Where:
    """The rule's state, the openings that no person has dealt with, and what was refused why."""

    case: CaseState
    openings: tuple[ca.CaseOpened, ...]
    effective: tuple[ca.CaseCommand, ...]
    refused: Mapping[str, str]

    @property
    def why(self) -> tuple[str, ...]:
        """Why a person is needed, without the marks that are for readers."""
        codes = (why for opening in self.openings for why in opening.why)
        return tuple(sorted({c for c in codes if not c.startswith(ABOUT)}))

    @property
    def due_at(self) -> datetime | None:
        """The earliest deadline; none while the complainant has the word."""
        if self.case.state == "waiting_for_complainant" or not self.openings:
            return None
        return min(opening.due_at for opening in self.openings)


def order_of(event: Event[Contract]) -> Order:
    """Time, then cause before effect, then the id."""
    return (event.time, event.depth, event.id)


def in_order(events: Events) -> tuple[Event[Contract], ...]:
    """A set of events in the one order that every reader gets."""
    unique = {event.id: event for event in events}
    return tuple(sorted(unique.values(), key=order_of))


def where(events: Events) -> Where:
    """Fold the case's events of `cases`; `events` in order."""
    refused = {
        event.data.refused_id: event.data.code
        for event in events
        if isinstance(event.data, ca.CaseRefused)
    }
    case, openings, effective = CaseState(), list[ca.CaseOpened](), list[ca.CaseCommand]()
    for said in _in_version_order(events, refused):
        if isinstance(said, ca.CaseCommand):
            if said.seen_version != case.version:
                continue  # its refusal is on the way
            case = applied(case, said)
            effective.append(said)
        else:
            case, _ = step(case, said, known=())
        if isinstance(said, ca.CaseOpened):
            openings.append(said)
        if not case.needs_person:
            openings.clear()
    return Where(case, tuple(openings), tuple(effective), refused)


def severity_of(events: Events, read: Sequence[Severity], *, where: Where) -> Severity:
    """The handler's word, else the highest that triage read, else what the desk opened it with.

    What a reply raised after her word she had not read: then the gravest of both.
    """
    words = [
        said
        for said in where.effective
        if isinstance(said, ca.CaseOverridden) and said.field == "severity"
    ][-1:]
    corrected = [s for s in SEVERITIES if s in [said.value for said in words]]
    corrected += [
        event.data.severity
        for event in events
        if isinstance(event.data, ComplaintTriaged)
        and is_raised(event.data)
        and any(event.time > said.at for said in words)
    ]
    opened = [opening.severity for opening in where.openings]
    return max(corrected or list(read) or opened or [SEVERITIES[0]], key=SEVERITIES.index)


def _in_version_order(events: Events, refused: Mapping[str, str]) -> list[ca.CaseEvent]:
    placed: list[tuple[tuple[int, int, Order], ca.CaseEvent]] = []
    for event in events:
        said = event.data
        if isinstance(said, ca.CaseCommand) and event.id not in refused:
            placed.append(((said.seen_version, 1, order_of(event)), said))
        elif isinstance(said, ca.CaseOpened):
            placed.append(((said.after_version, 0, order_of(event)), said))
        elif isinstance(said, ca.TaskCreated):
            placed.append(((0, 0, order_of(event)), said))
    return [said for _, said in sorted(placed, key=lambda pair: pair[0])]
