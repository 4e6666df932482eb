"""The load: the demo's complaints, each by another complainant, as the stages would see them."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import yaml

from services.cli.chain import World
from services.cli.stages import parts
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import record_key
from shared.contracts.submitted import ComplaintSubmitted

DEMO = Path(__file__).resolve().parent.parent / "deploy" / "demo" / "complaints.yaml"
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
# What the demo says relative to now; a benchmark needs no dates.
_RELATIVE = ("purchased_at", "delivered_at", "paid_at", "received_at")


def records(count: int) -> dict[str, list[Outgoing]]:
    """By topic, in causal order, what `count` complaints leave on every topic."""
    texts = [each["submitted"] for each in yaml.safe_load(DEMO.read_text())["complaints"]]
    found: dict[str, list[Outgoing]] = {}
    for number, submitted in zip(range(count), itertools.cycle(texts), strict=False):
        key = record_key(b"bench", str(number))
        world = World(parts())
        world.submit(_said(submitted, number), AT, source="bench")
        for event in world.events:
            found.setdefault(event.topic, []).append(encode(_keyed(event, key)))
    return found


def _said(submitted: dict[str, object], number: int) -> ComplaintSubmitted:
    body = {name: value for name, value in submitted.items() if name not in _RELATIVE}
    body["channel_message_id"] = f"bench-{number}"
    body["complainant"] = {"email": f"bench-{number}@example.com"}
    body.pop("order", None)
    return ComplaintSubmitted.model_validate(body, strict=False)


def _keyed(event: Event[Contract], key: str) -> Event[Contract]:
    return Event(event.id, event.source, key, event.time, event.data, topic=event.topic)
