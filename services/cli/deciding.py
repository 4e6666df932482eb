"""The options of `kulanse cases decide` as values of the contracts; raises `Invalid`."""

from collections.abc import Sequence
from typing import get_args

from pydantic import ValidationError

from services.cli.casefile import money
from services.cli.failures import BadInput
from shared.contracts.cases import GestureWanted
from shared.contracts.recoveries import Basis, GestureKind, Result

PARTS = ("kind", "amount_minor", "currency", "payment_reference")
WORDS_ALONE = frozenset(("explanation", "apology", "advice"))
KINDS: tuple[GestureKind, ...] = get_args(GestureKind)
BASES: tuple[Basis, ...] = get_args(Basis)
RESULTS = ("upheld", "partly_upheld", "not_upheld")


def gestures_of(options: Sequence[str]) -> tuple[GestureWanted, ...]:
    """Read "refund:24900:NOK", "apology", "refund:24900:NOK:pay-1"."""
    return tuple(_gesture(option) for option in options)


def _gesture(option: str) -> GestureWanted:
    given = dict(zip(PARTS, option.split(":", len(PARTS) - 1), strict=False))
    if given["kind"] not in KINDS:
        raise BadInput("unknown_gesture", "--gesture", f"there are {', '.join(KINDS)}")
    amount = given.pop("amount_minor", None)
    if amount is not None and not (amount.isascii() and amount.isdigit()):
        hint = f"{amount!r} is no whole number of minor units; 249 kr is refund:24900:NOK"
        raise BadInput("bad_amount", "--gesture", hint)
    if (amount is None) != ("currency" not in given):
        raise BadInput("bad_amount", "--gesture", "a sum needs its currency: refund:24900:NOK")
    try:
        return GestureWanted.model_validate({**given, "amount_minor": amount and int(amount)})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput("bad_gesture", f"--gesture {where}", first["msg"]) from None


def result_of(named: str, gestures: Sequence[GestureWanted]) -> Result:
    """How it ended; the relief is read off the gestures."""
    if named not in RESULTS:
        raise BadInput("unknown_result", "--result", f"there are {', '.join(RESULTS)}")
    if any(gesture.amount_minor for gesture in gestures):
        return Result.model_validate({"category": named, "relief": "monetary"})
    if any(gesture.kind not in WORDS_ALONE for gesture in gestures):
        return Result.model_validate({"category": named, "relief": "non_monetary"})
    return Result.model_validate({"category": named, "relief": "explanation"})


def basis_of(named: str) -> Basis | None:
    """The basis; none when it is not said."""
    if not named:
        return None
    found = next((basis for basis in BASES if basis == named), None)
    if found is None:
        raise BadInput("unknown_basis", "--basis", f"there are {', '.join(BASES)}")
    return found


def said(result: Result, gestures: Sequence[GestureWanted]) -> str:
    """The decision read back in whole kroner: whoever wrote 249 and meant 24900 sees it here."""
    given = (f"{g.kind} {money(g.amount_minor or 0, g.currency)}".strip() for g in gestures)
    return f"decided: {result.category}: {', '.join(given) or 'no gesture'}"
