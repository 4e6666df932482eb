"""`kulanse forget`: destroy a complainant's key; what was sealed with it can be read by nobody."""

from typing import Annotated

import typer

Who = Annotated[
    str, typer.Argument(metavar="WHO", help="a complaint's id or K-reference, an e-mail, a phone")
]
Actor = Annotated[str, typer.Option("--actor", help="who does it: a name, for the log")]
Yes = Annotated[bool, typer.Option("--yes", help="really; without it nothing is destroyed")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


def forget(who: Who, *, actor: Actor, yes: Yes = False, as_json: Json = False) -> None:
    """Forget a person: names, addresses, words, in topics, ledgers, dead letters and backups.

    Sums, ids and codes stay: the books need them. There is no way back. Again is harmless.
    """
    from services.cli import forgetting
    from services.cli.output import print_json, say
    from services.cli.repairing import named

    named(actor, "forgotten on request")
    done = forgetting.forget(who, actor=actor, really=yes)
    if as_json:
        print_json(done.as_json())
        return
    for line in done.lines():
        say(line)
