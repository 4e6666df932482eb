"""A door without a network: requests handed to the application, events to the desk's own core."""

import asyncio
from pathlib import Path

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine

from services.desk import books
from services.desk.acting import Acting
from services.desk.client import DeskClient
from services.desk.door import Door
from services.desk.effect import Ledger
from services.desk.outlet import Outlet
from services.desk.policy import DeskPolicy
from services.desk.serving import application
from services.desk.tokens import Tokens, mint_token
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.errors import Transient
from shared.ledger.engine import open_engine
from shared.settings import Settings
from tests.core.test_desk_examples import AGENT, MONDAY, POLICY, Desk, event, registered, triaged
from tests.ledgers_made import with_tables

URL = "http://desk.example.com"


class Loop(Outlet):
    """Stands for the broker and the stage: what is published is decided and kept at once."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        """`down`: the broker does not answer."""
        super().__init__(settings)
        self.engine, self.desk, self.down = engine, Desk(), False
        self.published: list[Event[Contract]] = []

    async def publish(self, event: Event[Contract]) -> None:
        """As the topic and the stage would, at once."""
        if self.down:
            raise Transient("away")
        self.published.append(event)
        self.happens(event)

    def happens(self, *found: Event[Contract]) -> None:
        """These come by the topics."""
        for each in found:
            if each.id not in {seen.id for seen in self.desk.seen}:
                self.desk.read(each)
        with self.engine.begin() as connection:
            books.keep(connection, (*self.desk.seen, *self.desk.emitted))


class Here:
    """A door, its world, and a client for each person."""

    def __init__(self, state_dir: Path, policy: DeskPolicy = POLICY) -> None:
        """A case that needs a person lies there; in a file, or where the settings say."""
        self.state_dir = state_dir
        settings = Settings(state_dir=state_dir)
        engine = open_engine(settings, "desk")
        with_tables(engine, "desk")
        self.loop = Loop(settings, engine)
        self.loop.happens(event(registered(), "r"), event(triaged(needs_person=True), "t"))
        acting = Acting(Ledger(engine), self.loop, policy, now=lambda: MONDAY, effect_s_max=0)
        self.way = Through(application(Door(acting, Tokens(state_dir))))

    def person(self, name: str = AGENT, *, simulated: bool = False) -> DeskClient:
        """A client that speaks as this person."""
        token = mint_token(self.state_dir, name, simulated=simulated)
        return DeskClient(URL, token, transport=self.way)

    def said(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        sent: dict[str, object] | None = None,
    ) -> httpx.Response:
        """A bare request; with a token of the first agent unless `token` says otherwise."""
        mine = f"Bearer {mint_token(self.state_dir, AGENT)}" if token is None else token
        with httpx.Client(
            base_url=URL, transport=self.way, headers={"Authorization": mine}
        ) as http:
            # What a test sends is its own: a body, JSON, a form, headers.
            request = http.build_request(method, path, **(sent or {}))  # type: ignore[arg-type]
            return http.send(request)


class Through(httpx.BaseTransport):
    """Hands a request to the application, as a network would."""

    def __init__(self, app: FastAPI) -> None:
        """`app`: the door's."""
        self.app = httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run it to its end, in a loop of its own."""
        return asyncio.run(self._handled(request))

    async def _handled(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncClient(transport=self.app) as http:
            found = await http.request(
                request.method, request.url, headers=request.headers, content=request.read()
            )
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)
