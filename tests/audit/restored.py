"""A copy of the ledgers is put back while Kafka and the provider know more (F35)."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from services.cli.installation.parts import STAGES
from tests.audit import invariants
from tests.audit.case import Harmless, Injected, Scene, happened
from tests.audit.rig import Rig

ACTING = ("recovery", "notify")
CALM_S, AGAIN_S, GONE_S = 120.0, 120, 30


async def put_back(scene: Scene) -> Injected:
    """F35: as docs/guides/backup.md says; nothing is paid or said twice, and the books agree.

    The copy is of the middle of the load; it is put back when all that came after was done.
    """
    rig = scene.rig
    if rig.ledger_wire is None:
        raise Harmless("only Postgres's copy is tried here")
    await asyncio.sleep(1)
    await _without_ledger(rig, _copied)
    await rig.all_ready()
    await rig.all_sent.wait()
    await invariants.done(rig, scene.load, patience_s=CALM_S)
    refunds, mails = len(rig.bank.refunds), len(rig.relay.taken)
    await _without_ledger(rig, _back)
    await rig.all_ready()
    shown = [_command(rig, "checkpoint", "show", name).stdout for name in ACTING]
    wrong = [
        f"F35: {name} was not held"
        for name, told in zip(ACTING, shown, strict=True)
        if "held " not in told
    ]
    for name in ACTING:
        await _let_go(rig, name)
    await rig.all_ready()

    def after() -> Iterable[str]:
        now = len(rig.bank.refunds), len(rig.relay.taken)
        if now != (refunds, mails):
            yield f"F35: refunds and mails were {(refunds, mails)} and are {now}"
        told = _command(rig, "report", "reconcile")
        if told.returncode:
            yield f"F35: reconcile: {(told.stdout + told.stderr).strip()[:200]}"

    words = f"a copy put back before {refunds} refunds and {mails} mails were all known"
    return Injected(happened(mails, words), wrong, after)


async def _without_ledger(rig: Rig, do: Callable[[Connection, str], None]) -> None:
    """While nobody reaches the database, and every stage is started again, as from the guide."""
    assert rig.ledger_wire is not None  # asked before
    rig.ledger_wire.refusing = True
    rig.ledger_wire.cut()
    for name in [each for each in rig.supervisor.pids if each.partition("-")[0] in STAGES]:
        if not name.endswith("-door"):
            rig.signal(name, signal.SIGKILL)
    await asyncio.to_thread(_done, rig.settings.database_url, do)
    rig.ledger_wire.heal()
    await asyncio.sleep(1)


def _done(url: str, do: Callable[[Connection, str], None]) -> None:
    ours = make_url(url)
    engine = create_engine(ours.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for left in reversed(range(GONE_S)):
            try:
                do(connection, str(ours.database))
                break
            except OperationalError:  # who counts may just look at it
                if not left:
                    raise
                time.sleep(1)
    engine.dispose()


def _copied(connection: Connection, name: str) -> None:
    connection.execute(text(f"CREATE DATABASE {name}_copy TEMPLATE {name}"))


def _back(connection: Connection, name: str) -> None:
    connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    connection.execute(text(f"ALTER DATABASE {name}_copy RENAME TO {name}"))


async def _let_go(rig: Rig, name: str) -> None:
    """The one step that a person takes (I8); it is refused while anything is left to read."""
    why = ("--actor", "audit", "--reason", "F35")
    for _ in range(AGAIN_S):
        told = await asyncio.to_thread(_command, rig, "checkpoint", "resume", name, *why)
        if not told.returncode:
            return
        await asyncio.sleep(1)
    raise Harmless(f"{name} was not let go: {told.stderr.strip()[:200]}")


def _command(rig: Rig, *words: str) -> "subprocess.CompletedProcess[str]":
    settings = rig.settings
    key = settings.stripe_key.get_secret_value() if settings.stripe_key else ""
    return subprocess.run(
        [sys.executable, "-m", "services", *words],
        env={
            **os.environ,
            "KULANSE_BOOTSTRAP": settings.bootstrap,
            "KULANSE_DATABASE_URL": settings.database_url,
            "KULANSE_STRIPE_KEY": key,
            "KULANSE_STRIPE_URL": settings.stripe_url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
