"""A console behind a real server, without a broker: what is published is decided at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from shared.embedded.probe import free_port
from tests.core.console_world import Room

STARTED_S_MAX = 30


@contextmanager
def served(room: Room, *, port: int = 0) -> Iterator[str]:
    """Its address, while it is served. `port`: one that was found free before."""
    port = port or free_port()
    server = uvicorn.Server(uvicorn.Config(room.app, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + STARTED_S_MAX
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def signed_in(chrome: Browser, room: Room, *, url: str, person: str) -> tuple[BrowserContext, Page]:
    """A window of hers, signed in by a link of her own."""
    context = chrome.new_context(base_url=url, locale="en-GB")
    page = context.new_page()
    page.goto(room.link(person))
    page.get_by_role("main").get_by_role("button").click()
    return context, page
