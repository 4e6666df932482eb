"""Notify: heard first, told truly, never twice.

Reads: complaints.registered, complaints.triaged, recoveries, cases, promises, feedback,
    notify.inbox
Writes: notifications, promises
Keeps: what was said of each complaint (history), and every message on its way (effects)
"""

from collections.abc import Mapping

from services.notify.core import decide
from services.notify.policy import FILES, NotifyPolicy
from services.notify.senders.alert import Alerts
from services.notify.senders.hook import Hook, Receiver
from services.notify.senders.linked import Linked
from services.notify.senders.outbox import Outbox
from services.notify.senders.smtp import Smtp
from services.notify.senders.staff import StaffOutbox
from services.notify.senders.ways import Ways
from shared.contracts.topics import (
    CASES,
    FEEDBACK,
    NOTIFY_INBOX,
    PROMISES,
    RECOVERIES,
    REGISTERED,
    TRIAGED,
)
from shared.errors import Refused
from shared.policy import load_policy
from shared.secret import link_secret
from shared.settings import Settings
from shared.stage.effects import Performer
from shared.stage.stage import Stage

# A relay is not asked afterwards: what was on its way when a worker is killed, a person looks at.
MAILS_AT_ONCE = 50


def build(settings: Settings) -> Stage[NotifyPolicy]:
    """The stage, with the ways out that the settings name."""
    policy, digest = read_policy()
    alerts = bool(settings.alert_urls.get_secret_value())
    policy = policy.model_copy(update={"links": bool(settings.links_url), "alerts": alerts})
    return Stage(
        name="notify",
        inputs=(REGISTERED, TRIAGED, RECOVERIES, CASES, PROMISES, FEEDBACK, NOTIFY_INBOX),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        inbox=NOTIFY_INBOX,
        at_once=MAILS_AT_ONCE,
        performers=ways_out(settings, policy),
        sealed_kinds=frozenset(("mail", "reply", "call", "staff", "hook", "sms", "alert")),
        # What complainants hear; staff go on hearing of safety and of threats.
        held_by=dict.fromkeys(("mail", "reply", "call", "hook", "sms"), "messages"),
    )


def read_policy() -> tuple[NotifyPolicy, str]:
    """Rules, boards and texts, with their digest."""
    return load_policy(NotifyPolicy, **FILES)


def ways_out(settings: Settings, policy: NotifyPolicy) -> Mapping[str, Performer]:
    """Who performs each kind of effect; each falls back on the further ways of its message.

    Without a relay, mail goes to the file outbox. Raises `Refused` for a hook without a secret.
    """
    sending, outbox = policy.rules.sending, settings.outbox_dir
    mail: Performer = Outbox(outbox / "mail", mail_from=settings.mail_from)
    if settings.smtp_url:
        mail = Smtp(settings.smtp_url, mail_from=settings.mail_from)
    hook = Hook(
        [_receiver(name, settings, policy=policy) for name in policy.rules.hooks],
        waits_s=sending.hook_waits_s,
        folder=settings.state_dir / "hooks",
    )
    one_way: dict[str, Performer] = {
        "mail": mail,
        "reply": Outbox(outbox / "reply", mail_from=settings.mail_from, way="reply"),
        "call": StaffOutbox(outbox / "staff", way="call"),
        "staff": StaffOutbox(outbox / "staff", way="staff"),
        **dict.fromkeys(("hook", "sms", "alert"), hook),
    }
    if urls := settings.alert_urls.get_secret_value().split():
        one_way["alert"] = Alerts(urls)
    ways = Ways(one_way, second_way_s=sending.second_way_s, give_up_s=sending.give_up_s)
    linked = Linked(ways, base=settings.links_url, secret=link_secret(settings))
    return dict.fromkeys(one_way, linked)


def _receiver(name: str, settings: Settings, *, policy: NotifyPolicy) -> Receiver:
    secret, rule = settings.hook_secrets.get(name), policy.rules.hooks[name]
    if secret is None:
        raise Refused(
            "hook_secret_missing",
            f"The hook {name} of notify.yaml has no secret.",
            "Add it to KULANSE_HOOK_SECRETS, as JSON: a name and whsec_ with base64 after it.",
        )
    return Receiver(name, rule.url, tuple(secret.get_secret_value().split()), inside=rule.inside)
