"""The way from the command line to the desk: its door, with the caller's own token."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import httpx

from services.cli import running
from services.cli.failures import Unreachable
from services.cli.surroundings import settings
from services.desk.client import Acted, DeskClient
from shared.errors import Refused

PAGE_MAX = 500  # the most that the door hands out at once
# What to do about a refusal, where the door's own hint speaks of HTTP.
AT_THE_COMMAND_LINE = {
    "no_such_case": "No case or complaint has this id. `kulanse cases list --all` lists them.",
    "no_such_task": "No open task has this id. `kulanse cases show CASE` names them.",
    "no_such_approval": "Nothing with this id waits. `kulanse approvals list` names what does.",
    "no_token": "This token is nobody's. Set KULANSE_TOKEN; `kulanse cases token` makes one.",
}
R = TypeVar("R")


@contextmanager
def desk() -> Iterator[DeskClient]:
    """A client that speaks as the one whose token it is; raises `Unreachable`."""
    ours = settings()
    url = running.need(ours).desk_url
    token = running.secret(
        ours, name=running.CLI_TOKEN, variable="KULANSE_TOKEN", what="token for the desk"
    )
    # A transport of its own: the desk is never asked through a proxy of the environment.
    with DeskClient(url, token, transport=httpx.HTTPTransport()) as client:
        try:
            yield client
        except Refused as refused:
            if refused.code == "desk_unreachable":
                raise Unreachable(refused.code, refused.message, refused.hint) from None
            if refused.code in AT_THE_COMMAND_LINE:
                raise Refused(refused.code, AT_THE_COMMAND_LINE[refused.code], "") from None
            raise


def every(page: Callable[[int, int], Sequence[R]]) -> list[R]:
    """Every row of a list that comes in pages; `page`: the rows for a limit and an offset."""
    rows: list[R] = []
    while True:
        found = page(PAGE_MAX, len(rows))
        rows += found
        if len(found) < PAGE_MAX:
            return rows


def told(acted: Acted) -> str:
    """What became of a command, in one line."""
    done = "done" if acted.state == "done" else "accepted; its effect is still to come"
    owner = f", owner {acted.owner}" if acted.owner else ""
    return f"{done}: case {acted.case_id} is {acted.case_state}{owner} (version {acted.version})"
