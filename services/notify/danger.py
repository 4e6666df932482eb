"""What a danger asks to be told at once: which letter, and what to do now. Pure."""

from services.notify.model import Matter
from services.notify.policy import NotifyPolicy

LIKELY = "danger_likely"
_SEVERITY = "severity."


def letter_of(matter: Matter, policy: NotifyPolicy) -> str | None:
    """The letter that says what to do now; None where nobody is in danger.

    Where no rule heard the danger and only its words tell it, the advice says "if".
    """
    if matter.triage("safety"):
        codes = policy.rules.self_harm_codes
        harm = any(part in code for part in codes for code in reasons_of(matter))
        return "self_harm" if harm else "safety"
    return LIKELY if is_likely(matter, policy) else None


def is_likely(matter: Matter, policy: NotifyPolicy) -> bool:
    """Whether it is critical for its words alone: no rule hears danger, or a stop of many."""
    told = {code for code in reasons_of(matter) if code.startswith(_SEVERITY)}
    alone = bool(told) and told <= policy.rules.likely_danger_codes
    return alone and not matter.triage("safety")


def kind_of(matter: Matter, policy: NotifyPolicy) -> str:
    """Which words say what to do (texts: words.danger): the first kind that a reason fits."""
    if is_likely(matter, policy):
        return "likely"
    codes, kinds = reasons_of(matter), policy.rules.danger_codes
    return next((name for name, any_of in kinds.items() if codes & set(any_of)), "other")


def reasons_of(matter: Matter) -> frozenset[str]:
    """The codes of triage's reasons."""
    reasons = matter.triage("reasons")
    return frozenset(map(str, reasons if isinstance(reasons, list) else ()))
