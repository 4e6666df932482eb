"""Chat, posts and notes as complaints: her own words, her own name."""

import json
from collections.abc import Callable

import pytest

from services.intake.channels.chat import submitted_from_chat
from services.intake.channels.note import submitted_from_note
from services.intake.channels.social import submitted_from_social
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Invalid

CHAT: dict[str, object] = {
    "conversation_id": "chat-1",
    "visitor": {"id": "v-7", "name": "Ingrid", "language": "nn"},
    "messages": [
        {"by": "bot", "text": "Hei! Eg er ein robot. Kva gjeld det?"},
        {"by": "visitor", "text": "Setet kom aldri.", "at": "2026-11-18T09:00:00+01:00"},
        {"by": "agent", "text": "Så dumt! Ordre?"},
        {"by": "visitor", "text": "20417", "at": "2026-11-18T09:01:00+01:00"},
    ],
}
POST: dict[str, object] = {
    "platform": "example",
    "post_id": "991",
    "author": {"handle": "@ingrid", "name": "Ingrid S."},
    "text": "Tusen takk for fantastisk service! 👏 Bare tre uker …",
}
NOTE: dict[str, object] = {
    "note_id": "n-1",
    "way": "phone",
    "taken_by": "kari.l",
    "complainant": {"name": "Ola Berg", "phone": "+47 40 00 00 02"},
    "words": "Han sier at hesten hans ble redd av lastebilen vår.",
    "order": {"id": "B-1"},
}
Read = Callable[[bytes], ComplaintSubmitted]


def test_of_a_chat_the_visitors_words_are_the_complaint() -> None:
    """The robot's cheerfulness would count as her mood."""
    read = submitted_from_chat(json.dumps(CHAT).encode())
    assert (read.channel, read.channel_message_id) == ("chat", "chat-1")
    assert read.text == "Setet kom aldri.\n20417"
    assert read.complainant.language == "nn"
    assert read.received_at is not None
    assert read.received_at.isoformat() == "2026-11-18T09:01:00+01:00"


def test_a_post_is_its_authors_and_answered_where_it_stands() -> None:
    """Two platforms' @ingrid would be one person, or the answer go nowhere."""
    read = submitted_from_social(json.dumps(POST).encode())
    assert (read.channel, read.complainant.id) == ("social", "example:@ingrid")
    assert read.reply_to == "example:991"
    other = submitted_from_social(json.dumps({**POST, "platform": "other"}).encode())
    assert other.complainant.id != read.complainant.id
    assert other.channel_message_id != read.channel_message_id


def test_a_note_is_the_complainants_not_its_writers() -> None:
    """The colleague at the phone would get the acknowledgement, and count as a complainer."""
    read = submitted_from_note(json.dumps(NOTE).encode())
    assert (read.channel, read.complainant.name) == ("phone", "Ola Berg")
    assert read.headers == {"taken-by": "kari.l"}
    with pytest.raises(Invalid) as refused:
        submitted_from_note(json.dumps({**NOTE, "complainant": {"id": "Kari.L"}}).encode())
    assert refused.value.first.code == "author_is_not_complainant"


BAD: list[tuple[Read, dict[str, object], str]] = [
    (submitted_from_chat, {**CHAT, "messages": []}, "messages"),
    (submitted_from_chat, {**CHAT, "messages": [{"by": "bot", "text": "Hei"}]}, "messages"),
    (submitted_from_chat, {**CHAT, "visitor": {}}, ""),
    (submitted_from_chat, {**CHAT, "colour": 1}, "colour"),
    (submitted_from_social, {**POST, "text": " "}, "text"),
    (submitted_from_social, {**POST, "author": {}}, "author.handle"),
    (submitted_from_note, {**NOTE, "way": "fax"}, "way"),
    (submitted_from_note, {**NOTE, "complainant": {}}, ""),
    (submitted_from_note, {**NOTE, "taken_by": ""}, "taken_by"),
]


@pytest.mark.parametrize(("read", "value", "field"), BAD)
def test_what_is_missing_is_told_with_its_field(
    read: Read, value: dict[str, object], field: str
) -> None:
    """Whoever connects a channel would not know what to mend."""
    with pytest.raises(Invalid) as refused:
        read(json.dumps(value).encode())
    assert field in [fault.field for fault in refused.value.faults]


@pytest.mark.parametrize("read", [submitted_from_chat, submitted_from_social, submitted_from_note])
def test_no_document_of_another_kind_gets_in(read: Read) -> None:
    """A wrong address would turn into an odd complaint."""
    for raw in (b"", b"null", b"[]", b'{"text": "Hei"}', b"\xff", b"[" * 60_000):
        with pytest.raises(Invalid):
            read(raw)
