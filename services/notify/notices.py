"""A draft becomes a notice and the effect that sends it. Pure; ids are derived, never drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue, TypeAdapter, ValidationError

from services.notify.model import Draft, Matter
from services.notify.owed import ACKNOWLEDGEMENT, is_public
from services.notify.policy import NotifyPolicy
from services.notify.render import Spoken
from services.notify.wording import BARE, COUNTER, form_of, said_to, told_to_colleagues
from shared.contracts.contract import Channel, WrittenForm
from shared.contracts.identity import derived
from shared.contracts.notifications import NoticePersonal, NotificationRequested
from shared.contracts.submitted import Address
from shared.stage.decision import Effect

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class Way:
    """How a message leaves: an effect's kind, and the address, number or thread it goes to."""

    kind: str
    to: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Leaving:
    """A message on its way: the event, the effect, and what to remember of it."""

    notice: NotificationRequested
    effect: Effect
    remember: dict[str, JsonValue]


def leaving(
    matter: Matter, draft: Draft, *, now: datetime, after: str | None, policy: NotifyPolicy
) -> Leaving | None:
    """The message of a draft; None when there is no way to the complainant that may carry it."""
    way = way_of(matter, draft, policy=policy)
    if way is None:
        return None
    form = form_of(matter, draft, policy=policy)
    if draft.audience == "complainant":
        script = {"call": "tell" if way.to == COUNTER else "call"}.get(way.kind)
        spoken = said_to(matter, draft, script=script, now=now, policy=policy)
    else:
        spoken = told_to_colleagues(matter, draft, now=now, policy=policy)
    notice = _notice(matter, draft, way=way, form=form, spoken=spoken)
    return Leaving(
        notice, _effect(matter, notice, way=way, after=after), _memory(notice, draft, now=now)
    )


def way_of(matter: Matter, draft: Draft, *, policy: NotifyPolicy) -> Way | None:
    """The first way of the complaint's channel that has somewhere to go."""
    seen = matter.registered or matter.triaged or {}
    # As registered: the contract checked it when it was read.
    channel: Channel = str(seen.get("channel") or "email")  # type: ignore[assignment]
    if draft.audience != "complainant":
        return Way("staff", f"role:{draft.audience}", channel)
    ways = policy.rules.ways[channel]
    if is_public(matter, policy) and draft.template not in BARE:
        ways, channel = policy.rules.private_ways, "email"
    for kind in ways:
        to = _destination(matter, kind)
        if to:
            return Way("call" if kind == "tell" else kind, to, channel)
    return None


def _destination(matter: Matter, kind: str) -> str:
    personal = matter.personal
    if not personal:
        return ""
    if kind == "mail":
        given = (str(personal.get(name) or "") for name in ("email", "reply_to"))
        return next((address for address in given if is_address(address)), "")
    if kind == "call":
        return str(personal.get("phone") or "")
    if kind == "tell":
        return COUNTER
    thread = (matter.registered or {}).get("thread")
    return str(personal.get("reply_to") or thread or "")


def is_address(text: str) -> bool:
    """One address and nothing else: no list, no line break, no display name."""
    try:
        _ADDRESS.validate_python(text)
    except ValidationError:
        return False
    return text.isprintable()


def _notice(
    matter: Matter, draft: Draft, *, way: Way, form: WrittenForm, spoken: Spoken
) -> NotificationRequested:
    recovery = draft.recovery or {}
    version, recovery_id = recovery.get("version"), recovery.get("recovery_id")
    return NotificationRequested(
        notice_id=derived("notice", matter.complaint_id, draft.name),
        complaint_id=matter.complaint_id,
        case_id=matter.case_id,
        kind=draft.kind,
        counts_as=draft.counts_as or (draft.kind,),
        audience=draft.audience,
        channel=way.channel,
        written_form=form,
        template=draft.template,
        version=version if isinstance(version, int) else 1,
        recovery_id=recovery_id if isinstance(recovery_id, str) else None,
        personal=NoticePersonal(
            to=None if way.kind == "staff" else way.to, subject=spoken.subject, body=spoken.body
        ),
    )


def _effect(
    matter: Matter, notice: NotificationRequested, *, way: Way, after: str | None
) -> Effect:
    seen = matter.registered or {}
    personal = notice.personal.model_dump(mode="json")
    payload: Mapping[str, JsonValue] = {
        "notice_id": notice.notice_id,
        "to": way.to,
        "subject": personal["subject"],
        "body": personal["body"],
        "written_form": notice.written_form,
        "channel": notice.channel,
        "in_reply_to": seen.get("message_id"),
        "thread": seen.get("thread"),
    }
    return Effect(
        key=derived("effect", notice.notice_id),
        kind=way.kind,
        complaint_id=matter.complaint_id,
        payload=payload,
        after=after,
    )


def _memory(notice: NotificationRequested, draft: Draft, *, now: datetime) -> dict[str, JsonValue]:
    fields = notice.model_dump(mode="json", exclude={"personal"})
    memory: dict[str, JsonValue] = {
        "at": now.isoformat(),
        "key": derived("effect", notice.notice_id),
        "notice": fields,
    }
    if draft.limits:
        memory["limits"] = True
    if draft.name == ACKNOWLEDGEMENT and draft.template in ("plain", "public"):
        memory["plain"] = draft.template == "plain"
    return memory
