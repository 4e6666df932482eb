"""`kulanse policy`: what a changed policy would have decided."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.cli.replaying import Compared

app = typer.Typer(help="What a changed policy would have decided.")

New = Annotated[str, typer.Argument(metavar="NEW.yaml", help="a changed recovery.yaml")]
Listed = Annotated[int, typer.Option("--list", min=0, help="how many of the cases to name")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.callback()
def policy() -> None:
    """What a changed policy would have decided."""


@app.command()
def diff(new: New, *, listed: Listed = 20, as_json: Json = False) -> None:
    """Decide past complaints again under a changed policy; nothing is sent or paid.

    NEW.yaml may be a recovery.yaml, a people.yaml, or a regime under its own name.

    Reads complaints.triaged. Each complainant's past counts, as it would have been.
    """
    from services.cli.output import print_json, say
    from services.cli.replaying import compare

    found = compare(new)
    if as_json:
        print_json(found.as_json())
        return
    for line in _lines(found, listed):
        say(line)


def _lines(found: "Compared", listed: int) -> list[str]:
    moved = found.moved()
    lines = [f"{len(moved)} of {len(found.pairs)} past decisions would be others."]
    for name, rows in found.tables().items():
        lines += ["", f"by {name}"]
        lines += [
            f"  {label:<18} {row['decisions']:>6} decisions  {row['before_minor'] / 100:>14,.2f}"
            f" → {row['after_minor'] / 100:>14,.2f} {currency}".rstrip()
            for (label, currency), row in rows.items()
        ]
    if moved:
        lines += ["", "cases that move"]
        lines += [f"  {pair.complaint_id}  {pair.before} → {pair.after}" for pair in moved[:listed]]
    return lines
