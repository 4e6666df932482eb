"""`kulanse export`: everything that is held about one person, as JSON (GDPR, article 15)."""

from typing import Annotated

import typer

Who = Annotated[
    str,
    typer.Option(
        "--complainant", metavar="WHO", help="a complaint's id or K-reference, an e-mail, a phone"
    ),
]


def export(*, complainant: Who) -> None:
    """Everything about one person as JSON: what she wrote, what was decided, said and paid."""
    from services.cli.exporting import export_of
    from services.cli.output import print_json

    print_json(export_of(complainant))
