"""What containers make this host listen on, by the kernel's own list; no tool is needed."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LISTEN = "0A"
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
PROXY = "docker-proxy"

Address = tuple[str, int]


def listening() -> set[Address]:
    """Address and port of every TCP socket that listens, but those of a program of the host.

    Who holds a socket that we may not look at might be the engine: it counts.
    """
    holders = dict(_holders())
    return {address for address, inode in _rows() if holders.get(inode, PROXY) == PROXY}


def _rows() -> Iterator[tuple[Address, str]]:
    """Address and inode of each listening socket."""
    for table in TABLES:
        lines = table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []
        for row in (line.split() for line in lines):
            if row[3] == LISTEN:
                yield _address(row[1]), row[9]


def _holders() -> Iterator[tuple[str, str]]:
    """The inode of every socket that we may look at, and the program that holds it."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is not ours to look at
            name = (folder / "comm").read_text().strip()
            for each in (folder / "fd").iterdir():
                held = os.readlink(each)  # noqa: PTH115 -- the target is no path
                if held.startswith("socket:["):
                    yield held[8:-1], name


def _address(told: str) -> Address:
    host, _, port = told.partition(":")
    words = [struct.pack("<I", int(host[i : i + 8], 16)) for i in range(0, len(host), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)
