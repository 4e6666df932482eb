"""A dead letter as people look at it: what a stage wrote down, and the record that it was."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.contracts.envelope import Outgoing, Record

PREFIX = "dl_"  # of the headers that a stage adds (shared/stage/deadletter.py)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record of the topic, and what its headers say."""

    record: Record
    # Its key is destroyed: who it is from was forgotten, and what she wrote cannot be read.
    forgotten: bool = False

    @property
    def id(self) -> str:
        """Its place: "dead-letters/3/17"."""
        return f"{self.record.topic}/{self.record.partition}/{self.record.offset}"

    @property
    def at(self) -> datetime:
        """When the broker has it from."""
        return datetime.fromtimestamp(max(self.record.timestamp_ms, 0) / 1000, UTC)

    def said(self, name: str) -> str:
        """What a stage wrote down: "code", "field", "hint", "topic" …"""
        found = dict(self.record.headers).get(PREFIX + name, b"")
        return found.decode("utf-8", "backslashreplace")

    @property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """Every fault that was written down: its code, and the field it is about (may be "")."""
        parts = (each.partition(" ") for each in self.said("faults").split("; ") if each)
        return tuple((code, field) for code, _, field in parts)

    @property
    def came_from(self) -> str:
        """The place of the original."""
        return "/".join(self.said(name) for name in ("topic", "partition", "offset"))

    @property
    def was_null(self) -> bool:
        """The original had no value at all."""
        return self.said("null") == "1"

    def original(self) -> Outgoing:
        """The record as it was produced."""
        headers = tuple((n, v) for n, v in self.record.headers if not n.startswith(PREFIX))
        return Outgoing(self.said("topic"), self.record.key, self.record.value or b"", headers)
