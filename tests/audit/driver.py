"""Runs cases, one after the other on one rig: load, fault, heal, quiet, and then the count."""

import asyncio
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from services.cli.demo.script import Script
from tests.audit import invariants
from tests.audit.bad_inputs import throw_all
from tests.audit.cases import CASES, Case, Harmless
from tests.audit.rig import Rig, rigged
from tests.audit.traffic import Traffic

BAD_INPUTS = "bad inputs"
# Eight senders, each with a pause: so many complaints last about as long as their fault.
PAUSE_S = 0.6


@dataclass(frozen=True)
class Plan:
    """What is wanted of a run. `complaints`: in each case."""

    cases: tuple[str, ...]
    complaints: int
    seed: int
    database_url: str = ""
    lease_s: float = 60


@dataclass(frozen=True)
class Row:
    """What a case came to; the counts are of everything so far."""

    case: str
    injected: str
    submitted: int
    lost: int
    double_effects: int
    double_messages: int
    dead_letters: int
    recovery_s: float
    breaches: tuple[str, ...]

    @property
    def object(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


async def run(plan: Plan, told: Callable[[Row], None]) -> list[Row]:
    """Every case of the plan, on one rig; each row is told as soon as it is there."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="kulanse-audit-") as folder:
        async with (
            rigged(Path(folder), plan.database_url, lease_s=plan.lease_s) as rig,
            Traffic(rig.settings, rig.api_key) as load,
        ):
            audit = Audit(rig, load, plan)
            for name in plan.cases:
                rows.append(await audit.row(name))
                told(rows[-1])
    return rows


@dataclass
class Audit:
    """One run; `sent` and `scripts` are of every case so far."""

    rig: Rig
    load: Traffic
    plan: Plan
    sent: int = 0
    scripts: list[Script] = field(default_factory=list)

    async def row(self, name: str) -> Row:
        """Run one case, and count."""
        if name == BAD_INPUTS:
            thrown, wrong = await throw_all(self.rig, self.load)
            self.sent += thrown
            return await self._counted(name, f"{thrown} at the door and to the topic", also=wrong)
        try:
            return await self._counted(name, await self._struck(CASES[name]))
        except Harmless as harmless:
            nothing = f"the fault did not happen: {harmless}"
            return await self._counted(name, str(harmless), also=(nothing,))

    async def _struck(self, case: Case) -> str:
        """Send, and strike meanwhile: what was done, all healed."""
        mark, many = case.name.lower(), self.plan.complaints
        self.scripts.append(self.load.script(many, mark))
        await self.load.confirm_orders(many, mark=mark)
        self.rig.all_sent.clear()
        dice = random.Random(f"{self.plan.seed}-{case.name}")
        striking = asyncio.create_task(case.strike(self.rig, dice))
        try:
            self.sent += await self.load.send(many, mark=mark, pause_s=PAUSE_S)
        finally:
            self.rig.all_sent.set()
        return await striking

    async def _counted(self, name: str, injected: str, *, also: Sequence[str] = ()) -> Row:
        recovery_s = await invariants.done(self.rig, self.load)
        counts = invariants.counted(self.rig, self.load)
        found = invariants.breaches(
            self.rig, self.load, counts=counts, sent=self.sent, scripts=self.scripts
        )
        return Row(
            case=name,
            injected=injected,
            submitted=counts.submitted,
            lost=counts.lost,
            double_effects=counts.double_effects,
            double_messages=counts.tally.sent_twice,
            dead_letters=counts.dead,
            recovery_s=round(recovery_s, 1),
            breaches=(*also, *found),
        )
