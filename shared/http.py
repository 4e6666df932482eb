"""Health, readiness and metrics over HTTP, in a thread of their own: they answer even when the
event loop does not.
"""

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import REGISTRY, make_wsgi_app

from shared.metrics.board import Board

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TEXT = (("Content-Type", "text/plain; charset=utf-8"),)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Say nothing: a probe every few seconds is no news."""


def serve_status(
    host: str, port: int, *, why_not_ready: Callable[[], str], board: Board | None = None
) -> int:
    """Serve /health, /ready (200, or 503 with the reason) and /metrics; the port in use.

    /metrics shows what Python knows of the process, and the board.
    """
    if board is not None:
        REGISTRY.register(board)
    # wsgiref writes into the headers it is given: a list of its own for each answer.
    metrics = make_wsgi_app()

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            found: Iterable[bytes] = metrics(environ, start_response)
            return found
        if path == "/health":
            start_response("200 OK", list(TEXT))
            return [b"ok\n"]
        if path == "/ready":
            why = why_not_ready()
            start_response("503 Service Unavailable" if why else "200 OK", list(TEXT))
            return [(why or "ready").encode() + b"\n"]
        start_response("404 Not Found", list(TEXT))
        return [b"try /health, /ready or /metrics\n"]

    server = make_server(host, port, answer, server_class=_Server, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="status", daemon=True).start()
    return server.server_port
