"""`kulanse provision`: what an installation needs before it starts; the jobs of Compose call it."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="What an installation needs before it starts: secrets, tables, topics.")

Into = Annotated[Path, typer.Option("--into", metavar="DIR", help="a folder a service")]
Given = Annotated[Path, typer.Option("--given", metavar="DIR", help="the company's own secrets")]
Doors = Annotated[Path, typer.Option("--doors", metavar="DIR", help="what the doors check against")]
Scope = Annotated[list[str] | None, typer.Option("--scope", help="orders:assert")]
INTO, GIVEN, DOORS = Path("/secrets"), Path("/given"), Path("/doors")
POSTGRES = "postgres:5432/kulanse"


@app.command()
def secrets(*, into: Into = INTO, given: Given = GIVEN, doors: Doors = DOORS) -> None:
    """Make every secret that is not there; what lies in --given wins."""
    import os

    from services.cli.output import say
    from services.cli.provisioning.credentials import command_s_own
    from services.cli.provisioning.files import Place, make_all

    place = Place(into, given, os.environ.get("KULANSE_POSTGRES", POSTGRES))
    for name, how in make_all(place):
        say(f"{name}: {how}")
    command_s_own(into / "ops", doors)
    say("They lie in the volumes secrets-*; yours win: put them into deploy/secrets.")


@app.command()
def tables(*, into: Into = INTO) -> None:
    """Make logins, schemas and tables, and bring them up to date."""
    from services.cli.output import say
    from services.cli.provisioning.tables import prepare

    for line in prepare(into):
        say(line)


@app.command()
def topics() -> None:
    """Make the topics, and on a broker with logins the rights on them."""
    import asyncio

    from services.cli.output import say
    from services.cli.policies import intake_policy
    from services.cli.provisioning.topics import prepare
    from services.cli.surroundings import settings

    sources = intake_policy()[0].proven.sources
    for line in asyncio.run(prepare(settings(), sources)):
        say(line)


@app.command()
def key(source: str, *, doors: Doors = DOORS, scope: Scope = None) -> None:
    """Make an API key of intake's door for a channel team; it is shown once, here."""
    from services.cli.output import say
    from services.cli.provisioning.credentials import key_for

    say(key_for(source, doors, scopes=scope or ()))


@app.command()
def token(colleague: str, *, doors: Doors = DOORS) -> None:
    """Make a colleague's token for the desk's door; it is shown once, here."""
    from services.cli.output import say
    from services.cli.provisioning.credentials import desk_token_for

    say(desk_token_for(colleague, doors))
