"""Stripe's own mock of its API, built from `go.mod` here: it checks each request against the
OpenAPI that Stripe publishes.
"""

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from shared.embedded.settings import Settings
from tests.people import within

HERE = Path(__file__).parent
BUILD_S_MAX, STARTED_S_MAX = 300.0, 20.0
NAME = "stripe-mock"


def stripe_mock() -> str:
    """Where it is: on the PATH, in our cache, or built now; skips and says why it cannot be."""
    on_path, go = shutil.which(NAME), shutil.which("go")
    known = hashlib.sha256((HERE / "go.sum").read_bytes()).hexdigest()[:16]
    settings = Settings.from_environment()
    built = settings.cache / f"{NAME}-{known}"
    if on_path or built.exists():
        return on_path or str(built)
    if go is None:
        pytest.skip(f"no {NAME} on the PATH, and no go to build it with")
    if settings.offline:
        pytest.skip(f"no {NAME} on the PATH, and KULANSE_OFFLINE forbids to fetch it")
    _build(go, built)
    return str(built)


def _build(go: str, built: Path) -> None:
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder:
        made = Path(folder, NAME)
        done = subprocess.run(
            [go, "build", "-o", str(made), f"github.com/stripe/{NAME}"],
            cwd=HERE,
            env=_surroundings(os.environ, folder),
            capture_output=True,
            text=True,
            timeout=BUILD_S_MAX,
            check=False,
        )
        if "checksum mismatch" in done.stderr:
            pytest.fail(f"what go fetched is not what go.sum says: {done.stderr}")
        if done.returncode:
            pytest.skip(f"go could not build {NAME}: {done.stderr.strip().splitlines()[-1]}")
        # Beside its place first: another test run may build the same.
        beside = built.with_suffix(f".{os.getpid()}")
        shutil.copy(made, beside)
        beside.replace(built)


def _surroundings(known: Mapping[str, str], folder: str) -> dict[str, str]:
    """Nothing stays but the program; no other toolchain is fetched, nothing is rewritten."""
    return {
        **known,
        "GOFLAGS": "-mod=readonly -modcacherw",
        "GOTOOLCHAIN": "local",
        "GOMODCACHE": str(Path(folder, "modules")),
        "GOCACHE": str(Path(folder, "built")),
    }


@asynccontextmanager
async def stripe_mock_at() -> AsyncIterator[str]:
    """It runs; its address."""
    program = await asyncio.to_thread(stripe_mock)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mock = await asyncio.create_subprocess_exec(
        program, "-http-port", str(port), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await asyncio.to_thread(within, STARTED_S_MAX, partial(_listens, port), wanted=True)
        yield f"http://127.0.0.1:{port}"
    finally:
        mock.terminate()
        await mock.wait()


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
