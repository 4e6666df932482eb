"""A real Kafka broker without Docker, for one machine: Apache Kafka's jars on a Java from a wheel.

with start_broker(Path("data")) as broker:
    print(broker.bootstrap)
"""

from shared.embedded.broker import Broker, prepare, start_broker
from shared.embedded.errors import EmbeddedError
from shared.embedded.settings import Settings

__all__ = ["Broker", "EmbeddedError", "Settings", "prepare", "start_broker"]
