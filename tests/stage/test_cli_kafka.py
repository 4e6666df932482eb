"""`kulanse dlq`, `tail` and `send --kafka` on a real broker."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest

from services.__main__ import run
from services.cli import bus
from services.desk.lying import Lying
from shared.contracts.envelope import Outgoing, Record
from shared.errors import Fault, Invalid, Transient
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from shared.stage.deadletter import dead_letter

BYTES = b'{"text": "\xff\x1b[2J'  # neither JSON nor UTF-8, and it would clear a terminal
WHY = Invalid(Fault("json_invalid", "text", "not a JSON document"))


@pytest.fixture
def bootstrap(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A broker with our topics, named by the environment alone."""
    monkeypatch.setenv("KULANSE_BOOTSTRAP", broker)
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))
    asyncio.run(ensure_topics(Settings(bootstrap=broker, partitions=2)))
    return broker


def _put(bootstrap: str, *outputs: Outgoing) -> list[str]:
    async def put() -> list[str]:
        async with bus.writer(bootstrap) as producer:
            return [str(await bus.put(producer, output)) for output in outputs]

    return asyncio.run(put())


def _dead(key: bytes, value: bytes | None) -> Outgoing:
    headers = (("content-type", b"text/odd"), ("content-type", b"twice"))
    record = Record("complaints.submitted", 1, 7, 1_700_000_000_000, key, value, headers)
    return dead_letter(record, WHY, stage="intake")


def _lying(bootstrap: str, key: bytes) -> list[Record]:
    async def read() -> list[Record]:
        partitions = await bus.there(bootstrap, ["complaints.submitted"])
        async with bus.reader(bootstrap) as consumer:
            return [r async for r in bus.lying(consumer, partitions) if r.key == key]

    return asyncio.run(read())


def test_dead_letter_is_listed_with_why_and_where_from(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ops would see that something is dead, but not what to do about it."""
    (place,) = _put(bootstrap, _dead(uuid4().hex.encode(), BYTES))
    assert run(["dlq", "list", "--json"]) == 0
    found = {each["id"]: each for each in json.loads(capsys.readouterr().out)}
    said = found[place]
    assert (said["stage"], said["code"], said["field"]) == ("intake", "json_invalid", "text")
    assert ("complaints.submitted/1/7", len(BYTES)) == (said["came_from"], said["size_bytes"])


def test_dead_letter_is_shown_with_its_bytes_spelled_out(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes of a stranger would steer the terminal of whoever looks."""
    (place,) = _put(bootstrap, _dead(uuid4().hex.encode(), BYTES))
    assert run(["dlq", "show", place]) == 0
    said = capsys.readouterr().out
    assert "not a JSON document" in said
    assert "\x1b" not in said
    assert "\\xff\\x1b[2J" in said


@pytest.mark.parametrize("value", [BYTES, b"", None])
def test_replay_sends_the_same_bytes_with_the_same_headers(
    bootstrap: str, value: bytes | None
) -> None:
    """A replayed complaint would be another one than the one that came."""
    key = uuid4().hex.encode()
    (place,) = _put(bootstrap, _dead(key, value))
    assert run(["dlq", "replay", place, "--dry-run"]) == 0
    assert _lying(bootstrap, key) == []
    assert run(["dlq", "replay", place]) == 0
    (back,) = _lying(bootstrap, key)
    assert value == back.value
    assert back.headers == (("content-type", b"text/odd"), ("content-type", b"twice"))


def test_dead_letters_are_sent_again_by_reason_and_topic(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ops would replay all that ever failed to mend one fault, or each by hand."""
    key = uuid4().hex.encode()
    (place,) = _put(bootstrap, _dead(key, BYTES))
    capsys.readouterr()
    for some in (["--reason", "no_such_code"], ["--topic", "no-such-topic"]):
        assert run(["dlq", "replay", *some]) == 0
        assert _lying(bootstrap, key) == []
    assert run(["dlq", "list", "--reason", "json_invalid", "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert place in [each["id"] for each in json.loads(lines[-1])]
    assert (
        run(["dlq", "replay", "--reason", "json_invalid", "--topic", "complaints.submitted"]) == 0
    )
    assert len(_lying(bootstrap, key)) == 1


def test_a_place_where_nothing_lies_is_told(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command would wait for ever for a record that never comes."""
    assert run(["dlq", "show", "dead-letters/0/999999"]) == 1
    assert "no_such_record" in capsys.readouterr().err


def test_what_is_sent_past_the_door_lies_on_the_topic(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A partner could not try its own bytes on the topic."""
    words = f"Koppen var knust {uuid4().hex}"
    assert run(["send", "--kafka", "--json", words]) == 0
    assert "complaints.submitted/" in json.loads(capsys.readouterr().out)["produced"]
    assert run(["tail", "complaints.submitted", "--from-start", "--no-follow", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [words] == [
        json.loads(each["value"])["text"] for each in told if words in str(each.get("value"))
    ]


def test_a_measure_is_recorded_and_followed_up(
    bootstrap: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A leader's measure would be gone with the terminal, or nobody could take it back."""
    what = f"Nytt bud {uuid4().hex}."
    given = ["--cause", "delivery", "--phase", "during", "--what", what, "--actor", "lead-gran"]
    assert run(["measures", "record", *given, "--owner", "manager-eik", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (
        run(["measures", "record", *given, "--owner", "manager-alm", "--from", "2026-12-01"]) == 0
    )
    capsys.readouterr()
    assert run(["report", "--json"]) == 0
    tried = {each["what"]: each for each in json.loads(capsys.readouterr().out)["corrective"]}
    assert tried[what]["measure_id"] == first["measure_id"]
    assert (tried[what]["owner"], tried[what]["verdict"]) == ("manager-alm", "too few")
    assert tried[what]["holds_from"].startswith("2026-12-01T00:00:00+01:00")
    drop = ["measures", "drop", first["measure_id"], "--actor", "lead-gran", "--reason", "Slutt."]
    assert run(drop) == 0
    capsys.readouterr()
    assert run(["measures", "list", "--json"]) == 0
    assert what not in capsys.readouterr().out


async def test_the_console_finds_the_newest_opens_one_and_sends_it_again(bootstrap: str) -> None:
    """The page shows old letters, another's words, or sends other bytes than those that died."""
    key = uuid4().hex.encode()
    async with bus.writer(bootstrap) as producer:
        place = str(await bus.put(producer, _dead(key, BYTES)))
    lying = Lying(Settings(bootstrap=bootstrap, partitions=2))
    newest = await lying.newest(1)
    assert place in [letter.id for letter in newest.letters]
    assert len(newest.letters) <= newest.lying
    assert {letter.record.value for letter in newest.letters} == {None}
    partition, offset = (int(part) for part in place.split("/")[1:])
    letter = await lying.one(partition, offset)
    assert letter is not None
    assert letter.record.value == BYTES
    await lying.send(letter.original(), null=letter.was_null)
    (sent,) = await asyncio.to_thread(_lying, bootstrap, key)
    assert (sent.value, sent.headers) == (BYTES, letter.original().headers)
    assert await lying.one(partition, 999_999) is None
    nobody = Lying(Settings(bootstrap="127.0.0.1:9"))
    with pytest.raises(Transient):
        await nobody.newest(1)
