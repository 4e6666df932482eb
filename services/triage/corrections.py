"""A handler's correction beats the machine's reading, and is shown as hers.

A command whose seen version is not the case's current one has no effect: the version counts the
effective commands of the case, from 0.
"""

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError
from pydantic_core import to_json

from services.triage.memory import counted
from services.triage.policy import TriagePolicy
from shared.contracts.cases import CaseCommand, CaseOverridden
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import NOTHING, Decision, History, Reason

HANDLER = "handler_override"
_OWN_KEYS = ("what", "order_id")
_TRUTHS = {"true": True, "false": False}


def commanded(command: CaseCommand, history: History, policy: TriagePolicy) -> Decision:
    """Count an effective command; state the complaint again when it corrects a field."""
    if command.seen_version != _version(command.case_id, history):
        return NOTHING
    if not isinstance(command, CaseOverridden):
        return Decision(remembers=counted(command))
    corrected = _corrected(command, history, policy)
    if corrected is None:
        return Decision(remembers=counted(command), reasons=(Reason("override.unknown"),))
    return Decision(
        emits=(corrected,),
        remembers={**_stated(command.complaint_id, history), command.field: _value(command)}
        | counted(command)
        | {"what": "corrected"},
        reasons=(Reason(HANDLER),),
    )


def _version(case_id: str, history: History) -> int:
    commands = {"command", "corrected"}
    return sum(
        memory.data.get("what") in commands and memory.data.get("case_id") == case_id
        for memory in history.memories
    )


def _stated(complaint_id: str, history: History) -> Mapping[str, JsonValue]:
    """The latest statement of a complaint, as remembered."""
    for memory in reversed(history.memories):
        if memory.data.get("what") in {"triaged", "corrected"}:
            if memory.data.get("complaint_id") == complaint_id:
                return memory.data
    return {}


def _value(command: CaseOverridden) -> JsonValue:
    return _TRUTHS.get(command.value, command.value)


def _corrected(
    command: CaseOverridden, history: History, policy: TriagePolicy
) -> ComplaintTriaged | None:
    """The statement with that field changed; None for an unknown field, value or complaint."""
    told = dict(_stated(command.complaint_id, history))
    if not told or command.field not in policy.rules.overridable:
        return None
    for key in _OWN_KEYS:
        told.pop(key, None)
    told |= {command.field: _value(command), "reasons": [HANDLER, f"{HANDLER}.{command.field}"]}
    if command.field == "category":
        told["matters"] = [command.value]
    told["personal"] = {}
    try:
        return ComplaintTriaged.model_validate_json(to_json(told))
    except ValidationError:
        return None
