"""What is owed a complainant now: the acknowledgement, then the answers. Pure, and without order.

Each rule looks at what is known of the matter, never at what came last: so the same events in
another order owe the same messages.
"""

from datetime import datetime, timedelta

from services.notify.danger import LIKELY, letter_of
from services.notify.model import Draft, Matter, Seen
from services.notify.policy import NotifyPolicy
from shared.contracts.notifications import NoticeKind, offer_name

ACKNOWLEDGEMENT = "acknowledgement"
_CHOICES: dict[str, NoticeKind] = {"asked": "question", "offered": "decision"}
_BOTH: tuple[NoticeKind, ...] = ("acknowledgement", "decision")


def owed(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """Messages to the complainant that are due and not yet said, in the order they must leave."""
    if matter.registered is None:
        return []
    first = _first(matter, now, policy=policy)
    heard = bool(first) or _acknowledged(matter)
    if not heard:
        return []
    covered = {cover for draft in first for cover in draft.covers}
    later = [
        *_words(matter, policy),
        *_answers(matter, policy),
        *_afterwards(matter, covered, policy=policy),
    ]
    fresh: dict[str, Draft] = {}
    for draft in (*first, *later):
        if draft.name not in matter.said and draft.name not in covered | fresh.keys():
            fresh[draft.name] = draft
            covered |= set(draft.covers)
    return list(fresh.values())


def _acknowledged(matter: Matter) -> bool:
    return ACKNOWLEDGEMENT in matter.said


def _first(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    """The acknowledgement, alone or with its decision; a danger told late is answered too."""
    if _acknowledged(matter):
        letter, plain = letter_of(matter, policy), matter.said[ACKNOWLEDGEMENT].get("plain")
        name, call = (LIKELY, "critical") if letter == LIKELY else ("danger", "safety")
        return [_safety(name, letter)] if letter and (plain or call in matter.raised) else []
    if matter.triaged is None and "plain" not in matter.due:
        return []
    if waits_for_decision(matter, policy):
        return _with_decision(matter, now, policy=policy)
    return [_alone(matter, policy)]


def _alone(matter: Matter, policy: NotifyPolicy) -> Draft:
    """The acknowledgement by itself, in the words that fit its kind."""
    if is_public(matter, policy):
        return _public(matter)
    if letter := letter_of(matter, policy):
        return _safety(ACKNOWLEDGEMENT, letter)
    # A form that is none of ours is answered briefly, in two of ours.
    if matter.triaged is None or matter.triage("written_form") == "other":
        return _acknowledgement("plain")
    kind = str(matter.triage("kind"))
    return _acknowledgement(ACKNOWLEDGEMENT if kind == "complaint" else kind)


def _acknowledgement(template: str) -> Draft:
    kinds: tuple[NoticeKind, ...] = ("acknowledgement",)
    if template.startswith("praise"):
        kinds = _BOTH
    return Draft(ACKNOWLEDGEMENT, "acknowledgement", template, counts_as=kinds)


def _safety(name: str, template: str) -> Draft:
    return Draft(name, "acknowledgement", template, counts_as=("acknowledgement",))


def _public(matter: Matter) -> Draft:
    kind = str(matter.triage("kind"))
    return _acknowledgement(f"{kind}_public" if kind in ("praise", "question") else "public")


def is_public(matter: Matter, policy: NotifyPolicy) -> bool:
    """Whether any passer-by would read a reply on the complaint's own channel."""
    return (matter.registered or {}).get("channel") in policy.rules.public_channels


def waits_for_decision(matter: Matter, policy: NotifyPolicy) -> bool:
    """Calm and small, and no person needed: one message may both hear and answer."""
    waits = policy.rules.waits
    serious = any(matter.triage(name) for name in ("safety", "vulnerable", "legal", "needs_person"))
    return (
        matter.triage("kind") == "complaint"
        and matter.triage("severity") in waits.decision_severities
        and matter.triage("arousal") in waits.decision_arousals
        and matter.triage("abuse") == "none"
        and not serious
        and not is_public(matter, policy)
    )


def _with_decision(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> list[Draft]:
    approved, proposed = matter.recoveries.get("approved"), matter.recoveries.get("proposed")
    if approved is not None and _fully_granted(approved):
        outcome = outcome_name(approved)
        return [
            Draft(
                ACKNOWLEDGEMENT,
                "acknowledgement",
                "together",
                counts_as=_BOTH,
                covers=(outcome, *_paid_by(matter, approved)),
                recovery=approved,
            )
        ]
    decided_otherwise = proposed is not None and not _fully_granted(proposed)
    since = matter.triaged or {}
    waited = now - datetime.fromisoformat(str(since.get("at") or now.isoformat()))
    over = "decision" in matter.due or waited >= timedelta(seconds=policy.rules.waits.decision_s)
    if decided_otherwise or over or matter.words:
        return [_acknowledgement(ACKNOWLEDGEMENT)]
    return []


def _fully_granted(recovery: Seen) -> bool:
    return recovery.get("approval") == "automatic" and recovery.get("outcome") == "granted"


def _paid_by(matter: Matter, approved: Seen) -> tuple[str, ...]:
    """The later word on the money, when this message can already say it."""
    return (paid_name(approved),) if "settled" in matter.recoveries else ()


def paused(matter: Matter, policy: NotifyPolicy) -> bool:
    """Upset people get time to add more before an outcome; danger and deadlines do not wait.

    Only the timer or a reply ends the pause, never the time of an event: after a backlog those
    lie in the past, while the acknowledgement has left just now. Unread is treated as upset.
    """
    waits, said = policy.rules.waits, matter.said.get(ACKNOWLEDGEMENT, {})
    if matter.triaged is None:
        return True
    if matter.triage("arousal") not in waits.pause_arousals or "pause" in matter.due:
        return False
    if matter.replied or matter.triage("safety") or _has_deadline(matter):
        return False
    return (
        matter.triage("severity") not in waits.pause_never_severities and "suppressed" not in said
    )


def _has_deadline(matter: Matter) -> bool:
    personal = matter.triage("personal")
    facts = personal.get("facts") if isinstance(personal, dict) else None
    found = facts if isinstance(facts, list) else ()
    return any(isinstance(fact, list) and fact[0] == "deadline" for fact in found)


def outcome_name(recovery: Seen) -> str:
    """The name of the outcome of one version of a recovery."""
    return f"outcome:{recovery['recovery_id']}:{recovery['version']}"


def paid_name(recovery: Seen) -> str:
    """The name of the word that its money has moved."""
    return f"paid:{recovery['recovery_id']}:{recovery['version']}"


def _answers(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    """What a recovery decided: a question, a choice, or an outcome that was signed."""
    if paused(matter, policy):
        return []
    drafts = []
    proposed, approved = matter.recoveries.get("proposed"), matter.recoveries.get("approved")
    template = str((proposed or {}).get("outcome"))
    kind = _CHOICES.get(template)
    if proposed is not None and kind and proposed.get("approval") == "automatic":
        name = f"{template}:{proposed['recovery_id']}:{proposed['version']}"
        if template == "offered":
            name = offer_name(proposed["recovery_id"], proposed["version"])
        drafts.append(Draft(name, kind, template, recovery=proposed))
    if approved is None or approved.get("outcome") != "granted" or _went_wrong(matter, approved):
        return drafts
    if not _person_decided(approved) or words_timer(matter) in matter.due:
        covers = _paid_by(matter, approved)
        name = outcome_name(approved)
        drafts.append(Draft(name, "decision", "outcome", covers=covers, recovery=approved))
    return drafts


def _person_decided(recovery: Seen) -> bool:
    return str(recovery.get("decided_by")).startswith("person:")


def _went_wrong(matter: Matter, approved: Seen) -> bool:
    failed = matter.recoveries.get("failed")
    return failed is not None and _version(failed) > _version(approved)


def _version(recovery: Seen) -> int:
    version = recovery.get("version")
    return version if isinstance(version, int) else 0


def _words(matter: Matter, policy: NotifyPolicy) -> list[Draft]:
    """What people wrote: questions and answers at once, a decision with the money it decided."""
    drafts = []
    for name, words in matter.words.items():
        if "personal" not in words:
            continue
        if words["kind"] == "asked":
            drafts.append(Draft(f"words:{name}", "question", "person_asks", words=words))
        elif words["kind"] == "answered":
            drafts.append(Draft(f"words:{name}", "answer", "person_answers", words=words))
        elif not paused(matter, policy):
            drafts += _decided(matter, name, words=words)
    return drafts


def awaits_signature(matter: Matter) -> bool:
    """A person's decision above her own limit: nothing of it is said until another has signed."""
    adjusted, approved = matter.recoveries.get("adjusted"), matter.recoveries.get("approved")
    above = adjusted is not None and adjusted.get("approval") not in ("automatic", "person")
    return above and adjusted is not None and _version(approved or {}) < _version(adjusted)


def words_timer(matter: Matter) -> str:
    """The timer that ends the wait for the money; decided anew, it is waited for anew."""
    return "words" if matter.undone is None else f"words:{matter.undone.isoformat()}"


def came_to_nothing(matter: Matter, words: Seen) -> bool:
    """What she decided could not be carried out: a colleague has it again, and says it anew."""
    decided_at = datetime.fromisoformat(str(words["at"]))
    return bool(words.get("gestures")) and matter.undone is not None and decided_at <= matter.undone


def _decided(matter: Matter, name: str, *, words: Seen) -> list[Draft]:
    approved = matter.recoveries.get("approved")
    signed = approved if approved is not None and _person_decided(approved) else None
    if awaits_signature(matter) or came_to_nothing(matter, words):
        return []
    if words.get("gestures") and signed is None and words_timer(matter) not in matter.due:
        return []
    covers = () if signed is None else (outcome_name(signed), *_paid_by(matter, signed))
    draft = Draft(
        f"words:{name}", "decision", "person_decides", covers=covers, recovery=signed, words=words
    )
    return [draft]


def _afterwards(matter: Matter, covered: set[str], *, policy: NotifyPolicy) -> list[Draft]:
    """When the money has moved, or could not."""
    approved, drafts = matter.recoveries.get("approved"), []
    told = approved is not None and outcome_name(approved) in matter.said.keys() | covered
    settled = matter.recoveries.get("settled")
    if told and approved is not None and settled is not None and _has_money(settled, policy):
        drafts.append(Draft(paid_name(approved), "decision", "paid", recovery=settled))
    for name in ("failed", "reversed") if not paused(matter, policy) else ():
        wrong = matter.recoveries.get(name)
        if wrong is not None and not _is_over_by_itself(wrong):
            said = f"{name}:{wrong['recovery_id']}:{wrong['version']}"
            # No answer, and it keeps no promise: it makes one.
            drafts.append(Draft(said, "status", "failed", recovery=wrong))
    return drafts


def _is_over_by_itself(recovery: Seen) -> bool:
    """A voucher that nobody used, or that a person took back: nothing went wrong."""
    reasons = recovery.get("reasons")
    return isinstance(reasons, list) and bool(
        {"grant_expired", "grant_revoked"} & {*map(str, reasons)}
    )


def _has_money(recovery: Seen, policy: NotifyPolicy) -> bool:
    gestures = recovery.get("gestures")
    return any(
        isinstance(gesture, dict) and gesture.get("kind") in policy.rules.money_kinds
        for gesture in (gestures if isinstance(gestures, list) else ())
    )
