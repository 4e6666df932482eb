"""What triage remembers of an event: ids, codes and numbers; never personal text."""

from collections.abc import Mapping

from pydantic import JsonValue
from pydantic.main import IncEx

from shared.contracts.registered import ComplaintReplied
from shared.contracts.triaged import ComplaintTriaged

# The buyer may be an address, and the words are the writer's own.
_LEFT_OUT: dict[str, IncEx | bool] = {"personal": True, "reasons": True, "order": {"buyer"}}


def remembered(statement: ComplaintTriaged) -> Mapping[str, JsonValue] | None:
    """Enough to link, to count contacts and to state it again corrected; nothing of a robot's."""
    if statement.automatic:
        return None
    told: dict[str, JsonValue] = statement.model_dump(
        mode="json", exclude=_LEFT_OUT, exclude_none=True
    )
    order = statement.order
    return {**told, "what": "triaged", "order_id": order.id if order else None}


def replied(reply: ComplaintReplied) -> Mapping[str, JsonValue]:
    """That more came on a case."""
    return {"what": "replied", "case_id": reply.case_id, "complaint_id": reply.complaint_id}
