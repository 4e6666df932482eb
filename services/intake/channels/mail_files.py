"""The files of a mail: what people attach, and the pictures that they paste among their words."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import policy as email_policy
from email.message import EmailMessage
from email.parser import BytesParser

from services.intake.channels import tnef
from services.intake.files import File
from shared.contracts.contract import LINE_CHARS_MAX

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
WINMAIL = "winmail.dat"
REPORT = "multipart/report"
# Proofs of who wrote it, which we do not judge, and which nobody misses.
SIGNATURES = frozenset(
    ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
)


def files_from_mail(raw: bytes) -> tuple[File, ...]:
    """Every file of a mail, in order."""
    mail = BytesParser(EmailMessage, policy=email_policy.default).parsebytes(raw)
    return tuple(files_in(mail))


def files_in(mail: EmailMessage) -> Iterator[File]:
    """Every file, also those of a mail that is passed on; a report that a mail came back has none.

    Words are no file: text without a name that is not marked as an attachment.
    """
    if mail.get_content_type() == REPORT:
        return
    for part in mail.walk():
        if part.is_multipart() or part.get_content_type() in SIGNATURES:
            continue
        name = one_line(part.get_filename() or "")
        attached = part.get_content_disposition() == "attachment"
        if part.get_content_maintype() == "text" and not name and not attached:
            continue
        kind, content = part.get_content_type()[:LINE_CHARS_MAX], _content(part)
        inside = tnef.opened(content or b"") if kind in tnef.MEDIA_TYPES else None
        if inside is not None:
            yield from (replace(each, name=one_line(each.name) or WINMAIL) for each in inside.files)
            continue
        yield File(name or kind, kind, None if kind in tnef.MEDIA_TYPES else content)


def words_of_winmail(mail: EmailMessage) -> str:
    """What Outlook wrapped up, where the mail itself says nothing."""
    parts = (part for part in mail.walk() if part.get_content_type() in tnef.MEDIA_TYPES)
    found = (tnef.opened(_content(part) or b"") for part in parts)
    return next((inside.words for inside in found if inside and inside.words), "")


def _content(part: EmailMessage) -> bytes | None:
    """The bytes; None where the part's own coding is beyond reading."""
    try:
        found = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 -- whatever the parser trips over, the mail still counts
        return None
    return found if isinstance(found, bytes) else None


def one_line(words: str) -> str:
    """A header's words on one line."""
    plain = words.encode("utf-8", "replace").decode()  # a stray byte becomes a question mark
    return _CONTROLS.sub(" ", plain).strip()[:LINE_CHARS_MAX]
