"""`kulanse pause`, `resume` and `switches`: hold payouts, messages or the machine's own decisions.

Through the compacted topic `controls`, which every process reads in full and follows.
"""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from shared.contracts.controls import Switch, SwitchSet
    from shared.stage.switches import Switches

Named = Annotated[str, typer.Argument(metavar="SWITCH", help="payouts, messages or automatic")]
Actor = Annotated[str, typer.Option("--actor", help="who does it: a name, kept with the switch")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


def pause(switch: Named, *, actor: Actor, reason: Reason, as_json: Json = False) -> None:
    """Hold payouts, messages, or what a machine would decide alone. Decisions go on.

    payouts: no money and no voucher leaves. messages: complainants hear nothing; staff do.
    automatic: everything goes to a person. What was begun before is still followed up.
    """
    _set(switch, paused=True, words=(actor, reason), as_json=as_json)


def resume(switch: Named, *, actor: Actor, reason: Reason, as_json: Json = False) -> None:
    """Let it go on; what waited leaves now."""
    _set(switch, paused=False, words=(actor, reason), as_json=as_json)


def switches(*, as_json: Json = False) -> None:
    """Show what is paused, by whom and why."""
    from services.cli.output import print_json, say

    found = standing().standing()
    if as_json:
        print_json([word.model_dump(mode="json") for word in found])
        return
    for word in found:
        say(_line(word))
    if not any(word.paused for word in found):
        say("Nothing is paused.")


def standing() -> "Switches":
    """What `controls` says now; raises `Unreachable` when no broker answers."""
    import asyncio

    return asyncio.run(_standing())


def need_running(switch: "Switch") -> None:
    """Raise `Refused` while somebody has paused it."""
    from shared.errors import Refused

    word = next((w for w in standing().standing() if w.switch == switch and w.paused), None)
    if word is not None:
        message = f"{switch} are paused by {word.actor}: {word.reason}."
        raise Refused("paused", message, f"kulanse resume {switch} lets them go on.")


async def _standing() -> "Switches":
    from contextlib import suppress

    from services.cli import bus
    from services.cli.running import need
    from services.cli.surroundings import settings
    from shared.contracts.topics import CONTROLS
    from shared.errors import Invalid
    from shared.stage.controls import word_in
    from shared.stage.switches import Switches

    found, bootstrap = Switches(), need(settings()).bootstrap
    places = await bus.there(bootstrap, [CONTROLS.name])
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, places):
            with suppress(Invalid):
                if word := word_in(record):
                    found.take(word)
    return found


def _set(named: str, *, paused: bool, words: tuple[str, str], as_json: bool) -> None:
    from datetime import UTC, datetime

    from services.cli.output import print_json, say
    from services.cli.repairing import named as told
    from shared.contracts.controls import SwitchSet

    switch, (who, why) = _switch(named), told(*words)
    word = SwitchSet(switch=switch, paused=paused, actor=who, reason=why, at=datetime.now(UTC))
    _publish(word)
    if as_json:
        print_json(word.model_dump(mode="json"))
    else:
        say(_line(word))


def _publish(word: "SwitchSet") -> None:
    from services.cli.publishing import publish
    from shared.contracts.codec import encode
    from shared.contracts.envelope import Event
    from shared.contracts.identity import derived
    from shared.contracts.topics import CONTROLS

    event = Event(
        id=derived("switch", word.switch, word.at.isoformat(), word.actor),
        source="kulanse/command",
        key=word.switch,
        time=word.at,
        data=word,
        topic=CONTROLS.name,
    )
    publish([encode(event)])


def _switch(named: str) -> "Switch":
    from typing import get_args

    from services.cli.failures import BadInput
    from shared.contracts.controls import Switch

    known: tuple[Switch, ...] = get_args(Switch)
    found = next((switch for switch in known if switch == named), None)
    if found is None:
        raise BadInput("unknown_switch", "SWITCH", f"there are {', '.join(known)}")
    return found


def _line(word: "SwitchSet") -> str:
    state = "paused" if word.paused else "runs"
    return (
        f"{word.switch:<10} {state} since {word.at:%Y-%m-%d %H:%M} by {word.actor}: {word.reason}"
    )
