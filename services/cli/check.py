"""`kulanse check`: do the policies load, is somebody there, is the law fresh, do contracts hold?"""

from typing import Annotated

import typer

Env = Annotated[
    str, typer.Option("--env", metavar="FILE", help="a .env of Compose; .env when it is here")
]
Json = Annotated[bool, typer.Option("--json", help="findings as JSON")]


def check(*, env: Env = ".env", as_json: Json = False) -> int:
    """Check policies, people, law, settings, .env and contracts. Every finding is listed."""
    from datetime import UTC, datetime
    from pathlib import Path

    from services.cli.checking import everything
    from services.cli.failures import FAILED, OK
    from services.cli.output import print_json, say

    found = everything(datetime.now(UTC).date(), env=Path(env))
    errors = [finding for finding in found if finding.level == "error"]
    if as_json:
        print_json({"ok": not errors, "findings": [finding.plain() for finding in found]})
        return FAILED if errors else OK
    for finding in found:
        say(finding.line())
    warnings = len(found) - len(errors)
    say(f"{len(errors)} errors, {warnings} warnings." if found else "All is well.")
    return FAILED if errors else OK
