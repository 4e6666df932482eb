"""`kulanse pause` and `resume`: what is held waits, decisions go on, and every process hears."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.__main__ import run
from services.cli import bus
from shared.contracts.controls import Switch, SwitchSet
from shared.contracts.envelope import Outgoing
from shared.contracts.topics import CONTROLS, FEEDBACK
from shared.settings import Settings
from shared.stage import controls
from shared.stage.broker import ensure_topics
from shared.stage.effects import Outcome
from shared.stage.switches import Switches
from tests.people import within
from tests.stage.ledgers import ledger, postgres
from tests.stage.rig_effects import EFFECT, EffectRig

__all__ = ["ledger", "postgres"]
HEARD_S_MAX = 30.0  # two busy cores; what it took is printed


def word(switch: Switch, *, paused: bool) -> SwitchSet:
    """Somebody's word on a switch."""
    return SwitchSet(
        switch=switch, paused=paused, actor="Kari (ops)", reason="drill", at=datetime.now(UTC)
    )


@pytest.fixture
def rig(ledger: Engine, tmp_path: Path) -> EffectRig:
    """A stage whose effects the switch `payouts` holds."""
    rig = EffectRig(ledger, tmp_path)
    rig.stage = replace(rig.stage, held_by={"journal": "payouts"})
    return rig


async def test_what_is_paused_waits_and_decisions_go_on(rig: EffectRig) -> None:
    """Money would leave after somebody had stopped it, or complaints would pile up unread."""
    rig.stage.switches.take(word("payouts", paused=True))
    await rig.asked_for("effect")
    assert await rig.dispatcher().round() == 0
    assert (rig.state(), rig.provider.performed) == ("pending", [])
    assert len(await rig.read(FEEDBACK.name)) == 1, "the stage stopped deciding"
    rig.stage.switches.take(word("payouts", paused=False))
    assert await rig.dispatcher().round() == 1


async def test_another_switch_holds_nothing_of_this(rig: EffectRig) -> None:
    """Paused messages would stop the payouts."""
    rig.stage.switches.take(word("messages", paused=True))
    await rig.asked_for("effect")
    assert await rig.dispatcher().round() == 1


async def test_what_was_begun_before_the_pause_is_still_asked(rig: EffectRig) -> None:
    """A payment of unknown fate would stay unknown for as long as the pause lasts."""
    rig.provider.answers = [Outcome("unknown"), Outcome("again")]
    await rig.asked_for("effect")
    await rig.dispatcher().round()
    rig.stage.switches.take(word("payouts", paused=True))
    rig.now_due()
    assert await rig.dispatcher().round() == 1
    assert (rig.provider.asked, rig.state()) == ([EFFECT], "pending")
    rig.now_due()
    assert await rig.dispatcher().round() == 0, "done again during the pause"


@pytest.fixture
def settings(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A broker with our topics; afterwards nothing is paused."""
    monkeypatch.setenv("KULANSE_BOOTSTRAP", broker)
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))
    made = Settings()
    asyncio.run(ensure_topics(made))
    yield made
    for switch in ("payouts", "messages", "automatic"):
        said("resume", switch)


def said(verb: str, switch: str) -> int:
    """One call of the command."""
    return run([verb, switch, "--actor", "Kari (ops)", "--reason", "drill", "--json"])


async def _heard(switches: Switches, *, paused: bool) -> float:
    began_s = time.monotonic()
    asked = partial(switches.paused, "payouts")
    assert await asyncio.to_thread(within, HEARD_S_MAX, asked, wanted=paused) is paused
    return time.monotonic() - began_s


def test_a_running_process_hears_of_a_pause(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody would press stop, and everything would go on."""

    async def listened() -> list[float]:
        switches = Switches()
        after = await controls.read_in_full(settings, switches)
        following = asyncio.create_task(controls.follow(settings, switches, after=after))
        took_s = []
        for verb, paused in (("pause", True), ("resume", False)):
            assert await asyncio.to_thread(said, verb, "payouts") == 0
            took_s.append(await _heard(switches, paused=paused))
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
        return took_s

    took_s = asyncio.run(listened())
    capsys.readouterr()
    heard = ", ".join(f"{s * 1000:.0f} ms" for s in took_s)
    print(f"heard after {heard}")  # noqa: T201 -- a figure, not a log


def test_a_pause_outlives_a_restart(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that starts during a pause would pay; nobody could tell who paused, and why."""
    assert said("pause", "payouts") == said("pause", "messages") == said("resume", "messages") == 0
    _lay(settings, Outgoing(CONTROLS.name, b"payouts", b"not json"))
    fresh = Switches()
    asyncio.run(controls.read_in_full(settings, fresh))
    assert (fresh.paused("payouts"), fresh.paused("messages")) == (True, False)
    capsys.readouterr()
    assert run(["switches", "--json"]) == 0
    (payouts,) = [w for w in json.loads(capsys.readouterr().out) if w["switch"] == "payouts"]
    assert (payouts["paused"], payouts["actor"], payouts["reason"]) == (
        True,
        "Kari (ops)",
        "drill",
    )


def test_nothing_is_exported_for_finance_during_a_pause(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Payouts would be paused, and leave by the file to the bank."""
    assert settings.bootstrap
    assert said("pause", "payouts") == 0
    assert run(["payouts", "export"]) == 1
    assert "Kari (ops): drill" in capsys.readouterr().err


def _lay(settings: Settings, output: Outgoing) -> None:
    async def put() -> None:
        async with bus.writer(settings.bootstrap) as producer:
            await bus.put(producer, output)

    asyncio.run(put())
