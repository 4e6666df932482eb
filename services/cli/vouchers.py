"""`kulanse vouchers`: look at a code, redeem it at the till, take it back."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.recovery.vouchers import Voucher

app = typer.Typer(help="Vouchers and credit we gave: look, redeem, revoke.")

Code = Annotated[
    str, typer.Argument(metavar="CODE", help="XXXX-XXXX-XXXX-XXXX, as it was read out")
]
For = Annotated[str, typer.Option("--for", metavar="ORDER", help="what it pays for")]
Actor = Annotated[str, typer.Option("--actor", help="who takes it back")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command()
def show(code: Code, *, as_json: Json = False) -> None:
    """Say what a code is worth, and whether it can still be used."""
    from services.cli.ledgers import ledger
    from services.recovery import vouchers

    with ledger("recovery") as engine:
        _tell(vouchers.show(engine, code), as_json=as_json)


@app.command()
def redeem(code: Code, *, order: For, as_json: Json = False) -> None:
    """Use it, whole and once."""
    from datetime import UTC, datetime

    from services.cli.ledgers import ledger
    from services.recovery import vouchers

    with ledger("recovery") as engine:
        used = vouchers.redeem(engine, code, at=datetime.now(UTC), note=order)
    _tell(used, as_json=as_json)


@app.command()
def revoke(code: Code, *, actor: Actor, reason: Reason, as_json: Json = False) -> None:
    """Take it back; whoever has it is not told by us."""
    from services.cli.ledgers import ledger
    from services.cli.repairing import named
    from services.recovery import vouchers

    who, why = named(actor, reason)
    with ledger("recovery") as engine:
        back = vouchers.revoke(engine, code, note=f"{who}: {why}")
    _tell(back, as_json=as_json)


def _tell(voucher: "Voucher", *, as_json: bool) -> None:
    from dataclasses import asdict

    from services.cli.casefile import money
    from services.cli.output import print_json, say

    if as_json:
        print_json(asdict(voucher))
        return
    worth = money(voucher.amount_minor, voucher.currency) if voucher.amount_minor else ""
    worth = worth or f"{voucher.units} {voucher.unit}".strip()
    until = f", good until {voucher.valid_until[:10]}" if voucher.valid_until else ""
    note = f" ({voucher.note})" if voucher.note else ""
    say(f"{voucher.code}  {voucher.kind} {worth}: {voucher.state}{until}{note}")
