"""Explain one complaint: its history first, then itself, and what came of it."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from pydantic import JsonValue

from services.cli.answer import answer_of, error_of
from services.cli.chain import World
from services.cli.failures import DEBUG
from services.cli.lines import Earlier, Line, id_of, line_of, submitted_of, when
from services.cli.policies import intake_policy, triage_policy
from services.cli.stages import Part
from services.intake.receive import Sender, Taken, receive
from services.intake.receive import id_of as complaint_id_of
from services.recovery.model import ALONG_PAYMENT, Remedy
from services.recovery.payments import payments_of, row_of, spread
from services.recovery.recall import memories, remembered_gestures
from services.triage.findings import findings_of
from services.triage.grading import rules_of
from services.triage.signals.reading import reading_of
from services.triage.signals.severity import RuleRead
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.triaged import ComplaintTriaged
from shared.errors import Fault, Invalid

# A source that may vouch for orders: `explain` treats its input as confirmed.
SENDER = Sender("explain", vouched=True)
SECRET = b"explain"  # no key leaves this process
KEY = "explain"  # of everyone: each line is a world of its own, with one complainant


def explain_raw(
    raw: bytes, parts: Sequence[Part], *, now: datetime
) -> tuple[dict[str, JsonValue], bool]:
    """The answer to a line, and whether it is an answer (else it is the line's error)."""
    try:
        line = line_of(raw)
        complaint_id, events = explained(line, parts, now=now)
    except Invalid as invalid:
        return error_of(id_of(raw), invalid.first), False
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        hint = f"a bug of ours ({type(error).__name__}): run with {DEBUG}=1 to see where"
        return error_of(id_of(raw), Fault("internal_error", "", hint)), False
    return answer_of(line.id, complaint_id=complaint_id, events=events), True


def explained(
    line: Line, parts: Sequence[Part], *, now: datetime
) -> tuple[str, list[Event[Contract]]]:
    """The complaint's id and every event since it came; raises `Invalid`."""
    world = World(parts)
    for earlier in sorted(line.history, key=lambda each: when(each, now)):
        world.submit(received(earlier, when(earlier, now)))
        _remember_gestures(world, earlier, at=when(earlier, now))
    world.claim("recovery", _given_back(line))
    before = len(world.events)
    world.submit(received(line, when(line, now)))
    events = world.events[before:]
    return _taken_id(events), events


def severity_rules(events: Iterable[Event[Contract]]) -> tuple[RuleRead, ...]:
    """Every rule of severity on the complaint that was explained; none on a reply."""
    said = [event.data for event in events]
    complaint = next((data for data in said if isinstance(data, ComplaintRegistered)), None)
    statement = next((data for data in said if isinstance(data, ComplaintTriaged)), None)
    if complaint is None or statement is None:
        return ()
    policy, _ = triage_policy()
    reading = reading_of(complaint, at=complaint.received_at, earlier=None, policy=policy)
    return rules_of(findings_of(reading, policy), contact=statement.contact, policy=policy)


def received(line: ComplaintSubmitted, at: datetime) -> Event[Contract]:
    """A complaint as a door of intake would pass it on."""
    said = submitted_of(line)
    taken = Taken(at, derived("explain", complaint_id_of(said, SENDER.source), at.isoformat()))
    rules = intake_policy()[0].intake
    event = receive(said, SENDER, taken=taken, secret=SECRET, rules=rules)
    return replace(event, key=KEY)


def _remember_gestures(world: World, earlier: Earlier, *, at: datetime) -> None:
    """What it was really given, in place of what today's rules would give."""
    complaint_id = complaint_id_of(earlier, SENDER.source)
    given = (
        (g.kind, g.basis, g.amount_minor or 0, g.currency, g.at or at) for g in earlier.gestures
    )
    order_id = earlier.order.id if earlier.order else None
    read = (event.data for event in world.events if isinstance(event.data, ComplaintTriaged))
    case_id = next((said.case_id for said in read if said.complaint_id == complaint_id), "")
    standing = remembered_gestures(complaint_id, given, order_id=order_id, case_id=case_id)
    world.recall("recovery", memories(standing, at=at), key=KEY)


def _given_back(line: Line) -> dict[str, int]:
    """What went back along each payment before, in minor units, in place of today's proposals.

    What the order itself says was refunded is not counted twice.
    """
    rows: dict[str, int] = {}
    for part in chain.from_iterable(_refunds(earlier, line) for earlier in line.history):
        row = row_of(part.payment_reference or "")
        rows[row] = rows.get(row, 0) + part.amount_minor
    told_minor = line.order.refunded_minor if line.order else 0
    return {row: max(0, sum_minor - told_minor) for row, sum_minor in rows.items()}


def _refunds(earlier: Earlier, line: Line) -> Iterator[Remedy]:
    same = earlier.order and line.order and earlier.order.id == line.order.id
    paid = payments_of(line.order if same else earlier.order)
    for given in earlier.gestures:
        if given.kind in ALONG_PAYMENT:
            remedy = Remedy(
                kind=given.kind, basis=given.basis, amount_minor=given.amount_minor or 0
            )
            yield from spread(remedy, paid)


def _taken_id(events: Sequence[Event[Contract]]) -> str:
    for event in events:
        if isinstance(event.data, ComplaintRegistered | ComplaintReplied):
            return event.data.complaint_id
    raise Invalid(Fault("duplicate", "", "the same message stands in its history: one complaint"))
