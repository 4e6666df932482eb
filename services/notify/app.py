"""Notify: heard first, told truly, never twice.

Reads: complaints.registered, complaints.triaged, recoveries, cases, promises, notify.inbox
Writes: notifications, promises
Keeps: what was said of each complaint (history), and every message on its way (effects)
"""

from collections.abc import Mapping

from services.notify.core import decide
from services.notify.policy import FILES, NotifyPolicy
from services.notify.senders.outbox import Outbox
from services.notify.senders.smtp import Smtp
from services.notify.senders.staff import StaffOutbox
from shared.contracts.topics import (
    CASES,
    NOTIFY_INBOX,
    PROMISES,
    RECOVERIES,
    REGISTERED,
    TRIAGED,
)
from shared.policy import load_policy
from shared.settings import Settings
from shared.stage.effects import Performer
from shared.stage.stage import Stage


def build(settings: Settings) -> Stage[NotifyPolicy]:
    """The stage, with the ways out that the settings name."""
    policy, digest = read_policy()
    return Stage(
        name="notify",
        inputs=(REGISTERED, TRIAGED, RECOVERIES, CASES, PROMISES, NOTIFY_INBOX),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        inbox=NOTIFY_INBOX,
        performers=ways_out(settings),
        # What complainants hear; staff go on hearing of safety and of threats.
        held_by={"mail": "messages", "reply": "messages", "call": "messages"},
    )


def read_policy() -> tuple[NotifyPolicy, str]:
    """Rules, boards and texts, with their digest."""
    return load_policy(NotifyPolicy, **FILES)


def ways_out(settings: Settings) -> Mapping[str, Performer]:
    """Who performs each kind of effect. Without a relay, mail goes to the file outbox."""
    mail: Performer = Outbox(settings.outbox_dir / "mail", mail_from=settings.mail_from)
    if settings.smtp_url:
        mail = Smtp(settings.smtp_url, mail_from=settings.mail_from)
    return {
        "mail": mail,
        "reply": Outbox(settings.outbox_dir / "reply", mail_from=settings.mail_from, way="reply"),
        "call": StaffOutbox(settings.outbox_dir / "staff", way="call"),
        "staff": StaffOutbox(settings.outbox_dir / "staff", way="staff"),
    }
