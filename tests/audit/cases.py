"""The faults of AUDIT.md, by their numbers: each strikes while complaints come in.

A fault says what it did; when it returns, all is healed, but for a provider or relay that ails: it
goes on so with whoever is new to it. One that could not strike raises `Harmless`.
"""

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.audit.rig import SECOND, Rig
from tests.fake_stripe import Call
from tests.fake_stripe import Fault as Trouble
from tests.stage.smtp_faults import Fault as Mishap

STRUCK_S = 60.0
LOOK_S = 0.1
# Past a member's session (10 s), as a zombie that comes back with what it had fetched.
ZOMBIE_S, NAP_S = 30.0, 3.0
BROKER_AWAY_S = 70.0
HANG_S = 20.0
STORM_S = 70.0
MISHAPS: tuple[Mishap, ...] = ("later", "late_later", "dropped", "lost", "silent")
SERVICES = ("intake", "triage", "recovery", "notify", "desk", "intake-door", "desk-door")
Strike = Callable[[Rig, random.Random], Coroutine[object, None, str]]


class Harmless(Exception):
    """The fault did not happen: what held afterwards proves nothing."""


@dataclass(frozen=True)
class Case:
    """A fault by AUDIT.md's number."""

    name: str
    strike: Strike


async def _struck(paths: Sequence[Path]) -> int:
    """Wait until the orders were obeyed: how many were."""
    for _ in range(int(STRUCK_S / LOOK_S)):
        if all(path.exists() for path in paths):
            break
        await asyncio.sleep(LOOK_S)
    return sum(path.exists() for path in paths)


def _injected(times: int, words: str, *, least: int = 1) -> str:
    """The words, when it happened so often; raises `Harmless` when not."""
    if times < least:
        raise Harmless(words)
    return words


async def kill_each(rig: Rig, _dice: random.Random) -> str:
    """F1: SIGKILL, one service after the other, in the middle of its work."""
    for name in SERVICES:
        rig.signal(name, signal.SIGKILL)
        await asyncio.sleep(1)
        await rig.all_ready()
    return f"{len(SERVICES)} kills"


async def die_at(rig: Rig, _dice: random.Random, *, where: str, who: Sequence[str]) -> str:
    """F2 to F5: SIGKILL exactly there, once in each of these services."""
    paths = [rig.order(name, where) for name in who]
    struck = await _struck(paths)
    await rig.all_ready()
    return _injected(struck, f"{struck} of {len(who)} died at {where}", least=len(who))


async def terminate_all(rig: Rig, _dice: random.Random) -> str:
    """F6: SIGTERM to everything at once."""
    for name in SERVICES:
        rig.signal(name, signal.SIGTERM)
    await asyncio.sleep(1)
    await rig.all_ready()
    return f"{len(SERVICES)} terminated"


