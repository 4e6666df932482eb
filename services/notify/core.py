"""Notify's rules: what is said to whom, in which order, and never twice. Pure.

Every input adds to what is known of its complaint; then whatever is owed and not yet said leaves.
So inputs of several topics may come in any order.
"""

from dataclasses import replace

from services.notify.colleagues import for_colleagues
from services.notify.etiquette import dated, thanks_for_reply
from services.notify.memories import remembered, without_words
from services.notify.model import Draft, Matter, Seen, add, folded, limited
from services.notify.outcomes import after_effect
from services.notify.owed import ACKNOWLEDGEMENT, owed
from services.notify.policy import NotifyPolicy
from services.notify.promises import PREFIX, broken_elsewhere, overdue
from services.notify.surveys import survey_owed
from services.notify.telling import Telling
from services.notify.timers import timers_for, timers_over
from services.notify.waiting import waiting
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.inbox import EffectOutcome
from shared.contracts.promises import PromiseKept
from shared.contracts.registered import ComplaintReplied
from shared.stage.decision import NOTHING, Decision, History
from shared.stage.ruled import ruled

OFFERED = "offered:"
# What the end of an exchange stands in for.
_GIVES_WAY = frozenset({"acknowledgement", "plain", "question", "request"})
# Where a limit may stand beside the matter: the first of these to a threat states it, once.
_MAY_LIMIT = frozenset({"acknowledgement", "safety", "danger_likely", "together", "outcome"})


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
    if seen is None or _is_known(event.data, memories):
        return NOTHING
    matter = folded(str(seen["complaint"]), memories)
    if seen["what"] == "timer" and seen["name"] not in matter.timers:
        # Read again before what set it, after a restore: told once more, when it is known.
        return NOTHING
    add(matter, seen)
    matter.ends = matter.triage("abuse") == "threat" and limited(memories, but=matter.complaint_id)
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
    over = timers_over(matter, event.data, said=telling.said)
    return telling.decision(seen, timers, over=over)


decide = ruled(said, lambda policy: policy.people.names)


def _is_known(data: Contract, memories: list[Seen]) -> bool:
    """Our own word that a promise was kept: what kept it is remembered."""
    if not isinstance(data, PromiseKept):
        return False
    kept = (memory.get("kept") for memory in memories)
    return any(data.promise_id in names for names in kept if isinstance(names, list))


def _automatic(matter: Matter) -> bool:
    heard = (matter.registered, matter.triaged)
    return any(seen is not None and seen.get("automatic") for seen in heard)


def _drafts(
    matter: Matter, event: Event[Contract], *, memories: list[Seen], policy: NotifyPolicy
) -> list[Draft]:
    """What is owed: to the complainant first, then to colleagues; a limit in the first that may."""
    drafts = owed(matter, event.time, policy=policy)
    if matter.ends:
        drafts = _ended(matter, drafts)
    elif matter.triage("abuse") == "threat" and not limited(memories):
        place = next((i for i, draft in enumerate(drafts) if draft.template in _MAY_LIMIT), None)
        if place is not None:
            drafts[place] = replace(drafts[place], limits=True)
    if not drafts and _is_to_be_thanked(matter, event.data):
        thanks = thanks_for_reply(matter, policy)
        words = (dated(matter, each, now=event.time, policy=policy) for each in thanks)
        drafts += [each for each in words if each is not None]
    drafts = drafts or waiting(matter, event.time, policy=policy)
    drafts += broken_elsewhere(matter, event.data, policy=policy)
    drafts += survey_owed(matter, policy)
    return [*drafts, *for_colleagues(matter, event.time, policy=policy)]


def _ended(matter: Matter, drafts: list[Draft]) -> list[Draft]:
    """The second threat: told once, in place of the acknowledgement where it has not left.

    In public nothing is said of it, and what to do in a danger comes first.
    """
    if matter.ended:
        return drafts
    told = [replace(d, template="ended") if d.template in _GIVES_WAY else d for d in drafts]
    if ACKNOWLEDGEMENT in matter.said:
        told.append(Draft("ended", "status", "ended"))
    return told


def _is_to_be_thanked(matter: Matter, data: Contract) -> bool:
    return isinstance(data, ComplaintReplied) and not (matter.ended or _says_yes(matter, data))


def _says_yes(matter: Matter, reply: ComplaintReplied) -> bool:
    """A yes to an offer: what is done about it follows in a moment, and is thanks enough."""
    offers = [said for name, said in matter.said.items() if name.startswith(OFFERED)]
    notices = (said.get("notice") for said in offers)
    ids = {notice.get("notice_id") for notice in notices if isinstance(notice, dict)}
    return reply.choice == "yes" and reply.answers in ids
