"""What the desk keeps: every event by case, and the queue that follows from them.

`events` is the truth, a set union by event id. `cases` and `waiting` are made from it in the same
transaction and can be made anew. Times are UTC text that sorts as time does.
"""

from sqlalchemy import Column, Index, Integer, MetaData, Table, Text

metadata = MetaData()

events = Table(
    "events",
    metadata,
    Column("event_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    # None until triage says so: what registered and suppressed messages carry is the complaint.
    Column("case_id", Text),
    Column("complaint_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("time", Text, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("body", Text, nullable=False),
)
Index("events_case", events.c.case_id, events.c.complaint_id)
Index("events_complaint", events.c.complaint_id, events.c.case_id)
Index("events_waits", events.c.type, events.c.time, events.c.complaint_id)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("needs_person", Integer, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("owner", Text),
    Column("version", Integer, nullable=False),
    Column("category", Text, nullable=False),
    # JSON lists of codes and pseudonyms.
    Column("why", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("updated", Text, nullable=False),
)
# What stands first in a queue.
PLACE = (cases.c.rank, cases.c.due_at, cases.c.case_id)
Index("cases_queue", cases.c.needs_person, *PLACE)
Index("cases_owner", cases.c.owner, *PLACE)
Index("cases_state", cases.c.state, *PLACE)
Index("cases_place", *PLACE)
# A list is chosen from this index alone, and only its page is read from the table.
_FILTERS = ("needs_person", "state", "owner", "category", "key", "about", "why")
Index("cases_list", *PLACE, *(cases.c[name] for name in _FILTERS))
Index("cases_open", cases.c.needs_person, cases.c.state, cases.c.severity, cases.c.due_at)

# Recoveries (`kind` "approval") and tasks ("task") by id; `waits` 1: for a signature, to be done.
waiting = Table(
    "waiting",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("case_id", Text, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("body", Text, nullable=False),
)
Index("waiting_kind", waiting.c.kind, waiting.c.waits, waiting.c.since, waiting.c.id)
Index("waiting_case", waiting.c.case_id)