async def freeze(rig: Rig, _dice: random.Random, *, name: str, seconds: float) -> str:
    """F7, F8: SIGSTOP, and SIGCONT after a while."""
    rig.signal(name, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    rig.signal(name, signal.SIGCONT)
    await rig.all_ready()
    return f"{name} slept {seconds:g} s"


async def rebalance(rig: Rig, dice: random.Random) -> str:
    """F9: a member leaves and comes again, every 3 to 8 seconds."""
    left_s, times = STORM_S, 0
    while left_s > 0:
        # The supervisor starts it again later each time: what is away cannot leave.
        if SECOND in rig.supervisor.pids:
            rig.signal(SECOND, signal.SIGTERM)
            times += 1
        pause_s = dice.uniform(3, 8)
        await asyncio.sleep(pause_s)
        left_s -= pause_s
    await rig.all_ready()
    return _injected(times, f"left {times} times")


async def lose_broker(rig: Rig, _dice: random.Random, *, away_s: float) -> str:
    """F12: the broker dies, and comes back on its data after a while."""
    await rig.kill_broker(away_s=away_s)
    await rig.all_ready()
    return f"broker away {away_s:g} s"


async def hang_broker(rig: Rig, _dice: random.Random) -> str:
    """F15: the broker says nothing for a while, and hangs up on nobody."""
    rig.signal_broker(signal.SIGSTOP)
    await asyncio.sleep(HANG_S)
    rig.signal_broker(signal.SIGCONT)
    await rig.all_ready()
    return f"broker hung {HANG_S:g} s"


async def cut_wire(rig: Rig, dice: random.Random, *, muted: bool) -> str:
    """F16, F17: connections to Kafka are reset; or what it answers gets lost first."""
    cut = 0
    for _ in range(5):
        rig.wire.mute_answers = muted
        await asyncio.sleep(dice.uniform(1, 3))
        cut += rig.wire.cut()
        rig.wire.mute_answers = False
    await rig.all_ready()
    return _injected(cut, f"{cut} connections cut")


async def slow_wire(rig: Rig, _dice: random.Random) -> str:
    """F18: half a second on every piece."""
    rig.wire.delay_s = 0.5
    await asyncio.sleep(HANG_S)
    rig.wire.delay_s = 0.0
    await rig.all_ready()
    return f"0.5 s a piece for {HANG_S:g} s"


async def ail_provider(rig: Rig, dice: random.Random, *, troubles: Sequence[Trouble]) -> str:
    """F24 to F27: the first call about every payment goes wrong, one way or another."""
    seen: set[str] = set()
    before = len(rig.bank.journal)

    def befalls(call: Call) -> Trouble | None:
        if call.method != "POST" or call.payment in seen:
            return None
        seen.add(call.payment)
        return dice.choice(troubles)

    rig.bank.fault = befalls
    await rig.all_sent.wait()
    calls = len(rig.bank.journal) - before
    return _injected(len(seen), f"{len(seen)} of {calls} calls went wrong")


class Mishaps(Mapping[str, Sequence[Mishap]]):
    """Every third address meets one of these first."""

    def __init__(self, dice: random.Random) -> None:
        """`dice`: which, and whether."""
        self._dice = dice
        self.met: dict[str, tuple[Mishap, ...]] = {}

    def __getitem__(self, address: str) -> tuple[Mishap, ...]:
        if address not in self.met:
            one = self._dice.choice(MISHAPS)
            self.met[address] = (one,) if self._dice.random() < 1 / 3 else ()
        return self.met[address]

    def __iter__(self) -> Iterator[str]:
        return iter(self.met)

    def __len__(self) -> int:
        return len(self.met)


async def ail_relay(rig: Rig, dice: random.Random) -> str:
    """F28: later, not now, hung up before the dot and after it, with the mail and without."""
    script = Mishaps(dice)
    rig.relay.script = script
    await rig.all_sent.wait()
    met = sum(map(bool, script.met.values()))
    return _injected(met, f"{met} mails met a fault")


AFTER: tuple[Trouble, ...] = ("timeout_after",)
HALVES: tuple[Trouble, ...] = ("500_after", "500_without", "reset")
WEATHER: tuple[Trouble, ...] = ("429", "503", "409", "slow", "garbage", "wrong_amount")
MONEY = ("recovery",)
ALL = ("intake", "triage", "recovery", "notify", "desk")
CASES = {
    case.name: case
    for case in (
        Case("F1", kill_each),
        Case("F2", partial(die_at, where="after:stripe", who=MONEY)),
        Case("F3", partial(die_at, where="recorded", who=ALL)),
        Case("F4", partial(die_at, where="emitted", who=ALL)),
        Case("F5", partial(die_at, where="before:stripe", who=MONEY)),
        Case("F6", terminate_all),
        Case("F7", partial(freeze, name="recovery", seconds=ZOMBIE_S)),
        Case("F8", partial(freeze, name="recovery", seconds=NAP_S)),
        Case("F9", rebalance),
        Case("F12", partial(lose_broker, away_s=BROKER_AWAY_S)),
        Case("F15", hang_broker),
        Case("F16", partial(cut_wire, muted=False)),
        Case("F17", partial(cut_wire, muted=True)),
        Case("F18", slow_wire),
        Case("F24", partial(ail_provider, troubles=AFTER)),
        Case("F25", partial(ail_provider, troubles=HALVES)),
        Case("F26", partial(ail_provider, troubles=WEATHER)),
        Case("F27", partial(ail_provider, troubles=("forgets",))),
        Case("F28", ail_relay),
    )
}
