"""`kulanse report`: how good we were, and whether what we say is what happened."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.recovery.reconcile import Difference

app = typer.Typer(help="How good we were, and whether what we say is what happened.")

Days = Annotated[int, typer.Option("--days", min=1, help="how far back the provider is asked")]
By = Annotated[str, typer.Option("--by", help="channel, form, severity, role or hour")]
Csv = Annotated[bool, typer.Option("--csv", help="as CSV that no spreadsheet runs")]
Html = Annotated[bool, typer.Option("--html", help="as one page with plots, to keep or to send")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    *,
    by: By = "",
    as_json: Json = False,
    as_csv: Csv = False,
    as_html: Html = False,
) -> None:
    """Show the scorecard: each figure with n and a 95 % interval, "too few" below 20."""
    if context.invoked_subcommand is None:
        from services.cli.scoring import show

        show(by=by, as_json=as_json, as_csv=as_csv, as_html=as_html)


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


@app.command()
def fairness(*, as_json: Json = False) -> int:
    """Compare what like cases got, by written form, tone and role; exit code 1 above 5 %."""
    from dataclasses import asdict

    from services.cli.failures import FAILED, OK
    from services.cli.fairness import past
    from services.cli.output import print_json, say

    found = past()
    if as_json:
        print_json({"groups": [{**asdict(each), "verdict": each.verdict} for each in found]})
    for each in () if as_json else found:
        say(f"{each.by:<13} {each.label:<9} {each.cases:>6}  {each.share:>7.1%}  {each.verdict}")
    if not found and not as_json:
        say("No two groups have like cases yet.")
    return FAILED if any(each.verdict == "differs" for each in found) else OK


def summary(found: "tuple[Difference, ...]") -> str:
    """How many of each kind."""
    from collections import Counter

    counts = Counter(each.code for each in found)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
