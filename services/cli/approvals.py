"""`kulanse approvals`: recoveries that lack a signature."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cases import Basis, Gestures, Result, Text

if TYPE_CHECKING:
    from services.desk.client import Acted, DeskClient
    from services.desk.model import WaitingApproval

app = typer.Typer(help="Recoveries that lack a signature.")

RecoveryId = Annotated[str, typer.Argument(metavar="RECOVERY", help="as `approvals list` names it")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
WhyNot = Annotated[str, typer.Option("--reason", help="why not; the complainant must be told")]
Seen = Annotated[
    int | None,
    typer.Option("--seen-version", metavar="N", min=0, help="refused if the recovery is past it"),
]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List what waits for a signature, the longest waiting first."""
    from services.cli.casefile import waiting
    from services.cli.desk import desk, every
    from services.cli.output import print_json, say

    with desk() as client:
        found = every(lambda limit, offset: client.list_approvals(limit=limit, offset=offset))
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        say(waiting(each))
    if not found:
        say("Nothing waits for a signature.")


@app.command()
def approve(
    recovery: RecoveryId, *, reason: Reason = "", seen: Seen = None, as_json: Json = False
) -> None:
    """Sign a recovery."""
    from services.cli.desk import desk

    with desk() as client:
        _tell(client.approve(recovery, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def reject(
    recovery: RecoveryId, *, reason: WhyNot, seen: Seen = None, as_json: Json = False
) -> None:
    """Do not sign it, and say why."""
    from services.cli.desk import desk

    with desk() as client:
        _tell(client.reject(recovery, reason, seen_version=seen), as_json=as_json)


@app.command()
def adjust(  # signature: typer
    recovery: RecoveryId,
    *,
    result: Result,
    gesture: Gestures = None,
    basis: Basis = "",
    text: Text = "",
    reason: Reason = "",
    as_json: Json = False,
) -> None:
    """Decide otherwise than was proposed; above your own limit somebody else signs that."""
    from services.cli.deciding import basis_of, gestures_of, result_of, said
    from services.cli.desk import desk
    from services.cli.output import say
    from services.cli.writing import words

    wanted = gestures_of(gesture or [])
    ended, ground = result_of(result, wanted), basis_of(basis)
    told = words(text)
    with desk() as client:
        found = one_waiting(client, recovery)
        acted = client.decide(
            found.case_id,
            result=ended,
            text=told,
            basis=ground,
            gestures=wanted,
            reason=reason,
            complaint_id=found.complaint_id,
        )
    _tell(acted, as_json=as_json)
    if not as_json:
        say(said(ended, wanted))


def one_waiting(client: "DeskClient", recovery: str) -> "WaitingApproval":
    """The one that is meant; the beginning of its id is enough. Raises `BadInput`."""
    from services.cli.desk import every
    from services.cli.failures import BadInput

    rows = every(lambda limit, offset: client.list_approvals(limit=limit, offset=offset))
    found = [each for each in rows if each.recovery_id.startswith(recovery)]
    if len(found) != 1:
        hint = f"{len(found)} that wait begin so; see `kulanse approvals list`"
        raise BadInput("no_such_approval", "RECOVERY", hint)
    return found[0]


def _tell(acted: "Acted", *, as_json: bool) -> None:
    from services.cli.desk import told
    from services.cli.output import print_json, say

    if as_json:
        print_json(acted.model_dump(mode="json"))
    else:
        say(told(acted))
