"""How another version writes: the next one with fields that ours does not know, the last without.

The last one is what was released: `shared/contracts/schemas/history`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import orjson

from shared.contracts.envelope import Outgoing
from shared.contracts.export import versions_of
from shared.contracts.topics import EVENT_TYPES, topic_of
from shared.settings import Settings
from shared.stage.producer import KafkaSink

NEW = "of_the_next_version"
OLDER, NEWER = "older", "newer"
TYPE = "ce_type"
Values = dict[str, object]


class Otherwise(KafkaSink):
    """Writes as ours does, each value changed."""

    def __init__(self, settings: Settings, change: Callable[[Values, str], Values]) -> None:
        """`change`: of a value and its type."""
        super().__init__(settings)
        self._change = change

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Deliver all, in the other version's words."""
        await super().send([self._said(output) for output in outputs])

    def _said(self, output: Outgoing) -> Outgoing:
        type_ = dict(output.headers).get(TYPE, b"").decode()
        if type_ not in EVENT_TYPES or topic_of(EVENT_TYPES[type_]).foreign or not output.value:
            return output
        value = orjson.loads(output.value)
        return replace(output, value=orjson.dumps(self._change(value, type_)))


def newer(value: Values, _type: str) -> Values:
    """With a field more, on top and in each part but the sealed one."""
    parts = {name: _more(part) for name, part in value.items() if name != "personal"}
    return {**value, **parts, NEW: {"of": [1, "two"]}}


def older(value: Values, type_: str) -> Values:
    """Without the fields that were added since the last release."""
    known = _released(type_)
    return {name: part for name, part in value.items() if name in known}


def _more(part: object) -> object:
    if isinstance(part, list):
        return [_more(each) for each in part]
    if isinstance(part, dict) and part and "category" in part:  # a part, not a mapping of ours
        return {**part, NEW: None}
    return part


@cache
def _released(type_: str) -> frozenset[str]:
    schema = orjson.loads(versions_of(type_)[-1].read_bytes())
    return frozenset(schema["properties"])


SPOKEN = {NEWER: newer, OLDER: older}
