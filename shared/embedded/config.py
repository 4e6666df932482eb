"""The broker's own settings: one node, loopback only, quick to start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
NODE_ID = 1

# A dead letter is 2 MiB of original bytes; its headers come on top.
_MESSAGE_BYTES_MAX = 3 * 1024 * 1024

_ONE_NODE = {
    "process.roles": "broker,controller",
    "node.id": str(NODE_ID),
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "BROKER",
    "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # A topic exists because its contract says so, never because of a misspelt name.
    "auto.create.topics.enable": "false",
    "num.partitions": "1",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # Each partition is files to make and load; one machine's groups need only a few.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    # Waiting for further members pays in a cluster; here it is seconds at every start.
    "group.initial.rebalance.delay.ms": "0",
    # Index files are made at their full size: at the default, 20 MB a partition.
    "log.index.size.max.bytes": str(1024 * 1024),
    "message.max.bytes": str(_MESSAGE_BYTES_MAX),
    "replica.fetch.max.bytes": str(_MESSAGE_BYTES_MAX),
}


@dataclass(frozen=True, slots=True)
class Config:
    """What differs between two brokers; `extra` is Kafka's own names, and wins."""

    port: int
    controller_port: int
    log_dir: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        """Where clients reach it."""
        return f"{HOST}:{self.port}"


def render(config: Config) -> str:
    """The text of server.properties."""
    controller = f"{HOST}:{config.controller_port}"
    settings = {
        **_ONE_NODE,
        "listeners": f"BROKER://{config.bootstrap},CONTROLLER://{controller}",
        "advertised.listeners": f"BROKER://{config.bootstrap}",
        "controller.quorum.voters": f"{NODE_ID}@{controller}",
        "log.dirs": str(config.log_dir),
        **config.extra,
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in settings.items())


def _escaped(value: str) -> str:
    """Java reads a backslash as the start of an escape, and text outside Latin-1 wrongly."""
    escaped = value.replace("\\", "\\\\").replace("\n", "\\n")
    return "".join(char if char.isascii() else f"\\u{ord(char):04x}" for char in escaped)
