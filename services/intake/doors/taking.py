"""From the bytes of a request to messages in the log: read, admit, send, answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Protocol

from services.intake.channels import chat, email, json_event, note, shaped, social
from services.intake.channels.mail_files import files_from_mail
from services.intake.doors.admit import Admission, Admitted
from services.intake.doors.bounces import returned
from services.intake.doors.keeping import Aside, told
from services.intake.doors.keys import Caller
from services.intake.doors.problems import Turned, body_of, status_of
from services.intake.files import File
from shared.contracts.envelope import Outgoing
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault, Invalid, Transient

RETRY_AFTER_S = 5
LINES_MAX = 1_000
BATCH_BYTES_MAX = 10 * 1024 * 1024
BATCH_MEDIA_TYPE = "application/x-ndjson"


class Out(Protocol):
    """The way to the log."""

    async def send(self, outputs: Sequence[Outgoing]) -> None:
        """Return when the broker has them; raises `Transient` when it does not answer."""

    async def ready(self) -> bool:
        """Whether the broker answers."""


def _nothing_more(raw: bytes) -> tuple[()]:
    del raw
    return ()


@dataclass(frozen=True, slots=True)
class Shape:
    """A raw shape that the door reads: how, how long it may be, what else it tells and brings."""

    read: Callable[[bytes], ComplaintSubmitted]
    bytes_max: int
    tells: Callable[[bytes], Sequence[Outgoing]] = _nothing_more
    brings: Callable[[bytes], Sequence[File]] = _nothing_more


def _now() -> datetime:
    return datetime.now(UTC)


Claim = Callable[[], Awaitable[None]]


async def _unclaimed() -> None:
    """Whoever gives no Idempotency-Key claims none."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Takes messages in. `now` is the only clock. `aside` None: files are named, and not kept."""

    admission: Admission
    out: Out
    now: Callable[[], datetime] = _now
    link_secret: bytes = b""
    aside: Aside | None = None

    def shapes(self) -> dict[str, Shape]:
        """What is read, by media type."""
        mail = partial(email.submitted_from_mail, rules=self.admission.policy.intake)
        return {
            json_event.MEDIA_TYPE: Shape(json_event.submitted_from_json, json_event.BYTES_MAX),
            email.MEDIA_TYPE: Shape(mail, email.BYTES_MAX, self._returned, files_from_mail),
            chat.MEDIA_TYPE: Shape(chat.submitted_from_chat, shaped.BYTES_MAX),
            social.MEDIA_TYPE: Shape(social.submitted_from_social, shaped.BYTES_MAX),
            note.MEDIA_TYPE: Shape(note.submitted_from_note, shaped.BYTES_MAX),
        }

    async def take(
        self, raw: bytes, shape: Shape, *, caller: Caller, claim: Claim = _unclaimed
    ) -> Admitted:
        """One message; raises `Turned` with why not. `claim`: asked once it is known to be good."""
        try:
            # In a thread: ten megabytes of mail must not hold up everybody else.
            admitted = await asyncio.to_thread(self._admitted, raw, shape, caller=caller)
            more = await asyncio.to_thread(shape.tells, raw)
        except Invalid as invalid:
            raise Turned(status_of(invalid), *invalid.faults) from None
        await claim()
        await self._keep(admitted)
        await self._send([*more, admitted.outgoing])
        return admitted

    async def take_lines(
        self, raw: bytes, *, caller: Caller, claim: Claim = _unclaimed
    ) -> list[dict[str, object]]:
        """One message a line; each line's answer, in order. Empty lines are passed over."""
        lines = [line for line in raw.split(b"\n") if line.strip()]
        if not 0 < len(lines) <= LINES_MAX:
            hint = f"send 1 to {LINES_MAX} lines, one JSON object each"
            raise Turned(HTTPStatus.UNPROCESSABLE_ENTITY, Fault("lines", "", hint))
        found = await asyncio.to_thread(lambda: [self._line(line, caller) for line in lines])
        await claim()
        await self._send([each.outgoing for each in found if isinstance(each, Admitted)])
        return [
            {"line": number, **(accepted(each) if isinstance(each, Admitted) else each)}
            for number, each in enumerate(found, start=1)
        ]

    def _line(self, line: bytes, caller: Caller) -> Admitted | dict[str, object]:
        shape = self.shapes()[json_event.MEDIA_TYPE]
        try:
            return self._admitted(line, shape, caller=caller)
        except Invalid as invalid:
            return body_of(status_of(invalid), invalid)

    def _admitted(self, raw: bytes, shape: Shape, *, caller: Caller) -> Admitted:
        if len(raw) > shape.bytes_max:
            raise Invalid(Fault("too_large", "", f"at most {shape.bytes_max} bytes"))
        message = shape.read(raw)
        files: tuple[bytes, ...] = ()
        if self.aside is not None and message.attachments:
            key = self.admission.key_of(message, caller.source)
            rules = self.admission.policy.intake.attachments.kept
            said, files = told(shape.brings(raw), key, rules=rules)
            message = message.model_copy(update={"attachments": said or message.attachments})
        admitted = self.admission.admit(
            message,
            source=caller.source,
            scopes=caller.scopes,
            at=self.now(),
            traceparent=caller.traceparent,
        )
        return replace(admitted, files=files)

    async def _keep(self, admitted: Admitted) -> None:
        """Put its files aside; raises `Turned` when the vault does not answer."""
        if self.aside is None or not admitted.files:
            return
        try:
            await asyncio.to_thread(self.aside.put, admitted.key, admitted.files)
        except Transient:
            raise _later("ledger_unavailable") from None

    def _returned(self, raw: bytes) -> Sequence[Outgoing]:
        """Of a mail that came back: which of ours. Without the secret none can be told."""
        return returned(raw, secret=self.link_secret, at=self.now()) if self.link_secret else ()

    async def _send(self, outgoing: Sequence[Outgoing]) -> None:
        try:
            await self.out.send(outgoing)
        except Transient:
            raise _later("broker_unavailable") from None


def _later(code: str) -> Turned:
    hint = f"try again in {RETRY_AFTER_S} seconds; the same message is never taken twice"
    wait = {"Retry-After": str(RETRY_AFTER_S)}
    return Turned(HTTPStatus.SERVICE_UNAVAILABLE, Fault(code, "", hint), headers=wait)


def accepted(admitted: Admitted) -> dict[str, object]:
    """What the sender hears: their id and ours."""
    return {
        "status": HTTPStatus.ACCEPTED.value,
        "complaint_id": admitted.complaint_id,
        "channel_message_id": admitted.channel_message_id,
        "status_url": admitted.status_url,
    }
