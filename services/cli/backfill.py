"""`kulanse backfill`: a partner's old complaints, as history; nobody is told, owed or paid."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.cli.backfilling import Backfilled

File = Annotated[Path, typer.Argument(metavar="FILE", help=".csv, or .ndjson with one a line")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="only read and count; nothing is sent")]
Live = Annotated[
    bool, typer.Option("--live", help="as complaints of today: people are answered, money moves")
]
Yes = Annotated[bool, typer.Option("--yes", help="do not ask before --live")]
Rejects = Annotated[
    Path | None, typer.Option("--rejects", help="where refused lines go; default FILE.rejected")
]
Restart = Annotated[bool, typer.Option("--restart", help="from the first line, not where it broke")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


def backfill(  # signature: typer
    file: File,
    *,
    dry_run: DryRun = False,
    live: Live = False,
    yes: Yes = False,
    rejects: Rejects = None,
    restart: Restart = False,
    as_json: Json = False,
) -> int:
    """Hand in a file of old complaints at intake's door.

    They are registered and read, and nothing follows: no message, no gesture, no deadline. Broken
    off, it goes on where it was; sent twice, it is the same complaint.
    """
    from services.cli import backfilling
    from services.cli.failures import FAILED, OK
    from services.cli.output import print_json, say

    wanted = backfilling.Wanted(
        file, live=live, restart=restart, rejects=rejects or Path(f"{file}.rejected")
    )
    counted = backfilling.count(wanted)
    if live and not dry_run and not yes:
        _ask(counted)
    done = counted if dry_run else backfilling.run(wanted, counted)
    if as_json:
        print_json(done.as_json())
    else:
        for line in done.lines(wanted):
            say(line)
    return FAILED if done.rejected else OK


def _ask(counted: "Backfilled") -> None:
    """Nobody sends ten thousand mails by a slip: what would follow, and a plain question."""
    from services.cli.failures import BadInput
    from services.cli.output import say

    say(f"{counted.good} complaints would be taken as new ones, of {counted.people} people.")
    say("Each is acknowledged, gets deadlines, and may be paid. This cannot be taken back.")
    if not typer.confirm("Go on?", err=True):
        raise BadInput("not_confirmed", "--live", "nothing was sent")
