"""The days that a complainant is told: the final answer's, and the next when we are late. Pure."""

from datetime import datetime
from typing import cast

from services.notify.model import Matter
from services.notify.policy import NotifyPolicy
from shared.business_time import deadline
from shared.contracts.contract import Segment
from shared.contracts.submitted import OrderKind
from shared.contracts.triaged import Severity

# What a colleague wrote to the complainant before the decision: the interim answer, with reasons.
_INTERIM = "answer"


def final_by(matter: Matter, start: datetime, *, policy: NotifyPolicy) -> datetime:
    """When the final answer is due: the moment that triage promised."""
    return policy.deadlines.final_of(
        start,
        segment=cast("Segment | None", matter.triage("segment")),
        severity=cast("Severity | None", matter.triage("severity")),
        order_kind=_order_kind(matter),
    )


def named_day(matter: Matter, now: datetime, *, policy: NotifyPolicy) -> datetime:
    """The next day we name when we are late: never after the hard stop, while that is ahead."""
    next_day = deadline(now, policy.rules.said.failed, calendar=policy.deadlines.calendar)
    received = (matter.registered or {}).get("at")
    if not isinstance(received, str):
        return next_day
    stop = policy.deadlines.stop_by(
        datetime.fromisoformat(received),
        order_kind=_order_kind(matter),
        interim=any(_is_interim(said.get("counts_as")) for said in matter.said.values()),
    )
    return min(next_day, stop) if stop > now else next_day


def _order_kind(matter: Matter) -> OrderKind | None:
    return cast("OrderKind | None", (matter.registered or {}).get("order_kind"))


def _is_interim(counts_as: object) -> bool:
    return isinstance(counts_as, list) and _INTERIM in counts_as
