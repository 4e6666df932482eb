"""An effect as an e-mail: one recipient, safe headers, the same bytes at every attempt."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import cache, lru_cache
from typing import Self

from pydantic import JsonValue

from services.notify.policy import FORMS
from services.notify.senders.page import page
from shared.errors import Fault, Invalid
from shared.links import RETURN_HEADER
from shared.stage.effects import Claimed

_MESSAGE_ID = re.compile(r"<?([^<>\s@]+@[^<>\s@]+)>?")


# What is read by nobody but its reader: of these the line is all there is.
_UNREAD = frozenset({"date", "in-reply-to", "references", "subject"})
# An address or a token longer than a line: folded, a mail program would find half of it.
_WHOLE = frozenset({"list-unsubscribe", "message-id", RETURN_HEADER.lower()})
_OURS = "x-kulanse-"
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
# What every mail says alike, from a few values of our own.
_ALIKE = frozenset(
    {
        "auto-submitted",
        "content-language",
        "content-transfer-encoding",
        "content-type",
        "from",
        "mime-version",
        "x-auto-response-suppress",
    }
)
_ALIKE_MAX = 64  # beside a few dozen there is a boundary for each mail, which goes again


class _Folded(BaseHeader):
    """A header that is folded once: there is one policy, and what mails say alike is one object."""

    _line = ""

    def fold(self, *, policy: Policy) -> str:
        """As the library does it."""
        self._line = self._line or super().fold(policy=policy)
        return self._line


class _Plain(BaseHeader):
    """A header that is its own line: nothing in it is to be read, encoded or folded."""

    def __new__(cls, name: str, value: str) -> Self:
        """As it is; the library's own would be taken apart."""
        self = str.__new__(cls, value)
        self.init(name, parse_tree=None, defects=())  # type: ignore[arg-type]  # nothing was read
        return self

    def fold(self, *, policy: Policy) -> str:
        """As the library does it where it has nothing to do."""
        return f"{self.name}: {self}{policy.linesep}"


class _Parted(_Plain):
    """That a mail has parts, and what stands between them: on a second line where it is long."""

    def fold(self, *, policy: Policy) -> str:
        """As the library does it."""
        line = super().fold(policy=policy)
        fits = len(line.rstrip()) <= (policy.max_line_length or len(line))
        return line if fits else line.replace("; ", f";{policy.linesep} ")


def _is_plain(name: str, value: str) -> bool:
    """Whether the library would leave the value as it is."""
    unread = name in _UNREAD or name in _WHOLE or name.startswith(_OURS)
    fits = name in _WHOLE or len(f"{name}: {value}") <= (SMTP.max_line_length or 0)
    return unread and fits and "=?" not in value and _PLAIN.fullmatch(value) is not None


class _Whole(UnstructuredHeader, BaseHeader):
    """One of `_WHOLE` that is not plain."""

    def fold(self, *, policy: Policy) -> str:
        """In one line, of at most 998 characters (RFC 5322 2.1.1)."""
        return f"{self.name}: {self}{policy.linesep}"


class _Headers(HeaderRegistry):
    """The library's, which makes a class for every single header and reads each anew.

    Made and read once a kind, and once where all mails say it alike, it is half of a mail's cost.
    """

    def __init__(self) -> None:
        """With our own kinds."""
        super().__init__(base_class=_Folded)
        for name in _WHOLE - {"message-id"}:
            self.map_to_type(name, _Whole)
        self._kind = cache(super().__getitem__)
        self._alike = lru_cache(maxsize=_ALIKE_MAX)(self._read)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        """The kind of a header."""
        return self._kind(name.lower())

    def __call__(self, name: str, value: object) -> BaseHeader:
        """A header, read where there is something to read."""
        if isinstance(value, str) and _is_plain(name.lower(), value):
            return _Plain(name, value)
        return (self._alike if name.lower() in _ALIKE else self._read)(name, value)

    def _read(self, name: str, value: object) -> BaseHeader:
        return self[name](name, value)


_POLICY = SMTP.clone(header_factory=_Headers())


def letter(effect: Claimed, *, mail_from: str) -> EmailMessage:
    """The message of an effect; raises `Invalid` when a header or the address will not do.

    A mail carries the token that a bounce brings back.

    Message-ID and Date are derived from the effect, so that a second attempt has the same bytes.
    """
    payload = effect.payload
    message = EmailMessage(policy=_POLICY)
    try:
        sender = _sender(mail_from)
        message["From"] = str(sender)
        _address(message, str(payload["to"]), kind=effect.kind)
        message["Subject"] = str(payload["subject"])
    except (ValueError, IndexError) as error:
        # The words of the error may quote an address; its kind says enough.
        raise Invalid(Fault("header_refused", "to", type(error).__name__)) from None
    message["Date"] = format_datetime(_created(effect))
    message["Message-ID"] = f"<{payload['notice_id']}.{effect.complaint_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-replied"
    # Microsoft's servers answer with out-of-office notes unless told not to: no robot of theirs
    # needs to talk to ours.
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    _thread(message, str(payload.get("in_reply_to") or ""))
    form = str(payload.get("written_form") or "")
    message.set_content(str(payload["body"]) + "\n", charset="utf-8", cte="quoted-printable")
    if effect.kind == "mail":
        _beside(message, payload, form=form)
        _may_end(message, str(payload.get("unsubscribe") or ""))
        if payload.get("returns"):
            message[RETURN_HEADER] = str(payload["returns"])
    # Last: whatever sets the content takes away what was said of one before.
    if form in FORMS:
        message["Content-Language"] = form
    return message


def _beside(message: EmailMessage, payload: Mapping[str, JsonValue], *, form: str) -> None:
    """The same words as HTML; the boundary is derived too, for the same bytes."""
    given = payload.get("addresses")
    links = tuple(str(each) for each in (given if isinstance(given, list) else ()))
    html = page(str(payload["subject"]), str(payload["body"]), form=form, links=links)
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    parted = f'multipart/alternative; boundary="kulanse-{payload["notice_id"]}"'
    message.replace_header("Content-Type", _Parted("Content-Type", parted))


def _may_end(message: EmailMessage, address: str) -> None:
    """A survey can be ended by the mail program's own button (RFC 8058); what we owe cannot."""
    if address:
        message["List-Unsubscribe"] = f"<{address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


@lru_cache(maxsize=_ALIKE_MAX)
def _sender(mail_from: str) -> Address:
    return Address(addr_spec=mail_from)


def _address(message: EmailMessage, to: str, *, kind: str) -> None:
    """Mail has one address; a colleague's role, a telephone number or a thread is no address."""
    if kind == "mail":
        message["To"] = Address(addr_spec=to)
    else:
        message[f"X-Kulanse-{kind.title()}"] = to


def _thread(message: EmailMessage, in_reply_to: str) -> None:
    found = _MESSAGE_ID.fullmatch(in_reply_to.strip())
    if found:
        message["In-Reply-To"] = message["References"] = f"<{found[1]}>"


def _created(effect: Claimed) -> datetime:
    return effect.created_at.replace(microsecond=0)
