"""What colleagues must know, and by when: ids and codes, never the complainant's words. Pure."""

from datetime import datetime

from services.notify.escalation import at_once, still_open
from services.notify.model import Draft, Matter, Seen
from services.notify.phrases import Phrases, severity_of
from services.notify.policy import Form, NotifyPolicy
from services.notify.render import Values, sum_of
from shared.contracts.notifications import Audience

# Recovery's reason when nobody has signed in time: somebody else is asked, too.
SILENT = "approval_silent"


def for_colleagues(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """Notices to staff that are due and not yet said."""
    drafts = [
        *at_once(matter, now, policy=policy),
        *still_open(matter, now, policy=policy),
        *_from_triage(matter, policy),
        *_to_sign(matter),
    ]
    return [draft for draft in drafts if draft.name not in matter.said]


def _from_triage(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    if matter.triaged is None or matter.triage("automatic"):
        return []
    staff = policy.rules.staff
    kind, business = matter.triage("kind"), matter.triage("segment") in staff.account_segments
    wanted: tuple[tuple[object, str, Audience], ...] = (
        (matter.triage("abuse") == "hostile", "hostile", staff.threat_audience),
        (matter.ends, "ended", staff.threat_audience),
        (kind == "praise", "praise", staff.praise_audience),
        (kind == "complaint" and business, "account", "account_contact"),
    )
    return [
        Draft(
            f"staff:{template}",
            "staff",
            template,
            audience=audience,
            people=(staff.leader,) if template == "ended" else (),
        )
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
    reasons = proposed.get("reasons")
    silent = isinstance(reasons, list) and SILENT in reasons
    template = "fallback" if silent else "approver"
    return [Draft(name, "staff", template, audience="approver", recovery=proposed)]


def values_for(matter: Matter, draft: Draft, *, now: datetime, policy: NotifyPolicy) -> Values:
    """Everything a colleague's template may ask for."""
    form = policy.rules.staff.written_form
    phrases = Phrases(matter, draft, form=form, now=now, policy=policy)
    named, told, recovery = _Named(form, policy), phrases.values, draft.recovery or {}
    urgent = draft.template in ("threat", "safety", "critical", "escalated")
    severity = severity_of(matter)
    within = policy.rules.said.urgent if urgent else policy.deadlines.first_touch[severity]
    seen = matter.registered or matter.triaged or {}
    return Values(
        {
            "reference": lambda: matter.reference,
            "complaint_id": lambda: matter.complaint_id,
            "recovery_id": lambda: str(recovery.get("recovery_id", "")),
            "severity": lambda: named.word("severity", severity),
            "category": lambda: named.word("category", str(matter.triage("category") or "other")),
            "channel": lambda: named.word("channel", str(seen.get("channel") or "")),
            "approval": lambda: named.word("approval", str(recovery.get("approval", ""))),
            "asked": lambda: ", ".join(draft.asked),
            "proposal": lambda: named.gestures(recovery),
            "code": lambda: named.word("code", draft.code),
            "people": lambda: ", ".join(draft.people),
            "final": lambda: told["final"],
            "late": lambda: told["late"],
            "within": lambda: phrases.by(now, within, style="clock"),
            "approval_by": lambda: phrases.by(now, policy.rules.said.approval, style="clock"),
        }
    )


class _Named:
    """Codes as colleagues say them."""

    def __init__(self, form: Form, policy: NotifyPolicy) -> None:
        """In the form that colleagues read."""
        self.form, self.policy, self.words = form, policy, policy.texts(form).words

    def word(self, name: str, code: str) -> str:
        """The word for a code; a code that policy added and nobody named, without underscores."""
        return self.words[f"staff_{name}"].get(code, code.replace("_", " "))

    def gestures(self, recovery: Seen) -> str:
        """What is proposed, with its sums: "pengene tilbake (219 kr), beklagelse"."""
        found = recovery.get("gestures")
        gestures = found if isinstance(found, list) else []
        return ", ".join(self._gesture(each) for each in gestures if isinstance(each, dict))

    def _gesture(self, gesture: Seen) -> str:
        kind = self.word("gesture", str(gesture["kind"]))
        amount_minor, currency = gesture.get("amount_minor"), gesture.get("currency")
        if not isinstance(amount_minor, int) or not amount_minor or not isinstance(currency, str):
            return kind
        return f"{kind} ({sum_of(amount_minor, currency, form=self.form, policy=self.policy)})"
