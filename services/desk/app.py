"""The desk: where people work.

Reads: complaints.registered, complaints.triaged, recoveries, approvals, cases, notifications,
    promises, feedback
Writes: cases (what needs a person, tasks, and the answer to a command without effect); the door
    (`python -m services.desk door`) writes people's commands to cases and approvals
Keeps: every event by case, and the queues made from them
"""

from services.desk.books import record
from services.desk.core import decide
from services.desk.gauges import gauges
from services.desk.policy import FILES, DeskPolicy
from shared.contracts import topics
from shared.policy import load_policy
from shared.settings import Settings
from shared.stage.stage import Stage


def build(_settings: Settings) -> Stage[DeskPolicy]:
    """The desk's stage."""
    policy, digest = load_policy(DeskPolicy, **FILES)
    return Stage(
        name="desk",
        inputs=(
            topics.REGISTERED,
            topics.TRIAGED,
            topics.RECOVERIES,
            topics.APPROVALS,
            topics.CASES,
            topics.NOTIFICATIONS,
            topics.PROMISES,
            topics.FEEDBACK,
        ),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        also_records=record,
        gauges=gauges,
    )
