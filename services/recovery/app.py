"""Recovery: the right thing, once.

Reads: complaints.triaged, complaints.registered, approvals, cases, orders.facts, recovery.inbox
Writes: recoveries, promises
Keeps: how each recovery stands (history), payments, order facts, payouts, grants and the books
"""

from collections.abc import Mapping
from functools import partial

from sqlalchemy import Engine

from services.recovery.core import decide, touches
from services.recovery.gauges import gauges
from services.recovery.gestures.book import Book
from services.recovery.gestures.grant import Grant, GrantEnd
from services.recovery.gestures.order_lookup import OrderLookup
from services.recovery.ledger import also_record
from services.recovery.policy import Policy, load
from shared.contracts.topics import (
    APPROVALS,
    CASES,
    ORDERS_FACTS,
    RECOVERY_INBOX,
    REGISTERED,
    TRIAGED,
)
from shared.ledger.engine import open_engine
from shared.settings import Settings
from shared.stage.effects import Performer
from shared.stage.stage import Stage


def build(settings: Settings) -> Stage[Policy]:
    """The stage, with the embedded book as its payment provider."""
    policy, digest = load()
    engine = open_engine(settings, "recovery")
    return Stage(
        "recovery",
        inputs=(TRIAGED, REGISTERED, APPROVALS, CASES, ORDERS_FACTS, RECOVERY_INBOX),
        decide=decide,
        policy=policy,
        policy_digest=digest,
        inbox=RECOVERY_INBOX,
        performers=performers(engine, settings),
        touches=touches,
        also_records=also_record,
        gauges=partial(gauges, budgets=policy.recovery.budgets),
        held_by={"book": "payouts", "grant": "payouts", "stripe": "payouts"},
        obeys={"automatic": Policy.for_people_alone},
    )


def performers(engine: Engine, settings: Settings) -> Mapping[str, Performer]:
    """Who performs each kind of effect. Without a key of Stripe's nothing goes there."""
    known: dict[str, Performer] = {
        "book": Book(engine),
        "grant": Grant(engine),
        "grant_end": GrantEnd(engine),
        "order_lookup": OrderLookup(engine, settings.orders_file),
    }
    key = settings.stripe_key.get_secret_value()
    if key:
        # Half a second of imports that an installation without it need not pay.
        from services.recovery.gestures.stripe import Stripe  # noqa: PLC0415

        known["stripe"] = Stripe(key, url=settings.stripe_url)
    return known
