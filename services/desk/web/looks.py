"""The audit log: who looked at whose words, and who signed in. Written before the page leaves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from services.desk.stored import sortable
from services.desk.web.tables import looks


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the log. `what`: case, uncovered, signed_in … `case_id` may be empty."""

    at: datetime
    person: str
    what: str
    case_id: str


def note(connection: Connection, look: Look) -> None:
    """Write it down."""
    row = {"at": sortable(look.at), "person": look.person}
    connection.execute(insert(looks), {**row, "what": look.what, "case_id": look.case_id})


def lines(
    connection: Connection, *, person: str, case_id: str, limit: int, offset: int
) -> tuple[Look, ...]:
    """The newest first; of a person or a case, where one is named."""
    chosen = select(looks).order_by(looks.c.seq.desc()).limit(limit).offset(offset)
    if person:
        chosen = chosen.where(looks.c.person == person)
    if case_id:
        chosen = chosen.where(looks.c.case_id == case_id)
    return tuple(
        Look(datetime.fromisoformat(row.at), row.person, row.what, row.case_id)
        for row in connection.execute(chosen)
    )
