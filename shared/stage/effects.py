"""The outside world as the dispatcher sees it: what is claimed, who performs it, how it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from pydantic import JsonValue

# What a performer may answer. "again": a safe failure, try later with the same key.
# "in_flight": the provider has it and will tell. "unknown": it may have happened; only ask.
# "manual": something is wrong that no machine may mend (another sum than ours was paid).
Answer = Literal["posted", "failed", "unknown", "in_flight", "again", "manual"]

# In hand at once: they share transactions, and each is done within its lease.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Claimed:
    """An effect in our hands. `key` is the idempotency key, the same on every attempt.

    `first_at`: when it was first tried; None: this is the first time. A provider forgets a key
    some time after that. `record_key`: the complainant's, under which its outcome comes back.
    """

    key: str
    kind: str
    complaint_id: str
    payload: Mapping[str, JsonValue]
    attempts: int
    created_at: datetime
    first_at: datetime | None = None
    record_key: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. `detail` goes to the stage's inbox with the outcome (ids and codes only).

    `again_in_s`: when to try or ask again; None: the dispatcher doubles its wait each time.
    """

    state: Answer
    provider_reference: str | None = None
    code: str | None = None
    detail: Mapping[str, JsonValue] = field(default_factory=dict)
    again_in_s: float | None = None


class Performer(Protocol):
    """One way to act on the world: a payment provider, a mail relay."""

    async def perform(self, effect: Claimed) -> Outcome:
        """Do it, or ask for the same thing again under the same key."""

    async def ask(self, effect: Claimed) -> Outcome:
        """Find out what became of it, without doing it: for what is unknown or in flight."""
