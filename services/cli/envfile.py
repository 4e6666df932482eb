"""The `.env` of Compose: every knob, its shape, and what is wrong with a file of them.

`.env.example` documents the same knobs; a test holds the two, and the compose files, together.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

PREFIX = "KULANSE_"
Port = Annotated[int, Field(ge=1, le=65535)]
Size = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*[kmg]b?$")]
Words = Annotated[str, StringConstraints(min_length=1)]
Brokers = Annotated[str, StringConstraints(pattern=r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$")]
Database = Annotated[str, StringConstraints(pattern=r"^[^\s/:]+:\d+/\w+$")]
Relay = Annotated[str, StringConstraints(pattern=r"^smtps?://[^\s/]+$")]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
Door = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/[^\s]*)?$")]
Mailbox = Annotated[str, StringConstraints(pattern=r"^imaps?://[^\s/:@]+@[^\s/@]+(/\S*)?$")]
Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/@]+(/\S*)?$")]
Proxy = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+/?$")]


class Knobs(BaseModel):
    """What may stand in the file; names without their prefix, in small letters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Words = "dev"
    libraries: Literal["services", "extras"] = "services"
    intake_bind: IPv4Address = IPv4Address("127.0.0.1")
    intake_port: Port = 8080
    intake_smtp_port: Port = 2525
    desk_bind: IPv4Address = IPv4Address("127.0.0.1")
    desk_port: Port = 8090
    desk_url: Door | None = None
    desk_local_accounts: Literal["on", "off"] = "on"
    oidc_issuer: Door | None = None
    oidc_client_id: Words | None = None
    kafka_port: Port = 19092
    postgres_port: Port = 15432
    maildev_port: Port = 1080
    prometheus_port: Port = 9090
    grafana_port: Port = 3000
    partitions: Annotated[int, Field(ge=1, le=1000)] = 12
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    stage_memory: Size = "256m"
    kafka_memory: Size = "1g"
    kafka_heap: Words = "-Xmx512m -Xms256m"
    postgres_memory: Size = "512m"
    smtp_url: Relay | None = None
    mail_from: Address = "kundeservice@example.com"
    links_url: Door | None = None
    imap_url: Mailbox | None = None
    policy: Words = "./deploy/policy"
    secrets: Words = "./deploy/secrets"
    orders: Words = "./deploy/orders"
    orders_file: Words | None = None
    otlp_url: Web | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    bootstrap: Brokers | None = None
    kafka_security: Literal["plaintext", "sasl_ssl"] = "plaintext"
    kafka_ca_file: Words | None = None
    postgres: Database = "postgres:5432/kulanse"
    https_proxy: Proxy | None = None


class Wrong(NamedTuple):
    """One thing that is wrong: how bad, a stable code, the knob, what to do."""

    level: Literal["error", "warning"]
    code: str
    knob: str
    hint: str


NAMES = {n: n.upper() if n == "https_proxy" else PREFIX + n.upper() for n in Knobs.model_fields}
_FIELDS = {name: field for field, name in NAMES.items()}
# What Settings knows as a secret must not lie in a file that everybody copies.
SECRETS = frozenset(
    {
        "KULANSE_KEY_SECRET",
        "KULANSE_LINK_SECRET",
        "KULANSE_HOOK_SECRETS",
        "KULANSE_IMAP_PASSWORD",
        "KULANSE_ALERT_URLS",
        "KULANSE_VAULT_SECRET",
        "KULANSE_KAFKA_PASSWORD",
        "KULANSE_DATABASE_URL",
        "KULANSE_OIDC_CLIENT_SECRET",
        "KULANSE_STRIPE_KEY",
        "KULANSE_STRIPE_WEBHOOK_SECRET",
    }
)


def faults(path: Path) -> Iterator[Wrong]:
    """What is wrong with a file; nothing when it is not there."""
    from dotenv import dotenv_values

    if not path.exists():
        return
    given = {name: value for name, value in dotenv_values(path).items() if value}
    yield from _strange(given)
    known = {_FIELDS[name]: value for name, value in given.items() if name in _FIELDS}
    try:
        knobs = Knobs.model_validate(known)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            yield Wrong("error", each["type"], NAMES[str(each["loc"][0])], str(each["msg"]))
        return
    yield from _unwise(knobs, path.parent)


def _strange(given: dict[str, str]) -> Iterator[Wrong]:
    for name in given:
        if name in SECRETS:
            hint = "a secret: put it into deploy/secrets (see the README there)"
            yield Wrong("error", "secret_in_env", name, hint)
        elif name.startswith(PREFIX) and name not in _FIELDS:
            near = get_close_matches(name, _FIELDS, n=1)
            hint = f"there is {near[0]}" if near else "no such knob: see .env.example"
            yield Wrong("error", "unknown_knob", name, hint)


def _unwise(knobs: Knobs, folder: Path) -> Iterator[Wrong]:
    for name in ("intake_bind", "desk_bind"):
        if not getattr(knobs, name).is_loopback:
            hint = "reached from other machines, without TLS: put a proxy before it"
            yield Wrong("warning", "open_to_all", NAMES[name], hint)
    for name in ("policy", "secrets", "orders"):
        if not (folder / getattr(knobs, name)).is_dir():
            yield Wrong("error", "no_folder", NAMES[name], f"{getattr(knobs, name)} is no folder")
    if knobs.smtp_url and urlsplit(knobs.smtp_url).password:
        hint = "it holds a password: put it into deploy/secrets/notify.smtp_url"
        yield Wrong("error", "secret_in_env", NAMES["smtp_url"], hint)
    if knobs.otlp_url and knobs.libraries != "extras":
        hint = "needs images with OpenTelemetry: KULANSE_LIBRARIES=extras, docker compose build"
        yield Wrong("error", "no_extras", NAMES["otlp_url"], hint)
    if knobs.oidc_issuer and not (knobs.oidc_client_id and knobs.desk_url):
        hint = "needs KULANSE_OIDC_CLIENT_ID and KULANSE_DESK_URL, too: desk-door would not start"
        yield Wrong("error", "oidc_incomplete", NAMES["oidc_issuer"], hint)
    if knobs.replication > 1 and knobs.bootstrap is None:
        hint = "the one broker of docker-compose.yml can keep one copy"
        yield Wrong("error", "too_few_brokers", NAMES["replication"], hint)
