"""A stage: its name, its topics, its core and its policy. The runner does the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.controls import Switch
from shared.contracts.envelope import Event, Record
from shared.contracts.topics import Topic
from shared.errors import Invalid
from shared.stage.decision import Decision, History, Rejected
from shared.stage.effects import AT_ONCE, Performer
from shared.stage.sealing import UNSEALED, Seals
from shared.stage.switches import Switches

if TYPE_CHECKING:
    # `kulanse explain` builds stages too, and must not pay for SQLAlchemy.
    from sqlalchemy import Connection

P = TypeVar("P")
Decided = tuple[Event[Contract], Decision, tuple[Event[Contract], ...]]


def _touches_nothing(_event: Event[Contract]) -> tuple[str, ...]:
    return ()


def _answers_nobody(_record: Record, _invalid: Invalid) -> tuple[Event[Contract], ...]:
    return ()


def _belongs_to_nobody(_record: Record) -> Event[Contract] | None:
    return None


def _tells_nothing(_connection: "Connection") -> Mapping[str, Mapping[tuple[str, ...], float]]:
    return {}


def _records_no_more(_connection: "Connection", _decided: Sequence[Decided]) -> None:
    return


@dataclass(frozen=True, slots=True)
class Stage(Generic[P]):
    """What a service's `build(settings)` returns.

    `touches` names the shared rows (payments, budgets) that `decide` must see for an event.
    `refuses` makes the events that answer an invalid record (a receipt). `also_records` writes
    the service's own rows in the record transaction. `inbox` is where outcomes of its effects
    and its timers come back; `performers` by effect kind ("timer" is the dispatcher's own).
    `held_by` says which switch holds which kinds of effect; `obeys` makes of the policy what
    is in force while a switch is paused. `vault` opens what comes in and seals what is kept and
    sent (`planner.py`, and the dispatcher for effects): a core sees open words.
    """

    name: str
    inputs: tuple[Topic, ...]
    decide: Callable[[Event[Contract], History, P], Decision | Rejected]
    policy: P
    policy_digest: str
    inbox: Topic | None = None
    performers: Mapping[str, Performer] = field(default_factory=dict)
    touches: Callable[[Event[Contract]], tuple[str, ...]] = _touches_nothing
    decode: Callable[[Record], Event[Contract]] = decode
    refuses: Callable[[Record, Invalid], tuple[Event[Contract], ...]] = _answers_nobody
    # Whose words an invalid record holds, where that can be told: an event of hers, never decided.
    whose: Callable[[Record], Event[Contract] | None] = _belongs_to_nobody
    also_records: "Callable[[Connection, Sequence[Decided]], None]" = _records_no_more
    # Numbers of the stage's own tables: by metric, by the labels after `stage`.
    gauges: "Callable[[Connection], Mapping[str, Mapping[tuple[str, ...], float]]]" = _tells_nothing
    # Further topics of a pattern (complaints.submitted.SOURCE), by name.
    more_inputs: tuple[str, ...] = ()
    held_by: Mapping[str, Switch] = field(default_factory=dict)
    at_once: int = AT_ONCE
    switches: Switches = field(default_factory=Switches)
    obeys: Mapping[Switch, Callable[[P], P]] = field(default_factory=dict)
    # Kinds of effect whose payload is somebody's words and address.
    sealed_kinds: frozenset[str] = frozenset()
    vault: Seals = UNSEALED

    @property
    def source(self) -> str:
        """The CloudEvents source of what this stage emits."""
        return f"kulanse/{self.name}"

    def in_force(self) -> tuple[P, str]:
        """The policy that decides now, and the digest it is found again by.

        What is paused stands behind the digest of the files: "4f1c…+automatic_paused".
        """
        policy, digest = self.policy, self.policy_digest
        for switch, becomes in self.obeys.items():
            if self.switches.paused(switch):
                policy, digest = becomes(policy), f"{digest}+{switch}_paused"
        return policy, digest

    @property
    def held_kinds(self) -> frozenset[str]:
        """The kinds of effect that wait because somebody paused them."""
        return frozenset(k for k, s in self.held_by.items() if self.switches.paused(s))
