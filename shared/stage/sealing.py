"""Where a stage's edge opens and seals, and what stands there while nothing is sealed.

`shared/vault` does it; `kulanse explain` and tests of a core do without.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from pydantic import JsonValue

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.stage.decision import Decision

D = TypeVar("D", bound=Contract)
Json = Mapping[str, JsonValue]
# The code of a record whose key is neither there nor destroyed.
KEY_MISSING = "key_missing"


class Seals(Protocol):
    """What the edge asks of a vault; see `shared.vault.vault.Vault`."""

    def know(self, events: Iterable[Event[Contract]]) -> None:
        """Look up what these events need."""

    def know_keys(self, record_keys: Iterable[str]) -> None:
        """Look up the keys of these complainants."""

    def opened(self, event: Event[D]) -> Event[D]:
        """The event with its `personal` open, if it is not destroyed; may raise `Invalid`."""

    def sealed(self, event: Event[D]) -> Event[D]:
        """The event with its `personal` sealed."""

    def opened_memory(self, record_key: str, seen: Json) -> Json:
        """A memory of this complainant, open."""

    def sealed_memory(self, event: Event[Contract], seen: Json) -> Json:
        """What is remembered of an event, sealed."""

    def opened_payload(self, record_key: str, payload: Json) -> Json:
        """What an effect carries, open."""

    def sealed_payload(self, event: Event[Contract], payload: Json) -> Json:
        """What an effect carries, sealed."""

    def sealed_bytes(self, event: Event[Contract], plain: bytes) -> Json | None:
        """Bytes of an event's complainant as a sealed block; None: she never had a key."""

    def opened_bytes(self, record_key: str, sealed: Json) -> bytes | None:
        """The bytes again; None where the key is gone."""

    def close(self) -> None:
        """Let go of where the keys lie."""


class Unsealed:
    """Everything as it is."""

    def know(self, events: Iterable[Event[Contract]]) -> None:
        """Nothing to look up."""

    def know_keys(self, record_keys: Iterable[str]) -> None:
        """Nothing to look up."""

    def opened(self, event: Event[D]) -> Event[D]:
        """As it is."""
        return event

    sealed = opened

    def opened_memory(self, record_key: str, seen: Json) -> Json:  # noqa: ARG002 -- as it is
        """As it is."""
        return seen

    def sealed_memory(self, event: Event[Contract], seen: Json) -> Json:  # noqa: ARG002 -- as it is
        """As it is."""
        return seen

    opened_payload, sealed_payload = opened_memory, sealed_memory

    def sealed_bytes(self, *_given: object) -> None:
        """Nobody has a key."""

    opened_bytes = sealed_bytes

    def close(self) -> None:
        """Nothing is held."""


UNSEALED = Unsealed()


def sealed_decision(
    decision: Decision, event: Event[Contract], *, vault: Seals, kinds: frozenset[str]
) -> Decision:
    """The decision as the ledger keeps it. `kinds`: of effects that carry somebody's words."""
    effects = tuple(
        replace(effect, payload=vault.sealed_payload(event, effect.payload))
        if effect.kind in kinds
        else effect
        for effect in decision.effects
    )
    seen = decision.remembers
    remembers = None if seen is None else vault.sealed_memory(event, seen)
    return replace(decision, effects=effects, remembers=remembers)
