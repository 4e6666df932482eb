"""What the desk asks of whoever can decide a complaint anew: others' cores, and nothing is sent.

The desk imports none of them. Whoever starts its door hands one in (`services/cli/desk_door.py`);
without one, the pages say which command tells the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered


@dataclass(frozen=True, slots=True)
class Changed:
    """One part of the result, by its name, as it is and as it would be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Without:
    """What was left out, and what changed by it: words of hers, or `part`: order, history …"""

    words: tuple[str, ...]
    part: str
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Everything that by itself changes a complaint's result.

    `severity`, `kind`: as it is read by itself, today: without earlier complaints and replies.
    """

    severity: str
    kind: str
    changes: tuple[Without, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy makes of a complaint. `sums`: gesture, currency (may be ""), minor units."""

    outcome: str
    approval: str
    sums: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A complaint that would be decided otherwise."""

    complaint_id: str
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Row:
    """Of a table ("gesture", "severity" …) and label: how many moved, and the money of those."""

    table: str
    label: str
    currency: str
    decisions: int
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Past decisions under a changed policy: how many there are, and those that move."""

    decisions: int
    moves: tuple[Move, ...]
    rows: tuple[Row, ...]


class Rehearsal(Protocol):
    """The chain of cores, offline."""

    def otherwise(self, complaint: ComplaintRegistered) -> Otherwise | None:
        """What would change it; None: it cannot be read by itself."""

    def compared(self, past: Sequence[Event[Contract]], *, file: str, text: str) -> Difference:
        """Past readings decided anew, by what is in force and by this text; raises `Refused`."""
