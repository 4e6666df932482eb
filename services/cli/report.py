"""`kulanse report`: whether what we say is what happened."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.recovery.reconcile import Difference

app = typer.Typer(help="Whether what we say is what happened.")

Days = Annotated[int, typer.Option("--days", min=1, help="how far back the provider is asked")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.callback()
def report() -> None:
    """Whether what we say is what happened."""


@app.command()
def reconcile(*, days: Days = 35, as_json: Json = False) -> int:
    """Compare provider, effects, books and finance; exit code 1 when anything differs."""
    from dataclasses import asdict

    from services.cli.failures import FAILED, OK
    from services.cli.output import print_json, say
    from services.cli.reconciling import differences, line

    found = differences(days)
    if as_json:
        print_json({"differences": [asdict(each) for each in found]})
    for each in () if as_json else found:
        say(line(each))
    if not found and not as_json:
        say("Provider, effects, books and finance agree, to the minor unit.")
    return FAILED if found else OK


def summary(found: "tuple[Difference, ...]") -> str:
    """How many of each kind."""
    from collections import Counter

    counts = Counter(each.code for each in found)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
