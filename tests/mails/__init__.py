"""Mails written for the tests from the RFCs: automatic ones, which nobody answers, and people's.

Each has `X-Corpus`, what it is; people's also have `X-Words`, which must survive the reading.
Two mbox files, because some mails are not UTF-8: that is what they are for.
"""

import mailbox
from email.header import decode_header, make_header
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent


class Mail(NamedTuple):
    """A mail's raw bytes, what it is, and words that it says."""

    name: str
    raw: bytes
    words: str


def automatic() -> list[Mail]:
    """Mails that machines sent (RFC 3834, 3464, 8098, 5965, 5546, 2369; absences)."""
    return _read("automatic.mbox")


def people() -> list[Mail]:
    """Mails that people wrote, whatever their programs made of them."""
    return _read("people.mbox")


def _read(name: str) -> list[Mail]:
    box = mailbox.mbox(HERE / name, create=False)
    found = [
        Mail(
            str(mail["X-Corpus"]),
            mail.as_bytes(unixfrom=False),
            str(make_header(decode_header(str(mail.get("X-Words", ""))))),
        )
        for mail in box
    ]
    box.close()
    return found
