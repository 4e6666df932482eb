"""The outputs of a batch as one blob, so that a crash can send the same bytes again."""

from base64 import b64decode, b64encode
from collections.abc import Sequence

import orjson

from shared.contracts.envelope import Outgoing


def pack(outputs: Sequence[Outgoing]) -> bytes | None:
    """The blob; None for no outputs. Values that are not UTF-8 (dead letters) travel as base64."""
    return orjson.dumps([_packed(output) for output in outputs]) if outputs else None


def unpack(blob: bytes | None) -> list[Outgoing]:
    """The same outputs, byte for byte."""
    return [_unpacked(*row) for row in orjson.loads(blob)] if blob else []


def _packed(output: Outgoing) -> list[object]:
    return [
        output.topic,
        None if output.key is None else _text(output.key),
        _text(output.value),
        [(name, _text(value)) for name, value in output.headers],
        output.partition,
    ]


def _unpacked(
    topic: str, key: str | None, value: str, headers: list[list[str]], partition: int | None
) -> Outgoing:
    return Outgoing(
        topic,
        None if key is None else _bytes(key),
        _bytes(value),
        tuple((name, _bytes(text)) for name, text in headers),
        partition,
    )


# The first character tells the form: our own events are text, and text is quick.
def _text(raw: bytes) -> str:
    try:
        return "t" + raw.decode()
    except UnicodeDecodeError:
        return "b" + b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return text[1:].encode() if text[0] == "t" else b64decode(text[1:])
