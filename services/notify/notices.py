"""A draft becomes a notice and the effect that sends it. Pure; ids are derived, never drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from services.notify.etiquette import alike, not_before
from services.notify.linking import links_in
from services.notify.model import Draft, Matter
from services.notify.owed import ACKNOWLEDGEMENT
from services.notify.policy import FORMS, NotifyPolicy
from services.notify.render import Spoken
from services.notify.ways import Way, address_mark, ways_of
from services.notify.wording import form_of, forms_of, in_forms, said_to, told_to_colleagues
from shared.contracts.contract import WrittenForm
from shared.contracts.notifications import NoticePersonal, NotificationRequested, notice_id_of
from shared.links import effect_of
from shared.stage.decision import Effect


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
    ways = ways_of(matter, draft, policy=policy)
    if not ways:
        return None
    form = form_of(matter, draft, policy=policy)
    # What is written reads alike in every letter; only a call has a script around it.
    theirs = draft.audience == "complainant"
    phrases = in_forms(matter, draft, now=now, policy=policy) if theirs else ()
    spoken = {
        script: said_to(phrases, script=script)
        if theirs
        else told_to_colleagues(matter, draft, now=now, policy=policy)
        for script in {way.script for way in ways}
    }
    first = spoken[ways[0].script]
    notice = _notice(matter, draft, way=ways[0], form=form, spoken=first)
    legs: list[dict[str, JsonValue]] = [{"kind": way.kind, "to": way.to} for way in ways]
    for leg, way in zip(legs, ways, strict=True):
        if leg is legs[0] or way.script != ways[0].script:
            said = spoken[way.script]
            leg |= {"subject": said.subject, "body": said.body}
    effect = _effect(matter, notice, legs=legs, after=after)
    forms = forms_of(matter, draft, policy=policy)
    links = links_in(matter, draft, body=first.body, forms=forms, policy=policy)
    if links:
        effect = replace(effect, payload={**effect.payload, "links": links})
    wait = not_before(matter, draft, now=now, policy=policy)
    remember = _memory(notice, draft, now=now)
    if draft.name == ACKNOWLEDGEMENT and matter.unsigned is not None:
        remember["unsigned"] = True
    if mails := [way for way in ways if way.kind == "mail"]:
        remember["to"] = address_mark(mails[0].to)
    if draft.name == ACKNOWLEDGEMENT and form in FORMS:
        about = str(phrases[0].values["about"])
        remember["alike"] = alike(matter, draft, about=about, to=ways[0].to)
    return Leaving(notice, replace(effect, due_at=wait), remember)


def _notice(
    matter: Matter, draft: Draft, *, way: Way, form: WrittenForm, spoken: Spoken
) -> NotificationRequested:
    recovery, promise = draft.recovery or {}, draft.promise or {}
    version, recovery_id = recovery.get("version"), recovery.get("recovery_id")
    promise_id, percent = promise.get("promise_id"), promise.get("percent")
    return NotificationRequested(
        notice_id=notice_id_of(matter.complaint_id, draft.name, *_again(matter, draft)),
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
        people=draft.colleagues,
        promise_id=promise_id if isinstance(promise_id, str) else None,
        percent=percent if isinstance(percent, int) else None,
        personal=NoticePersonal(
            to=way.to if draft.audience == "complainant" else None,
            subject=spoken.subject,
            body=spoken.body,
        ),
    )


def _again(matter: Matter, draft: Draft) -> tuple[int, ...]:
    """A message that came back leaves anew, by another way, under another id."""
    times = matter.bounced.get(draft.name, 0)
    return (times,) if times else ()


def _effect(
    matter: Matter,
    notice: NotificationRequested,
    *,
    legs: Sequence[Mapping[str, JsonValue]],
    after: str | None,
) -> Effect:
    """One effect, whatever the ways: so it is one message. `otherwise` are the further ways."""
    seen = matter.registered or {}
    first, *otherwise = legs
    payload: dict[str, JsonValue] = {
        "notice_id": notice.notice_id,
        **first,
        "written_form": notice.written_form,
        "channel": notice.channel,
        "in_reply_to": seen.get("message_id"),
        "thread": seen.get("thread"),
    }
    if otherwise:
        payload["otherwise"] = [dict(leg) for leg in otherwise]
    return Effect(
        key=effect_of(notice.notice_id),
        kind=str(first["kind"]),
        complaint_id=matter.complaint_id,
        payload=payload,
        after=after,
    )


def _memory(notice: NotificationRequested, draft: Draft, *, now: datetime) -> dict[str, JsonValue]:
    fields = notice.model_dump(mode="json", exclude={"personal"})
    memory: dict[str, JsonValue] = {
        "at": now.isoformat(),
        "key": effect_of(notice.notice_id),
        "notice": fields,
    }
    if draft.limits:
        memory["limits"] = True
    if draft.name == ACKNOWLEDGEMENT and draft.template in ("plain", "public"):
        memory["plain"] = draft.template == "plain"
    return memory
