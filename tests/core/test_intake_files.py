"""Files of mails: which are kept, what is said of the others, and that the mail always goes on."""

from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

import orjson
import pytest
from sqlalchemy.exc import OperationalError

from services.intake.channels.email import submitted_from_mail
from services.intake.channels.mail_files import files_from_mail
from services.intake.doors.admit import Admission
from services.intake.doors.keeping import Aside
from services.intake.doors.keys import Caller
from services.intake.doors.problems import Turned
from services.intake.doors.taking import Taking
from services.intake.files import File, judged
from services.intake.policy import load
from services.intake.receive import file_name
from shared.contracts.identity import record_key
from shared.contracts.submitted import Attachment
from shared.settings import Settings
from shared.vault.files import Files
from shared.vault.opening import open_files
from tests.core.test_intake_http import AT, SECRET, FakeOut

POLICY = load()[0]
RULES = POLICY.intake.attachments.kept
JPEG, PNG, PDF = b"\xff\xd8\xff\xe0 bilde", b"\x89PNG\r\n\x1a\n bilde", b"%PDF-1.7 kvittering"
HEIC, MP4 = b"\0\0\0\x18ftypheic bilde", b"\0\0\0\x18ftypisom film"
PROGRAM, ARCHIVE = b"MZ\x90\0 program", b"PK\x03\x04 arkiv"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("sete.jpg", JPEG, "image/jpeg"),
        ("sete.jpg", PNG, "image/png"),
        ("sete.HEIC", HEIC, "image/heic"),
        ("film.mov", MP4, "video/mp4"),
        ("kvittering.pdf", PDF, "application/pdf"),
        ("notat.txt", "Setet kom aldri. Ærlig talt.".encode(), "text/plain"),
        ("image/jpeg", JPEG, "image/jpeg"),
        ("kvittering.pdf", JPEG, "kind_mismatch"),
        ("sete.jpg", b"<script>alert(1)</script>", "kind_mismatch"),
        ("side.html", b"<script>alert(1)</script>", "kind_not_allowed"),
        ("tegning.svg", b"<svg/>", "kind_not_allowed"),
        ("sete.jpg", PROGRAM, "kind_not_allowed"),
        ("sete.jpg.exe", JPEG, "kind_not_allowed"),
        ("arkiv.zip", ARCHIVE, "kind_not_allowed"),
        ("tom.pdf", b"", "kind_not_allowed"),
        ("sete.jpg.", JPEG, "kind_not_allowed"),
        ("sete.jpg", None, "unreadable"),
        ("sete.jpg", JPEG + bytes(RULES.bytes_max), "too_large"),
    ],
)
def test_a_file_is_what_its_bytes_are(name: str, content: bytes | None, said: str) -> None:
    """A program would be kept as a picture, or a picture with another ending be thrown away."""
    (found,) = judged([File(name, "image/jpeg", content)], RULES)
    assert (found.attachment.refused or found.attachment.media_type) == said
    assert (found.kept is None) == (found.attachment.refused is not None)


def test_more_files_than_are_kept_are_named() -> None:
    """A mail of a thousand pictures would fill the vault, or be turned away."""
    one = File("sete.jpg", "image/jpeg", JPEG)
    found = judged([one] * 60, RULES)
    assert [each.attachment.refused for each in found].count(None) == RULES.number_max
    assert found[-1].attachment.refused == "too_many"


def test_a_name_reads_as_it_is() -> None:
    """`exe.jpg` would be shown of a file whose name ends in `.exe`."""
    assert file_name("sete\u202egpj.exe") == "setegpj.exe"
    assert file_name("..\\\u2066../\u200bsete.jpg") == "sete.jpg"


def mail(*files: tuple[str, bytes], sender: str = "ingrid@example.com") -> bytes:
    """A mail with these files."""
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = sender, "Klage", "<m1@example.com>"
    made.set_content("Setet kom aldri.")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="x-y", filename=name)
    return bytes(made)


