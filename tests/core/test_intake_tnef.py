"""winmail.dat: the words and files that Outlook wraps are read; a broken one holds nothing up."""

import struct
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.channels.email import submitted_from_mail
from services.intake.channels.mail_files import files_from_mail
from services.intake.channels.tnef import (
    BODY,
    CODE_PAGE,
    CONTENT,
    FILE_BEGINS,
    FILE_DATA,
    FILE_PROPERTIES,
    FILE_TITLE,
    HTML,
    LONG_NAME,
    PROPERTIES,
    SIGNATURE,
    TEXT,
    Inside,
    opened,
)
from services.intake.files import File, judged
from services.intake.policy import load
from shared.errors import Invalid

RULES = load()[0].intake
PICTURE = b"\xff\xd8\xff bilde\0\0\0"
UNICODE, BINARY, BOOLEAN = 0x1F, 0x102, 0x0B
UTF_8, NONE = 65001, 99999


def attribute(name: int, data: bytes) -> bytes:
    """One attribute of the stream, with its checksum."""
    head = struct.pack("<BII", 1, name, len(data))
    return head + data + struct.pack("<H", sum(data) & 0xFFFF)


def counted(kind: int, name: int, *, data: bytes) -> bytes:
    """A property of no fixed size."""
    return struct.pack("<HHII", kind, name, 1, len(data)) + data + bytes(-len(data) % 4)


def properties(*found: bytes) -> bytes:
    """A list of properties."""
    return struct.pack("<I", len(found)) + b"".join(found)


def winmail(*attributes: bytes, page: int = 1252) -> bytes:
    """A whole winmail.dat."""
    head = struct.pack("<IH", SIGNATURE, 1) + attribute(CODE_PAGE, struct.pack("<II", page, 0))
    return head + b"".join(attributes)


def a_file(title: bytes, content: bytes, *more: bytes) -> bytes:
    """A file in it; with these properties, too."""
    found = attribute(FILE_BEGINS, bytes(14)) + attribute(FILE_TITLE, title + b"\0")
    found += attribute(FILE_DATA, content)
    return found + (attribute(FILE_PROPERTIES, properties(*more)) if more else b"")


NAMED = struct.pack("<HH16sIII", 3, 0x8001, bytes(16), 0, 7, 1)
NAMED_BY_WORD = struct.pack("<HH16sII", 3, 0x8002, bytes(16), 1, 3) + b"ab\0\0" + bytes(4)
FLAG = struct.pack("<HHI", BOOLEAN, 0x0E1F, 1)
WORDS = "Støvelen er øydelagd."
WHOLE = winmail(
    attribute(
        PROPERTIES,
        properties(
            NAMED, NAMED_BY_WORD, FLAG, counted(UNICODE, TEXT, data=WORDS.encode("utf-16-le"))
        ),
    ),
    a_file(
        b"BILDE~1.JPG", PICTURE, counted(UNICODE, LONG_NAME, data="støvel.jpg".encode("utf-16-le"))
    ),
    a_file("ærlig.txt".encode("cp1252"), b"sant"),
)


def test_words_and_files_are_read() -> None:
    """Who writes by Outlook would seem to say nothing, and be asked for the picture again."""
    kind = "application/octet-stream"
    files = (File("støvel.jpg", kind, PICTURE), File("ærlig.txt", kind, b"sant"))
    assert opened(WHOLE) == Inside(WORDS, files)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (winmail(attribute(BODY, WORDS.encode("cp1252") + b"\0")), WORDS),
        (winmail(attribute(BODY, WORDS.encode()), page=UTF_8), WORDS),
        (winmail(attribute(BODY, WORDS.encode("cp1252")), page=NONE), WORDS),
        (
            winmail(
                attribute(PROPERTIES, properties(counted(BINARY, HTML, data=b"<p>Hei <b>du</b>")))
            ),
            "Hei du",
        ),
        (winmail(), ""),
    ],
)
def test_words_are_read_in_each_of_their_places(raw: bytes, words: str) -> None:
    """One of Outlook's ways of writing would arrive empty, or with wrong letters."""
    found = opened(raw)
    assert found is not None
    assert found.words == words


def test_a_files_bytes_may_lie_among_its_properties() -> None:
    """Exchange's own way of enclosing a file would bring it empty."""
    found = opened(winmail(a_file(b"a.jpg", b"", counted(BINARY, CONTENT, data=PICTURE))))
    assert found is not None
    assert found.files[0].content == PICTURE


def mail(raw: bytes, *, words: str = "") -> bytes:
    """A mail with a winmail.dat; without words of its own unless some are given."""
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "ingrid@example.com", "Klage", "<m@e.com>"
    if words:
        made.set_content(words)
    made.add_attachment(raw, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return bytes(made)


def test_a_mail_of_nothing_but_a_winmail_says_its_words() -> None:
    """The complaint would be its subject alone."""
    found = submitted_from_mail(mail(WHOLE), RULES)
    assert found.text == WORDS
    assert [each.name for each in found.attachments] == ["støvel.jpg", "ærlig.txt"]
    beside = submitted_from_mail(mail(WHOLE, words="Det manglar ein skrue."), RULES)
    assert beside.text == "Det manglar ein skrue.", "the mail's own words come first"


@pytest.mark.parametrize("length", range(1, len(WHOLE), 7))
def test_a_winmail_that_is_cut_is_named_and_the_mail_goes_on(length: int) -> None:
    """A mail server that cuts would cost the complaint."""
    found = submitted_from_mail(mail(WHOLE[:length], words="Hei."), RULES)
    assert found.text == "Hei."
    said = judged(files_from_mail(mail(WHOLE[:length], words="Hei.")), RULES.attachments.kept)
    assert {each.attachment.refused for each in said} <= {"unreadable", None}


@given(noise=st.binary(max_size=400), at=st.integers(0, len(WHOLE)), over=st.booleans())
def test_no_bytes_break_the_reading(*, noise: bytes, at: int, over: bool) -> None:
    """Anybody could stop the door with an attachment."""
    raw = WHOLE[:at] + noise + WHOLE[at + (len(noise) if over else 0) :]
    found = opened(raw)
    assert found is None or sum(len(each.content or b"") for each in found.files) <= len(raw)


@pytest.mark.parametrize(
    "raw",
    [
        winmail(attribute(PROPERTIES, b"\xff" * 64)),
        winmail(attribute(PROPERTIES, b"\xff\xff\xff\xff")),
        winmail(attribute(PROPERTIES, b"\1\0\0\0\3\x10\0\x10\xff\xff\xff\xff")),
        struct.pack("<IHBII", SIGNATURE, 1, 1, BODY, 2**32 - 1),
        b"",
        b"eJ8+Ig",
    ],
    ids=["noise", "four billion properties", "four billion values", "4 GB", "empty", "no winmail"],
)
def test_what_it_counts_is_held_against_what_is_there(raw: bytes) -> None:
    """Four billion announced properties would keep a door busy for hours."""
    assert opened(raw) is None


def test_a_mail_of_nothing_but_a_broken_winmail_is_its_subject() -> None:
    """It would be turned away though its subject says what is wrong; without one it must be."""
    assert submitted_from_mail(mail(b"x"), RULES).text == "Klage"
    bare = mail(b"x").replace(b"Subject: Klage", b"X-Other: y")
    with pytest.raises(Invalid):
        submitted_from_mail(bare, RULES)
