"""A complaint by phone or in person, written down by a colleague, who is not the complainant."""

from typing import Literal

from services.intake.channels.shaped import complaint, shape
from shared.contracts.contract import Contract, FilledLine, FilledText, Instant, Line
from shared.contracts.submitted import Complainant, ComplaintSubmitted, Order
from shared.errors import Fault, Invalid

MEDIA_TYPE = "application/vnd.kulanse.note+json"
TAKEN_BY = "taken-by"  # the header that keeps who wrote the note


class Note(Contract):
    """What a colleague wrote down. `words`: the complainant's, as near as they could be kept."""

    note_id: FilledLine
    way: Literal["phone", "in_person"]
    taken_by: FilledLine
    taken_at: Instant | None = None
    complainant: Complainant
    words: FilledText
    on_behalf_of: Line | None = None
    subject: Line | None = None
    order: Order | None = None


def submitted_from_note(raw: bytes) -> ComplaintSubmitted:
    """Read one note; raises `Invalid` with every fault."""
    note = shape(Note, raw)
    who = note.complainant
    if note.taken_by.strip().casefold() in _names(who):
        hint = "name the one who complains; the colleague who listened is taken_by"
        raise Invalid(Fault("author_is_not_complainant", "complainant", hint))
    return complaint(
        {
            "channel": note.way,
            "channel_message_id": note.note_id,
            "received_at": note.taken_at,
            "complainant": who,
            "on_behalf_of": note.on_behalf_of,
            "subject": note.subject,
            "text": note.words,
            "order": note.order,
            "headers": {TAKEN_BY: note.taken_by},
        }
    )


def _names(who: Complainant) -> set[str]:
    return {said.strip().casefold() for said in (who.id, who.name, who.email) if said}
