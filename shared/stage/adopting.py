"""After a restore: effects that the ledger still has to do, and the log says were done.

Decisions made again have the same keys, so the outcome that lies in the log is this effect's own.
What the log does not know is asked of the provider before it is done.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, bindparam, update

from shared.contracts.inbox import EffectState
from shared.ledger.tables import effects
from shared.stage.effect_rows import OPEN

FINAL = frozenset({"posted", "failed", "manual"})


@dataclass(frozen=True, slots=True)
class Told:
    """What the log last said of an effect."""

    state: EffectState
    provider_reference: str | None


def adopt(engine: Engine, told: Mapping[str, Told]) -> int:
    """Write the log's last words on effects that are still open; how many there were."""
    adopted = (
        update(effects)
        .where(effects.c.key == bindparam("k"))
        .where(effects.c.state.in_(OPEN))
        .values(
            state=bindparam("s"),
            provider_reference=bindparam("r"),
            # The stage reads the outcome itself, where it lies in its inbox.
            announced=1,
            lease=None,
        )
    )
    with engine.begin() as connection:
        return sum(
            connection.execute(
                adopted, {"k": key, "s": each.state, "r": each.provider_reference}
            ).rowcount
            for key, each in sorted(told.items())
            if each.state in FINAL
        )


def ask_first(engine: Engine, kinds: Collection[str]) -> int:
    """Let what is left of these kinds be asked for before it is done; how many those are."""
    asked = (
        update(effects)
        .where(effects.c.kind.in_(sorted(kinds)) & (effects.c.state == "pending"))
        .values(state="in_flight")
    )
    with engine.begin() as connection:
        return connection.execute(asked).rowcount
