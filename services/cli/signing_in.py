"""Sign-in links and passwords of the console: rows of the desk, made by whoever runs it."""

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Connection

from services.cli.failures import BadInput
from services.cli.policies import desk_policy
from services.desk.web import accounts, bindings
from services.desk.web.policy import FILES, ConsolePolicy, Rules
from services.desk.web.provider import is_subject
from shared.errors import Refused
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.policy import load_policy
from shared.settings import Settings

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that signs somebody in once, and how long it is good."""

    address: str
    minutes: int


def link_for(ours: Settings, colleague: str, *, url: str) -> Link:
    """A new link to the console at `url`; raises `Invalid` for somebody whom nobody knows."""
    rules = _rules_for(colleague)
    now = datetime.now(UTC)
    secret = _changed(ours, lambda c: accounts.make_link(c, colleague, now=now, rules=rules))
    return Link(f"{url.rstrip('/')}/sign-in/{secret}", rules.link_minutes)


def set_password_for(ours: Settings, colleague: str, *, password: str) -> None:
    """Her local account; raises `Invalid` for a short password or somebody whom nobody knows."""
    rules = _rules_for(colleague)
    if len(password) < rules.password_chars_min:
        hint = f"{rules.password_chars_min} characters or more; a sentence is easy to remember"
        raise BadInput("short_password", "password", hint)
    now = datetime.now(UTC)
    _changed(ours, lambda c: accounts.set_password(c, colleague, password=password, now=now))


def bind_to(ours: Settings, colleague: str, *, subject: str) -> None:
    """The provider's account that is hers; raises `Invalid` for one that there cannot be."""
    _rules_for(colleague)
    if not ours.oidc_issuer:
        raise BadInput("no_provider", "KULANSE_OIDC_ISSUER", "set it: whose subject is it?")
    if not is_subject(subject):
        raise BadInput("bad_subject", "SUBJECT", "as the console's page told her, letter by letter")
    issuer = ours.oidc_issuer
    _changed(ours, lambda c: bindings.bind(c, colleague, issuer=issuer, subject=subject))


def unbind(ours: Settings, colleague: str) -> None:
    """No account there is hers; somebody who left people.yaml may be unbound, too."""
    _changed(ours, lambda c: bindings.unbind(c, colleague))


def asked_password() -> str:
    """Typed unseen at a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass("New password: ")
    return sys.stdin.readline().rstrip("\r\n")


def _rules_for(colleague: str) -> Rules:
    people = desk_policy()[0].people
    if people.named(colleague) is None:
        known = ", ".join(sorted(people.names))
        raise BadInput("unknown_colleague", "COLLEAGUE", f"people.yaml has {known}")
    return load_policy(ConsolePolicy, **FILES)[0].rules


def _changed(ours: Settings, change: Callable[[Connection], R]) -> R:
    if not (ours.database_url or ours.state_dir.is_dir()):
        message = f"Nothing was ever started in {ours.state_dir}."
        raise Refused("no_state", message, "Set KULANSE_STATE_DIR to where `up` runs.")
    engine = open_engine(ours, "desk")
    try:
        migrate(engine, "desk")
        with engine.begin() as connection:
            return change(connection)
    finally:
        engine.dispose()
