"""Destroy a complainant's key, and say what that leaves behind.

First every process hears of it through `controls`, and opens nothing of hers any more; then the
key itself is destroyed. What happens twice is harmless; what broke off is done again.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from services.cli.publishing import publish
from services.cli.subjects import record_keys
from services.cli.surroundings import settings
from shared.contracts.codec import encode
from shared.contracts.controls import KeyForgotten
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import derived
from shared.contracts.topics import CONTROLS, DAY_MS, SUBMITTED
from shared.vault.keyring import destroy, live_keys
from shared.vault.opening import vault_engine

DAYS_OPEN = SUBMITTED.retention_ms // DAY_MS


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was (`really`) or would be done: keys that opened something, and when."""

    keys: tuple[str, ...]
    really: bool
    at: datetime

    def as_json(self) -> dict[str, JsonValue]:
        """For scripts."""
        return {**asdict(self), "keys": list(self.keys), "at": self.at.isoformat()}

    def lines(self) -> list[str]:
        """For people."""
        if not self.keys:
            return ["Nothing of this person is sealed with a key: forgotten already, or never."]
        if not self.really:
            return [f"{len(self.keys)} key(s) would be destroyed, for good. Say --yes to do it."]
        return [
            f"{len(self.keys)} key(s) destroyed. Names, addresses and words cannot be read again.",
            f"As they came, they lie on {SUBMITTED.name} for at most {DAYS_OPEN} days more.",
        ]


def forget(who: str, *, actor: str, really: bool) -> Forgotten:
    """Destroy the keys of whoever is meant; raises `BadInput`, `Refused`, `Unreachable`."""
    engine, now = vault_engine(settings()), datetime.now(UTC)
    try:
        with engine.execution_options(read_only=True).begin() as connection:
            found = tuple(k for name in record_keys(who) for k in live_keys(connection, name))
        if really and found:
            publish(told(found, actor=actor, at=now))
            destroy(engine, dict.fromkeys(found, now))
    finally:
        engine.dispose()
    return Forgotten(found, really, now)


def told(key_ids: Iterable[str], *, actor: str, at: datetime) -> list[Outgoing]:
    """What every process hears of it; also what a restored vault is held to."""
    return [
        encode(
            Event(
                id=derived("forgotten", key_id),
                source=f"kulanse/command/{actor}",
                key=key_id,
                time=at,
                data=KeyForgotten(key_id=key_id, at=at),
                topic=CONTROLS.name,
            )
        )
        for key_id in key_ids
    ]