def test_a_picture_among_the_words_is_a_file() -> None:
    """Who pastes the photo into her mail, as phones do, would be asked for it again."""
    made = EmailMessage()
    made["From"], made["Subject"] = "ingrid@example.com", "Klage"
    made.set_content("<p>Se her: <img src='cid:a'></p>", subtype="html")
    made.add_related(JPEG, "image", "jpeg", cid="<a>", filename="IMG_1.jpg")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "far@example.com", "Fwd: Klage"
    outer.set_content("Se under.")
    outer.add_attachment(made)
    for whole in (made, outer):
        assert [(f.name, f.content) for f in files_from_mail(bytes(whole))] == [("IMG_1.jpg", JPEG)]


class World:
    """A mail door whose files lie in a vault."""

    def __init__(self, folder: Path) -> None:
        """Nothing has come."""
        self.out = FakeOut()
        self.files = open_files(Settings(state_dir=folder, database_url=""))
        self.opens: Files | Exception = self.files

    def open(self) -> Files:
        """The vault, or none that answers."""
        if isinstance(self.opens, Exception):
            raise self.opens
        return self.opens

    async def takes(self, raw: bytes) -> list[Attachment]:
        """What the record says of the files of a mail."""
        admission = Admission(POLICY, SECRET)
        taking = Taking(admission, self.out, now=lambda: AT, aside=Aside(self.open))
        shape = taking.shapes()["message/rfc822"]
        await taking.take(raw, shape, caller=Caller("mail", frozenset()))
        value = orjson.loads(self.out.sent[-1].value or b"")
        return [Attachment.model_validate(each) for each in value["attachments"]]

    def lies(self, address: str, found: Sequence[Attachment]) -> list[bytes | None]:
        """Each file, as this person's."""
        key = record_key(SECRET, address)
        return [self.files.get(key, each.reference or "") for each in found]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A mail door with nothing in its vault."""
    return World(tmp_path)


async def test_a_mails_files_lie_aside_before_its_record_leaves(world: World) -> None:
    """A handler would read "see the picture" and have none; or the picture lie in the topic."""
    files = (("a.jpg", JPEG), ("b.pdf", PDF), ("a igjen.jpg", JPEG), ("c.exe", PROGRAM))
    found = await world.takes(mail(*files))
    assert world.lies("ingrid@example.com", found) == [JPEG, PDF, JPEG, None]
    assert [each.refused for each in found] == [None, None, None, "kind_not_allowed"]
    assert len(world.files.of(record_key(SECRET, "ingrid@example.com"))) == 2, "kept once"
    assert b"bilde" not in (world.out.sent[-1].value or b"")


async def test_nobody_reaches_anothers_file(world: World) -> None:
    """Whoever learns a reference would read what somebody else sent."""
    found = await world.takes(mail(("a.jpg", JPEG)))
    other = await world.takes(mail(("a.jpg", JPEG), sender="siv@example.com"))
    assert found[0].reference != other[0].reference
    assert world.lies("siv@example.com", found) == [None]


async def test_a_vault_that_is_away_loses_no_file(world: World) -> None:
    """The mail would be taken without its picture, and nobody would ask for it again."""
    world.opens = OperationalError("", {}, Exception())
    with pytest.raises(Turned) as turned:
        await world.takes(mail(("a.jpg", JPEG)))
    assert (turned.value.status, world.out.sent) == (503, [])
    assert await world.takes(mail()) == [], "who brings no file waits for no vault"
    world.opens = world.files
    assert world.lies("ingrid@example.com", await world.takes(mail(("a.jpg", JPEG)))) == [JPEG]


def test_what_is_no_file_is_none() -> None:
    """A signature or a report would stand there as a file that we threw away."""
    signed = (
        b"From: a@example.com\nSubject: x\nMIME-Version: 1.0\n"
        b"Content-Type: multipart/signed; boundary=b\n\n--b\n\nhei\n"
        b"--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"
    )
    assert submitted_from_mail(signed, POLICY.intake).attachments == ()
