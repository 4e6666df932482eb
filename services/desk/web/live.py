"""How it flows just now: a page, and a stream of server-sent events that keeps it fresh."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import get_args

import orjson
from fastapi import Response
from fastapi.responses import StreamingResponse

from services.desk.flow import Flow, flow
from services.desk.web.console import Visit
from services.desk.web.pages import HEADERS
from services.desk.web.texts import Writing
from shared.contracts.contract import Channel
from shared.contracts.triaged import SEVERITIES

NOTHING = "–"


async def shown(visit: Visit) -> Response:
    """GET /live"""
    values = {
        "cells": await _cells(visit),
        "severities": SEVERITIES[::-1],
        "channels": get_args(Channel),
        "stages": ("intake", "triage", "recovery", "notify"),
    }
    return visit.shown("live.html", values)


async def stream(visit: Visit) -> Response:
    """GET /live/events: every cell's text, by its name, every other second."""
    rules = visit.console.policy.rules

    async def told() -> AsyncIterator[bytes]:
        for _ in range(rules.live_looks):
            yield b"data: " + orjson.dumps(await _cells(visit)) + b"\n\n"
            await asyncio.sleep(rules.live_every_s)

    return StreamingResponse(told(), media_type="text/event-stream", headers=HEADERS)


async def _cells(visit: Visit) -> dict[str, str]:
    """What stands in each cell, in her written form."""
    acting = visit.console.acting
    found = await acting.ledger.read(lambda c: flow(c, acting.now()))
    return cells(found, visit.writing())


def cells(found: Flow, write: Writing) -> dict[str, str]:
    """The same, of a flow."""

    def ago(at: datetime | None) -> str:
        return write.left(at) if at else NOTHING

    texts = {"unsigned": str(found.unsigned), "unsigned-since": ago(found.unsigned_since)}
    for stage in found.stages:
        texts[f"{stage.name}-rate"] = write.number(stage.per_minute)
        texts[f"{stage.name}-last"] = ago(stage.last)
        texts[f"{stage.name}-waits"] = NOTHING if stage.waits is None else str(stage.waits)
        texts[f"{stage.name}-oldest"] = ago(stage.oldest)
    for severity in SEVERITIES:
        count, late = found.open.get(severity, (0, 0))
        texts |= {f"{severity}-open": str(count), f"{severity}-late": str(late)}
    for channel in get_args(Channel):
        texts[f"{channel}-in"] = str(found.channels.get(channel, 0))
    return texts
