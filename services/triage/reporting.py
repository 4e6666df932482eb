"""Which reports a reading may ask for: what was found, held against the duties of the policy."""

from services.triage.duties import Knows, Owed, owed_of
from services.triage.findings import Findings
from services.triage.policy import TriagePolicy
from shared.contracts.registered import ComplaintRegistered


def reports_of(
    found: Findings, complaint: ComplaintRegistered, *, policy: TriagePolicy
) -> tuple[Owed, ...]:
    """The reports, from the moment the complaint was received; none of a robot's mail or praise."""
    if complaint.automatic or found.kind.kind == "praise":
        return ()
    knows = Knows(policy.duties, policy.people, policy.deadlines.calendar)
    category = found.category.category
    return tuple(owed_of(found.flags.why, category=category, at=complaint.received_at, knows=knows))
