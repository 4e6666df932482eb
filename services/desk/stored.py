"""An event as the desk's ledger keeps it: whole, as JSON, read back tolerantly."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
from sqlalchemy import Connection

from shared.contracts.codec import read
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.topics import EVENT_TYPES
from shared.errors import Invalid
from shared.stage.sealing import UNSEALED, Seals


def stored(event: Event[Contract]) -> str:
    """The event with all its attributes and its data; its personal part as it is, sealed."""
    return orjson.dumps(
        {
            "id": event.id,
            "source": event.source,
            "key": event.key,
            "time": event.time.isoformat(),
            "type": event.type,
            "depth": event.depth,
            "causation_id": event.causation_id,
            "policy_digest": event.policy_digest,
            "traceparent": event.traceparent,
            "topic": event.topic,
            "data": event.data.model_dump(mode="json", exclude_none=True),
        }
    ).decode()


def restored(body: str) -> Event[Contract]:
    """The event that `stored` wrote."""
    whole = orjson.loads(body)
    return Event(
        id=whole["id"],
        source=whole["source"],
        key=whole["key"],
        time=datetime.fromisoformat(whole["time"]),
        data=read(EVENT_TYPES[whole["type"]], orjson.dumps(whole["data"])),
        depth=whole["depth"],
        causation_id=whole["causation_id"],
        policy_digest=whole["policy_digest"],
        traceparent=whole["traceparent"],
        topic=whole["topic"],
    )


def opened(connection: Connection, bodies: Iterable[str]) -> list[Event[Contract]]:
    """Events that `stored` wrote, open where the connection brings a vault (the door's does).

    Their keys are looked up each time: what was forgotten a moment ago is not shown any more.
    """
    found = [restored(body) for body in bodies]
    vault: Seals = connection.get_execution_options().get("vault", UNSEALED)
    vault.know_keys({event.key for event in found})
    return [readable(event, vault) for event in found]


def readable(event: Event[Contract], vault: Seals) -> Event[Contract]:
    """The event, open if that can be: a case whose words are lost can still be worked on."""
    try:
        return vault.opened(event)
    except Invalid:
        return event


def sortable(moment: datetime) -> str:
    """A time as text that sorts as time does: UTC, always with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
