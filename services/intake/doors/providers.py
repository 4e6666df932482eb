"""`POST /v1/providers/{name}/events`: what a payment provider tells us on its own.

Only with its signature. What is about a refund of ours becomes a `provider.event` on
`recovery.inbox`, under the complainant's record key, which recovery gave the provider to keep;
anything else is thanked for and forgotten. 200 is said only when the broker has the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Protocol

import orjson
import structlog
from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

from services.intake.doors.body import body_of_request
from services.intake.doors.problems import Turned
from services.intake.doors.taking import RETRY_AFTER_S, Out
from shared.contracts.codec import encode
from shared.contracts.envelope import Event
from shared.contracts.identity import derived
from shared.contracts.inbox import ProviderEvent
from shared.contracts.topics import RECOVERY_INBOX
from shared.errors import Fault, Transient
from shared.stripe_states import REFUND_STATES

BYTES_MAX = 64 * 1024
TOLERANCE_S = 300  # older is a replay: docs.stripe.com/webhooks#replay-attacks
ABOUT_A_REFUND = frozenset(
    {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
)


class Provider(Protocol):
    """Reads what one provider tells."""

    def event_of(self, raw: bytes, headers: Mapping[str, str]) -> Event[ProviderEvent] | None:
        """None: not about a refund of ours. Raises `Turned` for what it did not sign."""


def add_providers(app: FastAPI, out: Out, *, providers: Mapping[str, Provider]) -> None:
    """Open the door to these providers, by name."""

    @app.post("/v1/providers/{name}/events")
    async def take_event(name: str, request: Request) -> Response:
        """Take one event of a payment provider."""
        provider = providers.get(name)
        if provider is None:
            hint = "no such provider is set up here"
            raise Turned(HTTPStatus.NOT_FOUND, Fault("provider_unknown", "name", hint))
        raw = await body_of_request(request, bytes_max=BYTES_MAX)
        event = provider.event_of(raw, request.headers)
        if event is not None:
            await _produced(out, event)
        structlog.get_logger().info("provider_told", provider=name, ours=event is not None)
        return Response(orjson.dumps({"received": True}), media_type="application/json")


async def _produced(out: Out, event: Event[ProviderEvent]) -> None:
    try:
        await out.send([encode(event)])
    except Transient:
        fault = Fault("broker_unavailable", "", "send it again; it is never taken twice")
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        raise Turned(HTTPStatus.SERVICE_UNAVAILABLE, fault, headers=wait) from None


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class _Metadata(_Part):
    gesture_id: str = ""
    record_key: str = ""


class _Refund(_Part):
    id: str
    amount: int
    currency: str
    status: str
    metadata: _Metadata = _Metadata()


class _Held(_Part):
    object: _Refund


class _Told(_Part):
    id: str
    type: str
    created: int
    data: _Held


class _Named(_Part):
    type: str


@dataclass(frozen=True, slots=True)
class StripeEvents:
    """Stripe's webhooks; `secret` signs them."""

    secret: str

    def event_of(self, raw: bytes, headers: Mapping[str, str]) -> Event[ProviderEvent] | None:
        """The event of a refund that carries our metadata; the same id whenever it is resent."""
        self._check(raw, headers.get("stripe-signature", ""))
        try:
            if _Named.model_validate_json(raw).type not in ABOUT_A_REFUND:
                return None
            told = _Told.model_validate_json(raw)
        except ValidationError:
            fault = Fault("not_an_event", "", "this is no event of Stripe's about a refund")
            raise Turned(HTTPStatus.BAD_REQUEST, fault) from None
        refund = told.data.object
        known = REFUND_STATES.get(refund.status)
        ours = refund.metadata
        if not ours.gesture_id or not ours.record_key:
            structlog.get_logger().warning("refund_not_ours", reference=refund.id)
            return None
        at = datetime.fromtimestamp(told.created, UTC)
        data = ProviderEvent(
            provider="stripe",
            provider_reference=refund.id,
            effect_key=ours.gesture_id,
            state="unknown" if known is None else known,
            amount_minor=refund.amount,
            currency=refund.currency.upper(),
            at=at,
        )
        return Event(
            id=derived("provider", "stripe", told.id),
            source="kulanse/intake",
            key=ours.record_key,
            time=at,
            data=data,
            topic=RECOVERY_INBOX.name,
        )

    def _check(self, raw: bytes, signature: str) -> None:
        # The SDK is loaded where webhooks are taken, and nowhere else.
        import stripe  # noqa: PLC0415

        try:
            text = raw.decode()
            stripe.WebhookSignature.verify_header(text, signature, self.secret, TOLERANCE_S)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            fault = Fault("signature", "stripe-signature", "not signed by this provider, or late")
            raise Turned(HTTPStatus.BAD_REQUEST, fault) from None
