"""Many cases for the console's measure: their events, as the stages before the desk say them.

A case is one of a few made by the desk's own core, with ids, complainant and times of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random

from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import SEVERITIES
from tests.core.test_desk_examples import (
    AGENT,
    LEAD,
    OTHER,
    Desk,
    command,
    recovery,
    registered,
    taken,
    triaged,
)

CATEGORIES = ("product", "delivery", "billing", "access", "service")
# How far the case came; more often than not a machine finished it, or a person did.
FATES = (
    *("by a machine",) * 8,
    *("free",) * 4,
    *("signature",) * 1,
    *("owned",) * 1,
    *("closed",) * 6,
)
OWNERS = (AGENT, OTHER, LEAD)
LATE_S_MAX = 400_000
PER_COMPLAINANT = 3
IDS = ("complaint_id", "case_id", "recovery_id")

Made = tuple[Event[Contract], ...]


def events_of(number: int) -> Iterator[Event[Contract]]:
    """What case `number` is made of; the same at every call."""
    dice = Random(number)
    fate, owner = dice.choice(FATES), dice.choice(OWNERS)
    made = _made(
        fate, owner=owner, severity=dice.choice(SEVERITIES), category=dice.choice(CATEGORIES)
    )
    late = timedelta(seconds=dice.randrange(LATE_S_MAX))
    name = f"{number:08x}"
    renamed = {each.id: f"{name}-{place}" for place, each in enumerate(made)}
    for each in made:
        yield replace(
            each,
            id=renamed[each.id],
            key=f"key-{number // PER_COMPLAINANT}",
            time=each.time - late,
            causation_id=renamed.get(each.causation_id or "", each.causation_id),
            data=_named(each.data, name),
        )


def _named(data: Contract, name: str) -> Contract:
    fields = {field: f"{name}-{field[0]}" for field in IDS if field in type(data).model_fields}
    return data.model_copy(update=fields)


@cache
def _made(fate: str, *, severity: str, category: str, owner: str) -> Made:
    needs = fate not in ("by a machine", "signature")
    read = triaged(needs_person=needs, severity=severity, category=category)
    approval = "team_lead" if fate == "signature" else "automatic"
    desk = Desk().given(registered(), read, recovery(re.RecoveryProposed, approval=approval))
    if fate == "by a machine":
        desk.given(recovery(re.RecoverySettled, 2, approval="automatic"))
    if fate in ("owned", "closed"):
        desk.given(taken(actor=owner))
    if fate == "closed":
        desk.given(command(ca.CaseAnswered, 1, actor=owner), command(ca.CaseClosed, 2, actor=owner))
    return tuple({one.id: one for one in (*desk.seen, *desk.emitted)}.values())
