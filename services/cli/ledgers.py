"""A service's ledger as the command line opens it: there, readable, or one plain line."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from services.cli.failures import BadInput, Unreachable
from services.cli.surroundings import settings
from shared.errors import Refused
from shared.ledger.engine import open_engine

SERVICES = ("intake", "triage", "recovery", "notify", "desk")


@contextmanager
def ledger(service: str) -> Iterator[Engine]:
    """The engine of a service's ledger; raises `Invalid`, `Refused` or `Unreachable`."""
    if service not in SERVICES:
        raise BadInput("unknown_service", "SERVICE", f"there are {', '.join(SERVICES)}")
    ours = settings()
    path = ours.state_dir / f"{service}.db"
    if not ours.database_url and not path.exists():
        message = f"{service} has no ledger here: {path} is not there."
        raise Refused("no_ledger", message, "Set KULANSE_STATE_DIR or KULANSE_DATABASE_URL.")
    engine = open_engine(ours, service)
    try:
        yield engine
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        message = f"The ledger of {service} does not answer: {reason}."
        raise Unreachable("ledger_unreachable", message, "Look at the database.") from None
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        message = f"The ledger of {service} is not as expected: {reason}."
        raise Refused("ledger_unreadable", message, f"Start {service} once; it migrates.") from None
    finally:
        engine.dispose()
