"""An HTTP door that counts what it answers: a layer around an ASGI application."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics.board import OTHER, Board

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
NO_ROUTE = "none"
NO_ANSWER = 500


class Counted:
    """Counts requests by method, route and status; the route's pattern, never the path itself."""

    def __init__(
        self,
        app: ASGIApp,
        board: Board,
        *,
        door: str,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Wrap the application of the door of this name."""
        self._app, self._board, self._door, self._clock = app, board, door, clock

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:  # signature: fastapi
        """Answer as the application does, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s, status = self._clock(), NO_ANSWER

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, seen)
        finally:
            self._count(scope, status, took_s=self._clock() - began_s)

    def _count(self, scope: Scope, status: int, *, took_s: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else OTHER
        route = str(getattr(scope.get("route"), "path", NO_ROUTE))
        labels = (self._door, method, route, str(status))
        self._board.add("kulanse_door_requests_total", {labels: 1})
        self._board.observe("kulanse_door_seconds", (self._door, route), values=(took_s,))
