"""Two hundred clients, twenty thousand complaints, and the broker killed twice meanwhile.

What the door promised is in the topic, exactly once after deduplication; nothing else was promised.
`RING=crash,long make test`; FLOOD_COMPLAINTS asks for fewer.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from services.intake.decode import make_decode
from services.intake.policy import load
from services.intake.secret import key_secret
from shared.embedded import Broker, prepare, start_broker
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from tests.core.hostile import GOOD
from tests.stage.test_intake_door import PARTITIONS, Door, opened, submitted

CLIENTS = 200
COMPLAINTS = int(os.environ.get("FLOOD_COMPLAINTS", "20000"))
KILLED_AT = (0.25, 0.6)  # of all that is promised
SEND_WAIT_S = 30.0


@dataclass
class Flood:
    """What clients were promised, and how often they were asked to come again."""

    promised: dict[str, str] = field(default_factory=dict)
    turned_away: int = 0


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[list[Broker]]:
    """The broker that runs now, last in the list."""
    prepare()
    running = [start_broker(tmp_path / "kafka")]
    yield running
    running[-1].stop()


async def client(number: int, *, http: httpx.AsyncClient, flood: Flood) -> None:
    """One client sends its share, each complaint until it is promised."""
    for index in range(number, COMPLAINTS, CLIENTS):
        body = json.dumps({**GOOD, "channel_message_id": f"f-{index}"}).encode()
        while True:
            try:
                answer = await http.post("/v1/complaints", content=body)
            except httpx.TransportError:
                flood.turned_away += 1
                continue
            if answer.status_code == 202:
                said = answer.json()
                flood.promised[said["channel_message_id"]] = said["complaint_id"]
                break
            assert answer.status_code in (429, 503), answer.text
            flood.turned_away += 1
            await asyncio.sleep(0.5)


async def killer(keeper: list[Broker], flood: Flood) -> None:
    """Kill the broker twice in the middle of it, and start it again on its data."""
    for share in KILLED_AT:
        while len(flood.promised) < share * COMPLAINTS:  # noqa: ASYNC110 -- a count, no event
            await asyncio.sleep(0.05)
        broker = keeper[-1]
        os.kill(broker.pid, signal.SIGKILL)
        await asyncio.to_thread(broker.wait)
        broker.stop()
        again = await asyncio.to_thread(start_broker, broker.data_dir, port=broker.port)
        keeper.append(again)


async def flooded(door: Door, keeper: list[Broker]) -> Flood:
    """All clients at once, and the killer among them."""
    flood = Flood()
    headers = {**door.client.headers, "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(
        base_url=door.client.base_url, headers=headers, timeout=SEND_WAIT_S, limits=limits
    ) as http:
        clients = [client(number, http=http, flood=flood) for number in range(CLIENTS)]
        await asyncio.gather(killer(keeper, flood), *clients)
    return flood


@pytest.mark.long
def test_every_promise_is_in_the_topic_once(
    keeper: list[Broker], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """A complaint that was answered 202 would be lost with a broker, or stand there as two."""
    bootstrap = keeper[-1].bootstrap
    asyncio.run(ensure_topics(Settings(bootstrap=bootstrap, partitions=PARTITIONS)))
    folder = tmp_path / "door"
    folder.mkdir()
    with opened(bootstrap, folder) as door:
        flood = asyncio.run(flooded(door, keeper))
        decode = make_decode(key_secret(door.settings), load()[0])
        records = asyncio.run(submitted(bootstrap))
    found = [decode(record).data for record in records]
    lying = {each.submitted.channel_message_id: each.complaint_id for each in found}
    assert len(keeper) == len(KILLED_AT) + 1
    assert len(flood.promised) == COMPLAINTS
    assert lying == flood.promised
    assert len(set(lying.values())) == COMPLAINTS
    promised = f"{CLIENTS} clients, broker killed {len(KILLED_AT)} times: {COMPLAINTS} promised"
    again = f"{flood.turned_away} times told to come again"
    figure(f"{promised}, each in the topic once after dedup of {len(records)} records; {again}")
