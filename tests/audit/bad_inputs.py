"""Every bad input of AUDIT.md that is a body: at the door, and the same bytes to the topic."""

import asyncio
import time

import httpx

from shared.contracts.envelope import Outgoing
from shared.contracts.topics import SUBMITTED
from tests.audit.rig import Rig
from tests.core.hostile import HOSTILE
from tests.system.load import Load

PATIENCE_S, LOOK_S = 60.0, 0.2


async def throw_all(rig: Rig, load: Load) -> tuple[int, list[str]]:
    """Throw each twice: how many records that made, and what was not told as it should be (I6)."""
    before = len(load.feed.dead)
    wrong = await _at_the_door(rig)
    await load.produce([Outgoing(SUBMITTED.name, None, each.body) for each in HOSTILE.values()])
    deadline_s = time.monotonic() + PATIENCE_S
    most = before + len(HOSTILE)
    while len(load.feed.dead) < most and time.monotonic() < deadline_s:  # noqa: ASYNC110 -- count
        await asyncio.sleep(LOOK_S)
    buried = load.feed.dead[before:]
    if len(buried) != len(HOSTILE):
        wrong.append(f"I6: {len(HOSTILE)} thrown at the topic, {len(buried)} dead letters")
    wrong += [f"I6: a dead letter without its {each}" for each in _missing(buried)]
    return len(HOSTILE), wrong


def _missing(buried: list[dict[str, str]]) -> set[str]:
    """What tells where it came from and why it lies here."""
    wanted = {"topic", "partition", "offset", "code"}
    return {name for letter in buried for name in wanted - letter.keys()}


async def _at_the_door(rig: Rig) -> list[str]:
    headers = {"Authorization": f"Bearer {rig.api_key}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{rig.settings.intake_port}"
    wrong: list[str] = []
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as door:
        for name, hostile in HOSTILE.items():
            answer = await door.post("/v1/complaints", content=hostile.body)
            if not answer.is_client_error:
                wrong.append(f"I6: {name} was answered {answer.status_code}")
                continue
            told = [(each["code"], each["field"]) for each in answer.json()["problems"]]
            if (hostile.code, hostile.field) not in told:
                wrong.append(f"I6: {name} was told {told}")
    return wrong
