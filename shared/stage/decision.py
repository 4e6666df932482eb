"""What a core sees and what it answers: pure values, no clock, no I/O.

`decide(event, history, policy) -> Decision` is the whole contract between a stage and its core.
The same event, history and policy give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from shared.contracts.contract import Contract
from shared.errors import Fault


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done in the outside world, once.

    `key` is derived and goes to the provider as its idempotency key. `kind` names the performer
    ("book", "mail", "timer" …). Not before `due_at`; not before the effect `after` is terminal.
    """

    key: str
    kind: str
    complaint_id: str
    payload: Mapping[str, JsonValue]
    due_at: datetime | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Reserve:
    """A claim on a shared row (a payment's remainder, a budget): refused above its limit."""

    name: str
    add_minor: int
    limit_minor: int


@dataclass(frozen=True, slots=True)
class Memory:
    """One earlier event of this complainant, as the core chose to remember it."""

    event_id: str
    type: str
    at: datetime
    data: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class History:
    """What was remembered of this key, oldest first, and the shared rows the core asked to see."""

    memories: tuple[Memory, ...] = ()
    reserved: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code, and the complainant's own words that fired it (personal)."""

    code: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """Events to emit, effects to perform, what to remember of this event, and why.

    `voids` names effects to drop if they are still pending. `remembers` None: only the event's
    id is kept, so that a replay is skipped.
    """

    emits: tuple[Contract, ...] = ()
    effects: tuple[Effect, ...] = ()
    voids: tuple[str, ...] = ()
    reserves: tuple[Reserve, ...] = ()
    remembers: Mapping[str, JsonValue] | None = None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A message the core will not take: a value, not an exception. It becomes a dead letter.

    `emits` is what the sender is told (a receipt).
    """

    faults: tuple[Fault, ...]
    emits: tuple[Contract, ...] = ()


NOTHING = Decision()
