"""`kulanse cases`: the queue, and what a person does with a case."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from services.desk.client import Acted, DeskClient

app = typer.Typer(help="The queue of people, and what they do with a case.")

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="a case's or a complaint's id")]
TaskId = Annotated[str, typer.Argument(metavar="TASK", help="as `cases show` names it")]
Text = Annotated[str, typer.Option("--text", help="the words; else $EDITOR, or standard input")]
Reason = Annotated[str, typer.Option("--reason", help="why, for colleagues")]
Seen = Annotated[
    int | None,
    typer.Option("--seen-version", metavar="N", min=0, help="refused if the case is past it"),
]
Result = Annotated[str, typer.Option("--result", help="upheld, partly_upheld or not_upheld")]
Basis = Annotated[str, typer.Option("--basis", help="statutory, contractual or ex_gratia")]
Gestures = Annotated[
    list[str] | None,
    typer.Option("--gesture", metavar="KIND[:MINOR:CUR[:PAYMENT]]", help="may be repeated"),
]
State = Annotated[str, typer.Option("--state", help="open, waiting_for_complainant, closed …")]
Colleague = Annotated[str, typer.Argument(metavar="COLLEAGUE", help="a pseudonym of people.yaml")]
Mine = Annotated[bool, typer.Option("--mine", help="only what I own")]
Everything = Annotated[bool, typer.Option("--all", help="also what needs nobody")]
Uncover = Annotated[bool, typer.Option("--uncover", help="show abusive words as well")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


@app.command("list")
def list_(
    *, state: State = "", mine: Mine = False, everything: Everything = False, as_json: Json = False
) -> None:
    """List what waits for people: severity first, then the deadline."""
    from services.cli.casefile import HEADING, row, standing
    from services.cli.desk import desk, every
    from services.cli.output import console, print_json, say

    wanted = standing(state)
    needed = None if everything or mine or wanted else True
    with desk() as client:
        rows = every(
            lambda limit, offset: client.list_cases(
                state=wanted, mine=mine, needs_person=needed, limit=limit, offset=offset
            )
        )
    if mine and not (everything or wanted):  # answered ones are still hers to close
        rows = [each for each in rows if each.state != "closed"]
    if as_json:
        print_json([each.model_dump(mode="json") for each in rows])
        return
    if rows and console().is_terminal:
        say(HEADING)
    for each in rows:
        say(row(each))
    if not rows:
        say("Nothing waits.")


@app.command()
def show(case: CaseId, *, uncover: Uncover = False, as_json: Json = False) -> None:
    """Show everything about a case."""
    from services.cli.casefile import whole
    from services.cli.desk import desk
    from services.cli.output import print_json, say

    with desk() as client:
        found = client.show(case)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    for line in whole(found, uncover=uncover):
        say(line)


@app.command()
def take(case: CaseId, *, reason: Reason = "", seen: Seen = None, as_json: Json = False) -> None:
    """Own a case."""
    _do(lambda desk: desk.take(case, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def ask(  # signature: typer
    case: CaseId,
    *,
    text: Text = "",
    reason: Reason = "",
    seen: Seen = None,
    as_json: Json = False,
) -> None:
    """Ask the complainant; the clock waits for the answer."""
    words = _words(text)
    _do(lambda desk: desk.ask(case, words, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def reply(  # signature: typer
    case: CaseId,
    *,
    text: Text = "",
    reason: Reason = "",
    seen: Seen = None,
    as_json: Json = False,
) -> None:
    """Write to the complainant."""
    words = _words(text)
    _do(lambda desk: desk.reply(case, words, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def decide(  # signature: typer
    case: CaseId,
    *,
    result: Result,
    gesture: Gestures = None,
    basis: Basis = "",
    text: Text = "",
    reason: Reason = "",
    seen: Seen = None,
    as_json: Json = False,
) -> None:
    """Decide a case; the text is for the complainant."""
    from services.cli.deciding import basis_of, gestures_of, result_of, said

    wanted = gestures_of(gesture or [])
    ended, ground = result_of(result, wanted), basis_of(basis)
    words = _words(text)
    _do(
        lambda desk: desk.decide(
            case,
            result=ended,
            text=words,
            basis=ground,
            gestures=wanted,
            reason=reason,
            seen_version=seen,
        ),
        as_json=as_json,
        more=said(ended, wanted),
    )


@app.command()
def close(case: CaseId, *, reason: Reason = "", seen: Seen = None, as_json: Json = False) -> None:
    """Finish a case, in your name."""
    _do(lambda desk: desk.close(case, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def reopen(case: CaseId, *, reason: Reason = "", seen: Seen = None, as_json: Json = False) -> None:
    """Take a finished case up again."""
    _do(lambda desk: desk.reopen(case, reason=reason, seen_version=seen), as_json=as_json)


@app.command("hand-over")
def hand_over(  # signature: typer
    case: CaseId,
    owner: Colleague,
    *,
    reason: Reason = "",
    seen: Seen = None,
    as_json: Json = False,
) -> None:
    """Give a case to a named colleague."""
    _do(lambda desk: desk.hand_over(case, owner, reason=reason, seen_version=seen), as_json=as_json)


@app.command()
def done(task: TaskId, *, reason: Reason = "", as_json: Json = False) -> None:
    """Say that a task in the world is done."""
    _do(lambda desk: desk.task_done(task, reason=reason), as_json=as_json)


@app.command()
def token(colleague: Colleague, *, as_json: Json = False) -> None:
    """Make a colleague's own token, where `up` runs; shown once."""
    from services.cli.credentials import token_for
    from services.cli.output import print_json, say

    made = token_for(colleague)
    if as_json:
        print_json({"person": colleague, "token": made})
        return
    say(f"export KULANSE_TOKEN={made}")


def _do(act: "Callable[[DeskClient], Acted]", *, as_json: bool, more: str = "") -> None:
    from services.cli.desk import desk, told
    from services.cli.output import print_json, say

    with desk() as client:
        acted = act(client)
    if as_json:
        print_json(acted.model_dump(mode="json"))
    else:
        say(told(acted))
        if more:
            say(more)


def _words(text: str) -> str:
    from services.cli.writing import words

    return words(text)
