"""`kulanse keys`: who may hand in complaints by HTTP; make, list, rotate and revoke.

Only where the door's state folder lies: whoever may write there may let people in.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import JsonValue

    from services.intake.doors.keys import Kept

app = typer.Typer(help="API keys and signing secrets of the sources that hand in complaints.")
LIVE_MAX = 2  # the old one and the new one, while a source changes over
DAYS = 365

Source = Annotated[str, typer.Argument(help="the source's name, as web-shop")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="as `keys list` names it")]
Vouch = Annotated[
    bool, typer.Option("--asserts-orders", help="what it says of orders counts as confirmed")
]
Days = Annotated[int, typer.Option("--days", min=1, help="how long it works")]
Hours = Annotated[int, typer.Option("--old-for-hours", min=0, help="how long the old one works on")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List keys: whose, since when, until when. The keys themselves are kept nowhere."""
    from services.cli.output import print_json, say

    found = _kept()
    if as_json:
        print_json([_told(key_id, kept) for key_id, kept in found.items()])
        return
    for key_id, kept in sorted(found.items(), key=lambda pair: pair[1].source):
        told = _told(key_id, kept)
        ends = f"until {told['expires_at']}" if told["expires_at"] else "without end"
        state = "works" if told["live"] else "ended"
        say(f"{key_id}  {kept.source:<20}  {state}  {ends}  {' '.join(sorted(kept.scopes))}")
    if not found:
        say("No keys. Make one: kulanse keys make SOURCE")


@app.command()
def make(
    source: Source, *, asserts_orders: Vouch = False, days: Days = DAYS, as_json: Json = False
) -> None:
    """Make a key; it is shown once. A source has two at most, for changing over."""
    live = _live(source)
    if len(live) >= LIVE_MAX:
        _refuse_third(source)
    _show(_minted(source, vouches=asserts_orders, days=days), as_json=as_json)


@app.command()
def rotate(
    source: Source, *, days: Days = DAYS, old_for_hours: Hours = 24, as_json: Json = False
) -> None:
    """Make a new key with the old one's rights; the old one ends by itself."""
    from services.intake.doors.keys import end_key
    from shared.errors import Refused

    live = _live(source)
    if not live:
        hint = f"Make one: kulanse keys make {source}"
        raise Refused("no_key", f"{source} has no key that works.", hint)
    if len(live) >= LIVE_MAX:
        _refuse_third(source)
    (old_id, old), *_ = live.items()
    key = _minted(source, vouches=bool(old.scopes), days=days)
    end_key(_folder(), old_id, at=datetime.now(UTC) + timedelta(hours=old_for_hours))
    _show(key, as_json=as_json)


@app.command()
def revoke(key_id: KeyId) -> None:
    """Close a key at once."""
    from services.cli.failures import BadInput
    from services.cli.output import say
    from services.intake.doors.keys import revoke_key

    if not revoke_key(_folder(), key_id):
        raise BadInput("no_such_key", "ID", "as `kulanse keys list` names it")
    say(f"{key_id} opens nothing any more.")


@app.command()
def sign(source: Source, *, asserts_orders: Vouch = False, as_json: Json = False) -> None:
    """Make a secret for a partner that signs its requests; the one before stays valid."""
    from services.intake.doors.signatures import new_secret
    from services.intake.policy import VOUCHES

    scopes = frozenset({VOUCHES} if asserts_orders else ())
    _show(new_secret(_folder(), source, scopes=scopes), as_json=as_json)


def _minted(source: str, *, vouches: bool, days: int) -> str:
    from services.intake.doors.keys import mint_key
    from services.intake.policy import VOUCHES

    ends = datetime.now(UTC) + timedelta(days=days)
    return mint_key(_folder(), source, scopes=[VOUCHES] if vouches else [], expires_at=ends)


def _refuse_third(source: str) -> None:
    from shared.errors import Refused

    message = f"{source} has {LIVE_MAX} keys that work."
    raise Refused("two_keys", message, "Revoke one: kulanse keys list, kulanse keys revoke ID")


def _show(key: str, *, as_json: bool) -> None:
    from services.cli.output import print_json, say

    if as_json:
        print_json({"key": key})
        return
    say(key)
    say("It is shown this once and kept nowhere in the open.")


def _live(source: str) -> "dict[str, Kept]":
    now = datetime.now(UTC)
    return {i: k for i, k in _kept().items() if k.source == source and k.lives(now)}


def _kept() -> "dict[str, Kept]":
    from services.intake.doors.keys import kept_keys

    return kept_keys(_folder())


def _told(key_id: str, kept: "Kept") -> "dict[str, JsonValue]":
    return {
        "id": key_id,
        "source": kept.source,
        "scopes": [*sorted(kept.scopes)],
        "made_at": kept.made_at.isoformat(timespec="seconds") if kept.made_at else None,
        "expires_at": kept.expires_at.isoformat(timespec="seconds") if kept.expires_at else None,
        "live": kept.lives(datetime.now(UTC)),
    }


def _folder() -> "Path":
    from services.cli.surroundings import settings

    return settings().state_dir
