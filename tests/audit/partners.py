"""Faults of whom we pay and write by: the provider and the mail relay (F24 to F28)."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import httpx

from tests.audit.case import Injected, Scene, happened
from tests.audit.inside import refunds_of
from tests.audit.rig import SECOND, Rig
from tests.fake_stripe import Call
from tests.fake_stripe import Fault as Trouble
from tests.stage.smtp_faults import Fault as Mishap

MISHAPS: tuple[Mishap, ...] = (
    "later",
    "never",
    "late_later",
    "dropped",
    "lost",
    "silent",
    "tarpit",
)
MAILS_S = 15  # the last mails of a case are written by then
# A thread asks the ledger for its gauges, more seldom the longer it answers.
SHOWN_S = 60.0
# F27: what the provider keeps a key for, and how long nobody can ask it.
KEYS_KEPT_S, DEAF_S = 6.0, 8.0
FORGETFUL = (("AUDIT_KEYS_KEPT_S", str(KEYS_KEPT_S)), ("AUDIT_ASKED_MAX", "3"))


async def ail_provider(scene: Scene, *, troubles: Sequence[Trouble]) -> Injected:
    """F24 to F26: the first call about every payment goes wrong, one way or another."""
    rig, seen = scene.rig, dict[str, Trouble]()
    before, first = len(rig.bank.journal), scene.dice.randrange(len(troubles))

    def befalls(call: Call) -> Trouble | None:
        if call.method != "POST" or call.payment in seen:
            return None
        seen[call.payment] = troubles[(first + len(seen)) % len(troubles)]  # each, in turn
        return seen[call.payment]

    rig.bank.fault = befalls
    await rig.all_sent.wait()

    def after() -> Iterable[str]:
        wrong = [payment for payment, what in seen.items() if what == "wrong_amount"]
        if wrong:
            yield from _alarmed(rig, wrong)

    calls = len(rig.bank.journal) - before
    met = ", ".join(f"{what} {times}" for what, times in sorted(Counter(seen.values()).items()))
    words = f"{len(seen)} of {calls} calls went wrong: {met}"
    return Injected(happened(len(seen), words, least=len(troubles)), after=after)


def _alarmed(rig: Rig, payments: Sequence[str]) -> Iterable[str]:
    """Another sum than ours is with a person, and shown to whoever watches (EffectsManual)."""
    known = refunds_of(rig)
    for refund in rig.bank.refunds:
        told = refund["metadata"]
        key = str(told.get("gesture_id")) if isinstance(told, dict) else ""
        if refund["payment_intent"] in payments and known.get(key, ("",))[0] != "manual":
            yield f"F26: {key} was paid with another sum and is {known.get(key)}"
    urls = [part.ready_url for part in rig.parts if part.name in ("recovery", SECOND)]
    until_s = time.monotonic() + SHOWN_S
    while not any(map(_gauge, urls)):
        if time.monotonic() > until_s:
            yield "F26: no gauge shows that a person is needed"
            return
        time.sleep(1)


def _gauge(ready_url: str) -> bool:
    told = httpx.get(ready_url.replace("/ready", "/metrics"), trust_env=False, timeout=10).text
    lines = [line for line in told.splitlines() if line.startswith("kulanse_effects{")]
    return any('state="manual"' in line and not line.endswith(" 0.0") for line in lines)


async def forget_keys(scene: Scene) -> Injected:
    """F27: a call fails, and nobody can be asked until the provider has forgotten its key."""
    rig, first_s = scene.rig, dict[str, float]()
    before = len(rig.bank.journal)

    def befalls(call: Call) -> Trouble | None:
        if call.method == "POST" and call.payment not in first_s:
            first_s[call.payment] = time.monotonic()
            return "500_without"
        known_s = first_s.get(call.payment)
        deaf = known_s is not None and time.monotonic() - known_s < DEAF_S
        return "503" if deaf and call.method == "GET" else None

    rig.bank.fault = befalls
    await rig.all_sent.wait()
    while first_s and time.monotonic() - max(first_s.values()) < DEAF_S:  # noqa: ASYNC110 -- time
        await asyncio.sleep(1)

    def after() -> Iterable[str]:
        posts = [call for call in rig.bank.journal[before:] if call.method == "POST"]
        again = [key for key, times in Counter(call.key for call in posts).items() if times > 1]
        yield from (f"F27: {key} was asked for again, and nobody kept it" for key in again)
        known = refunds_of(rig)
        for call in posts:
            if known.get(call.key, ("",))[0] != "manual":
                yield f"F27: {call.key} is {known.get(call.key)}, and not with a person"

    return Injected(happened(len(first_s), f"{len(first_s)} keys were forgotten"), after=after)


class Mishaps(Mapping[str, Sequence[Mishap]]):
    """Every third address meets one of these first, each of them in turn."""

    def __init__(self, dice: random.Random) -> None:
        """`dice`: whether, and with which it begins."""
        self._dice = dice
        self._next = dice.randrange(len(MISHAPS))
        self.met: dict[str, tuple[Mishap, ...]] = {}

    def __getitem__(self, address: str) -> tuple[Mishap, ...]:
        if address not in self.met:
            struck = self._dice.random() < 1 / 3
            self.met[address] = (MISHAPS[self._next % len(MISHAPS)],) if struck else ()
            self._next += struck
        return self.met[address]

    def __iter__(self) -> Iterator[str]:
        return iter(self.met)

    def __len__(self) -> int:
        return len(self.met)


async def ail_relay(scene: Scene) -> Injected:
    """F28: refused for now and for ever, hung up before the dot and after it, never answered."""
    rig, script = scene.rig, Mishaps(scene.dice)
    rig.relay.script = script
    await rig.all_sent.wait()
    kinds = set[Mishap]()
    for _ in range(MAILS_S):
        kinds = {one for met in script.met.values() for one in met}
        if len(kinds) == len(MISHAPS):
            break
        await asyncio.sleep(1)
    met = sum(map(bool, script.met.values()))
    words = f"{met} mails met a fault: {', '.join(sorted(kinds))}"
    return Injected(happened(met, words))
