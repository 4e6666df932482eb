"""Whom a person at the command line means: the record keys of one complainant."""

from sqlalchemy import or_, select

from services.cli.failures import BadInput
from services.cli.ledgers import ledger
from services.cli.surroundings import settings
from services.desk.ledger import events
from shared.contracts.identity import record_key

REFERENCE = "K-"


def record_keys(who: str) -> tuple[str, ...]:
    """Her record keys. Raises `BadInput` when nobody is meant, or several may be.

    By a complaint's or case's id, or the reference in our letters, the desk's ledger is asked; an
    address or a number is hashed with the key secret, which must be here.
    """
    named = who.strip()
    if "@" in named or named.startswith("+"):
        return (_of_address(named),)
    found = _of_complaint(named.removeprefix(REFERENCE).lower())
    if not found:
        raise BadInput("unknown_complainant", "WHO", "no complaint here has this id or reference")
    if len(found) > 1:
        raise BadInput("several_complainants", "WHO", "several begin so: give the whole id")
    return found


def _of_address(named: str) -> str:
    from services.intake.receive import e164
    from services.intake.secret import key_secret

    identity = named.lower() if "@" in named else e164(named)
    return record_key(key_secret(settings()), identity)


def _of_complaint(beginning: str) -> tuple[str, ...]:
    if not beginning or set(beginning) - set("0123456789abcdef-"):
        return ()
    meant = or_(
        *(c.between(beginning, beginning + "g") for c in (events.c.complaint_id, events.c.case_id))
    )
    with ledger("desk") as engine, engine.execution_options(read_only=True).begin() as connection:
        return tuple(
            sorted(connection.execute(select(events.c.key).where(meant).distinct()).scalars())
        )
