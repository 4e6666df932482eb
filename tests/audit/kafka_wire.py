"""What goes over a wire to Kafka, in frames: which kind of request, and which answer is whose.

A request is its size (4 bytes), its kind, its version (2 each) and its number (4); an answer its
size and the number of its request (the protocol guide of Apache Kafka).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

PRODUCE, FETCH, OFFSET_COMMIT, JOIN_GROUP, HEARTBEAT = 0, 1, 8, 11, 12
PRODUCING = frozenset({PRODUCE})
CONSUMING = frozenset({FETCH, OFFSET_COMMIT, JOIN_GROUP, HEARTBEAT})
SIZE_BYTES = 4


@dataclass
class Talk:
    """One connection: `kinds` it ever asked for, and how many answers were swallowed."""

    kinds: set[int] = field(default_factory=set)
    swallowed: int = 0
    _kind_of: dict[bytes, int] = field(default_factory=dict)
    _asked: bytearray = field(default_factory=bytearray)
    _answered: bytearray = field(default_factory=bytearray)

    def asks(self, piece: bytes) -> None:
        """Note what is asked for."""
        for frame in _frames(self._asked, piece):
            kind = int.from_bytes(frame[4:6])
            self.kinds.add(kind)
            self._kind_of[frame[8:12]] = kind

    def answers(self, piece: bytes, muted: Collection[int]) -> bytes:
        """The whole answers that are complete by now, without those to muted kinds."""
        kept = b""
        for frame in _frames(self._answered, piece):
            if self._kind_of.pop(frame[4:8], None) in muted:
                self.swallowed += 1
            else:
                kept += frame
        return kept


def _frames(rest: bytearray, piece: bytes) -> Iterator[bytes]:
    rest += piece
    while len(rest) >= SIZE_BYTES:
        size = SIZE_BYTES + int.from_bytes(rest[:SIZE_BYTES])
        if len(rest) < size:
            return
        yield bytes(rest[:size])
        del rest[:size]
