"""Quix Streams (librdkafka below), as its guide has it: a frame a topic, `apply`, `to_topic`.

Its history is in memory. It runs in an environment of its own (requirements/bench.lock): it wants
other versions of libraries than we have, pydantic's among them.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import TypeVar

from benchmarks.rivals.answering import Answering
from shared.contracts.envelope import Outgoing, Record
from shared.settings import Settings
from shared.stage.shell import calm_collector
from shared.stage.stage import Stage

P = TypeVar("P")
Headers = Iterable[tuple[str, bytes]] | None


def run(stage: Stage[P], settings: Settings, *, group: str) -> None:
    """For ever."""
    quix = import_module("quixstreams")
    app = quix.Application(
        broker_address=settings.bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="WARNING",
        state_dir=settings.state_dir / "quix",
        producer_extra_config={"acks": "all", "enable.idempotence": True},
    )
    answering, outputs = Answering(stage), dict[str, object]()

    def answered(
        value: bytes, key: bytes, timestamp: int, headers: Headers
    ) -> list[Outgoing]:  # signature: quix
        context = quix.message_context()
        place = context.topic, context.partition, context.offset, timestamp
        return answering.outputs(Record(*place, key, value, tuple(headers or ())))

    def to(output: Outgoing, *_told: object) -> object:
        if output.topic not in outputs:
            outputs[output.topic] = app.topic(
                output.topic, key_serializer="bytes", value_serializer=_serializer()
            )
        return outputs[output.topic]

    for topic in stage.inputs:
        frame = app.dataframe(
            app.topic(topic.name, key_deserializer="bytes", value_deserializer="bytes")
        )
        frame = frame.apply(answered, expand=True, metadata=True)
        frame = frame.set_headers(lambda output, *_told: list(output.headers))
        frame.to_topic(to, key=lambda output: output.key)
    calm_collector()
    app.run()


def _serializer() -> object:
    """What makes bytes of an output: they lie in it."""
    serializers = import_module("quixstreams.models.serializers.simple_types")

    def call(_self: object, value: Outgoing, **_context: object) -> bytes:
        return value.value

    return type("OfOutgoing", (serializers.BytesSerializer,), {"__call__": call})()
