"""What `kulanse checkpoint` tells and asks for."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Engine

from services.cli.failures import BadInput
from shared.errors import Refused
from shared.stage import repairs
from shared.stage.batch import Last


def named(actor: str, reason: str) -> tuple[str, str]:
    """A person and her reason, neither of them blank; raises `Invalid`."""
    for option, given in (("--actor", actor), ("--reason", reason)):
        if not given.strip():
            raise BadInput("empty", option, "say who and why; both are kept in the ledger")
    return actor.strip(), reason.strip()


def first_offset(topic: str, partition: int) -> int:
    """The first record that the log still has; asks the broker."""
    return asyncio.run(_first_offset(topic, partition))


async def _first_offset(topic: str, partition: int) -> int:
    from aiokafka import TopicPartition

    from services.cli import bus
    from services.cli.running import need
    from services.cli.surroundings import settings

    place, bootstrap = TopicPartition(topic, partition), need(settings()).bootstrap
    if place not in await bus.there(bootstrap, [topic]):
        message = f"The broker has no {topic}-{partition}."
        raise Refused("no_such_partition", message, "Name a topic and partition it has.")
    async with bus.reader(bootstrap) as consumer:
        offsets = await consumer.beginning_offsets([place])
        return int(offsets[place])


def require_anew(topic: str, marks: Mapping[int, Last]) -> None:
    """Raises `Refused` when a record that was done lies where it lay; asks the broker."""
    for partition, mark in marks.items():
        if asyncio.run(_lies_there(topic, partition, mark=mark)):
            message = f"{topic}-{partition} is the topic that was read: its record {mark[0]} is."
            hint = "A topic that was not made anew needs no restart; look why the stage stands."
            raise Refused("same_topic", message, hint)


async def _lies_there(topic: str, partition: int, *, mark: Last) -> bool:
    from services.cli import bus
    from services.cli.running import need
    from services.cli.surroundings import settings
    from shared.stage.batch import last_of

    bootstrap = need(settings()).bootstrap
    try:
        record = await bus.at(bootstrap, bus.Place(topic, partition, mark[0]))
    except Refused as refused:
        if refused.code != "no_such_record":
            raise
        return False
    return last_of(record) == mark


def shown_json(service: str, engine: Engine) -> dict[str, object]:
    """Everything as plain values."""
    return {
        "service": service,
        "partitions": [asdict(each) for each in repairs.standings(engine)],
        "held": list(repairs.held(engine)),
        "repairs": [
            {"at": _time(at), "actor": actor, "action": action, "reason": reason}
            for at, actor, action, reason in repairs.audit_lines(engine)
        ],
    }


def shown_lines(service: str, engine: Engine) -> Iterator[str]:
    """Everything, for people."""
    partitions = repairs.standings(engine)
    if not partitions:
        yield f"{service} has claimed no partition yet."
    for each in partitions:
        offsets = ", ".join(f"{topic} {offset}" for topic, offset in sorted(each.offsets.items()))
        notes = [
            f"attempt {each.attempts}" if each.attempts > 1 else "",
            f"{each.invalid_in_a_row} invalid in a row" if each.invalid_in_a_row > 0 else "",
            f"{-each.invalid_in_a_row} more may be invalid" if each.invalid_in_a_row < 0 else "",
            "outputs not known to be sent" if each.outputs_bytes else "",
        ]
        noted = "".join(f" · {note}" for note in notes if note)
        yield f"partition {each.partition:>3}  next: {offsets or 'nothing read yet'}{noted}"
    for why in repairs.held(engine):
        yield f"held       {why}. Compare what was paid and sent, then: kulanse checkpoint resume"
    for at, actor, action, reason in repairs.audit_lines(engine):
        yield f"repaired   {_time(at)}  {actor}: {action}: {reason}"


def _time(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="seconds")
