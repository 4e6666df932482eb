"""A TCP proxy that can hang up, refuse, fall silent, or swallow what one side says."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
HOST = "127.0.0.1"
CHUNK_BYTES = 65_536
START_S = 10.0


@dataclass
class Proxy:
    """Before one port. `port` is where it listens; what it does to the wire may change at once.

    `refusing`: new connections end at once. `mute_answers`: what the server says is dropped, and
    nobody is told. `delay_s`: each piece waits so long.
    """

    target: int
    port: int = 0
    refusing: bool = False
    mute_answers: bool = False
    delay_s: float = 0.0
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

    def _do(self, work: Coroutine[object, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    async def _closed(self, server: asyncio.Server) -> None:
        server.close()
        await self._cut()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

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
            there, back = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._open |= ends
        try:
            await asyncio.gather(
                self._pipe(reader, back, answers=False), self._pipe(there, writer, answers=True)
            )
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK_BYTES):
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                if answers and self.mute_answers:
                    continue
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()
