"""What a shop's own books say of an order: `orders.facts`, keyed by order id, compacted."""

from typing import ClassVar

from shared.contracts.contract import Contract, FilledLine, Instant
from shared.contracts.submitted import Order


class OrderFact(Contract):
    """A recorded order. The first confirmed fact wins; a contradiction goes to a person."""

    TYPE: ClassVar[str] = "kulanse.order.fact.v1"

    order_id: FilledLine
    order: Order
    at: Instant
