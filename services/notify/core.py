"""Notify's rules: what is said to whom, in which order, and never twice. Pure.

Every input adds to what is known of its complaint; then whatever is owed and not yet said leaves.
So inputs of several topics may come in any order.
"""

from dataclasses import replace

from services.notify.colleagues import for_colleagues
from services.notify.etiquette import dated, thanks_for_reply
from services.notify.memories import remembered, without_words
from services.notify.model import Draft, Matter, Seen, add, folded
from services.notify.outcomes import after_effect
from services.notify.owed import ACKNOWLEDGEMENT, owed
from services.notify.policy import NotifyPolicy
from services.notify.promises import PREFIX, overdue
from services.notify.surveys import survey_owed
from services.notify.telling import Telling
from services.notify.timers import timers_for
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome
from shared.contracts.registered import ComplaintReplied
from shared.stage.decision import NOTHING, Decision, History
from shared.stage.ruled import ruled

OFFERED = "offered:"
# Where a limit may stand beside the matter: the first of these to a threat states it, once.
_MAY_LIMIT = frozenset({"acknowledgement", "safety", "together", "outcome"})


def said(
    event: Event[Contract],
    history: History,
    policy: NotifyPolicy,  # signature: stage
) -> Decision:
    """What to say because of this event, and what to wait for."""
    memories = [memory.data for memory in history.memories]
    if isinstance(event.data, EffectOutcome):
        return after_effect(event.data, event.time, memories=memories, policy=policy)
    seen = remembered(event)
    if seen is None:
        return NOTHING
    matter = folded(str(seen["complaint"]), memories)
    add(matter, seen)
    telling = Telling(matter, event.time, policy)
    if _automatic(matter):
        telling.suppress(ACKNOWLEDGEMENT, kind="acknowledgement", code="automatic")
    else:
        for draft in _drafts(matter, event, memories=memories, policy=policy):
            telling.tell(draft)
        if seen["what"] == "timer" and str(seen["name"]).startswith(PREFIX):
            telling.warn(overdue(matter, event.time, policy=policy))
    if seen["what"] == "words" and f"words:{seen['name']}" in telling.said:
        seen = without_words(seen)
    timers = () if _automatic(matter) else timers_for(matter, event.time, policy=policy)
    return telling.decision(seen, timers)


decide = ruled(said, lambda policy: policy.people.names)


def _automatic(matter: Matter) -> bool:
    heard = (matter.registered, matter.triaged)
    return any(seen is not None and seen.get("automatic") for seen in heard)


def _drafts(
    matter: Matter, event: Event[Contract], *, memories: list[Seen], policy: NotifyPolicy
) -> list[Draft]:
    """What is owed: to the complainant first, then to colleagues; a limit in the first that may."""
    drafts = owed(matter, event.time, policy=policy)
    if matter.triage("abuse") == "threat" and not _limited_before(memories):
        place = next((i for i, draft in enumerate(drafts) if draft.template in _MAY_LIMIT), None)
        if place is not None:
            drafts[place] = replace(drafts[place], limits=True)
    if (
        isinstance(event.data, ComplaintReplied)
        and not drafts
        and not _says_yes(matter, event.data)
    ):
        thanks = thanks_for_reply(matter, policy)
        words = (dated(matter, each, now=event.time, policy=policy) for each in thanks)
        drafts += [each for each in words if each is not None]
    drafts += survey_owed(matter, policy)
    return [*drafts, *for_colleagues(matter, policy)]


def _limited_before(memories: list[Seen]) -> bool:
    """Limits are stated once to a person, in whichever of their complaints it was."""
    for memory in memories:
        said = memory.get("said")
        for message in said.values() if isinstance(said, dict) else ():
            if isinstance(message, dict) and message.get("limits"):
                return True
    return False


def _says_yes(matter: Matter, reply: ComplaintReplied) -> bool:
    """A yes to an offer: what is done about it follows in a moment, and is thanks enough."""
    offers = [said for name, said in matter.said.items() if name.startswith(OFFERED)]
    notices = (said.get("notice") for said in offers)
    ids = {notice.get("notice_id") for notice in notices if isinstance(notice, dict)}
    return reply.choice == "yes" and reply.answers in ids
