"""Everything that is held about one person, from the desk's ledger and recovery's books."""

from collections.abc import Sequence

import orjson
from pydantic import JsonValue
from sqlalchemy import Table, select

from services.cli.export_files import files_of
from services.cli.ledgers import ledger
from services.cli.sealed import vault_of
from services.cli.subjects import record_keys
from services.cli.surroundings import settings
from services.desk.ledger import events
from services.desk.stored import opened, stored
from services.recovery.ledger import grants, payouts

# A voucher's code is money: whoever has it may use it.
_NOT_TOLD = ("code",)


def export_of(who: str) -> dict[str, JsonValue]:
    """Her events in order, open where they can be, and what was granted and paid to her."""
    keys = record_keys(who)
    with ledger("desk") as engine:
        reader = engine.execution_options(read_only=True, vault=vault_of(settings()))
        with reader.begin() as connection:
            rows = connection.execute(
                select(events.c.body, events.c.complaint_id)
                .where(events.c.key.in_(keys))
                .order_by(events.c.time, events.c.depth, events.c.event_id)
            ).all()
            found = opened(connection, [row.body for row in rows])
    complaints = sorted({row.complaint_id for row in rows if row.complaint_id})
    told: list[JsonValue] = [orjson.loads(stored(event)) for event in found]
    return {
        "record_keys": list(keys),
        "complaints": list(complaints),
        "events": told,
        "files": files_of(keys, found),
        "payouts": _rows(payouts, complaints),
        "grants": _rows(grants, complaints),
    }


def _rows(table: Table, complaints: Sequence[str]) -> list[JsonValue]:
    wanted = select(table).where(table.c.complaint_id.in_(complaints))
    with (
        ledger("recovery") as engine,
        engine.execution_options(read_only=True).begin() as connection,
    ):
        rows = connection.execute(wanted).mappings().all()
    return [{n: v for n, v in row.items() if n not in _NOT_TOLD} for row in rows]
