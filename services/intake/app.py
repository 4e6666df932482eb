"""Intake, the stage: every message registered once, and its source told.

Reads: complaints.submitted, complaints.submitted.SOURCE
Writes: complaints.registered, complaints.receipts
Keeps: the ids of each complainant's complaints, and which complaint and message ids were seen
"""

from services.intake.core import decide, touches
from services.intake.decode import make_decode, make_refuse, make_whose
from services.intake.policy import IntakePolicy, load
from services.intake.secret import key_secret
from shared.contracts.topics import SUBMITTED
from shared.settings import Settings
from shared.stage.stage import Stage


def build(settings: Settings) -> Stage[IntakePolicy]:
    """The stage; the doors are `services/intake/door.py`."""
    policy, digest = load()
    secret = key_secret(settings)
    return Stage(
        "intake",
        inputs=(SUBMITTED,),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        touches=touches,
        decode=make_decode(secret, policy),
        refuses=make_refuse(secret, policy),
        whose=make_whose(secret, policy),
        more_inputs=tuple(f"{SUBMITTED.name}.{source}" for source in policy.proven.sources),
    )
