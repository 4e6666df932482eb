"""`kulanse payouts`: what finance is to pay out, and its word that it did."""

from typing import Annotated

import typer

app = typer.Typer(help="What finance is to pay out, and its word that it did.")

Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="else standard output")]
Again = Annotated[bool, typer.Option("--again", help="also what was exported before")]
Given = Annotated[str, typer.Argument(metavar="FILE|-", help="CSV: payout_id, paid or rejected")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command()
def export(*, output: Output = "", again: Again = False, as_json: Json = False) -> None:
    """Write the payouts to be made as CSV, and mark them exported."""
    import csv
    import io

    from services.cli.ledgers import ledger
    from services.cli.output import print_json
    from services.cli.switches import need_running
    from services.cli.writing import write_file
    from services.recovery import payouts

    need_running("payouts")
    with ledger("recovery") as engine:
        text = payouts.export(engine, again=again)
    if output:
        write_file(output, text)
    elif as_json:
        print_json(list(csv.DictReader(io.StringIO(text))))
    else:
        typer.echo(text, nl=False)


@app.command()
def confirm(given: Given, *, as_json: Json = False) -> None:
    """Take finance's answer: what was paid, what was rejected."""
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.reading import text_of
    from services.recovery import payouts

    text = text_of(given)
    with ledger("recovery") as engine:
        counts = payouts.confirm(engine, text)
    if as_json:
        print_json(dict(counts))
    else:
        say(", ".join(f"{count} {what}" for what, count in counts.items()))
