"""What Stripe's words for a refund's state mean to us, for those who ask and those who are told.

Source: docs.stripe.com/api/refunds/object: pending, requires_action, succeeded, failed, canceled.
Failed and canceled are final; what has succeeded may still fail.
"""

from collections.abc import Mapping
from typing import Literal

REFUND_STATES: Mapping[str, Literal["in_flight", "posted", "failed"]] = {
    "pending": "in_flight",
    "requires_action": "in_flight",
    "succeeded": "posted",
    "failed": "failed",
    "canceled": "failed",
}
