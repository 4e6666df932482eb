"""A handler's correction beats the machine's reading, and is shown as hers."""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from services.triage.policy import TriagePolicy
from shared.contracts.cases import CaseOverridden
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Decision, History, Reason

HANDLER = "handler_override"
_STATED = {"triaged", "corrected"}
_TRUTHS = {"true": True, "false": False}


def corrected(command: CaseOverridden, history: History, *, policy: TriagePolicy) -> Decision:
    """State the complaint again with the field as the handler sees it."""
    statement = _corrected(command, history, policy=policy)
    if statement is None:
        return Decision(reasons=(Reason("override.unknown"),))
    return Decision(
        emits=(statement,),
        remembers={
            **_stated(command.complaint_id, history),
            command.field: _value(command),
            "what": "corrected",
        },
        reasons=(Reason(HANDLER),),
    )


def _stated(complaint_id: str, history: History) -> Mapping[str, JsonValue]:
    """The latest statement of a complaint, as remembered."""
    for memory in reversed(history.memories):
        data = memory.data
        if data.get("what") in _STATED and data.get("complaint_id") == complaint_id:
            return data
    return {}


def _value(command: CaseOverridden) -> JsonValue:
    return _TRUTHS.get(command.value, command.value)


def _corrected(
    command: CaseOverridden, history: History, *, policy: TriagePolicy
) -> ComplaintTriaged | None:
    """The statement with that field changed; None for an unknown field, value or complaint."""
    stated = _stated(command.complaint_id, history)
    if not stated or command.field not in policy.rules.overridable:
        return None
    # A memory holds more than the statement: what triage and the rule for cases keep beside it.
    told = {name: stated[name] for name in ComplaintTriaged.model_fields if name in stated}
    told |= {command.field: _value(command), "reasons": [HANDLER, f"{HANDLER}.{command.field}"]}
    if command.field == "category":
        told["matters"] = [command.value]
    told["personal"] = {}
    try:
        return ComplaintTriaged.model_validate_json(to_json(told))
    except ValidationError:
        return None
