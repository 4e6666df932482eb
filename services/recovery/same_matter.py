"""What else a matter has had, or may be about to have: the same case, or the same order.

What a colleague linked is one matter, what she parted is two, also on one order.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from services.recovery.limits import GIVEN
from services.recovery.model import Held, Standing
from services.recovery.policy import Policy
from services.recovery.recall import standings
from shared.contracts.cases import CaseLinked, CaseUnlinked
from shared.contracts.identity import own_case
from shared.stage.decision import History

LINKED, UNLINKED = "linked", "unlinked"
MEMORY = "matters"
# Nobody has said no to it: somebody may still give it.
WAITING = frozenset({"with_person", "offered", "proposed"})


def linked(command: CaseLinked | CaseUnlinked) -> dict[str, JsonValue]:
    """What to remember of a colleague's word that two cases are one, or two after all."""
    what = LINKED if isinstance(command, CaseLinked) else UNLINKED
    told: JsonValue = {
        "what": what,
        "case_id": command.case_id,
        "other_case_id": command.other_case_id,
    }
    return {MEMORY: told}


def doubt_of(standing: Standing, history: History, *, policy: Policy) -> str | None:
    """Why no machine gives more on this matter: it was given something, or may soon be."""
    if given_before(standing, history, policy=policy):
        return "given_on_this_case"
    waits = any(
        held.gesture.state == "proposed" and other.status in WAITING
        for other, held in _held(standing, history, policy=policy)
    )
    return "proposed_on_this_case" if waits else None


def given_before(standing: Standing, history: History, *, policy: Policy) -> bool:
    """Whether another complaint on this matter was given what is given once by a machine."""
    return any(held.gesture.state in GIVEN for _, held in _held(standing, history, policy=policy))


def _held(
    standing: Standing, history: History, *, policy: Policy
) -> Iterator[tuple[Standing, Held]]:
    known = [*standings(history)]
    if all(other.complaint_id != standing.complaint_id for other in known):
        known.append(standing)
    cases, parted = _cases(known, history)
    ours = cases[standing.complaint_id]
    for other in known:
        theirs = cases[other.complaint_id]
        same_order = standing.order_id is not None and standing.order_id == other.order_id
        one = theirs == ours or (same_order and frozenset({ours, theirs}) not in parted)
        if one and other.complaint_id != standing.complaint_id:
            for held in other.held:
                if held.gesture.kind in policy.recovery.once_on_a_matter:
                    yield other, held


def _cases(
    known: list[Standing], history: History
) -> tuple[Mapping[str, str], frozenset[frozenset[str]]]:
    """Each complaint's case as colleagues left it, and the pairs of cases that they parted."""
    cases = {standing.complaint_id: standing.case_id for standing in known}
    parted: set[frozenset[str]] = set()
    for said in (memory.data.get(MEMORY) for memory in history.memories):
        if not isinstance(said, Mapping):
            continue
        case_id, other = str(said["case_id"]), str(said["other_case_id"])
        for complaint_id, case in cases.items():
            if said["what"] == LINKED and case == other:
                cases[complaint_id] = case_id
            elif said["what"] == UNLINKED and (case, own_case(complaint_id)) == (case_id, other):
                cases[complaint_id] = other
        pair = frozenset({case_id, other})
        parted = parted - {pair} if said["what"] == LINKED else parted | {pair}
    return cases, frozenset(parted)
