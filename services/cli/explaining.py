"""Explain one complaint: its history first, then itself, and what came of it."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from services.cli.answer import answer_of, error_of
from services.cli.chain import World
from services.cli.failures import DEBUG
from services.cli.lines import Earlier, Line, id_of, line_of, submitted_of, when
from services.cli.policies import intake_policy
from services.cli.stages import Part
from services.intake.receive import Sender, Taken, receive
from services.intake.receive import id_of as complaint_id_of
from services.recovery.recall import memories, remembered_gestures
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from shared.contracts.submitted import ComplaintSubmitted
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
        world.submit(_received(earlier, when(earlier, now)))
        _remember_gestures(world, earlier, at=when(earlier, now))
    before = len(world.events)
    world.submit(_received(line, when(line, now)))
    events = world.events[before:]
    return _taken_id(events), events


def _received(line: ComplaintSubmitted, at: datetime) -> Event[Contract]:
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
    world.recall("recovery", memories(remembered_gestures(complaint_id, given), at=at), key=KEY)


def _taken_id(events: Sequence[Event[Contract]]) -> str:
    for event in events:
        if isinstance(event.data, ComplaintRegistered | ComplaintReplied):
            return event.data.complaint_id
    raise Invalid(Fault("duplicate", "", "the same message stands in its history: one complaint"))
