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
Since = Annotated[str, typer.Option("--since", help="only what came at this time or later")]
Until = Annotated[str, typer.Option("--until", help="only what came before this time")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="change a field; repeat")
]
Unsets = Annotated[
    list[str] | None, typer.Option("--unset", metavar="FIELD", help="leave a field out; repeat")
]
Yes = Annotated[bool, typer.Option("--yes", help="send it; without it nothing is sent")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only tell what would be sent")]


@app.command("list")
def list_(  # signature: typer
    *,
    reason: Reason = "",
    topic: Topic = "",
    since: Since = "",
    until: Until = "",
    as_json: Json = False,
) -> None:
    """List dead letters: where from, and why."""
    from services.cli import deadletters
    from services.cli.output import print_json, say

    which = deadletters.which(reason, topic, since=since, until=until)
    found = asyncio.run(deadletters.all_of_them(which))
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
    since: Since = "",
    until: Until = "",
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

    some = everything or bool(reason or topic or since or until)
    if some == (dead_letter is not None):
        hint = "name one dead letter, or say --reason, --topic, --since, --until or --all"
        raise BadInput("which", "ID", hint)
    which = deadletters.which(reason, topic, since=since, until=until)
    done = asyncio.run(deadletters.replay(dead_letter, which=which, dry_run=dry_run))
    if as_json:
        print_json(done)
        return
    for each in done:
        say(f"{each['id']} -> {each['sent_to']}")
    say(f"{len(done)} {'would be' if dry_run else ''} sent again.".replace("  ", " "))


@app.command()
def fix(  # signature: typer
    dead_letter: DeadLetterId,
    *,
    sets: Sets = None,
    unsets: Unsets = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Change fields of one and send it again: what its sender cannot mend any more.

    Shows what would be sent; sends it with --yes. Refused while it would still not be taken. Twice
    is harmless: the same message is the same complaint.
    """
    from services.cli import deadletters
    from services.cli.output import print_json, say, shown

    done = asyncio.run(deadletters.fix(dead_letter, sets or (), unsets=unsets or (), really=yes))
    if as_json:
        print_json(done.as_json())
        return
    for field, before, after in done.changes:
        say(shown(f"{field}: {before!r} -> {after!r}"))
    say(f"{done.id} {'sent to' if yes else 'would be sent to'} {done.sent_to}.")
    if not yes:
        say("Say --yes to do it.")
