"""A handler's correction beats the machine's reading, and is shown as hers."""

from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from services.triage.memory import stated_of
from services.triage.policy import TriagePolicy
from shared.contracts.cases import CaseOverridden
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Decision, History, Reason

HANDLER = "handler_override"
_TRUTHS = {"true": True, "false": False}


def corrected(command: CaseOverridden, history: History, *, policy: TriagePolicy) -> Decision:
    """State the complaint again with the field as the handler sees it."""
    statement = _corrected(command, history, policy=policy)
    if statement is None:
        return Decision(reasons=(Reason("override.unknown"),))
    return Decision(
        emits=(statement,),
        remembers={
            **stated_of(command.complaint_id, history),
            command.field: _value(command),
            "what": "corrected",
        },
        reasons=(Reason(HANDLER),),
    )


def _value(command: CaseOverridden) -> JsonValue:
    return _TRUTHS.get(command.value, command.value)


def _corrected(
    command: CaseOverridden, history: History, *, policy: TriagePolicy
) -> ComplaintTriaged | None:
    """The statement with that field changed; None for an unknown field, value or complaint."""
    stated = stated_of(command.complaint_id, history)
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
