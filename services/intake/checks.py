"""What a well-formed message must also be before it is taken in. Pure.

The contract says which fields there are; here, which values can be true: times that have been,
currencies that exist, words that can be seen, files that may be kept.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

from babel.numbers import list_currencies

from services.intake.policy import Attachments, IntakeRules, Times
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault, Invalid

_LATEST = datetime.max.replace(tzinfo=UTC)
# ISO 4217 codes that are no money: none, for tests, metals, units of account, bonds.
_NO_MONEY = frozenset(("XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XUA", "XSU"))
_NO_MONEY_BONDS = frozenset(("XBA", "XBB", "XBC", "XBD"))


def check(message: ComplaintSubmitted, *, at: datetime, rules: IntakeRules) -> None:
    """Refuse what cannot be; raises `Invalid` with every fault. `at`: when it came to us."""
    faults = (
        *_time_faults(message, at=at, times=rules.times),
        *_word_faults(message),
        *_currency_faults(message),
        *_attachment_faults(message, rules.attachments),
    )
    if faults:
        raise Invalid(*faults)


def _time_faults(message: ComplaintSubmitted, *, at: datetime, times: Times) -> Iterator[Fault]:
    """Stated times after `at` or long ago; a log without a clock says nothing of it."""
    latest = at + timedelta(seconds=times.ahead_s_max) if at >= times.oldest else _LATEST
    for field, when in _stated(message):
        if when > latest:
            yield Fault("in_the_future", field, "give the time it happened, and its zone")
        elif when < times.oldest:
            yield Fault("too_long_ago", field, f"times begin with {times.oldest:%Y-%m-%d}")


def _stated(message: ComplaintSubmitted) -> Iterator[tuple[str, datetime]]:
    """The times that the channel states of the past, with their fields."""
    if message.received_at is not None:
        yield "received_at", message.received_at
    if message.order is None:
        return
    if message.order.purchased_at is not None:
        yield "order.purchased_at", message.order.purchased_at
    for index, payment in enumerate(message.order.payments):
        if payment.paid_at is not None:
            yield f"order.payments.{index}.paid_at", payment.paid_at


def _word_faults(message: ComplaintSubmitted) -> Iterator[Fault]:
    text = message.text
    if text[:1].isalnum():  # nearly always
        return
    if not any(character.isprintable() and not character.isspace() for character in text):
        yield Fault("nothing_visible", "text", "needs at least one character that can be seen")


def _currency_faults(message: ComplaintSubmitted) -> Iterator[Fault]:
    if message.order is None:
        return
    paid = message.order.payments
    stated = [(f"order.payments.{n}.currency", each.currency) for n, each in enumerate(paid)]
    if message.order.currency is not None:
        stated.append(("order.currency", message.order.currency))
    for field, currency in stated:
        if currency not in _currencies():
            yield Fault("currency_unknown", field, "a currency of ISO 4217, as NOK")


@cache
def _currencies() -> frozenset[str]:
    known: set[str] = list_currencies()
    return frozenset(known) - _NO_MONEY - _NO_MONEY_BONDS


def _attachment_faults(message: ComplaintSubmitted, rules: Attachments) -> Iterator[Fault]:
    for index, each in enumerate(message.attachments):
        if message.channel == "email" and each.reference is None:
            continue  # named by the mail door, and left aside
        field = f"attachments.{index}"
        if (each.size_bytes or 0) > rules.size_bytes_max:
            hint = f"at most {rules.size_bytes_max} bytes; say in the text where it can be seen"
            yield Fault("attachment_too_large", f"{field}.size_bytes", hint)
        kind = (each.media_type or "").partition(";")[0].strip().lower()
        if kind in rules.refused_types or each.name.lower().endswith(rules.refused_endings):
            yield Fault("attachment_type", f"{field}.name", "send pictures, PDF or text")
