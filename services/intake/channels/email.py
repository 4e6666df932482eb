"""A mail (RFC 5322) as a complaint: its words without the quoted thread, its headers kept.

The From address says who to answer, never who someone is. The Date is the sender's clock: when
the mail came, the door says. Attachments are named here; the door keeps their bytes aside.
"""

import hashlib
import re
from collections.abc import Iterator
from email import policy as email_policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses

from services.intake.channels.forwards import Around, Forwarded, another, forwarded
from services.intake.channels.html_text import text_of_html
from services.intake.channels.mail_files import files_in, one_line, words_of_winmail
from services.intake.channels.quotes import without_quotes
from services.intake.policy import IntakeRules, Robots, load
from services.intake.robots import CALENDAR_METHOD, local_part
from shared.contracts.contract import TEXT_CHARS_MAX
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
    passed_on = _passed_on(mail, rules)
    said = passed_on.words if passed_on else _words(mail, rules)
    said = _cut(said) or subject or ""
    if not said.strip():
        raise Invalid(Fault("missing", "text", "the mail says nothing, in its text or subject"))
    return ComplaintSubmitted(
        channel="email",
        channel_message_id=_message_id(mail, raw),
        complainant=Complainant(name=name or None, email=address),
        on_behalf_of=_first_writer(passed_on, sender, rules=rules),
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
    return one_line(str(found))


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
    return (without_quotes(whole, rules) or whole).strip()


def _cut(said: str) -> str:
    return said if len(said) <= TEXT_CHARS_MAX else said[: TEXT_CHARS_MAX - len(CUT)] + CUT


def _passed_on(mail: EmailMessage, rules: IntakeRules) -> Forwarded | None:
    """What the mail forwards, below its words or as an attached mail; None: nothing."""
    around = Around(_header(mail, "subject"), answers="in-reply-to" in mail)
    below = forwarded(_body(mail, quotes=True), around, rules=rules)
    attached = list(_attached_mails(mail))
    if not attached:
        return below
    words = [below.words if below else _words(mail, rules)]
    words += [_body(each, quotes=True).strip() or _header(each, "subject") for each in attached]
    writer = (below.writer if below else None) or _header(attached[0], "from") or None
    return Forwarded("\n\n".join(part for part in words if part), writer)


def _first_writer(
    passed_on: Forwarded | None, sender: tuple[str, str], *, rules: IntakeRules
) -> str | None:
    """Who is said to have written what is passed on, when it is somebody else."""
    writer = passed_on.writer if passed_on else None
    return one_line(writer) if writer and another(writer, sender, rules=rules) else None


def _attached_mails(mail: EmailMessage) -> Iterator[EmailMessage]:
    """Mails that a person attached; a report that a mail came back is no forward."""
    if mail.get_content_type() == "multipart/report":
        return
    tops = mail.iter_parts() if mail.get_content_maintype() == "multipart" else (mail,)
    for part in tops:
        inner = part.get_payload() if part.get_content_type() == MEDIA_TYPE else None
        if isinstance(inner, list) and inner and isinstance(inner[0], EmailMessage):
            yield inner[0]


def _body(mail: EmailMessage, *, quotes: bool = False) -> str:
    """The plain text; where it is empty (some programs write only HTML), the HTML's words."""
    for kind in ("plain", "html"):
        part = mail.get_body(preferencelist=(kind,))
        if part is None:
            continue
        text = _decoded(part)
        text = text_of_html(text, quotes=quotes) if kind == "html" else text
        if text.strip():
            return text.replace("\r\n", "\n").replace("\0", "")
    return words_of_winmail(mail).replace("\r\n", "\n").replace("\0", "")


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
    for file in files_in(mail):
        size = None if file.content is None else len(file.content)
        yield Attachment(name=file.name, media_type=file.media_type, size_bytes=size)
