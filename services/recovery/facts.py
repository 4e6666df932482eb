"""Whether an order is as it was told: the shop's own books against the claim."""

import orjson
from pydantic import JsonValue, ValidationError

from shared.contracts.submitted import Order


def order_from(data: JsonValue) -> Order | None:
    """Read an order fact; None when it is none."""
    try:
        return Order.model_validate_json(orjson.dumps(data))
    except ValidationError:
        return None


def contradicts(claim: Order, fact: Order) -> bool:
    """Whether something told differs from what is recorded; what was not told never does."""
    told, recorded = claim.paid(), fact.paid()
    known = {(paid.reference, paid.amount_minor, paid.currency) for paid in recorded}
    if claim.payments and any(
        (paid.reference, paid.amount_minor, paid.currency) not in known for paid in told
    ):
        return True
    if not claim.payments and told:
        # The short form: only the sum and its currency were told.
        sum_minor = sum(paid.amount_minor for paid in recorded)
        currencies = {paid.currency for paid in recorded}
        if (told[0].amount_minor, {told[0].currency}) != (sum_minor, currencies):
            return True
    return any(
        said is not None and found is not None and said != found
        for said, found in (
            (claim.id, fact.id),
            (claim.sold, fact.sold),
            (claim.kind, fact.kind),
            (claim.buyer, fact.buyer),
            (_day(claim.purchased_at), _day(fact.purchased_at)),
            (_day(claim.delivered_at), _day(fact.delivered_at)),
        )
    )


def _day(when: object) -> object:
    return getattr(when, "date", lambda: None)()
