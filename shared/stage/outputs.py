"""The outputs of a batch as one blob, so that a crash can send the same bytes again."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from shared.contracts.envelope import Outgoing


def pack(outputs: Sequence[Outgoing]) -> bytes | None:
    """The blob; None for no outputs. Values that are not UTF-8 (dead letters) travel as base64."""
    return orjson.dumps([_packed(output) for output in outputs]) if outputs else None


def unpack(blob: bytes | None) -> list[Outgoing]:
    """The same outputs, byte for byte."""
    return [_unpacked(row) for row in orjson.loads(blob)] if blob else []


# Our own events are UTF-8, and text is quick; a dead letter may hold any bytes.
def _packed(output: Outgoing) -> list[object]:
    try:
        return [False, output.topic, *_as_text(output, bytes.decode), output.partition]
    except UnicodeDecodeError:
        return [True, output.topic, *_as_text(output, _base64), output.partition]


def _as_text(output: Outgoing, text: Callable[[bytes], str]) -> tuple[object, ...]:
    key = None if output.key is None else text(output.key)
    return key, text(output.value), [(name, text(value)) for name, value in output.headers]


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _unpacked(row: list[Any]) -> Outgoing:
    encoded, topic, key, value, headers, partition = row
    raw: Callable[[str], bytes] = b64decode if encoded else str.encode
    return Outgoing(
        topic,
        None if key is None else raw(key),
        raw(value),
        tuple((name, raw(text)) for name, text in headers),
        partition,
    )
