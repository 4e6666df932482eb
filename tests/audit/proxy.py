"""A TCP proxy that can hang up, refuse, fall silent, swallow what one side says, or take its time.

It listens on loopback; behind it is a port, or a socket in the file system (Postgres).
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from tests.audit.kafka_wire import Talk

T = TypeVar("T")
HOST = "127.0.0.1"
CHUNK_BYTES = 65_536
START_S = 10.0
HEARD_S = 0.05  # what was passed on is done by then
# What becomes of a piece that a client sends; "cut": after it was passed on, or instead.
Fate = Literal["passes", "cut_before", "cut_after"]


def _passes(_piece: bytes) -> Fate:
    return "passes"


@dataclass
class Proxy:
    """Before one port. `port` is where it listens; what it does to the wire may change at once.

    `refusing`: new connections end at once. `banned`: a connection that asks Kafka for such a
    thing is reset. `muted`: answers to such requests are dropped, and nobody is told.
    `delay_s`: each piece waits so long. `bytes_per_s`: as through a thin pipe. `dribbles`: a
    byte at a time. `holding`: nothing passes. `judges`: what becomes of each piece of a client.
    """

    target: int | Path
    port: int = 0
    kafka: bool = False
    refusing: bool = False
    banned: frozenset[int] = frozenset()
    muted: frozenset[int] = frozenset()
    delay_s: float = 0.0
    bytes_per_s: float = 0.0
    dribbles: bool = False
    holding: bool = False
    judges: Callable[[bytes], Fate] = _passes
    cuts: int = 0
    swallowed: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Listen, in a thread of its own."""
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        server = self._do(asyncio.start_server(self._serve, HOST, self.port))
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield self
        finally:
            self._do(self._closed(server))
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join()
            self._loop.close()

    def cut(self) -> int:
        """Reset every connection that stands: how many those were."""
        return self._do(self._cut())

    def heal(self) -> None:
        """Pass everything on again, at once."""
        self.refusing = self.dribbles = self.holding = False
        self.banned = self.muted = frozenset()
        self.delay_s = self.bytes_per_s = 0.0
        self.judges = _passes

    def _do(self, work: Coroutine[object, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    async def _closed(self, server: asyncio.Server) -> None:
        server.close()
        await self._cut()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _cut(self) -> int:
        standing = list(self._open)
        for writer in standing:
            writer.transport.abort()
        return len(standing) // 2

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            there, back = await self._reached()
        except OSError:
            writer.transport.abort()
            return
        ends, talk = {writer, back}, Talk()
        self._open |= ends
        try:
            await asyncio.gather(
                self._pipe(reader, back, judged=lambda piece: self._asked(piece, talk)),
                self._pipe(there, writer, judged=lambda piece: self._told(piece, talk)),
            )
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _reached(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(self.target)
        return await asyncio.open_connection(HOST, self.target)

    def _asked(self, piece: bytes, talk: Talk) -> tuple[bytes, bool]:
        """What is passed on to the server, and whether that is the end."""
        if self.kafka:
            talk.asks(piece)
            if self.banned & talk.kinds:
                self.cuts += 1
                return b"", True
        fate = self.judges(piece)
        self.cuts += fate != "passes"
        return b"" if fate == "cut_before" else piece, fate != "passes"

    def _told(self, piece: bytes, talk: Talk) -> tuple[bytes, bool]:
        if not self.kafka:
            return piece, False
        before = talk.swallowed
        kept = talk.answers(piece, self.muted)
        self.swallowed += talk.swallowed - before
        return kept, False

    async def _pipe(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        judged: Callable[[bytes], tuple[bytes, bool]],
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK_BYTES):
                while self.holding:  # noqa: ASYNC110 -- set by another thread
                    await asyncio.sleep(HEARD_S)
                passed, ended = judged(piece)
                await self._written(passed, writer)
                if ended:
                    await asyncio.sleep(HEARD_S)
                    break
        writer.transport.abort()

    async def _written(self, piece: bytes, writer: asyncio.StreamWriter) -> None:
        if not piece:
            return
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.bytes_per_s:
            await asyncio.sleep(len(piece) / self.bytes_per_s)
        for one in [piece[n : n + 1] for n in range(len(piece))] if self.dribbles else [piece]:
            writer.write(one)
            await writer.drain()
