"""What triage remembers of an event: ids, codes and numbers; never personal text."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from pydantic.main import IncEx

from services.triage.duties import REPORTS, Owed
from shared.contracts.cases import CaseLinked, CaseUnlinked
from shared.contracts.registered import ComplaintReplied
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import History

# The buyer may be an address, and the words are the writer's own.
_STATED = frozenset({"triaged", "corrected", "reread"})
_LEFT_OUT: dict[str, IncEx | bool] = {"personal": True, "reasons": True, "order": {"buyer"}}


def remembered(
    statement: ComplaintTriaged, references: Sequence[str], *, owed: Sequence[Owed]
) -> Mapping[str, JsonValue] | None:
    """Enough to link, to count contacts and to state it again corrected; nothing of a robot's."""
    if statement.automatic:
        return None
    told: dict[str, JsonValue] = statement.model_dump(
        mode="json", exclude=_LEFT_OUT, exclude_none=True
    )
    order = statement.order
    known: dict[str, JsonValue] = {"references": list(references)} if references else {}
    return {
        **told,
        **known,
        **reports(owed),
        "what": "triaged",
        "order_id": order.id if order else None,
    }


def linked(command: CaseLinked | CaseUnlinked) -> Mapping[str, JsonValue]:
    """That a colleague said of two cases that they are one, or two after all."""
    what = "linked" if isinstance(command, CaseLinked) else "unlinked"
    return {"what": what, "case_id": command.case_id, "other_case_id": command.other_case_id}


def replied(reply: ComplaintReplied) -> dict[str, JsonValue]:
    """That more came on a case."""
    return {"what": "replied", "case_id": reply.case_id, "complaint_id": reply.complaint_id}


def reports(owed: Sequence[Owed]) -> dict[str, JsonValue]:
    """What the law wants told, by code: by whom and until when."""
    told: dict[str, JsonValue] = {
        each.code: {"owner": each.owner, "due_at": each.due_at.isoformat()} for each in owed
    }
    return {REPORTS: told} if told else {}


def restated(statement: ComplaintTriaged, earlier: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A statement made anew, with what links it; not what the rule for cases keeps beside it."""
    told: dict[str, JsonValue] = statement.model_dump(
        mode="json", exclude=_LEFT_OUT, exclude_none=True
    )
    kept = {name: earlier[name] for name in ("references", "order_id") if name in earlier}
    return {**told, **kept, "what": "reread"}


def stated_of(complaint_id: str, history: History) -> Mapping[str, JsonValue]:
    """The latest statement of a complaint, as remembered; nothing where there is none."""
    for memory in reversed(history.memories):
        data = memory.data
        if data.get("what") in _STATED and data.get("complaint_id") == complaint_id:
            return data
    return {}
