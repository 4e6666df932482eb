"""Which of our matters does a message answer? Found in its threading headers and words. Pure.

A matter is named by one of our ids in a Message-ID that is answered, or by the short reference
that our messages end with, "K-1A2B3C4D", in subject or text. A message that answers the
complainant's own earlier mail belongs to that mail's matter. Only matters of the same
complainant count: what somebody else's subject says proves nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from shared.contracts.identity import derived
from shared.contracts.submitted import ComplaintSubmitted

REFERENCE_HEX_CHARS = 8
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SHORT = re.compile(rf"\bK-([0-9a-f]{{{REFERENCE_HEX_CHARS}}})\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_THREAD_HEADERS = ("in-reply-to", "references")


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of this complainant that a message may answer."""

    complaint_id: str
    case_id: str


def message_mark(message_id: str) -> str:
    """What is remembered of a mail's own Message-ID: enough to know it again, and no address."""
    return derived("message", message_id.strip().strip("<>"))


def case_of(complaint_id: str) -> str:
    """The case that a complaint opens."""
    return derived("case", complaint_id)


def answered(
    message: ComplaintSubmitted, memories: Iterable[Mapping[str, JsonValue]]
) -> Matter | None:
    """The matter that a message answers; the newest one if several fit, None if none does."""
    thread = _thread(message)
    ids = {found.lower() for found in _ID.findall(f"{thread} {message.subject or ''}")}
    shorts = {found.lower() for found in _SHORT.findall(f"{message.subject or ''} {message.text}")}
    marks = {message_mark(found) for found in _MESSAGE_ID.findall(thread)}
    for memory in reversed(list(memories)):
        complaint, case = str(memory.get("complaint_id")), str(memory.get("case_id"))
        short = {complaint[:REFERENCE_HEX_CHARS], case[:REFERENCE_HEX_CHARS]}
        if ids & {complaint, case} or shorts & short or memory.get("mark") in marks:
            return Matter(complaint, case)
    return None


def _thread(message: ComplaintSubmitted) -> str:
    headers = {name.lower(): value for name, value in message.headers.items()}
    said = (headers.get(name, "") for name in _THREAD_HEADERS)
    return " ".join((message.in_reply_to or "", *said))
