"""The doors' process: serves HTTP until told to stop. `python -m services.intake door`.

Reads: HTTP requests, mails by SMTP, `keys.json` and `signing.json` in the state folder
Writes: complaints.submitted; recovery.inbox (what a payment provider tells); complaints.registered
    and feedback (what people answer by link); notify.inbox (which mail of ours came back)
Keeps: hashes of Idempotency-Keys; in the vault, the files of mails, sealed. A stage's exit never
    cuts a request: it is another process
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.intake.doors.admit import Admission
from services.intake.doors.entrance import Entrance
from services.intake.doors.http import make_app
from services.intake.doors.keeping import Aside
from services.intake.doors.keys import Keys
from services.intake.doors.links import Links
from services.intake.doors.mailbox import access_of, fetch
from services.intake.doors.outbound import Outbound
from services.intake.doors.pace import Paces
from services.intake.doors.pages import load_pages
from services.intake.doors.providers import StripeEvents
from services.intake.doors.signatures import Signatures
from services.intake.doors.smtp import listen
from services.intake.doors.taking import Taking
from services.intake.ledger import DoorLedger
from services.intake.policy import load
from services.intake.secret import key_secret
from shared.door import Counted
from shared.errors import Refused
from shared.ledger.engine import open_engine
from shared.metrics.board import Board
from shared.secret import link_secret
from shared.settings import Settings
from shared.vault.opening import open_files

OpenMails = Callable[[], Awaitable[asyncio.Server]]
Fetch = Callable[[], Coroutine[None, None, None]]
KEEP_ALIVE_S = 5
HOUR_S = 3600.0
GRACE_S = 10
CONNECTIONS_MAX = 1_000
BACKLOG = 512


def serve(settings: Settings, board: Board) -> None:
    """Serve until SIGTERM; raises `Refused` when the port is taken."""
    listener = _listener(settings.intake_host, settings.intake_port, named="KULANSE_INTAKE_PORT")
    outbound = Outbound(settings)
    admission = Admission(load()[0], key_secret(settings))
    aside = Aside(partial(open_files, settings))
    taking = Taking(admission, outbound, link_secret=link_secret(settings), aside=aside)
    app = Counted(_app(taking, settings), board, door="intake")
    config = uvicorn.Config(
        _Lifespan(app, outbound, mails=_mails(taking, settings), fetch=_fetch(taking, settings)),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
    )
    # uvicorn ends what is running, then raises the signal again: to be told to stop is no failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    host, port = listener.getsockname()[:2]
    structlog.get_logger().info("door_open", host=host, port=port)
    uvicorn.Server(config).run(sockets=[listener])


def _app(taking: Taking, settings: Settings) -> ASGIApp:
    rules = taking.admission.policy.intake.doors
    ledger = DoorLedger(lambda: open_engine(settings, "intake"), rules.request_keys_kept_h * HOUR_S)
    entrance = Entrance(
        Keys(settings.state_dir).caller, Signatures(settings.state_dir), Paces(rules.pace), ledger
    )
    secret = settings.stripe_webhook_secret.get_secret_value()
    providers = {"stripe": StripeEvents(secret)} if secret else {}
    links = Links(taking.link_secret, load_pages())
    return make_app(taking, entrance, providers=providers, links=links)


def _mails(taking: Taking, settings: Settings) -> OpenMails | None:
    """Opens the SMTP door; None where it is not wanted."""
    if not settings.intake_smtp_port:
        return None
    named = "KULANSE_INTAKE_SMTP_PORT"
    listener = _listener(settings.intake_host, settings.intake_smtp_port, named=named)
    rules = taking.admission.policy.intake.doors.mail
    return partial(listen, taking, rules, listener=listener)


def _fetch(taking: Taking, settings: Settings) -> Fetch | None:
    """Empties the mailbox; None where there is none."""
    if not settings.imap_url:
        return None
    rules = taking.admission.policy.intake.doors.mail
    return partial(fetch, taking, rules, access=access_of(settings))


def _listener(host: str, port: int, *, named: str) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise Refused(
            "port_taken",
            f"Intake's door cannot listen on {host}:{port} ({error.strerror}).",
            f"Set {named} to a free port.",
        ) from None


class _Lifespan:
    """Answers uvicorn's start and stop: mails come in meanwhile, and the producer delivers last."""

    def __init__(
        self, app: ASGIApp, outbound: Outbound, *, mails: OpenMails | None, fetch: Fetch | None
    ) -> None:
        self._app, self._outbound, self._open_mails, self._fetch = app, outbound, mails, fetch

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:  # signature: fastapi
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        mails = await self._open_mails() if self._open_mails else None
        fetching = asyncio.create_task(self._fetch()) if self._fetch else None
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if mails is not None:
            mails.close()
        if fetching is not None:
            fetching.cancel()
        await self._outbound.stop()
        stopped: Message = {"type": "lifespan.shutdown.complete"}
        await send(stopped)
