"""A reply is read as a complaint is, and what it raises is stated anew; it never lowers. Pure.

A danger that is first told in a reply is no less a danger. Nothing is decided on money here:
recovery decides a complaint once, whatever is stated of it later.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue
from pydantic_core import to_json

from services.triage.duties import REPORTS, Knows, Owed, owed_of
from services.triage.findings import Findings, findings_of
from services.triage.grading import Graded, graded_reply
from services.triage.linking import earlier_form, stated_in
from services.triage.memory import replied, reports, restated, stated_of
from services.triage.model import Words
from services.triage.policy import TriagePolicy
from services.triage.promises import reports_promised, touch_again
from services.triage.signals.reading import reading_of, unquoted
from services.triage.statement import evidence
from shared.contracts.caserule import recalled
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied, Personal
from shared.contracts.triaged import (
    ABUSES,
    REPLY_READ,
    SEVERITIES,
    ComplaintTriaged,
    TriagePersonal,
)
from shared.stage.decision import Decision, History, Reason

_FLAGS = ("safety", "legal", "privacy", "press", "vulnerable")
# By these a person is called, each with what it follows from.
_CALLS = {"person.safety": "safety", "person.threat": "abuse", "person.critical": "severity"}
_HOSTILE = "abuse.hostile"
_RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Raised:
    """What a reply tells that may raise its matter. `person`: why a person must see it."""

    fields: Mapping[str, JsonValue]
    person: tuple[str, ...]
    why: Mapping[str, Words]

    @classmethod
    def of(cls, found: Findings, grade: Graded) -> "Raised":
        """From the findings and the grade of the reply's own words."""
        flags = found.flags
        # Hard words only where a list names them: by tone alone a short cry for help is hostile.
        named = flags.abuse == "threat" or found.reading.has("insult")
        told: dict[str, JsonValue] = {
            "severity": grade.severity,
            "abuse": flags.abuse if named else "none",
            "safety": flags.safety,
            "legal": flags.legal,
            "privacy": flags.privacy,
            "press": flags.press,
            "vulnerable": found.mood.is_vulnerable,
        }
        fragile = {label: found.reading.words(label) for label in found.mood.fragile}
        why = {code: words for code, words in flags.why.items() if named or code != _HOSTILE}
        return cls(told, grade.person, {**why, **fragile, **grade.why})


def reread(
    event: Event[Contract], reply: ComplaintReplied, *, history: History, policy: TriagePolicy
) -> Decision:
    """Read a reply. Its complaint may come later, and then knows of it; a sealed one is left."""
    found = _found(reply, history, policy=policy)
    if found is None:
        return Decision(remembers=replied(reply))
    raised = Raised.of(found, graded_reply(found, policy))
    stated = stated_of(reply.complaint_id, history)
    owed = _owed(reply, found, history=history, policy=policy)
    case_id = str(stated.get("case_id") or reply.case_id)
    promised = reports_promised(reply.complaint_id, case_id=case_id, owed=owed)
    kept = {**replied(reply), **reports(owed), _RAISED: _kept(raised)}
    closed = recalled((memory.data for memory in history.memories), case_id).state == "closed"
    statement = _anew(stated, raised, closed=closed) if stated else None
    if statement is None:
        return Decision(emits=promised, remembers=kept)
    touch = touch_again(statement, told_by=event.id, at=event.time, policy=policy)
    return Decision(
        emits=(statement, *((touch,) if statement.needs_person else ()), *promised),
        remembers={**kept, **restated(statement, stated)},
        reasons=tuple(Reason(code, raised.why.get(code, ())) for code in statement.reasons),
    )


