"""The door's own producer: acks from all, idempotent, and honest when the broker is silent."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.broker_access import access
from shared.contracts.envelope import Outgoing
from shared.contracts.topics import RECORD_BYTES_MAX
from shared.errors import Transient
from shared.settings import Settings

SEND_WAIT_S = 5.0  # a person waits at the other end; what came late is recognised as a duplicate
STOP_WAIT_S = 5.0
LINGER_MS = 1
# A broker that does not answer: per partition this much waits, and no more.
BATCH_BYTES_MAX = 1 << 18


class Outbound:
    """Produces in order; connects when it is first needed, and again after a failure."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is connected yet."""
        self._access = access(settings)
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Return when the broker has them all; raises `Transient` when it does not answer."""
        try:
            async with asyncio.timeout(SEND_WAIT_S):
                producer = await self._connected()
                sent = [await _queued(producer, output) for output in outputs]
                await asyncio.gather(*sent)
        except (KafkaError, TimeoutError, OSError) as error:
            raise Transient(type(error).__name__) from None

    async def ready(self) -> bool:
        """Whether the broker answers."""
        try:
            async with asyncio.timeout(SEND_WAIT_S):
                producer = await self._connected()
                await producer.client.fetch_all_metadata()
        except (KafkaError, TimeoutError, OSError):
            return False
        return True

    async def stop(self) -> None:
        """Deliver what waits, for a moment; then leave."""
        if self._producer is None:
            return
        try:
            async with asyncio.timeout(STOP_WAIT_S):
                await self._producer.stop()
        except (KafkaError, TimeoutError, OSError):
            return  # nobody was told yes for what is left

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._access,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=LINGER_MS,
                    max_batch_size=BATCH_BYTES_MAX,
                    max_request_size=RECORD_BYTES_MAX,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer


async def _queued(producer: AIOKafkaProducer, output: Outgoing) -> asyncio.Future[object]:
    delivery: asyncio.Future[object] = await producer.send(
        output.topic, value=output.value, key=output.key, headers=list(output.headers)
    )
    return delivery
