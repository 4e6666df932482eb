"""A mail (RFC 5322) as a complaint: its words without the quoted thread, its headers kept.

The From address says who to answer, never who someone is. The Date is the sender's clock: when
the mail came, the door says. Attachments are named, not carried.
"""

import hashlib
import re
from collections.abc import Iterator
from email import policy as email_policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses

from services.intake.channels.html_text import text_of_html
from services.intake.channels.quotes import without_quotes
from services.intake.policy import IntakeRules, Robots, load
from services.intake.robots import CALENDAR_METHOD, local_part
from shared.contracts.contract import LINE_CHARS_MAX, TEXT_CHARS_MAX
from shared.contracts.submitted import (
    ATTACHMENTS_MAX,
    Attachment,
    Complainant,
    ComplaintSubmitted,
)
from shared.errors import Fault, Invalid

MEDIA_TYPE = "message/rfc822"
BYTES_MAX = 10 * 1024 * 1024
# What robots and threads are known by, beside the robots' own headers (policy); the rest of a
# mail's headers is nobody's business.
KEPT_HEADERS = (
    "auto-submitted",
    "date",
    "delivered-to",
    "in-reply-to",
    "precedence",
    "references",
    "return-path",
    "x-auto-response-suppress",
)
CUT = "\n[…]"  # the mark of a letter that was too long
ADDRESS_CHARS_MAX = 254
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[^\s@,;<>\x00]+@[^\s@,;<>\x00]+\.[^\s@,;<>\x00]+")


def submitted_from_mail(raw: bytes, rules: IntakeRules | None = None) -> ComplaintSubmitted:
    """Read one mail; raises `Invalid` when nobody can be answered or nothing is said.

    Without `rules`, the policy's own are loaded (command line).
    """
    mail = BytesParser(EmailMessage, policy=email_policy.default).parsebytes(raw)
    sender = _first_address(mail, "from")
    if not sender:
        raise Invalid(Fault("unreachable", "from", "a mail needs one sender's address in From"))
    rules = rules or load()[0].intake
    answer_to = _first_address(mail, "reply-to")
    if answer_to and local_part(sender[1]) in rules.robots.no_reply:
        sender = answer_to  # a web form's mail: who filled it in stands there
    name, address = sender
    subject = _header(mail, "subject") or None
    said = _words(mail, rules) or subject or ""
    if not said.strip():
        raise Invalid(Fault("missing", "text", "the mail says nothing, in its text or subject"))
    return ComplaintSubmitted(
        channel="email",
        channel_message_id=_message_id(mail, raw),
        complainant=Complainant(name=name or None, email=address),
        subject=subject,
        text=said,
        reply_to=answer_to[1] if answer_to else None,
        in_reply_to=_header(mail, "in-reply-to") or None,
        headers=_kept(mail, rules.robots),
        attachments=tuple(_attachments(mail))[:ATTACHMENTS_MAX],
    )


def _header(mail: EmailMessage, name: str) -> str:
    """A header's words on one line; Python's parser trips over some that strangers send."""
    try:
        found = mail.get(name, "")
    except Exception:  # noqa: BLE001 -- whatever the parser trips over, the mail still counts
        found = next((v for n, v in mail.raw_items() if n.lower() == name), "")
    return _one_line(str(found))


def _one_line(words: str) -> str:
    plain = words.encode("utf-8", "replace").decode()  # a stray byte becomes a question mark
    return _CONTROLS.sub(" ", plain).strip()[:LINE_CHARS_MAX]


def _first_address(mail: EmailMessage, header: str) -> tuple[str, str] | None:
    for name, address in getaddresses([_header(mail, header)]):
        if len(address) <= ADDRESS_CHARS_MAX and _ADDRESS.fullmatch(address):
            return name, address
    return None


def _message_id(mail: EmailMessage, raw: bytes) -> str:
    return _header(mail, "message-id") or f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _kept(mail: EmailMessage, robots: Robots) -> dict[str, str]:
    found = {name: _header(mail, name) for name in (*KEPT_HEADERS, *robots.headers)}
    found["content-type"] = mail.get_content_type()
    found[CALENDAR_METHOD] = _calendar_method(mail)
    # A robot's header counts by being there, whatever it says.
    found |= {name: "yes" for name in robots.headers if name in mail and not found[name]}
    return {name: value for name, value in found.items() if value}


def _words(mail: EmailMessage, rules: IntakeRules) -> str:
    """What this mail says itself; all of it when there is nothing but a quote."""
    whole = _body(mail)
    said = (without_quotes(whole, rules) or whole).strip()
    if len(said) > TEXT_CHARS_MAX:
        return said[: TEXT_CHARS_MAX - len(CUT)] + CUT
    return said


def _body(mail: EmailMessage) -> str:
    """The plain text; where it is empty (some programs write only HTML), the HTML's words."""
    for kind in ("plain", "html"):
        part = mail.get_body(preferencelist=(kind,))
        if part is None:
            continue
        text = _decoded(part)
        text = text_of_html(text) if kind == "html" else text
        if text.strip():
            return text.replace("\r\n", "\n").replace("\0", "")
    return ""


def _calendar_method(mail: EmailMessage) -> str:
    parts = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    methods = (part.get_param("method") for part in parts)
    return next((method.lower() for method in methods if isinstance(method, str)), "")


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return raw.decode(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeDecodeError):
        # A charset that is unknown or a lie: every byte of Windows' Western set is some letter.
        return raw.decode("cp1252", "replace")


def _attachments(mail: EmailMessage) -> Iterator[Attachment]:
    for part in mail.iter_attachments():
        payload = part.get_payload(decode=True)
        yield Attachment(
            name=_one_line(part.get_filename() or "") or part.get_content_type(),
            media_type=part.get_content_type()[:LINE_CHARS_MAX],
            size_bytes=len(payload) if isinstance(payload, bytes) else None,
        )