def with_replies(statement: ComplaintTriaged, history: History) -> ComplaintTriaged:
    """A complaint's first statement, with what replies told that came before it."""
    if statement.automatic:
        return statement
    for data in (memory.data for memory in history.memories):
        kept = data.get(_RAISED)
        if data.get("complaint_id") != statement.complaint_id or not isinstance(kept, dict):
            continue
        fields, person, codes = (kept.get(name) for name in ("fields", "person", "codes"))
        if isinstance(fields, dict) and isinstance(person, list) and isinstance(codes, list):
            told = Raised(fields, tuple(map(str, person)), {str(code): () for code in codes})
            statement = _joined(statement, told)
    return statement


def _found(reply: ComplaintReplied, history: History, *, policy: TriagePolicy) -> Findings | None:
    """What stands in the reply's own words; None where there are none, or nobody may read them.

    Its subject is left: it repeats that of the mail which is answered.
    """
    personal = reply.personal
    own = unquoted(personal.text, policy) if isinstance(personal, Personal) else ""
    if not own:
        return None
    read = ComplaintRegistered(
        complaint_id=reply.complaint_id,
        source="reply",
        channel=reply.channel,
        channel_message_id=reply.complaint_id,
        received_at=reply.received_at,
        personal=Personal(text=own),
    )
    earlier = earlier_form(stated_in(history))
    return findings_of(
        reading_of(read, at=reply.received_at, earlier=earlier, policy=policy), policy
    )


def _owed(
    reply: ComplaintReplied, found: Findings, *, history: History, policy: TriagePolicy
) -> tuple[Owed, ...]:
    """The reports that a reply asks for and nothing before it did."""
    knows = Knows(policy.duties, policy.people, policy.deadlines.calendar)
    category, at = found.category.category, reply.received_at
    told = (m.data for m in history.memories if m.data.get("complaint_id") == reply.complaint_id)
    before = {code for data in told for code in _codes(data.get(REPORTS))}
    owed = owed_of(found.flags.why, category=category, at=at, knows=knows)
    return tuple(each for each in owed if each.code not in before)


def _codes(owed: JsonValue) -> tuple[str, ...]:
    return tuple(owed) if isinstance(owed, dict) else ()


def _kept(raised: Raised) -> dict[str, JsonValue]:
    person: list[JsonValue] = [*raised.person]
    codes: list[JsonValue] = [*raised.why]
    return {"fields": dict(raised.fields), "person": person, "codes": codes}


def _anew(
    stated: Mapping[str, JsonValue], raised: Raised, *, closed: bool
) -> ComplaintTriaged | None:
    """The statement with what is raised; None where a reply tells nothing that is news.

    In a case that was closed everything is news for which a person must see it.
    """
    told = {name: stated[name] for name in ComplaintTriaged.model_fields if name in stated}
    before = ComplaintTriaged.model_validate_json(to_json({**told, "reasons": [], "personal": {}}))
    after = _joined(before, raised)
    again = closed and bool(raised.person)
    if after == before and not again:
        return None
    changed = {name for name in raised.fields if getattr(after, name) != getattr(before, name)}
    person = [p for p in raised.person if again or _CALLS.get(p, p) in {*changed, p}]
    told_now = [code for code in raised.why if not code.startswith("person.")]
    codes = dict.fromkeys((REPLY_READ, *person, *told_now))
    why = {code: raised.why.get(code, ()) for code in codes}
    return after.model_copy(
        update={"reasons": tuple(why), "personal": TriagePersonal(evidence=evidence(why))}
    )


def _joined(statement: ComplaintTriaged, raised: Raised) -> ComplaintTriaged:
    """The higher of both, field by field."""
    told = raised.fields
    severities = (each for each in SEVERITIES if each in (statement.severity, told["severity"]))
    severity = max(severities, key=SEVERITIES.index)
    abuses = (each for each in ABUSES if each in (statement.abuse, told["abuse"]))
    abuse = max(abuses, key=ABUSES.index)
    rose = severity != statement.severity
    return statement.model_copy(
        update={
            "severity": severity,
            "abuse": abuse,
            **{name: bool(getattr(statement, name) or told[name]) for name in _FLAGS},
            "needs_person": statement.needs_person or rose or bool(raised.person),
        }
    )
