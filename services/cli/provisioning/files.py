"""Secrets of an installation: a folder for each who may read them, a file a secret.

Made once and kept; a file that the company lays in the folder of given ones wins over ours. A
secret's words are never printed.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from shared.errors import Refused

SERVICES = ("intake", "triage", "recovery", "notify", "desk")
# Who logs in at the broker and the database: the services, whoever runs them, and the jobs.
LOGINS = (*SERVICES, "ops")
ADMIN = "admin"
# Neither ever changes: every record's key is made with the one, every sealed word needs the other.
KEY_SECRET, VAULT_SECRET = "key_secret", "vault_secret"
PASSWORD_BYTES = 32
# Kafka, Postgres and Grafana run as users of their own: the folder is the fence, not the mode.
FOREIGN = ("postgres", "kafka", "grafana", "kafka-ca")
GIVEN_ONLY = (
    "notify.smtp_url",
    "notify.alert_urls",
    "notify.hook_secrets",
    "recovery.stripe_key",
    "intake.stripe_webhook_secret",
    "intake.imap_password",
    "desk.oidc_client_secret",
    "kafka-ca.pem",
)
OURS_ALONE, READABLE = 0o400, 0o444

How = Literal["made", "kept", "given"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where secrets are written (`into`), where given ones lie, and where Postgres is."""

    into: Path
    given: Path
    postgres: str = "postgres:5432/kulanse"


def make_all(place: Place) -> Iterator[tuple[str, How]]:
    """Lay every secret down: its name as "FOLDER.NAME", and how it came."""
    yield _lay(place, "intake.key_secret", make=_password)
    yield _lay(place, "intake.link_secret", make=_password)
    # What notify signs, intake's door checks: one secret, also when it is changed.
    yield _copy(place, "notify.link_secret", of="intake.link_secret")
    yield _lay(place, f"intake.{VAULT_SECRET}", make=_password)
    # One for all: whoever reads somebody's words opens them.
    for name in LOGINS[1:]:
        yield _copy(place, f"{name}.{VAULT_SECRET}", of=f"intake.{VAULT_SECRET}")
    yield _lay(place, "postgres.password", make=_password)
    root = _read(place, "postgres.password")
    theirs = any((place.given / f"{name}.database_url").exists() for name in SERVICES)
    # Who was given logins was given no administrator, unless that one is given, too.
    url = "" if theirs else _url(place, "kulanse", password=root)
    yield _lay(place, f"{ADMIN}.database_url", make=lambda: url)
    yield _lay(place, f"{ADMIN}.kafka_password", make=_password)
    for name in LOGINS:
        yield _lay(place, f"{name}.kafka_password", make=_password)
        made = _url(place, f"kulanse_{name}", password=_password())
        yield _lay(place, f"{name}.database_url", make=partial(str, made))
    yield _lay(place, "grafana.password", make=_password)
    yield _lay(place, "kafka.users", make=lambda: _users(place))
    # What we cannot make, only take over.
    for name in (n for n in GIVEN_ONLY if (place.given / n).exists()):
        yield _lay(place, name, make=_password)


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _url(place: Place, login: str, *, password: str) -> str:
    return f"postgresql+psycopg://{login}:{password}@{place.postgres}"


def _users(place: Place) -> str:
    """The broker's own users, one "NAME PASSWORD" a line."""
    return "\n".join(f"{n} {_read(place, f'{n}.kafka_password')}" for n in (ADMIN, *LOGINS))


def _lay(place: Place, name: str, *, make: Callable[[], str]) -> tuple[str, How]:
    path, given = _path(place, name), place.given / name
    kept = path.read_text(encoding="utf-8").strip() if path.exists() else None
    if given.exists():
        wanted, how = given.read_text(encoding="utf-8").strip(), "given"
    elif kept is not None:
        return name, "kept"
    else:
        wanted, how = make(), "made"
    if kept is not None and kept != wanted and name.endswith((KEY_SECRET, VAULT_SECRET)):
        raise Refused(
            f"{name.partition('.')[2]}_rotates",
            f"{given} is another secret than the one in use.",
            "It never rotates: what was made with it needs it. Remove the file.",
        )
    if kept != wanted:
        _write(path, wanted)
    return name, "given" if how == "given" else "made"


def _copy(place: Place, name: str, *, of: str) -> tuple[str, How]:
    path, wanted = _path(place, name), _read(place, of)
    if path.exists() and _read(place, name) == wanted:
        return name, "kept"
    _write(path, wanted)
    return name, "made"


def _path(place: Place, name: str) -> Path:
    folder, _, file = name.partition(".")
    return place.into / folder / file


def _read(place: Place, name: str) -> str:
    return _path(place, name).read_text(encoding="utf-8").strip()


def _write(path: Path, secret: str) -> None:
    mode = READABLE if path.parent.name in FOREIGN else OURS_ALONE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    fresh.chmod(mode)  # whatever the umask was
    fresh.replace(path)
