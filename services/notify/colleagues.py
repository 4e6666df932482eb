"""What colleagues must know, and by when: ids and codes, never the complainant's words. Pure."""

from datetime import datetime

from services.notify.model import Draft, Matter
from services.notify.phrases import Phrases, severity_of
from services.notify.policy import NotifyPolicy
from services.notify.render import Value
from shared.contracts.notifications import Audience


def for_colleagues(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    """Notices to staff that are due and not yet said."""
    drafts = [*_from_triage(matter, policy), *_to_sign(matter)]
    return [draft for draft in drafts if draft.name not in matter.said]


def _from_triage(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    if matter.triaged is None or matter.triage("automatic"):
        return []
    staff = policy.rules.staff
    kind, business = matter.triage("kind"), matter.triage("segment") in staff.account_segments
    wanted: tuple[tuple[object, str, Audience], ...] = (
        (matter.triage("abuse") == "threat", "threat", staff.threat_audience),
        (matter.triage("safety"), "safety", staff.safety_audience),
        (kind == "praise", "praise", staff.praise_audience),
        (kind == "complaint" and business, "account", "account_contact"),
    )
    return [
        Draft(f"staff:{template}", "staff", template, audience=audience)
        for is_due, template, audience in wanted
        if is_due
    ]


def _to_sign(matter: Matter) -> list[Draft]:
    """A proposal with something in it that a named role must sign."""
    proposed = matter.recoveries.get("proposed")
    if proposed is None or proposed.get("approval") == "automatic" or not proposed.get("gestures"):
        return []
    if (proposed.get("approval"), proposed.get("outcome")) == ("person", "with_person"):
        return []  # nothing to sign: the desk's queue has it
    name = f"staff:approver:{proposed['recovery_id']}:{proposed['version']}"
    return [Draft(name, "staff", "approver", audience="approver", recovery=proposed)]


def values_for(
    matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy
) -> dict[str, Value]:
    """Everything a colleague's template may ask for."""
    phrases = Phrases(matter, draft, form=policy.rules.staff.written_form, policy=policy)
    owed, recovery = policy.deadlines, draft.recovery or {}
    urgent = draft.template in ("threat", "safety")
    severity = severity_of(matter)
    within = policy.rules.said.urgent if urgent else owed.first_touch[severity]
    gestures = recovery.get("gestures")
    kinds = [
        str(gesture["kind"])
        for gesture in (gestures if isinstance(gestures, list) else ())
        if isinstance(gesture, dict)
    ]
    seen = matter.registered or matter.triaged or {}
    return {
        "reference": matter.reference,
        "complaint_id": matter.complaint_id,
        "recovery_id": str(recovery.get("recovery_id", "")),
        "severity": severity,
        "category": str(matter.triage("category") or ""),
        "channel": str(seen.get("channel") or ""),
        "approval": str(recovery.get("approval", "")),
        "proposal": ", ".join(kinds),
        "code": draft.code,
        "within": phrases.by(now, within, style="clock"),
        "approval_by": phrases.by(now, policy.rules.said.approval, style="clock"),
    }
