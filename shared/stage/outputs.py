"""The outputs of a batch as one blob, so that a crash can send the same bytes again."""

from collections.abc import Sequence

import ormsgpack

from shared.contracts.envelope import Outgoing


def pack(outputs: Sequence[Outgoing]) -> bytes | None:
    """The blob (MessagePack, which takes any bytes); None for no outputs."""
    if not outputs:
        return None
    return ormsgpack.packb([(o.topic, o.key, o.value, o.headers, o.partition) for o in outputs])


def unpack(blob: bytes | None) -> list[Outgoing]:
    """The same outputs, byte for byte."""
    rows = ormsgpack.unpackb(blob) if blob else ()
    return [
        Outgoing(topic, key, value, tuple((name, raw) for name, raw in headers), partition)
        for topic, key, value, headers, partition in rows
    ]
