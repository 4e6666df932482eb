"""The way from the command line to the desk: its door, with the caller's own token."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from services.cli import running
from services.cli.failures import Unreachable
from services.cli.surroundings import settings
from services.desk.client import Acted, DeskClient
from shared.errors import Refused


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
            raise


def told(acted: Acted) -> str:
    """What became of a command, in one line."""
    done = "done" if acted.state == "done" else "accepted; its effect is still to come"
    owner = f", owner {acted.owner}" if acted.owner else ""
    return f"{done}: case {acted.case_id} is {acted.case_state}{owner} (version {acted.version})"
