"""What comes back to a stage from the outside world: `recovery.inbox`, `notify.inbox`."""

from typing import ClassVar, Literal

from pydantic import JsonValue

from shared.contracts.contract import Contract, Instant, Line
from shared.contracts.money import Currency, Minor

EffectState = Literal["posted", "failed", "unknown", "manual", "in_flight"]


class EffectOutcome(Contract):
    """How an effect went. `detail` is the performer's, by effect kind."""

    TYPE: ClassVar[str] = "kulanse.effect.outcome.v1"

    effect_key: str
    kind: Line
    complaint_id: str
    state: EffectState
    provider_reference: Line | None = None
    code: Line | None = None
    detail: dict[str, JsonValue] = {}
    at: Instant


class TimerDue(Contract):
    """A time that was set has come. `at` is when it was due, not when somebody looked."""

    TYPE: ClassVar[str] = "kulanse.timer.due.v1"

    effect_key: str
    complaint_id: str
    name: Line
    detail: dict[str, JsonValue] = {}
    at: Instant


class ProviderEvent(Contract):
    """A payment provider told us something on its own (a webhook), signature checked.

    The sum is what it says that it moved; another than ours is for a person.
    """

    TYPE: ClassVar[str] = "kulanse.provider.event.v1"

    provider: Line
    provider_reference: Line
    effect_key: str | None = None
    state: EffectState
    amount_minor: Minor | None = None
    currency: Currency | None = None
    at: Instant
