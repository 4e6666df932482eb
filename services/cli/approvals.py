"""`kulanse approvals`: recoveries that lack a signature."""

from typing import Annotated

import typer

app = typer.Typer(help="Recoveries that lack a signature.")

RecoveryId = Annotated[str, typer.Argument(metavar="RECOVERY", help="as `approvals list` names it")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
WhyNot = Annotated[str, typer.Option("--reason", help="why not; the complainant must be told")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command("list")
def list_(*, as_json: Json = False) -> None:
    """List what waits for a signature, the longest waiting first."""
    from services.cli.casefile import waiting
    from services.cli.desk import desk
    from services.cli.output import print_json, say

    with desk() as client:
        found = client.list_approvals()
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
        return
    for each in found:
        say(waiting(each))
    if not found:
        say("Nothing waits for a signature.")


@app.command()
def approve(recovery: RecoveryId, *, reason: Reason = "", as_json: Json = False) -> None:
    """Sign a recovery."""
    _sign(recovery, reason, given=True, as_json=as_json)


@app.command()
def reject(recovery: RecoveryId, *, reason: WhyNot, as_json: Json = False) -> None:
    """Do not sign it, and say why."""
    _sign(recovery, reason, given=False, as_json=as_json)


def _sign(recovery: str, reason: str, *, given: bool, as_json: bool) -> None:
    from services.cli.desk import desk, told
    from services.cli.output import print_json, say

    with desk() as client:
        if given:
            acted = client.approve(recovery, reason=reason)
        else:
            acted = client.reject(recovery, reason)
    if as_json:
        print_json(acted.model_dump(mode="json"))
    else:
        say(told(acted))
