"""What the desk asks of whoever can decide a complaint anew: others' cores, and nothing is sent.

The desk imports none of them. Whoever starts its door hands one in (`services/cli/desk_door.py`);
without one, the pages say which command tells the same.
"""

from dataclasses import dataclass
from typing import Protocol

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


class Rehearsal(Protocol):
    """The chain of cores, offline."""

    def otherwise(self, complaint: ComplaintRegistered) -> Otherwise | None:
        """What would change it; None: it cannot be read by itself."""
