"""The rivals, as processes: `python -m benchmarks.rivals ours|hand SERVICE GROUP`.

`hand`: consume, decode, decide, encode, produce, await, commit, with aiokafka alone; same codec,
same `decide`, acks from all. It keeps its history in memory and has no ledger: a crash would lose
what it knows. `ours`: the stage as it runs, ledger on SQLite, without its dispatcher. Both on one
core.
"""

import os
import sys
from importlib import import_module
from typing import TypeVar

import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared import log
from shared.contracts.codec import encode
from shared.contracts.envelope import Outgoing
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.settings import Settings
from shared.stage.decision import Decision
from shared.stage.fetched import record_of
from shared.stage.fold import Fold
from shared.stage.producer import KafkaSink
from shared.stage.runner import Runner
from shared.stage.shell import Shell, calm_collector, run_worker
from shared.stage.stage import Stage

P = TypeVar("P")
RECORDS_MAX = 2_000  # as many as a round of ours


async def hand(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """What a careful engineer writes in an afternoon."""
    sink = KafkaSink(settings)
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in stage.inputs),
        bootstrap_servers=settings.bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    fold = Fold(stage)
    calm_collector()
    while True:
        polled = await consumer.getmany(timeout_ms=200, max_records=RECORDS_MAX)
        found = [record for records in polled.values() for record in records]
        if found:
            await sink.send([output for record in found for output in _outputs(fold, record)])
            await consumer.commit()


def _outputs(fold: Fold[P], raw: ConsumerRecord[bytes, bytes]) -> list[Outgoing]:
    event = fold.stage.decode(record_of(raw))
    decision, emitted = fold.decide(event)
    if isinstance(decision, Decision):
        fold.remember(event, decision)
    return [encode(each) for each in emitted]


def ours(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """The stage as it runs."""
    engine = open_engine(settings, stage.name)
    migrate(engine, stage.name)
    sink = KafkaSink(settings)
    runner = Runner(stage, engine, sink=sink, partitions=settings.partitions)
    run_worker(Shell(runner, settings, group=group), _nothing, leave=_nothing)


async def _nothing() -> None:
    return


def _main() -> None:
    rival, service, group = sys.argv[1:4]
    os.sched_setaffinity(0, {0})
    settings = Settings()
    log.configure("warning")
    stage = import_module(f"services.{service}.app").build(settings)
    if rival == "ours":
        ours(stage, settings, group=group)
    else:
        uvloop.run(hand(stage, settings, group=group))


if __name__ == "__main__":
    _main()
