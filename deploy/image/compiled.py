"""Leaves bytecode of what the services import, and of nothing else: half of it is never used.

Python writes it where it finds none; the root of a running container is read-only, so what is
missing then is compiled at every start.
"""

from contextlib import suppress
from importlib import import_module

IMPORTED = (
    "aiokafka",
    "aiokafka.admin",
    "aiosmtplib",
    "alembic.command",
    "babel.dates",
    "babel.numbers",
    "cryptography.hazmat.primitives.ciphers.aead",
    "fastapi",
    "faust",
    "faust.livecheck",
    "faust.transport.drivers.aiokafka",
    "faust.worker",
    "holidays.countries.norway",
    "holidays.utils",
    "httpx",
    "jinja2",
    "orjson",
    "prometheus_client",
    "psycopg",
    "psycopg_binary",
    "pydantic_settings",
    "rich.live",
    "rich.table",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "stamina",
    "structlog",
    "typer",
    "uvicorn",
    "uvicorn.protocols.http.h11_impl",
    "uvicorn.lifespan.on",
    "uvloop",
    "yaml",
)

# With `--build-arg LIBRARIES=extras` only.
EXTRAS = (
    "apprise",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk.trace",
)

for name in IMPORTED:
    import_module(name)
for name in EXTRAS:
    with suppress(ModuleNotFoundError):
        import_module(name)
