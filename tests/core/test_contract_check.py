"""What a channel team hears of its own events before it sends one; and what it need not fear."""

from pathlib import Path

import orjson
import pytest

from services.__main__ import run
from services.cli.contracting import verdicts
from shared.contracts.submitted import ComplaintSubmitted
from tests.everybody import Everybody

GOOD = {
    "channel": "web",
    "channel_message_id": "form-1",
    "received_at": "2026-11-16T08:00:00+01:00",
    "complainant": {"email": "ingrid@example.com"},
    "text": "Setet kom aldri.",
}


def lying(tmp_path: Path, *events: object) -> Path:
    """A file with one event a line; bytes as they are."""
    file = tmp_path / "ours.ndjson"
    raw = [each if isinstance(each, bytes) else orjson.dumps(each) for each in events]
    file.write_bytes(b"\n".join(raw))
    return file


def test_ids_are_what_intake_gives(tmp_path: Path) -> None:
    """A team would look for its complaints under ids that nobody knows."""
    event = {"specversion": "1.0", "id": "1", "source": "s", "type": ComplaintSubmitted.TYPE}
    file = lying(tmp_path, GOOD, {**event, "data": {**GOOD, "channel_message_id": "form-2"}})
    plain, structured = verdicts(file, "unproved:none")
    assert (plain.faults, structured.faults) == ((), ())
    assert plain.complaint_id != structured.complaint_id


async def test_an_id_is_the_one_that_the_complaint_gets(tmp_path: Path) -> None:
    """The kit and intake would each have a contract of its own."""
    (told,) = verdicts(lying(tmp_path, GOOD), "unproved:none")
    everybody = Everybody(tmp_path / "all")
    await everybody.start()
    everybody.submit(GOOD)
    await everybody.work()
    (registered,) = everybody.log.all("complaints.registered")
    assert orjson.loads(registered.value or b"")["complaint_id"] == told.complaint_id


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({**GOOD, "channel": "fax"}, "literal_error"),
        ({**GOOD, "chanel": "web"}, "extra_forbidden"),
        ({**GOOD, "received_at": "2999-01-01T00:00:00Z"}, "in_the_future"),
        ({**GOOD, "complainant": {}}, "unreachable"),
        ({"specversion": "1.0", "type": "org.example.order", "data": GOOD}, "unknown_type"),
        ({"specversion": "1.0", "data": None}, "model_type"),
        (b"{oops", "json_invalid"),
    ],
)
def test_what_would_be_refused_is_told_with_its_code(
    tmp_path: Path, event: object, code: str
) -> None:
    """The first to tell a team would be its complainants."""
    (told,) = verdicts(lying(tmp_path, event), "ours")
    assert code in [fault.code for fault in told.faults]


def test_what_is_odd_is_told(tmp_path: Path) -> None:
    """An id that is used twice makes two complaints, and nobody notices."""
    other = {**GOOD, "text": "Noe helt annet."}
    card = {**GOOD, "channel_message_id": "form-3", "text": "Kortet mitt er 4111 1111 1111 1111."}
    nameless = {**GOOD, "channel_message_id": "form-4", "complainant": {"name": "Ingrid"}}
    del nameless["received_at"]
    found = verdicts(lying(tmp_path, GOOD, GOOD, other, card, nameless), "ours")
    assert [each.odd for each in found] == [
        (),
        ("duplicate",),
        ("id_reused",),
        ("masked",),
        ("nobody", "no_time"),
    ]


def test_the_command_fails_a_team_s_own_tests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pipeline would be green with events that nobody takes; or with none at all."""
    assert run(["contract-check", str(lying(tmp_path, GOOD))]) == 0
    assert run(["contract-check", str(lying(tmp_path, GOOD, {**GOOD, "channel": "fax"}))]) == 1
    assert run(["contract-check", str(lying(tmp_path))]) == 1
    assert "refused: channel" in capsys.readouterr().out


async def test_the_same_message_by_two_channels_is_linked_and_not_merged(tmp_path: Path) -> None:
    """One of them would be lost without a word, or its writer answered twice as two people."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    order = {"id": "ordre-4711"}
    for channel, message in (("web", "form-1"), ("email", "<m1@example.com>")):
        everybody.submit(
            {**GOOD, "channel": channel, "channel_message_id": message, "order": order}
        )
    await everybody.work()
    read = [orjson.loads(r.value or b"") for r in everybody.log.all("complaints.triaged")]
    assert len({each["complaint_id"] for each in read}) == 2
    assert len({each["case_id"] for each in read}) == 1
    assert sorted(each["contact"] for each in read) == [1, 2]


async def test_two_sources_that_use_one_id_have_two_complaints(tmp_path: Path) -> None:
    """A shop's message would vanish because another shop counts from 1, too."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    for source in ("shop-a", "shop-b"):
        event = {"specversion": "1.0", "id": "1", "type": ComplaintSubmitted.TYPE}
        structured = orjson.dumps({**event, "source": source, "data": GOOD})
        headers = (("content-type", b"application/cloudevents+json"),)
        everybody.submit(structured, headers=headers)
    await everybody.work()
    read = [orjson.loads(r.value or b"") for r in everybody.log.all("complaints.registered")]
    assert len({each["complaint_id"] for each in read}) == 2
    assert [each["id_reused"] for each in read] == [False, False]
