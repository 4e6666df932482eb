"""What makes it right: rights before goodwill, what was asked or more, fitted to the loss."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from services.recovery.amounts import is_regretted_small, sum_sought
from services.recovery.doubts import of_the_matter, of_the_order
from services.recovery.forbidden import allowed
from services.recovery.model import ALONG_PAYMENT, MONEY_KINDS, Matter, Remedy
from services.recovery.payments import payments_of, spread
from services.recovery.policy import FitRow, Given, Policy
from services.recovery.rights import applies, right_for
from shared.contracts.recoveries import Basis


@dataclass(frozen=True, slots=True)
class Plan:
    """The remedies, what they rest on, why (codes), and why a machine may not give them."""

    basis: Basis | None
    remedies: tuple[Remedy, ...]
    codes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    # The one exception to the limits.
    unsigned: bool = False
    # To choose from, not yet given.
    offered: bool = False


def plan(matter: Matter, policy: Policy) -> Plan:
    """What to give for this matter, before limits, caps and payments have been asked."""
    if is_for_people(matter):
        doubts = (*of_the_matter(matter, policy), f"{matter.kind}_for_person")
        return Plan(None, (), doubts=doubts)
    main = _for_the_sought(matter, policy)
    beside = {
        remedy.kind: remedy for remedy in _fitting(policy.recovery.beside, matter, policy=policy)
    }
    # The same gesture once: the named owner of the one beside it wins.
    remedies = tuple(
        r.model_copy(update={"owner": beside.pop(r.kind).owner or r.owner})
        if r.kind in beside
        else r
        for r in main.remedies
    )
    remedies = (*remedies, *beside.values())
    remedies = (*remedies, *_apology(matter, remedies, policy=policy))
    doubts = (
        *of_the_matter(matter, policy),
        *main.doubts,
        *of_the_order(matter, remedies, policy=policy),
    )
    return replace(main, remedies=remedies, doubts=tuple(dict.fromkeys(doubts)))


def is_for_people(matter: Matter) -> bool:
    """Questions and requests are answered or done, not made good; a regret is a right."""
    return matter.kind != "complaint" and not (matter.kind == "request" and matter.regretted)


def more_than_expected(matter: Matter, given: Plan, *, policy: Policy) -> tuple[Remedy, ...]:
    """A little on top of a right or promise that is given in full; never without an order."""
    paid = payments_of(matter.order)
    owed = given.basis in {"statutory", "contractual"} and any(
        remedy.kind in policy.recovery.rights_only for remedy in given.remedies
    )
    if matter.kind != "complaint" or matter.regretted or not owed or not paid:
        return ()
    kinds = {remedy.kind for remedy in given.remedies}
    rows = [row for row in policy.recovery.more if kinds & set(row.beside)]
    return tuple(_fitting(rows, matter, policy=policy))


def _for_the_sought(matter: Matter, policy: Policy) -> Plan:
    if matter.remedy_sought == "unknown":
        return _for_the_unknown(matter, policy)
    row = next(row for row in policy.recovery.sought if applies(row.when, matter))
    remedy = Remedy(kind=row.gives, basis=row.basis)
    doubts = [] if row.person is None else [row.person]
    if not allowed(row.gives, matter, policy=policy):
        instead = _fitting(policy.recovery.fit, matter, policy=policy)
        code = "user_has_not_paid" if row.gives in MONEY_KINDS else "forbidden"
        return Plan(None, tuple(instead), (code,), (code,))
    if row.gives in MONEY_KINDS:
        found = sum_sought(matter, policy)
        remedy = _money(remedy, matter, policy=policy)
        doubts += [] if found.doubt is None else [found.doubt]
    if row.gives not in policy.recovery.rights_only:
        basis = None if doubts else row.basis
        return Plan(basis, (remedy,), (f"sought_{matter.remedy_sought}",), tuple(doubts))
    return _by_right(remedy, matter, policy=policy, doubts=doubts)


def _money(remedy: Remedy, matter: Matter, *, policy: Policy) -> Remedy:
    found = sum_sought(matter, policy)
    paid_minor = sum(paid.limit_minor for paid in payments_of(matter.order))
    # Part of the price of a faulty thing is a price reduction; the whole is a refund.
    reduced = (
        remedy.kind == "refund"
        and matter.category == "product"
        and not matter.regretted
        and found.reference is None
        and 0 < found.amount_minor < paid_minor
    )
    return remedy.model_copy(
        update={
            "kind": "price_reduction" if reduced else remedy.kind,
            "amount_minor": found.amount_minor,
            "currency": found.currency if found.amount_minor else None,
            "payment_reference": found.reference,
        }
    )


def _by_right(remedy: Remedy, matter: Matter, *, policy: Policy, doubts: list[str]) -> Plan:
    small = remedy.kind in ALONG_PAYMENT and is_regretted_small(
        matter, remedy.amount_minor, policy=policy
    )
    found = right_for(matter, remedy, policy=policy)
    if found is not None and not (small and found.person):
        doubts = [*doubts, *([] if found.person is None else [found.person])]
        based, code = found.rule.basis, found.rule.code
    elif small:
        based, code = "ex_gratia", "regretted_small_purchase"
    else:
        return Plan(None, _spread(remedy, matter), (), (*doubts, "right_unclear"))
    remedy = remedy.model_copy(update={"basis": based})
    codes = (code, "regretted_small_purchase") if small else (code,)
    return Plan(
        based, _spread(remedy, matter), tuple(dict.fromkeys(codes)), tuple(doubts), unsigned=small
    )


def _spread(remedy: Remedy, matter: Matter) -> tuple[Remedy, ...]:
    if remedy.kind not in ALONG_PAYMENT:
        return (remedy,)
    return spread(remedy, payments_of(matter.order)) if remedy.amount_minor else ()


def _for_the_unknown(matter: Matter, policy: Policy) -> Plan:
    row = next((row for row in policy.recovery.fit if applies(row.when, matter)), None)
    fitting = tuple(_fitting(policy.recovery.fit, matter, policy=policy))
    basis = fitting[0].basis if fitting else None
    # There is money in it, or nothing that fits: what would make it right, a person asks.
    at_stake = matter.role != "user" and bool(payments_of(matter.order))
    if row is None or not fitting or (at_stake and not row.with_order):
        return Plan(basis, fitting, doubts=("remedy_unknown",))
    return Plan(basis, fitting, (row.code,), offered=row.offered)


def _fitting(rows: Iterable[FitRow], matter: Matter, *, policy: Policy) -> Iterator[Remedy]:
    row = next((row for row in rows if applies(row.when, matter)), None)
    for given in row.gives if row else ():
        remedy = _remedy(given, row.basis if row else "ex_gratia", matter=matter, policy=policy)
        # A gesture with a value has none in a currency that the row does not name.
        valued = remedy.amount_minor or not given.amount_minor
        if valued and allowed(given.kind, matter, policy=policy):
            yield remedy


def _remedy(given: Given, basis: Basis, *, matter: Matter, policy: Policy) -> Remedy:
    paid = payments_of(matter.order)
    currency = paid[0].currency if paid else next(iter(policy.recovery.limits), None)
    amount_minor = given.amount_minor.get(currency or "", 0)
    return Remedy(
        kind=given.kind,
        basis=basis,
        amount_minor=amount_minor,
        currency=currency if amount_minor else None,
        owner=given.owner,
    )


def _apology(matter: Matter, remedies: Iterable[Remedy], *, policy: Policy) -> Iterator[Remedy]:
    wanted = applies(policy.recovery.apology, matter) and not matter.regretted
    if wanted and matter.kind == "complaint" and all(r.kind != "apology" for r in remedies):
        yield Remedy(kind="apology", basis="ex_gratia")
