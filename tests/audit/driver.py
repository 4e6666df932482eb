"""Runs cases, one after the other: load, fault, heal, quiet, and then the count.

Cases share an installation while nothing was found; one that needs another kind of installation,
and one after a breach, gets its own. What a breach left behind is kept.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from services.cli.demo.run import Counted
from services.cli.demo.script import Script
from shared.errors import Refused
from tests.audit import inside, invariants
from tests.audit.bad_inputs import throw_all
from tests.audit.case import Case, Harmless, Injected, Scene
from tests.audit.cases import CASES
from tests.audit.database import Database
from tests.audit.disks import LEDGER, lying
from tests.audit.keeping import dumped
from tests.audit.rig import Rig, Wanted, rigged
from tests.audit.traffic import Traffic

BAD_INPUTS = "bad inputs"


@dataclass(frozen=True)
class Plan:
    """What is wanted of a run. `complaints`: in each case. `url`: of a Postgres server, or ""."""

    cases: tuple[str, ...]
    complaints: int
    seed: int
    url: str = ""
    lease_s: float = 60


@dataclass(frozen=True)
class Row:
    """What a case came to. `kept`: where its remains lie, when something did not hold.

    `seconds`: all of it, the making of its installation, too.
    """

    case: str
    injected: str
    submitted: int
    lost: int
    double_effects: int
    double_messages: int
    dead_letters: int
    recovery_s: float
    breaches: tuple[str, ...]
    kept: str = ""
    seconds: float = 0.0

    @property
    def object(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


async def run(
    plan: Plan, told: Callable[[Row], None], *, begins: Callable[[str], None] = lambda _name: None
) -> list[Row]:
    """Every case of the plan; each row is told as soon as it is there, and which case begins."""
    rows: list[Row] = []
    left, since_s = list(plan.cases), time.monotonic()
    while left:
        async with AsyncExitStack() as stack:
            wanted = wanted_by(left[0], plan)
            audit = await stack.enter_async_context(_audit(plan, wanted))
            while left and wanted_by(left[0], plan) == wanted:
                begins(left[0])
                row = await audit.row(left.pop(0))
                took_s, since_s = time.monotonic() - since_s, time.monotonic()
                row = replace(row, seconds=round(took_s, 1))
                rows.append(row)
                told(row)
                if row.breaches or _is_mutant(row.case):
                    break  # what it left behind would be found again in the next one
    return rows


def wanted_by(name: str, plan: Plan) -> Wanted:
    """The installation that a case needs."""
    case = CASES.get(name)
    if case is None:
        return Wanted(plan.lease_s)
    return Wanted(plan.lease_s, case.environment, case.broker_late_s, case.own, case.small)


def _is_mutant(name: str) -> bool:
    return name in CASES and CASES[name].mutant


@asynccontextmanager
async def _lying(url: str, *, small: bool) -> AsyncIterator[Database]:
    with lying(url, small=small) as database:
        yield database


@asynccontextmanager
async def _audit(plan: Plan, wanted: Wanted) -> AsyncIterator["Audit"]:
    folder = Path(tempfile.mkdtemp(prefix="kulanse-audit-"))
    kept = False
    try:
        async with (
            _lying(plan.url, small=wanted.small == LEDGER) as database,
            rigged(folder, database, wanted=wanted) as rig,
            Traffic(rig.settings, rig.api_key).writing(folder / "promises") as load,
        ):
            audit = Audit(rig, load, plan)
            watching = asyncio.create_task(audit.samples.take())
            try:
                yield audit
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                kept = audit.kept
    finally:
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Audit:
    """One installation; `sent` and `scripts` are of every case on it so far."""

    rig: Rig
    load: Traffic
    plan: Plan
    sent: int = 0
    kept: bool = False
    scripts: list[Script] = field(default_factory=list)
    before: Counted | None = None

    def __post_init__(self) -> None:
        """Nothing was sampled yet."""
        self.samples = inside.Samples(self.rig)

    async def row(self, name: str) -> Row:
        """Run one case, and count; keep what is left of it when something does not hold."""
        said = len(self.rig.said)
        case = CASES.get(name)
        injected = await self._injected(name, case)
        row = await self._counted(name, injected, case=case, said=said)
        if case is not None and case.mutant:
            return _caught(row)
        if row.breaches:
            await self._keep(row)
        return row

    async def _injected(self, name: str, case: Case | None) -> Injected:
        if case is None:
            thrown, wrong = await throw_all(self.rig, self.load)
            self.sent += thrown
            return Injected(f"{thrown} records, and at the door", wrong)
        try:
            return await self._struck(case)
        except Harmless as harmless:
            return Injected(str(harmless), [f"{name}: the fault did not happen: {harmless}"])
        except Refused as refused:
            return Injected(f"{name} struck", [f"I8: {name}: {refused}"])

    async def _struck(self, case: Case) -> Injected:
        """Send, and strike meanwhile: what was done, all healed."""
        mark, many = "".join(filter(str.isalnum, case.name.lower())), case.times
        many *= self.plan.complaints
        self.scripts.append(self.load.script(many, mark))
        await self.load.confirm_orders(many, mark=mark)
        self.rig.all_sent.clear()
        dice = random.Random(f"{self.plan.seed}-{case.name}")
        striking = asyncio.create_task(self._healed(case, dice))
        try:
            self.sent += await self.load.send(many, mark=mark, pause_s=case.pause_s)
        finally:
            self.rig.all_sent.set()
        return await striking

    async def _healed(self, case: Case, dice: random.Random) -> Injected:
        """Strike; should that fail, the wires must not stay as it left them: who sends waits."""
        try:
            return await case.strike(Scene(self.rig, self.load, dice))
        finally:
            self.rig.wire.heal()
            if self.rig.ledger_wire is not None:
                self.rig.ledger_wire.heal()

    async def _counted(self, name: str, injected: Injected, *, case: Case | None, said: int) -> Row:
        usual = Case(name, _nobody)
        case = case or usual
        recovery_s, counts, late = await invariants.done(
            self.rig,
            self.load,
            patience_s=case.quiet_s_max,
            quiet_s=0 if case.soaks else invariants.QUIET_S,
        )
        found = [
            *injected.wrong,
            *late,
            *await asyncio.to_thread(lambda: list(injected.after())),
            *invariants.breaches(
                self.rig, self.load, counts=counts, sent=self.sent, scripts=self.scripts
            ),
            *await inside.ahead(self.rig),
            *inside.endings(self.rig.said[said:], case.codes),
            *self.samples.grows(must=case.soaks),
        ]
        was, self.before = self.before, counts
        return Row(
            case=name,
            injected=injected.words,
            submitted=counts.submitted - (was.submitted if was else 0),
            lost=counts.lost,
            double_effects=counts.double_effects,
            double_messages=counts.tally.sent_twice,
            dead_letters=counts.dead - (was.dead if was else 0),
            recovery_s=round(recovery_s, 1),
            breaches=tuple(found),
        )

    async def _keep(self, row: Row) -> None:
        """Seed, breaches and topics beside the logs; all of it stays where it is."""
        self.kept = True
        folder = self.rig.state_dir
        words = f"seed {self.plan.seed}\n{row}\n" + "\n".join(self.rig.said)
        (folder / "breaches.txt").write_text(words, encoding="utf-8")
        with suppress(Exception):  # the broker may be what is broken
            await asyncio.wait_for(dumped(self.rig.settings, folder / "topics.jsonl"), 60)
        object.__setattr__(row, "kept", str(folder))


async def _nobody(_scene: Scene) -> Injected:
    return Injected("nothing")


def _caught(row: Row) -> Row:
    """A mutant's row is good when something was found."""
    found: Sequence[str] = row.breaches
    words = f"{row.injected}; caught: {found[0]}" if found else row.injected
    missed = () if found else ("the mutant was not noticed",)
    return Row(**{**asdict(row), "injected": words, "breaches": missed})
