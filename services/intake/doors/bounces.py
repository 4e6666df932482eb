"""Mail that came back (RFC 3464): which of ours it was, and whether anybody lives there. Pure.

Believed only with the token that our mail carried (`X-Kulanse-Return`, signed): a From address
proves nothing, and whoever could invent a bounce could cut somebody off from our answers.
"""

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import Message

from shared.contracts.codec import encode
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import derived
from shared.contracts.inbox import EffectOutcome
from shared.contracts.topics import NOTIFY_INBOX
from shared.links import RETURN_HEADER, Link, effect_of, link_of

# RFC 3463 3.2, 3.3, 3.5: no such mailbox or domain, moved, not a name; disabled; no route for good.
DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "5.4.310"})
_WORTH_READING = (b"delivery-status", RETURN_HEADER.lower().encode())
_STATUS_CHARS_MAX = 10


def returned(raw: bytes, *, secret: bytes, at: datetime) -> tuple[Outgoing, ...]:
    """What notify is told of a mail that is a bounce of ours; nothing of any other."""
    small = raw.lower()
    if not all(mark in small for mark in _WORTH_READING):
        return ()
    mail = message_from_bytes(raw)
    status = next(_failures(mail), None)
    links = (link_of(token, secret=secret) for token in _tokens(mail))
    link = next((each for each in links if each is not None and each.purpose == "returned"), None)
    if status is None or link is None or link.about is None:
        return ()
    return (encode(_outcome(link, status, at=at)),)


def _outcome(link: Link, status: str, *, at: datetime) -> Event[EffectOutcome]:
    """The effect that was thought to have arrived has failed; the same bounce is the same event."""
    data = EffectOutcome(
        effect_key=effect_of(str(link.about)),
        kind="mail",
        complaint_id=link.complaint_id,
        state="failed",
        code=f"bounced_{status}",
        detail={"way": "smtp", "dead_address": status in DEAD, "bounced": True},
        at=at,
    )
    return Event(
        id=derived("bounce", str(link.about)),
        source="kulanse/intake",
        key=link.key,
        time=at,
        data=data,
        topic=NOTIFY_INBOX.name,
    )


def _failures(mail: Message) -> Iterator[str]:
    """The status of each recipient whom it will never reach; a delay is none."""
    for part in mail.walk():
        # Its blocks of fields are parsed as messages within it.
        if part.get("action", "").strip().lower() == "failed":
            status = part.get("status", "").split()[:1]
            if status and status[0].startswith("5."):
                yield status[0][:_STATUS_CHARS_MAX]


def _tokens(mail: Message) -> Iterator[str]:
    """The token in what was sent back: the whole mail, or its headers alone."""
    for part in mail.walk():
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            text = content.decode("ascii", "replace") if isinstance(content, bytes) else ""
            yield from _token(message_from_string(text))
        elif part is not mail:
            yield from _token(part)


def _token(headers: Message) -> Iterator[str]:
    found = headers.get(RETURN_HEADER)
    if found is not None:
        yield "".join(str(found).split())
