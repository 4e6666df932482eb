"""What was written, by whom and to whom, in the order it was said."""

from collections.abc import Mapping
from typing import Literal

from services.desk.model import MessageView
from services.desk.standing import Events
from shared.contracts import cases as ca
from shared.contracts import notifications as no
from shared.contracts import registered as rg
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event


def of(events: Events, refused: Mapping[str, str]) -> tuple[MessageView, ...]:
    """Every message of the case; `events` in order, `refused` by event id."""
    states = _states(events)
    found = (
        _reply(event) or _from_person(event) or _notice(event, states)
        for event in events
        if event.id not in refused
    )
    return tuple(message for message in found if message is not None)


def _states(events: Events) -> dict[str, str]:
    """How far each notice came, by its id."""
    states: dict[str, str] = {}
    for event in events:
        if isinstance(event.data, no.NotificationSent):
            states[event.data.notice_id] = "sent"
        elif isinstance(event.data, no.NotificationFailed):
            states[event.data.notice_id] = event.data.state
    return states


def _reply(event: Event[Contract]) -> MessageView | None:
    reply = event.data
    if not isinstance(reply, rg.ComplaintReplied) or not isinstance(reply.personal, rg.Personal):
        return None
    return MessageView(
        at=event.time,
        who="complainant",
        kind="reply",
        audience="complainant",
        channel=reply.channel,
        subject=reply.personal.subject or "",
        body=reply.personal.text,
        event_id=event.id,
        attachments=reply.personal.attachments,
    )


def _from_person(event: Event[Contract]) -> MessageView | None:
    said = event.data
    if isinstance(said, ca.CaseAsked):
        return _words(event, said, kind="asked")
    if isinstance(said, ca.CaseAnswered):
        return _words(event, said, kind="answered")
    return _words(event, said, kind="decided") if isinstance(said, ca.CaseDecided) else None


def _words(
    event: Event[Contract],
    said: ca.CaseAsked | ca.CaseAnswered | ca.CaseDecided,
    *,
    kind: Literal["asked", "answered", "decided"],
) -> MessageView | None:
    if not isinstance(said.personal, ca.Words):
        return None
    return MessageView(
        at=event.time,
        who="person",
        kind=kind,
        audience="complainant",
        body=said.personal.text,
        by=said.actor,
        event_id=event.id,
    )


def _notice(event: Event[Contract], states: Mapping[str, str]) -> MessageView | None:
    notice = event.data
    if not isinstance(notice, no.NotificationRequested):
        return None
    if not isinstance(notice.personal, no.NoticePersonal):
        return None
    return MessageView(
        at=event.time,
        who="machine",
        kind=notice.kind,
        audience=notice.audience,
        channel=notice.channel,
        written_form=notice.written_form,
        subject=notice.personal.subject,
        body=notice.personal.body,
        state=states.get(notice.notice_id, "requested"),
        event_id=event.id,
    )
