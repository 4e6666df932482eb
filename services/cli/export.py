"""`kulanse export`: everything that is held about one person, as JSON (GDPR, article 15)."""

from pathlib import Path
from typing import Annotated

import typer

Who = Annotated[
    str,
    typer.Option(
        "--complainant", metavar="WHO", help="a complaint's id or K-reference, an e-mail, a phone"
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--files", metavar="FOLDER", help="put the files she sent here")
]


def export(*, complainant: Who, files: Folder = None) -> None:
    """Everything about one person as JSON: what she wrote, what was decided, said and paid."""
    from services.cli.export_files import put_into
    from services.cli.exporting import export_of
    from services.cli.output import print_json

    told = export_of(complainant)
    print_json(told)
    if files is not None:
        put_into(files, told["files"])
