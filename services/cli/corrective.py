"""`kulanse measures`: what is done about what people complain of, and by whom.

Through the compacted topic `measures`; `kulanse report` tells what came of each.
"""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from shared.contracts.measures import MeasureRecorded

app = typer.Typer(
    help="What is done about what people complain of; `report` tells what came of it."
)

Cause = Annotated[str, typer.Option("--cause", help="a category, as `report` names it")]
Phased = Annotated[str, typer.Option("--phase", help="before, during or after the purchase")]
What = Annotated[str, typer.Option("--what", help="what is done, in a sentence; no complainant")]
Owner = Annotated[str, typer.Option("--owner", help="who sees to it: a colleague of people.yaml")]
Actor = Annotated[str, typer.Option("--actor", help="who says so: a colleague of people.yaml")]
From = Annotated[str, typer.Option("--from", help="from when it holds (RFC 3339, or a day); now")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
Id = Annotated[str, typer.Argument(metavar="ID", help="as `measures list` names it")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command()
def record(  # signature: typer
    *,
    cause: Cause,
    phase: Phased,
    what: What,
    owner: Owner,
    actor: Actor,
    holds_from: From = "",
    as_json: Json = False,
) -> None:
    """Record a measure; the same words again change its owner and day."""
    from datetime import UTC, datetime

    from shared.contracts.identity import derived
    from shared.contracts.measures import MeasureRecorded

    now = datetime.now(UTC)
    cause, phase, what = _cause(cause), _phase(phase), _filled("--what", what)
    given = {
        "measure_id": derived("measure", phase, cause, what),
        "cause": cause,
        "phase": phase,
        "what": what,
        "owner": _colleague("--owner", owner),
        "actor": _colleague("--actor", actor),
        "holds_from": _moment(holds_from) if holds_from else now,
        "at": now,
    }
    _tell(MeasureRecorded.model_validate(given), as_json=as_json)


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List what is done, by phase and cause."""
    from services.cli.output import print_json, say

    found = lying()
    if as_json:
        print_json([word.model_dump(mode="json") for word in found])
        return
    for word in found:
        say(_line(word))
    if not found:
        say("No measure is recorded.")


@app.command()
def drop(measure: Id, *, actor: Actor, reason: Reason, as_json: Json = False) -> None:
    """Say that it is done no more, or never was; `report` leaves it out."""
    from datetime import UTC, datetime

    from services.cli.failures import BadInput
    from services.cli.repairing import named

    who, why = named(_colleague("--actor", actor), reason)
    found = [word for word in lying() if word.measure_id.startswith(measure)]
    if len(found) != 1:
        hint = f"{len(found)} measures begin so; see `kulanse measures list`"
        raise BadInput("no_such_measure", "ID", hint)
    said = {"dropped": True, "actor": who, "reason": why, "at": datetime.now(UTC)}
    _tell(found[0].model_copy(update=said), as_json=as_json)


def lying() -> "list[MeasureRecorded]":
    """The measures that stand; raises `Unreachable` when no broker answers."""
    import asyncio

    from services.cli.scoring import events_on
    from shared.contracts.topics import MEASURES
    from shared.scorecard.following_up import standing

    return standing(asyncio.run(events_on(MEASURES)))


def _tell(word: "MeasureRecorded", *, as_json: bool) -> None:
    from services.cli.output import print_json, say

    _publish(word)
    if as_json:
        print_json(word.model_dump(mode="json"))
    else:
        say(_line(word))


def _publish(word: "MeasureRecorded") -> None:
    from services.cli.publishing import publish
    from shared.contracts.codec import encode
    from shared.contracts.envelope import Event
    from shared.contracts.identity import derived
    from shared.contracts.topics import MEASURES

    event = Event(
        id=derived("measured", word.measure_id, word.at.isoformat(), word.actor),
        source="kulanse/command",
        key=word.measure_id,
        time=word.at,
        data=word,
        topic=MEASURES.name,
    )
    publish([encode(event)])


def _cause(named: str) -> str:
    from services.cli.failures import BadInput
    from services.cli.policies import triage_policy

    known = [*triage_policy()[0].rules.categories, "other"]
    if named not in known:
        raise BadInput("unknown_cause", "--cause", f"there are {', '.join(known)}")
    return named


def _phase(named: str) -> str:
    from typing import get_args

    from services.cli.failures import BadInput
    from shared.contracts.triaged import Phase

    known: tuple[str, ...] = get_args(Phase)
    if named not in known:
        raise BadInput("unknown_phase", "--phase", f"there are {', '.join(known)}")
    return named


def _colleague(option: str, named: str) -> str:
    """One person, never a role: somebody must feel that it is hers."""
    from services.cli.failures import BadInput
    from services.cli.policies import desk_policy

    known = sorted(desk_policy()[0].people.names)
    if named not in known:
        raise BadInput("unknown_colleague", option, f"there are {', '.join(known)}")
    return named


def _filled(option: str, text: str) -> str:
    from services.cli.failures import BadInput
    from shared.contracts.contract import LINE_CHARS_MAX

    line = " ".join(text.split())
    if not line or len(line) > LINE_CHARS_MAX:
        raise BadInput("empty", option, f"a sentence of at most {LINE_CHARS_MAX} signs")
    return line


def _moment(text: str) -> "datetime":
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from services.cli.failures import BadInput
    from services.cli.policies import desk_policy

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        hint = "a day or RFC 3339, as 2026-12-01 or 2026-12-01T08:00:00+01:00"
        raise BadInput("not_a_time", "--from", hint) from None
    if found.tzinfo is not None:
        return found
    return found.replace(tzinfo=ZoneInfo(desk_policy()[0].deadlines.calendar.zone))


def _line(word: "MeasureRecorded") -> str:
    state = " (dropped)" if word.dropped else ""
    about = f"{word.phase}: {word.cause}"
    day = f"{word.holds_from:%Y-%m-%d}"
    return f"{word.measure_id[:8]}  {about:<20} {day}  {word.owner}: {word.what}{state}"
