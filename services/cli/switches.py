"""`kulanse pause` and `kulanse resume`: payouts, messages or whatever a machine decides alone."""

import asyncio
import getpass
from datetime import UTC, datetime
from typing import Annotated, get_args

import typer

What = Annotated[str, typer.Argument(metavar="SWITCH", help="payouts, messages or automatic")]
Reason = Annotated[str, typer.Option("--reason", help="why; kept with the switch")]
Actor = Annotated[str, typer.Option("--actor", help="who; else the one who is logged in")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


def pause(what: What, *, reason: Reason, actor: Actor = "", as_json: Json = False) -> None:
    """Hold payouts, messages, or what a machine would decide alone. Decisions go on."""
    _set(what, reason, paused=True, actor=actor, as_json=as_json)


def resume(what: What, *, reason: Reason, actor: Actor = "", as_json: Json = False) -> None:
    """Let go what was paused."""
    _set(what, reason, paused=False, actor=actor, as_json=as_json)


def _set(what: str, reason: str, *, paused: bool, actor: str, as_json: bool) -> None:
    from services.cli.failures import BadInput
    from services.cli.output import print_json, say
    from services.cli.repairing import named
    from shared.contracts.controls import Switch
    from shared.contracts.identity import derived

    switches: tuple[str, ...] = get_args(Switch)
    if what not in switches:
        raise BadInput("unknown_switch", "SWITCH", f"there are {', '.join(switches)}")
    who, why = named(actor or getpass.getuser(), reason)
    at = datetime.now(UTC)
    event_id = derived("switch", what, at.isoformat(), who)
    asyncio.run(_produce(event_id, what, paused=paused, words=(who, why), at=at))
    if as_json:
        print_json({"switch": what, "paused": paused, "actor": who, "reason": why, "at": at})
    else:
        say(f"{what} {'paused' if paused else 'resumed'} by {who}: {why}")


async def _produce(
    event_id: str, what: str, *, paused: bool, words: tuple[str, str], at: datetime
) -> None:
    from services.cli import bus
    from services.cli.running import need
    from services.cli.surroundings import settings
    from shared.contracts.codec import encode
    from shared.contracts.controls import SwitchSet
    from shared.contracts.envelope import Event
    from shared.contracts.topics import CONTROLS

    actor, reason = words
    data = SwitchSet.model_validate(
        {"switch": what, "paused": paused, "actor": actor, "reason": reason, "at": at}
    )
    event = Event(event_id, "kulanse/cli", what, at, data, topic=CONTROLS.name)
    async with bus.writer(need(settings()).bootstrap) as producer:
        await bus.put(producer, encode(event))
