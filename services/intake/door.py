"""The doors' process: serves HTTP until told to stop. `python -m services.intake door`.

Reads: HTTP requests, `keys.json` and `signing.json` in the state folder
Writes: complaints.submitted; recovery.inbox (what a payment provider tells)
Keeps: hashes of Idempotency-Keys. A stage's exit never cuts a request: it is another process
"""

import signal
import socket
import sys

import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.intake.doors.admit import Admission
from services.intake.doors.entrance import Entrance
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys
from services.intake.doors.outbound import Outbound
from services.intake.doors.pace import Paces
from services.intake.doors.providers import StripeEvents
from services.intake.doors.signatures import Signatures
from services.intake.doors.taking import Taking
from services.intake.ledger import DoorLedger
from services.intake.policy import load
from services.intake.secret import key_secret
from shared.door import Counted
from shared.errors import Refused
from shared.ledger.engine import open_engine
from shared.metrics.board import Board
from shared.settings import Settings

KEEP_ALIVE_S = 5
HOUR_S = 3600.0
GRACE_S = 10
CONNECTIONS_MAX = 1_000
BACKLOG = 512


def serve(settings: Settings, board: Board) -> None:
    """Serve until SIGTERM; raises `Refused` when the port is taken."""
    listener = _listener(settings.intake_host, settings.intake_port)
    outbound = Outbound(settings)
    app = Counted(_app(settings, outbound), board, door="intake")
    config = uvicorn.Config(
        _Closing(app, outbound),
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


def _app(settings: Settings, outbound: Outbound) -> ASGIApp:
    policy = load()[0]
    rules = policy.intake.doors
    ledger = DoorLedger(lambda: open_engine(settings, "intake"), rules.request_keys_kept_h * HOUR_S)
    entrance = Entrance(
        Keys(settings.state_dir).caller, Signatures(settings.state_dir), Paces(rules.pace), ledger
    )
    secret = settings.stripe_webhook_secret.get_secret_value()
    providers = {"stripe": StripeEvents(secret)} if secret else {}
    taking = Taking(Admission(policy, key_secret(settings)), outbound)
    return make_app(taking, entrance, providers=providers)


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        raise Refused(
            "port_taken",
            f"Intake's door cannot listen on {host}:{port} ({error.strerror}).",
            "Set KULANSE_INTAKE_PORT to a free port.",
        ) from None


class _Closing:
    """Answers uvicorn's start and stop: the producer delivers what it has before the end."""

    def __init__(self, app: ASGIApp, outbound: Outbound) -> None:
        self._app, self._outbound = app, outbound

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:  # signature: fastapi
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._outbound.stop()
        stopped: Message = {"type": "lifespan.shutdown.complete"}
        await send(stopped)
