"""`kulanse contract-check`: a channel team tries its own events against the contract, offline."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE", help="your events: .ndjson, or .csv")]
Source = Annotated[str, typer.Option("--source", help="your source's name, for the ids")]
Json = Annotated[bool, typer.Option("--json", help="as JSON, one object a line")]


def contract_check(file: File, *, source: Source = "yours", as_json: Json = False) -> int:
    """Say of each event whether intake would take it, under which id, and what is odd about it.

    Nothing is sent, and nothing need run. An event is a submitted complaint, or a CloudEvent in
    structured mode around one. Exit code 1 when any would be refused: for your own tests.
    """
    from services.cli.contracting import verdicts
    from services.cli.failures import FAILED, OK
    from services.cli.output import print_json, say

    found = list(verdicts(file, source))
    for each in found:
        if as_json:
            print_json(each.as_json())
        else:
            say(each.line())
    refused = sum(bool(each.faults) for each in found)
    if not as_json:
        say(f"{len(found) - refused} would be taken, {refused} refused.")
    return FAILED if refused or not found else OK
