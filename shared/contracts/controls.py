"""Switches that every process obeys: `controls` (compacted, one partition, read in full)."""

from typing import ClassVar, Literal

from shared.contracts.contract import Contract, FilledLine, Instant, Line

Switch = Literal["payouts", "messages", "automatic"]


class SwitchSet(Contract):
    """Paused or running, by whom and why. Decisions go on; only the way out is held."""

    TYPE: ClassVar[str] = "kulanse.switch.set.v1"

    switch: Switch
    paused: bool
    actor: FilledLine
    reason: Line
    at: Instant


class KeyForgotten(Contract):
    """A sealing key that was destroyed: a restored backup must destroy it again."""

    TYPE: ClassVar[str] = "kulanse.key.forgotten.v1"

    key_id: str
    at: Instant
