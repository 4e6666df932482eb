"""`kulanse dlq`: records that no stage could take; look at them, and send them again."""

import asyncio
from typing import Annotated

import typer

app = typer.Typer(help="Records that no stage could take, and how to resend them.")

DeadLetterId = Annotated[str, typer.Argument(metavar="ID", help="as `dlq list` names it")]
OptionalId = Annotated[str | None, typer.Argument(metavar="[ID]", help="as `dlq list` names it")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]
All = Annotated[bool, typer.Option("--all", help="every dead letter")]
Reason = Annotated[str, typer.Option("--reason", help="only this code, as `dlq list` shows it")]
Topic = Annotated[str, typer.Option("--topic", help="only what came from this topic")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only tell what would be sent")]


@app.command("list")
def list_(*, reason: Reason = "", topic: Topic = "", as_json: Json = False) -> None:
    """List dead letters: where from, and why."""
    from services.cli import deadletters
    from services.cli.output import print_json, say

    found = asyncio.run(deadletters.all_of_them(deadletters.Which(reason, topic)))
    if as_json:
        print_json([deadletters.summary(each) for each in found])
        return
    for each in found:
        say(deadletters.line(each))
    if not found:
        say("No dead letters.")


@app.command()
def show(dead_letter: DeadLetterId, *, as_json: Json = False) -> None:
    """Show one: why, where from, the original bytes."""
    from services.cli import deadletters
    from services.cli.output import print_json, say

    found = asyncio.run(deadletters.one(dead_letter))
    if as_json:
        print_json(deadletters.whole(found))
        return
    for row in deadletters.lines(found):
        say(row)


@app.command()
def replay(  # signature: typer
    dead_letter: OptionalId = None,
    *,
    everything: All = False,
    reason: Reason = "",
    topic: Topic = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Send the original bytes again to their topic.

    Harmless to repeat: what was decided before is recognised by its id and skipped, and the same
    message is the same complaint.
    """
    from services.cli import deadletters
    from services.cli.failures import BadInput
    from services.cli.output import print_json, say

    some = everything or bool(reason or topic)
    if some == (dead_letter is not None):
        hint = "name one dead letter, or say --reason, --topic or --all"
        raise BadInput("which", "ID", hint)
    which = deadletters.Which(reason, topic)
    done = asyncio.run(deadletters.replay(dead_letter, which=which, dry_run=dry_run))
    if as_json:
        print_json(done)
        return
    for each in done:
        say(f"{each['id']} -> {each['sent_to']}")
    say(f"{len(done)} {'would be' if dry_run else ''} sent again.".replace("  ", " "))
