"""Refunds by Stripe, along the payment they came by: a payment intent or a charge.

The effect's key is Stripe's Idempotency-Key and stands in the refund's metadata. Whatever was not
answered plainly is looked for there; only what is provably absent is asked for again, under the
same key, and only while Stripe surely keeps it. Amount and currency are compared to the unit.

Sources: docs.stripe.com/api/idempotent_requests (keys may be pruned after 24 hours; a saved 500
is answered for ever), docs.stripe.com/api/refunds/object (the five states).
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import stripe

from services.recovery.reconcile import AtProvider
from shared.stage.effects import Claimed, Outcome
from shared.stripe_states import REFUND_STATES

KEYS_KEPT = timedelta(hours=24)
SAFE = 0.8  # of that time a key is used again: our clocks and theirs may differ
CALL_S = 10.0
CALLS_AT_ONCE = 8  # Stripe refuses a burst; the dispatcher may bring two hundred
PAGE = 100


@dataclass(frozen=True, slots=True)
class Refunded:
    """What a refund object says that we read. `key`: the effect's, empty when it is not ours."""

    id: str
    amount_minor: int
    currency: str
    status: str
    key: str
    failure: str | None


class Stripe:
    """Performs the effect `stripe`: refund and price reduction."""

    def __init__(self, key: str, *, url: str = "", call_s: float = CALL_S) -> None:
        """`url`: another address of the API; nothing is called yet."""
        self._http = stripe.HTTPXClient(timeout=call_s)
        self._client = stripe.StripeClient(
            key,
            # The dispatcher knows better when to call again, and whether to.
            max_network_retries=0,
            http_client=self._http,
            base_addresses={"api": url} if url else {},
        )
        self._turns = asyncio.Semaphore(CALLS_AT_ONCE)

    async def close(self) -> None:
        """Let go of the connections; whoever calls again opens new ones."""
        await self._http.close_async()  # type: ignore[no-untyped-call] # the SDK's

    async def perform(self, effect: Claimed) -> Outcome:
        """Refund, or ask for the same refund again under the same key."""
        if not _key_is_kept(effect):
            return await self.ask(effect)
        async with self._turns:
            try:
                made = await self._client.v1.refunds.create_async(
                    _wanted(effect), {"idempotency_key": effect.key}
                )
            except stripe.StripeError as error:
                return _refused(error)
        return _told(_read(made), effect)

    async def ask(self, effect: Claimed) -> Outcome:
        """Look for our key among the refunds of the payment."""
        async with self._turns:
            try:
                found = [each async for each in self._of_payment(effect) if each.key == effect.key]
            except stripe.StripeError as error:
                return Outcome("unknown", code=_code(error))
        if len(found) > 1:
            return Outcome("manual", found[0].id, code="refunded_twice")
        if found:
            return _told(found[0], effect)
        if _key_is_kept(effect):
            return Outcome("again", code="not_refunded")
        return Outcome("unknown", code="key_expired")

    async def made(self, since: datetime) -> AsyncIterator[AtProvider]:
        """Every refund of ours since then, for the daily control."""
        page = await self._client.v1.refunds.list_async(
            {"limit": PAGE, "created": {"gte": int(since.timestamp())}}
        )
        async for each in page.auto_paging_iter():
            refund = _read(each)
            state = REFUND_STATES.get(refund.status, "unknown")
            yield AtProvider(refund.id, refund.key, refund.amount_minor, refund.currency, state)

    async def _of_payment(self, effect: Claimed) -> AsyncIterator[Refunded]:
        wanted: stripe.params.RefundListParams = {"limit": PAGE}
        wanted[_named(effect)] = _reference(effect)
        page = await self._client.v1.refunds.list_async(wanted)
        async for refund in page.auto_paging_iter():
            yield _read(refund)


def _wanted(effect: Claimed) -> stripe.params.RefundCreateParams:
    wanted: stripe.params.RefundCreateParams = {
        "amount": _amount_minor(effect),
        "reason": "requested_by_customer",
        # What the webhook needs to find its way back: ids and our own key, nothing personal.
        "metadata": {
            "gesture_id": effect.key,
            "complaint_id": effect.complaint_id,
            "record_key": effect.record_key,
        },
    }
    wanted[_named(effect)] = _reference(effect)
    return wanted


def _reference(effect: Claimed) -> str:
    return str(effect.payload.get("payment_reference") or "")


def _named(effect: Claimed) -> Literal["charge", "payment_intent"]:
    return "charge" if _reference(effect).startswith("ch_") else "payment_intent"


def _amount_minor(effect: Claimed) -> int:
    return int(str(effect.payload["amount_minor"]))


def _read(refund: stripe.Refund) -> Refunded:
    said = refund.to_dict()
    return Refunded(
        id=str(said["id"]),
        amount_minor=said["amount"],
        currency=str(said["currency"]).upper(),
        status=str(said["status"]),
        key=str((said.get("metadata") or {}).get("gesture_id", "")),
        failure=said.get("failure_reason"),
    )


def _told(refund: Refunded, effect: Claimed) -> Outcome:
    """What a refund object says; another sum than ours is for a person."""
    wanted = _amount_minor(effect), effect.payload["currency"]
    if (refund.amount_minor, refund.currency) != wanted:
        return Outcome("manual", refund.id, code="amount_differs")
    state = REFUND_STATES.get(refund.status)
    if state is None:
        return Outcome("manual", refund.id, code="status_unknown")
    code = (refund.failure or f"refund_{refund.status}") if state == "failed" else None
    return Outcome(state, refund.id, code=code)


def _refused(error: stripe.StripeError) -> Outcome:
    """What an error tells of the refund. What tells nothing is unknown."""
    if isinstance(error, stripe.IdempotencyError):
        return Outcome("manual", code="key_conflict")
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        return Outcome("failed", code=_code(error))
    # Nothing was begun: too many calls, or a key of ours that Stripe does not take.
    unheard = stripe.RateLimitError | stripe.AuthenticationError | stripe.PermissionError
    return Outcome("again" if isinstance(error, unheard) else "unknown", code=_code(error))


def _code(error: stripe.StripeError) -> str:
    return str(error.code or type(error).__name__)


def _key_is_kept(effect: Claimed) -> bool:
    return effect.first_at is None or datetime.now(UTC) - effect.first_at < KEYS_KEPT * SAFE
