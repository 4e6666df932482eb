"""`kulanse console`: how people get into the desk's web pages."""

from typing import Annotated

import typer

app = typer.Typer(help="How people get into the console, the desk's web pages.")

Colleague = Annotated[str, typer.Argument(metavar="COLLEAGUE", help="a pseudonym of people.yaml")]
Subject = Annotated[
    str, typer.Argument(metavar="SUBJECT", help="as the provider names her: the page told her")
]
Url = Annotated[str, typer.Option("--url", help="the console's address, when it is another here")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command()
def link(colleague: Colleague, *, url: Url = "", as_json: Json = False) -> None:
    """Make a link that signs a colleague in once; shown once."""
    from services.cli.output import print_json, say
    from services.cli.running import need
    from services.cli.signing_in import link_for
    from services.cli.surroundings import settings

    ours = settings()
    made = link_for(ours, colleague, url=url or need(ours).desk_url)
    if as_json:
        print_json({"person": colleague, "link": made.address, "minutes": made.minutes})
        return
    say(made.address)
    say(f"Good once, for {made.minutes} minutes.")


@app.command()
def bind(colleague: Colleague, subject: Subject, *, as_json: Json = False) -> None:
    """Say whose an account at the provider (OIDC) is; signs her out everywhere."""
    from services.cli.output import print_json, say
    from services.cli.signing_in import bind_to
    from services.cli.surroundings import settings

    bind_to(settings(), colleague, subject=subject)
    if as_json:
        print_json({"person": colleague, "binding": "set"})
        return
    say(f"{colleague} signs in with this account from now on.")


@app.command()
def unbind(colleague: Colleague, *, as_json: Json = False) -> None:
    """No account at the provider is hers any longer; signs her out everywhere."""
    from services.cli.output import print_json, say
    from services.cli.signing_in import unbind
    from services.cli.surroundings import settings

    unbind(settings(), colleague)
    if as_json:
        print_json({"person": colleague, "binding": "none"})
        return
    say(f"{colleague} signs in by no account at the provider from now on.")


@app.command()
def account(colleague: Colleague, *, as_json: Json = False) -> None:
    """Set a colleague's password, asked for or from standard input; signs her out everywhere."""
    from services.cli.output import print_json, say
    from services.cli.signing_in import asked_password, set_password_for
    from services.cli.surroundings import settings

    set_password_for(settings(), colleague, password=asked_password())
    if as_json:
        print_json({"person": colleague, "account": "set"})
        return
    say(f"{colleague} signs in with this password from now on.")
