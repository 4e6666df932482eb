"""A plain Faust agent, as Faust's own guide has it: an event in, `decide`, `topic.send`.

Its history is in memory (a Faust table would cost more). Faust acks an event when the next one is
asked for, whether or not what it sent has arrived: a crash may lose outputs.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from typing import TypeVar

import faust
import uvloop
from faust.types import Message, StreamT, TopicT

from benchmarks.rivals.answering import Answering
from shared.contracts.envelope import Record
from shared.settings import Settings
from shared.stage.shell import calm_collector
from shared.stage.stage import Stage

P = TypeVar("P")


def run(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """For ever."""
    app = faust.App(
        group,
        broker=f"kafka://{settings.bootstrap}",
        store="memory://",
        web_enabled=False,
        datadir=tempfile.mkdtemp(prefix="kulanse-bench-"),
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        consumer_auto_offset_reset="earliest",
        producer_acks=-1,
        worker_redirect_stdouts=False,
    )
    _agent(app, stage)
    calm_collector()
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    faust.Worker(
        app, loglevel="error", quiet=True, redirect_stdouts=False
    ).execute_from_commandline()


def _agent(app: faust.App, stage: Stage[P]) -> None:
    answering = Answering(stage)
    outputs: dict[str, TopicT] = {}

    def to(name: str) -> TopicT:
        if name not in outputs:
            outputs[name] = _raw(app, name)
        return outputs[name]

    async def answer(stream: StreamT[bytes]) -> None:
        async for event in stream.events():
            for output in answering.outputs(_record(event.message)):
                headers = dict(output.headers)
                await to(output.topic).send(key=output.key, value=output.value, headers=headers)

    app.agent(_raw(app, *(each.name for each in stage.inputs)), name="records")(answer)


def _raw(app: faust.App, *names: str) -> TopicT:
    return app.topic(
        *names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )


def _record(message: Message) -> Record:
    headers = message.headers or ()
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    place = message.topic, message.partition, message.offset, int(message.timestamp * 1000)
    return Record(*place, message.key, message.value, tuple(pairs))
