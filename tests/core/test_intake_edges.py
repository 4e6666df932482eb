"""The audit's bad inputs that need more than a body; and none of the fifty-four without a test."""

import base64
import re
from email.message import EmailMessage
from pathlib import Path

import orjson
import pytest

from services.intake.channels.email import submitted_from_mail
from services.intake.decode import make_decode
from services.intake.doors.admit import Admission
from services.intake.policy import load
from shared.contracts.codec import decode
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import DEAD_LETTER_BYTES_MAX, RECORD_BYTES_MAX
from shared.errors import Invalid
from shared.stage.memory import MemoryLog
from tests.core.bad_input_table import HOSTILE as BODIES
from tests.core.bad_input_table import TESTS
from tests.core.hostile import HOSTILE, said
from tests.core.test_intake_hostile import AT_MS, PARTITIONS, TOPIC, run
from tests.core.test_intake_http import AT, SECRET
from tests.tidy.source import ROOT

POLICY = load()[0]
LAST = 54


@pytest.mark.parametrize("number", range(1, LAST + 1))
def test_each_bad_input_has_its_test(number: int) -> None:
    """A bad input of the audit would be tried by nobody, and its test be gone unseen."""
    assert TESTS[number]
    for named in TESTS[number]:
        if named == BODIES:
            assert any(re.match(rf"{number}\b", name) for name in HOSTILE), number
            continue
        path, _, name = named.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"def {name or 'test_'}", text), named


def taken(value: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> Record:
    """A record as somebody's producer leaves it in the topic."""
    return Record(TOPIC, 0, 0, AT_MS, None, value, headers)


def test_an_address_that_looks_alike_is_somebody_else() -> None:
    """A Cyrillic letter (26) would open somebody else's history, or be answered to her."""
    alike = "ingrid@ex\u0430mple.com"
    keys = {
        make_decode(SECRET, POLICY)(taken(said(complainant={"email": address}))).key
        for address in ("ingrid@example.com", alike)
    }
    assert len(keys) == 2


EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
POLYGLOT = b"GIF89a/*\x00\x00*/=1;<script>alert(1)</script>%PDF-1.7 PK\x03\x04"


def test_no_byte_of_an_attached_file_travels() -> None:
    """A virus (42) would reach every reader of the topic, and a mail with one be turned away."""
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "ingrid@example.com", "Klage"
    mail.set_content("Setet kom aldri.")
    for name, content in (("../../x.jpg", POLYGLOT), ("a.com", EICAR), ("tom.pdf", b"")):
        mail.add_attachment(content, maintype="image", subtype="jpeg", filename=name)
    message = submitted_from_mail(bytes(mail), POLICY.intake)
    sent = Admission(POLICY, SECRET).admit(message, source="mail", scopes=frozenset(), at=AT)
    value = sent.outgoing.value or b""
    for content in (EICAR, POLYGLOT):
        assert content[:12] not in value
        assert base64.b64encode(content)[:16] not in value
    kept = [(each["name"], each["size_bytes"]) for each in orjson.loads(value)["attachments"]]
    assert kept == [("x.jpg", len(POLYGLOT)), ("a.com", len(EICAR)), ("tom.pdf", 0)]


@pytest.mark.parametrize("version", ["v0", "v999"])
@pytest.mark.parametrize("form", ["binary", "structured"])
def test_another_version_is_told_and_never_guessed(version: str, form: str) -> None:
    """A form that nobody knows (47) would be read as ours, and its fields be lost."""
    kind = ComplaintSubmitted.TYPE.replace("v1", version)
    whole = {"specversion": "1.0", "id": "1", "source": "shop", "type": kind}
    record = {
        "binary": taken(said(), headers=(("ce_type", kind.encode()),)),
        "structured": taken(
            orjson.dumps({**whole, "data": orjson.loads(said())}),
            headers=(("content-type", b"application/cloudevents+json"),),
        ),
    }[form]
    with pytest.raises(Invalid) as refused:
        make_decode(SECRET, POLICY)(record)
    assert (refused.value.first.code, refused.value.first.field) == ("unknown_type", "ce_type")


async def test_one_event_id_with_two_contents_is_two_complaints_and_counted(
    tmp_path: Path,
) -> None:
    """A sender's own event id (49) would hide the second of two complaints."""
    log = MemoryLog(PARTITIONS, began_ms=AT_MS)
    headers = (("ce_type", ComplaintSubmitted.TYPE.encode()), ("ce_id", b"event-1"))
    for text in ("Setet kom aldri.", "Setet kom, men er feil."):
        log.append(Outgoing(TOPIC, None, said(text=text), headers, partition=0))
    await run(log, tmp_path)
    found = [decode(record).data for record in log.all("complaints.registered")]
    reused = [each.id_reused for each in found if isinstance(each, ComplaintRegistered)]
    assert sorted(reused) == [False, True]
    assert log.all("dead-letters") == []


def full(bytes_wanted: int) -> bytes:
    """A good complaint of just so many bytes, all of which belong to its words or its order."""
    long = "r" + "\x01" * 499
    payments = [{"reference": long, "method": long, "amount_minor": 1, "currency": "NOK"}] * 100
    files = [{"name": "a", "media_type": long, "reference": long}] * 50
    # As short as we write it ourselves: a sender's blanks would make room for what we add.
    about = orjson.loads(said(text="a", order={"payments": payments}, attachments=files))
    value = orjson.dumps(about)
    missing = bytes_wanted - len(value)
    wide, narrow = divmod(missing, 4)
    text = "a" * (1 + narrow) + "\U0001f44e" * wide
    whole = value.replace(b'"text":"a"', b'"text":"' + text.encode() + b'"')
    assert len(whole) == bytes_wanted
    return whole


@pytest.mark.parametrize(("bytes_wanted", "registered"), [
    (RECORD_BYTES_MAX - 4_000, 1), (RECORD_BYTES_MAX, 0), (RECORD_BYTES_MAX + 1, 0),
])  # fmt: skip
async def test_what_grows_beyond_a_record_is_buried_whole(
    tmp_path: Path, bytes_wanted: int, registered: int
) -> None:
    """A record at the limit (50) would stop the stage when what we add makes it too long."""
    log = MemoryLog(PARTITIONS, began_ms=AT_MS)
    value = full(bytes_wanted)
    log.append(Outgoing(TOPIC, None, value, partition=0))
    log.append(Outgoing(TOPIC, None, said(), partition=0))
    await run(log, tmp_path)
    assert len(log.all("complaints.registered")) == registered + 1
    assert [each.value for each in log.all("dead-letters")] == [value] * (1 - registered)


async def test_the_largest_record_fits_its_grave(tmp_path: Path) -> None:
    """A dead letter of the largest record would be refused by the broker, and stop the stage."""
    log = MemoryLog(PARTITIONS, began_ms=AT_MS)
    log.append(Outgoing(TOPIC, None, b"x" * RECORD_BYTES_MAX, partition=0))
    await run(log, tmp_path)
    (dead,) = log.all("dead-letters")
    headers = sum(len(name) + len(value) for name, value in dead.headers)
    # Sealed, it is four thirds as long (base64).
    assert RECORD_BYTES_MAX * 4 / 3 + headers < DEAD_LETTER_BYTES_MAX
