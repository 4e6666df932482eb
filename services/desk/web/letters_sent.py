"""Who sent which dead letter again, read off the audit log: one more row of it is the proof."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from services.desk.stored import sortable
from services.desk.web.looks import Look
from services.desk.web.tables import looks
from shared.stage.letter import DeadLetter

SENT = "letter_sent"  # after the broker had it; `letter_sends` and `letter_mends` stand before


def sent(connection: Connection, letters: Collection[DeadLetter]) -> Mapping[str, Look]:
    """By a letter's id, the last time that it was sent from the console."""
    ids = {letter.id: letter for letter in letters}
    rows = connection.execute(
        select(looks).where(looks.c.what == SENT, looks.c.case_id.in_(ids)).order_by(looks.c.seq)
    )
    return {
        row.case_id: Look(datetime.fromisoformat(row.at), row.person, row.what, row.case_id)
        for row in rows
        # A topic that was made anew counts from nought again: that was another letter.
        if row.at >= sortable(ids[row.case_id].at)
    }
