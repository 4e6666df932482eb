"""Which links a message offers: sentences with a mark in them, and what each mark stands for. Pure.

The secret is no part of a core: the mark becomes an address when the message leaves
(senders/linked.py), so that no event and no ledger holds what somebody could answer with.
"""

from pydantic import JsonValue

from services.notify.danger import is_likely
from services.notify.model import Draft, Matter
from services.notify.owed import is_public
from services.notify.policy import LINKS, Form, NotifyPolicy
from services.notify.render import Value, fill

MARK = "link"


def sentences(
    matter: Matter, draft: Draft, *, form: Form, policy: NotifyPolicy
) -> dict[str, Value]:
    """The sentence of each kind of link; empty where it is not offered."""
    words = policy.texts(form).words[MARK]
    offered = _offered(matter, draft, policy=policy)
    return {
        name: fill(words[name], {MARK: words["mark"]}) if name in offered else "" for name in LINKS
    }


def links_in(
    matter: Matter, draft: Draft, *, body: str, forms: tuple[Form, ...], policy: NotifyPolicy
) -> list[JsonValue]:
    """The links of a finished message, each with the sentence that it completes."""
    found: list[JsonValue] = []
    recovery = draft.recovery or {}
    for form in forms:
        for name, sentence in sentences(matter, draft, form=form, policy=policy).items():
            if sentence and str(sentence) in body:
                link: dict[str, JsonValue] = {
                    "sentence": str(sentence),
                    "mark": policy.texts(form).words[MARK]["mark"],
                    "purpose": name,
                    "form": form,
                    "case_id": matter.case_id,
                    "days": policy.rules.links.days[name],
                }
                if name == "choose":
                    link |= {n: recovery.get(n) for n in ("recovery_id", "version")}
                found.append(link)
    return found


def may_be_asked(matter: Matter, policy: NotifyPolicy) -> bool:
    """Whether we may ask how we do: never after abuse, danger or law, nor who is vulnerable."""
    rules, triage = policy.rules.survey, matter.triage
    spared = any(triage(name) for name in ("safety", "legal", "vulnerable", "automatic"))
    return (
        policy.links
        and triage("kind") in rules.kinds
        and triage("abuse") == "none"
        and not (spared or is_likely(matter, policy))
        and not matter.spared
        and not is_public(matter, policy)
    )


def _offered(matter: Matter, draft: Draft, *, policy: NotifyPolicy) -> frozenset[str]:
    if not policy.links or draft.audience != "complainant":
        return frozenset()
    if draft.template == "offered":
        return frozenset({"choose"})
    if draft.template == "survey":
        return frozenset({"experience", "no_surveys"})
    return frozenset({"expectation"} if may_be_asked(matter, policy) else ())
