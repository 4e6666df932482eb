"""The triage stage.

Reads: complaints.registered, cases
Writes: complaints.triaged, promises
Keeps: one remembered line a complaint, reply and case command, for contacts, links and corrections
"""

from services.triage.core import decide
from services.triage.policy import TriagePolicy, load
from shared.contracts.topics import CASES, REGISTERED
from shared.settings import Settings
from shared.stage.stage import Stage


def build(_settings: Settings) -> Stage[TriagePolicy]:
    """The stage: its topics, its core and its policy; it touches nothing outside."""
    policy, digest = load()
    return Stage(
        name="triage",
        inputs=(REGISTERED, CASES),
        decide=decide,
        policy=policy,
        policy_digest=digest,
    )
