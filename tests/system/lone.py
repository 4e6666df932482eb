"""A broker and a database alone, each in a container of its own, by testcontainers."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from tests.system.engine import free_ports

KAFKA, POSTGRES = "apache/kafka:4.2.0", "postgres:17"
START_S_MAX = 120


@contextmanager
def kafka() -> Iterator[str]:
    """A broker; "host:port".

    testcontainers' own takes another image. The port is chosen before the start: the broker tells
    its clients which one it is.
    """
    (port,) = free_ports(1)
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": "INSIDE://:9092,HOST://:19092,CONTROLLER://localhost:9093",
        "ADVERTISED_LISTENERS": f"INSIDE://localhost:9092,HOST://127.0.0.1:{port}",
        "LISTENER_SECURITY_PROTOCOL_MAP": "INSIDE:PLAINTEXT,HOST:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "INTER_BROKER_LISTENER_NAME": "INSIDE",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "HEAP_OPTS": "-Xmx512m -Xms128m",
    }
    container = DockerContainer(KAFKA, env={f"KAFKA_{name}": v for name, v in settings.items()})
    _publish(container, "19092/tcp", port=port)
    started = LogMessageWaitStrategy(r".*Kafka Server started.*")
    with container.waiting_for(started.with_startup_timeout(START_S_MAX)):
        yield f"127.0.0.1:{port}"


@contextmanager
def postgres() -> Iterator[str]:
    """A database server; the SQLAlchemy address of its first database."""
    container = PostgresContainer(POSTGRES, driver="psycopg")
    _publish(container, "5432", port=free_ports(1)[0])
    with container:
        yield container.get_connection_url(host="127.0.0.1")


def empty_database(server: str) -> str:
    """A new database beside the first; its SQLAlchemy address."""
    name = f"probe_{uuid4().hex}"
    with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server.rpartition('/')[0]}/{name}"


def _publish(container: DockerContainer, inside: str, *, port: int) -> None:
    """On loopback only: a bare number would be published to everybody."""
    container.ports[inside] = ("127.0.0.1", port)  # type: ignore[assignment] # docker takes it
