"""Ports, and whether a broker truly answers: Kafka's own protocol over a plain socket.

No client library: a start must not need an event loop, and this is one request.
"""

import random
import socket
import struct
from contextlib import suppress

from shared.embedded.config import HOST
from shared.embedded.errors import EmbeddedError

_ANSWER_S_MAX = 2.0
_METADATA, _VERSION, _CORRELATION = 3, 1, 7
# Header (key, version, correlation, no client id), then an empty list of topics.
_REQUEST = struct.pack(">hhihi", _METADATA, _VERSION, _CORRELATION, -1, 0)
_SERVED, _TRIED_MAX = range(20_000, 32_768), 100


def answers(port: int) -> bool:
    """Whether a broker here names itself as one that takes work (registered, not fenced)."""
    with suppress(OSError, struct.error), socket.create_connection((HOST, port), 0.5) as link:
        link.settimeout(_ANSWER_S_MAX)
        link.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
        correlation, brokers = struct.unpack(">ii", _exactly(link, 12)[4:])
        return bool(correlation == _CORRELATION and brokers > 0)
    return False


def free_port() -> int:
    """A port nobody listens on just now; another program may be quicker, so try again then.

    None of those that connections going out are given (Linux: from 32768 on): a client of ours
    would have it before its server listens, and keep it for as long as it runs.
    """
    for port in random.SystemRandom().sample(_SERVED, _TRIED_MAX):
        with suppress(OSError), socket.socket() as probe:
            probe.bind((HOST, port))
            return port
    raise port_taken(_SERVED.start)


def require_free(port: int) -> None:
    """Refuse a port that another program has, before Java spends seconds finding out."""
    with socket.socket() as probe:
        # As Java does it: a connection that has just ended does not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise port_taken(port) from error


def port_taken(port: int) -> EmbeddedError:
    """The one way to say that a port is taken, or not ours to take."""
    return EmbeddedError(
        "port_taken",
        f"Port {port} on {HOST} is taken or not allowed.",
        "Choose another with --port, or any free one with --port 0.",
    )


def _exactly(link: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        piece = link.recv(count - len(received))
        if not piece:
            raise ConnectionError("closed in the middle of an answer")
        received += piece
    return received
