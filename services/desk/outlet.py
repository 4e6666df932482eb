"""The door's way to Kafka: one event, acknowledged by all, or a clear "not now"."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.broker_access import access
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import partition_of
from shared.errors import Transient
from shared.settings import Settings
from shared.stage.sealing import UNSEALED, Seals

SEND_S_MAX = 5.0  # longer than an election of a leader, shorter than a person's patience


class Outlet:
    """Connects when there is something to say, and again after the broker was away."""

    def __init__(self, settings: Settings, vault: Seals = UNSEALED) -> None:
        """Nothing is connected yet. What people say is sealed with `vault`."""
        self._settings, self._vault = settings, vault
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()

    async def publish(self, event: Event[Contract]) -> None:
        """Return once the broker has it; raise `Transient` when it did not say so in time."""
        output = encode(await asyncio.to_thread(self._sealed, event))
        try:
            async with asyncio.timeout(SEND_S_MAX):
                producer = await self._connected()
                await producer.send_and_wait(
                    output.topic,
                    value=output.value,
                    key=output.key,
                    partition=partition_of(output.key or b"", self._settings.partitions),
                    headers=list(output.headers),
                )
        except (KafkaError, OSError, TimeoutError) as error:
            raise Transient(type(error).__name__) from error

    def _sealed(self, event: Event[Contract]) -> Event[Contract]:
        self._vault.know_keys([event.key])
        return self._vault.sealed(event)

    async def stop(self) -> None:
        """Leave the broker."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **access(self._settings),
                    acks="all",
                    enable_idempotence=True,
                    request_timeout_ms=int(SEND_S_MAX * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()  # a half-open one would leave its tasks behind
                    raise
                self._producer = producer
            return self._producer
