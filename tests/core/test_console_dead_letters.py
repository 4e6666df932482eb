"""Dead letters in the console: found, read as a noted look, mended, and sent once."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
import pytest

from services.desk.lying import Newest
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.submitted import DOOR_PROOF
from shared.errors import Fault, Invalid, Refused, Transient
from shared.stage.deadletter import dead_letter
from shared.stage.letter import DeadLetter
from tests.core.console_world import Room
from tests.core.test_desk_examples import LEAD, MONDAY

AUDITOR = "auditor-barlind"
SECRET = "Setet kom <b>aldri</b>."
BAD = {
    "channel": "webb",
    "channel_message_id": "form-1",
    "complainant": {"email": "ingrid@example.com"},
    "text": SECRET,
}
FAULTS = (
    Fault("not_allowed", "channel", "one of email, web"),
    Fault("unknown_field", "<img src=x>", "leave it out"),
)
PAGE = "/dead-letters/3/17"


def fallen(
    value: object = BAD, *, topic: str = "complaints.submitted", faults: tuple[Fault, ...] = FAULTS
) -> DeadLetter:
    """What a stage made of a record that it could not take."""
    headers = ((DOOR_PROOF, b"of other words"), ("ce_source", b"form"))
    record = Record(topic, 0, 5, 0, b"k", orjson.dumps(value), headers)
    letter = dead_letter(record, Invalid(*faults), stage="intake")
    at_ms = int(MONDAY.timestamp() * 1000) - 60_000
    lies = Record(letter.topic, 3, 17, at_ms, letter.key, letter.value, letter.headers)
    return DeadLetter(lies)


@dataclass
class Topic:
    """Where they lie, in memory."""

    letters: list[DeadLetter] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    fails: Exception | None = None

    async def newest(self, most: int) -> Newest:
        """All of them, without what was written."""
        if self.fails:
            raise self.fails
        bare = [replace(each, record=replace(each.record, value=None)) for each in self.letters]
        return Newest(tuple(bare[:most]), len(bare))

    async def one(self, partition: int, offset: int) -> DeadLetter | None:
        """The one there."""
        place = f"dead-letters/{partition}/{offset}"
        return next((each for each in self.letters if each.id == place), None)

    async def send(self, output: Outgoing, *, null: bool) -> None:
        """Kept."""
        assert not null
        if self.fails:
            raise self.fails
        self.sent.append(output)


@pytest.fixture
def topic() -> Topic:
    """A topic with one letter."""
    return Topic([fallen()])


@pytest.fixture
def room(tmp_path: Path, topic: Topic) -> Room:
    """A console that sees it."""
    return Room(tmp_path, fallen=topic)


def test_a_letter_is_found_and_covered_until_asked_for(room: Room) -> None:
    """Whoever looks for a broken form reads strangers' complaints, and nobody knows."""
    lead = room.browser(LEAD)
    assert "channel" in lead.sees("/dead-letters")
    page = lead.sees(PAGE)
    assert "one of email, web" in page
    assert "Setet" not in page
    log = room.browser(AUDITOR)
    assert "opened a dead letter" not in log.sees("/log")
    lead.sees(f"{PAGE}?open=yes")
    assert "Setet kom &lt;b&gt;aldri" in lead.answer.text
    assert "<img src=x>" not in lead.answer.text
    assert "opened a dead letter" in log.sees("/log?case_id=dead-letters/3/17")


def test_mended_it_is_sent_once_and_with_her_name(room: Room, topic: Topic) -> None:
    """Two colleagues mend the same letter, and its writer is answered twice."""
    lead = room.browser(LEAD)
    half = lead.fills(PAGE, f"{PAGE}/mend", field1="channel", value1="post")
    assert (lead.answer.status_code, topic.sent) == (422, [])
    assert "channel" in half
    lead.fills(PAGE, f"{PAGE}/mend", field1="channel", value1="web", field2="", field3="")
    assert f"Sent again by {LEAD}" in lead.sees(PAGE)
    assert [orjson.loads(each.value)["channel"] for each in topic.sent] == ["web"]
    assert DOOR_PROOF not in dict(topic.sent[0].headers)
    token = lead.http.get("/cases").text.partition('name="csrf" value="')[2].partition('"')[0]
    again = lead.sends(f"{PAGE}/send", {"csrf": token})
    assert (lead.answer.status_code, len(topic.sent)) == (409, 1)
    assert "sent again already" in again
    assert "mends a dead letter" in room.browser(AUDITOR).sees(f"/log?person={LEAD}")


def test_as_it_is_the_very_bytes_go_where_they_lay(room: Room, topic: Topic) -> None:
    """What is sent again is another message, and a second complaint."""
    topic.letters[:] = [fallen(topic="recoveries", faults=(Fault("internal_error", "", "ours"),))]
    lead = room.browser(LEAD)
    assert "mend the service first" in lead.sees(PAGE)
    assert f'action="{PAGE}/mend"' not in lead.answer.text
    lead.fills(PAGE, f"{PAGE}/send")
    assert topic.sent == [
        Outgoing(
            "recoveries",
            b"k",
            orjson.dumps(BAD),
            ((DOOR_PROOF, b"of other words"), ("ce_source", b"form")),
        )
    ]


def test_who_may_not_send_sees_no_form(room: Room, topic: Topic) -> None:
    """An agent reads and resends whatever she likes; an auditor acts."""
    agent, auditor = room.agent(), room.browser(AUDITOR)
    agent.sees("/dead-letters")
    assert agent.answer.status_code == 403
    agent.sees(f"{PAGE}?open=yes")
    assert agent.answer.status_code == 403
    page = auditor.sees(PAGE)
    assert f'action="{PAGE}/send"' not in page
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    auditor.sends(f"{PAGE}/send", {"csrf": token})
    assert (auditor.answer.status_code, topic.sent) == (403, [])


def test_what_could_not_be_sent_can_be_sent_later(room: Room, topic: Topic) -> None:
    """A broker that was away for a moment, and the letter counts as sent."""
    lead = room.browser(LEAD)
    topic.fails = Transient("away")
    lead.fills(PAGE, f"{PAGE}/send")
    assert lead.answer.status_code == 503
    topic.fails = Refused("not_this_login", "no right", "ask")
    assert "kulanse dlq replay" in lead.fills(PAGE, f"{PAGE}/send")
    topic.fails = None
    lead.fills(PAGE, f"{PAGE}/send")
    assert len(topic.sent) == 1


def test_an_empty_topic_a_gone_letter_and_a_forgotten_writer_say_so(
    room: Room, topic: Topic
) -> None:
    """An empty page looks like a broken one."""
    lead = room.browser(LEAD)
    lead.sees("/dead-letters/3/18")
    assert lead.answer.status_code == 404
    topic.letters[:] = [replace(topic.letters[0], forgotten=True)]
    page = lead.sees(f"{PAGE}?open=yes")
    assert "was forgotten" in page
    assert f'action="{PAGE}/send"' not in page
    topic.letters.clear()
    assert "no dead letters" in lead.sees("/dead-letters")
