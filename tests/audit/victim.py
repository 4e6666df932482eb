"""A service as `kulanse up` runs it, struck where the audit says: `-m tests.audit.victim recovery`.

Orders lie in the state folder, in `strike-SERVICE`: the name of a step of the runner ("recorded"),
or "before:KIND" or "after:KIND" of an effect. Whoever reaches it first takes the order and dies.
"""

import os
import signal
import sys
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from shared import log
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.effects import Claimed, Outcome, Performer
from shared.stage.main import run
from shared.stage.patience import retries_told_without_words
from shared.stage.stage import Stage
from tests.stage.rig_recovery import with_stripe

# What a killed worker had in hand is looked at again after this, not after a minute.
LEASE_S = float(os.environ.get("AUDIT_LEASE_S", "60"))
# Shorter than the silence of the fake provider.
CALL_S = 1.0


def orders(folder: Path, service: str) -> Path:
    """Where the order for a service lies."""
    return folder / f"strike-{service}"


@dataclass(frozen=True)
class Fate:
    """Reads the orders; obeys once."""

    path: Path

    def __call__(self, where: str) -> None:
        """Die here when that is the order."""
        try:
            if self.path.read_text(encoding="ascii") != where:
                return
            self.path.rename(self.path.with_suffix(".struck"))
        except FileNotFoundError:
            return  # nothing is ordered, or another took it
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Struck:
    """A performer that may die before or after the world has heard."""

    inner: Performer
    fate: Fate

    async def perform(self, effect: Claimed) -> Outcome:
        """As the real one; a strike may come on either side of it."""
        self.fate(f"before:{effect.kind}")
        outcome = await self.inner.perform(effect)
        self.fate(f"after:{effect.kind}")
        return outcome

    async def ask(self, effect: Claimed) -> Outcome:
        """As the real one."""
        return await self.inner.ask(effect)


def built(name: str, settings: Settings, *, fate: Fate) -> Stage[object]:
    """The stage as its service builds it, each performer struck where ordered."""
    stage: Stage[object] = import_module(f"services.{name}.app").build(settings)
    ours = dict(stage.performers)
    if name == "recovery":
        from services.recovery.gestures.stripe import Stripe  # noqa: PLC0415 -- for one of five

        key = settings.stripe_key.get_secret_value()
        ours["stripe"] = Stripe(key, url=settings.stripe_url, call_s=CALL_S)
        stage = replace(stage, policy=with_stripe())
    return replace(stage, performers={kind: Struck(each, fate) for kind, each in ours.items()})


def main() -> None:
    """Work until told to stop, or struck."""
    settings, name = Settings(), sys.argv[1]
    log.configure(settings.log_level)
    retries_told_without_words()
    Dispatcher.lease_s = LEASE_S
    fate = Fate(orders(settings.state_dir, name))
    run(built(name, settings, fate=fate), settings, on_step=fate)


if __name__ == "__main__":
    main()
