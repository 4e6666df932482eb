"""Role: customer, user, both or unknown. Declared role and order count more than words."""

from typing import NamedTuple

from services.triage.model import Reading, Words
from services.triage.policy import TriagePolicy
from shared.contracts.contract import Role

# What only a customer's matter is likely to have, when nothing tells who asks.
_HINTS = ("role.customer_weak", "remedy.replacement", "remedy.repair", "remedy.reduction")


class RoleRead(NamedTuple):
    """The role and the words that told; `contradicted` when words and declaration differ."""

    role: Role
    evidence: Words
    contradicted: bool = False


def role_of(reading: Reading, policy: TriagePolicy) -> RoleRead:
    """A private purchase by an employee is a customer's; a firm that we serve is a customer."""
    said = _of_tenant(reading, policy) or _from_words(reading)
    declared = reading.complaint.declared_role
    if declared is None or declared == "unknown":
        return said
    differs = said.role not in {"unknown", "both", declared} and declared != "both"
    return RoleRead(declared, said.evidence, contradicted=differs)


def _of_tenant(reading: Reading, policy: TriagePolicy) -> RoleRead | None:
    """By the organisation's own words: a member, a pupil, a patient."""
    for at, rule in enumerate(policy.tenant.roles):
        if words := reading.words(policy.tenant.label(at)):
            return RoleRead(rule.role, words)
    return None


def _from_words(reading: Reading) -> RoleRead:
    if reading.has("role.private"):
        return RoleRead("customer", reading.words("role.private"))
    order = reading.complaint.order
    free = reading.has("role.free")
    pays = not free and (reading.has("role.customer") or bool(order and order.paid()))
    served = reading.complaint.segment != "consumer"
    works = reading.has("role.user") or free
    evidence = reading.words("role.customer", "role.user", "role.free")
    if works and (pays or served):
        return RoleRead("both", evidence)
    if works:
        return RoleRead("user", evidence)
    if pays or served or reading.sums or reading.has(*_HINTS):
        return RoleRead("customer", evidence or reading.words(*_HINTS))
    return RoleRead("unknown", ())
