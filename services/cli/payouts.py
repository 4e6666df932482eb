"""`kulanse payouts`: what finance is to pay out, and its word that it did."""

from typing import Annotated

import typer

app = typer.Typer(help="What finance is to pay out, and its word that it did.")

Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="else standard output")]
Again = Annotated[bool, typer.Option("--again", help="also what was exported before")]
Accounts = Annotated[
    str, typer.Argument(metavar="ACCOUNTS|-", help="CSV: payment_reference, name, iban")
]
PayerName = Annotated[str, typer.Option("--payer-name", help="whose account pays")]
PayerIban = Annotated[str, typer.Option("--payer-iban", help="which account pays")]
PayerBic = Annotated[str, typer.Option("--payer-bic", help="its bank")]
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


@app.command("bank-file")
def bank_file(  # signature: typer
    accounts: Accounts,
    *,
    payer_name: PayerName,
    payer_iban: PayerIban,
    payer_bic: PayerBic,
    output: Output = "",
    again: Again = False,
    as_json: Json = False,
) -> None:
    """Write the payouts as ISO 20022 pain.001 for the bank, those whose account is listed."""
    from datetime import UTC, datetime

    from services.cli.failures import BadInput
    from services.cli.ledgers import ledger
    from services.cli.output import print_json, say
    from services.cli.reading import text_of
    from services.cli.switches import need_running
    from services.cli.writing import write_file
    from services.recovery import bank_file as bank
    from services.recovery import payouts

    known = bank.accounts_from(text_of(accounts))
    iban = "".join(payer_iban.split()).upper()
    if not bank.is_iban(iban):
        raise BadInput("bad_iban", "--payer-iban", "its check digits do not fit")
    if not bank.is_bic(payer_bic):
        raise BadInput("bad_bic", "--payer-bic", "eight or eleven signs, as the bank writes it")
    need_running("payouts")
    payer = bank.Payer(bank.Account(payer_name, iban), payer_bic)
    with ledger("recovery") as engine:
        rows = payouts.taken(engine, again=again, only=known)
        left = payouts.waiting(engine)
    text = bank.pain001(rows, known, payer=payer, at=datetime.now(UTC)) if rows else ""
    if output and text:
        write_file(output, text)
    if as_json:
        print_json({"payouts": len(rows), "without_account": left, "file": output or text})
    elif output or not text:
        say(f"{len(rows)} payouts for the bank, {left} wait for an account.")
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
