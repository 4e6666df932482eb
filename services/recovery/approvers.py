"""Who is asked to sign, by name, and who when she is silent: her deputy, then the next role up.

Only colleagues who may sign it, who are on call at some hour, and whom nothing sets apart: who
requested it, who refused to sign it, whom the complaint is about. Silence approves nothing, and
the last step is asked again until somebody answers.
"""

from collections.abc import Collection
from uuid import UUID

from services.recovery.limits import may_sign
from services.recovery.model import Standing
from services.recovery.policy import Policy
from shared.people import Person

ROLES = ("agent", "team_lead", "manager")


def asked(standing: Standing, policy: Policy, *, about: Collection[str] = ()) -> tuple[str, ...]:
    """The pseudonyms of those who are asked now. `about`: whom the complaint is about."""
    steps = _steps(standing, policy, about=about)
    return steps[min(standing.silences, len(steps) - 1)] if steps else ()


def _steps(standing: Standing, policy: Policy, *, about: Collection[str]) -> list[tuple[str, ...]]:
    apart = {standing.requester, *standing.declined_by, *about}
    able = [
        each
        for each in policy.people.people
        if each.role in ROLES
        and each.on_call
        and each.person not in apart
        and may_sign(each, standing.approval, costs_minor=standing.costs_minor)
    ]
    if not able:
        return []
    lowest = min(ROLES.index(each.role) for each in able)
    peers = [each for each in able if ROLES.index(each.role) == lowest]
    # By the recovery's id, so that not one of them gets them all.
    first = peers[UUID(standing.recovery_id).int % len(peers)]
    deputy = [each for each in able if each.person == first.deputy]
    higher = [each for each in able if ROLES.index(each.role) > lowest]
    return [_names(step) for step in ([first], deputy, higher or able) if step]


def _names(people: list[Person]) -> tuple[str, ...]:
    return tuple(each.person for each in people)
