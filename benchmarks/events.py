"""The load: the demo's complaints, each by another complainant, as the stages would see them."""

import itertools
from datetime import UTC, datetime
from pathlib import Path

import yaml

from services.cli.chain import World
from services.cli.stages import parts
from services.intake.policy import load as intake_policy
from services.intake.receive import Sender, Taken, receive
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import derived
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import SUBMITTED

DEMO = Path(__file__).resolve().parent.parent / "deploy" / "demo" / "complaints.yaml"
AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SECRET = "a secret of the benchmark, not of anyone else"  # noqa: S105 -- secret from nobody


def records(count: int) -> dict[str, list[Outgoing]]:
    """By topic, in causal order, what `count` complaints leave on every topic."""
    texts = [each["submitted"] for each in yaml.safe_load(DEMO.read_text())["complaints"]]
    found: dict[str, list[Outgoing]] = {}
    for number, submitted in zip(range(count), itertools.cycle(texts), strict=False):
        said = _said(submitted, number)
        world = World(parts())
        world.submit(_received(said, number))
        for event in world.events:
            found.setdefault(event.topic, []).append(encode(_as_sent(event, said)))
    return found


def _said(submitted: dict[str, object], number: int) -> ComplaintSubmitted:
    """The demo's words without its order (whose dates are relative), by somebody new."""
    body = {n: v for n, v in submitted.items() if n in ("channel", "subject", "text")}
    body["channel_message_id"] = f"bench-{number}"
    body["complainant"] = {"email": f"bench-{number}@example.com"}
    body["order"] = {"id": f"o-{number}", "amount_minor": 19900, "currency": "NOK"}
    return ComplaintSubmitted.model_validate(body, strict=False)


def _received(said: ComplaintSubmitted, number: int) -> Event[Contract]:
    taken = Taken(AT, derived("bench", number))
    rules = intake_policy()[0].intake
    sender = Sender("bench", vouched=True)
    return receive(said, sender, taken=taken, secret=SECRET.encode(), rules=rules)


def _as_sent(event: Event[Contract], said: ComplaintSubmitted) -> Event[Contract]:
    """The first event as its channel sent it; every other as it is."""
    if event.topic != SUBMITTED.name:
        return event
    return Event(event.id, event.source, event.key, event.time, said, topic=event.topic)
