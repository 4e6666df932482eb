"""A service as `kulanse up` runs it, struck where the audit says: `-m tests.audit.victim recovery`.

Orders lie in the state folder, in `strike-SERVICE`: how ("kill", "stop", or "block" for so many
seconds: "block:15"), and where: the name of a step of the runner ("recorded"), or "before:KIND" or
"after:KIND" of an effect. Whoever reaches it first takes the order and obeys. While a file
`sql-trouble` lies there, so large a share of transactions fails. AUDIT_MUTANT: see `mutants.py`.
"""

import os
import random
import signal
import sys
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from shared import log
from shared.settings import Settings
from shared.stage import dispatcher
from shared.stage.dispatcher import Dispatcher
from shared.stage.effects import Claimed, Outcome, Performer
from shared.stage.main import USUALLY, run
from shared.stage.patience import retries_told_without_words
from shared.stage.stage import Stage
from tests.audit.mutants import ANOTHER_KEY, MADE, AnotherKey
from tests.audit.speaking import SPOKEN, Otherwise
from tests.stage.rig_recovery import with_stripe

# What a killed worker had in hand is looked at again after this, not after a minute.
LEASE_S = float(os.environ.get("AUDIT_LEASE_S", "60"))
MUTANT = os.environ.get("AUDIT_MUTANT", "")
# How long the provider keeps a key, and how often an unknown fate is asked for; 0: as always.
KEYS_KEPT_S = float(os.environ.get("AUDIT_KEYS_KEPT_S", "0"))
ASKED_MAX = int(os.environ.get("AUDIT_ASKED_MAX", "0"))
# As which other version it writes ("newer", "older").
SPEAKS = os.environ.get("AUDIT_SPEAKS", "")
# Shorter than the silence of the fake provider.
CALL_S = 1.0


def orders(folder: Path, service: str) -> Path:
    """Where the order for a service lies."""
    return folder / f"strike-{service}"


def trouble(folder: Path) -> Path:
    """Where it stands how large a share of transactions fails."""
    return folder / "sql-trouble"


@dataclass(frozen=True)
class Fate:
    """Reads the orders; obeys once."""

    path: Path

    def __call__(self, where: str) -> None:
        """Die, freeze or block here when that is the order."""
        try:
            how, _, place = self.path.read_text(encoding="ascii").partition(" ")
            if place != where:
                return
            self.path.rename(self.path.with_suffix(".struck"))
        except FileNotFoundError:
            return  # nothing is ordered, or another took it
        how, _, seconds = how.partition(":")
        if how == "block":
            time.sleep(float(seconds))
            return
        os.kill(os.getpid(), signal.SIGKILL if how == "kill" else signal.SIGSTOP)


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


@dataclass(frozen=True)
class Trouble:
    """Fails a share of the transactions as they begin, as a deadlock or a busy file does."""

    path: Path

    def __call__(self, _connection: Connection) -> None:
        """Fail, or not."""
        try:
            share = float(self.path.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return
        if random.random() < share:
            raise OperationalError("BEGIN", {}, RuntimeError("serialization failure"))


def built(name: str, settings: Settings, *, fate: Fate) -> Stage[object]:
    """The stage as its service builds it, each performer struck where ordered."""
    stage: Stage[object] = import_module(f"services.{name}.app").build(settings)
    ours = dict(stage.performers)
    if name == "recovery":
        from services.recovery.gestures import stripe  # noqa: PLC0415 -- for one of five

        if KEYS_KEPT_S:
            stripe.KEYS_KEPT = timedelta(seconds=KEYS_KEPT_S)
        key = settings.stripe_key.get_secret_value()
        provider: Performer = stripe.Stripe(key, url=settings.stripe_url, call_s=CALL_S)
        ours["stripe"] = AnotherKey(provider) if MUTANT == ANOTHER_KEY else provider
        stage = replace(stage, policy=with_stripe())
    return replace(stage, performers={kind: Struck(each, fate) for kind, each in ours.items()})


def main() -> None:
    """Work until told to stop, or struck."""
    settings, name = Settings(), sys.argv[1]
    log.configure(settings.log_level)
    retries_told_without_words()
    Dispatcher.lease_s = LEASE_S
    if ASKED_MAX:
        dispatcher.UNKNOWN_ASKED_MAX = ASKED_MAX
    event.listen(Engine, "begin", Trouble(trouble(settings.state_dir)))
    fate = Fate(orders(settings.state_dir, name))
    stage = built(name, settings, fate=fate)
    made = replace(MADE.get(MUTANT, USUALLY), on_step=fate)
    if SPEAKS:
        made = replace(made, sink=lambda told: Otherwise(told, SPOKEN[SPEAKS]))
    run(stage, settings, made=made)


if __name__ == "__main__":
    main()
