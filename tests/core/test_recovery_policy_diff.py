"""What would change? Past complaints decided again under another policy, and nothing touched."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from services.__main__ import run
from services.cli.replaying import Compared, compared
from services.recovery.changed import with_changed
from services.recovery.policy import Given, Limits, Policy
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.submitted import Payment
from shared.contracts.topics import TRIAGED
from shared.errors import Refused
from shared.policy import POLICY_DIR
from tests.core.recovery_world import START, order, policy, triaged

VOUCHER = ("voucher", "NOK")


def past() -> list[Event[Contract]]:
    """Three people: a small refund, one that a team lead signs, and a user who lost time."""
    known = (
        triaged("small", severity="low", order=order(19900)),
        triaged("large", order=order(149000), written_form="nn"),
        triaged("user", role="user", category="service", order=None, order_state="none"),
    )
    return [
        Event(f"e-{n}", "test", f"who-{n}", START + timedelta(hours=n), data, topic=TRIAGED.name)
        for n, data in enumerate(known)
    ]


def changed(**fields: object) -> Policy:
    """The policy that ships, with something else in `recovery.yaml`."""
    known = policy()
    return known.model_copy(update={"recovery": known.recovery.model_copy(update=fields)})


def test_the_same_policy_changes_nothing() -> None:
    """A policy owner would be shown changes that are none."""
    found = compared(past(), policy(), after=policy())
    assert (len(found.pairs), found.moved()) == (3, ())


def test_a_lower_limit_moves_who_signs_and_no_money() -> None:
    """A lower limit would be taken for a smaller remedy."""
    limits = {"NOK": policy().recovery.limits["NOK"].model_copy(update={"automatic": 100})}
    found = compared(past(), policy(), after=changed(limits=limits))
    (moved,) = found.moved()
    assert (moved.complaint_id, moved.before.approval, moved.after.approval) == (
        "small",
        "automatic",
        "team_lead",
    )
    assert moved.before.sums_minor == moved.after.sums_minor


def test_money_is_told_by_gesture_severity_form_and_role() -> None:
    """A change would cost somebody something, and nobody could see whom."""
    found = compared(past(), policy(), after=changed(more=()))
    row: Mapping[str, int] = {"decisions": 1, "before_minor": 5000, "after_minor": 0}
    assert found.tables()["gesture"]["voucher", "NOK"] == row
    whole = {"decisions": 1, "before_minor": 154000, "after_minor": 149000}
    bare = {"decisions": 1, "before_minor": 0, "after_minor": 0}
    tables = found.tables()
    assert (tables["severity"], tables["written form"], tables["role"]) == (
        {("medium", ""): bare, ("medium", "NOK"): whole},
        {("nn", ""): bare, ("nn", "NOK"): whole},
        {("customer", ""): bare, ("customer", "NOK"): whole},
    )


def test_each_policy_lives_with_what_it_gave_itself() -> None:
    """The caps of a generous policy would be used up by what the strict one had given."""
    events = [
        Event(
            f"e-{n}",
            "test",
            "one",
            START + timedelta(days=n),
            triaged(f"c-{n}", order=order(1900, reference=f"pay-{n}", id=f"order-{n}")),
            topic=TRIAGED.name,
        )
        for n in range(6)
    ]
    goodwill = policy().recovery.goodwill.model_copy(update={"gestures_max": 2})
    found = compared(events, policy(), after=changed(goodwill=goodwill))
    vouchers = [
        (VOUCHER in pair.before.sums_minor, VOUCHER in pair.after.sums_minor)
        for pair in found.pairs
    ]
    assert vouchers == [(True, True)] * 2 + [(True, False)] * 2 + [(False, False)] * 2


def test_the_same_record_twice_counts_once() -> None:
    """A resent record would make a change look larger than it is."""
    assert len(compared([*past(), *past()], policy(), after=policy()).pairs) == 3
    assert isinstance(compared([], policy(), after=policy()), Compared)


def test_a_changed_file_is_read_as_the_policy_it_would_be(tmp_path: Path) -> None:
    """A misspelt field would be compared as if it were in force."""
    text = (POLICY_DIR / "recovery.yaml").read_text(encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(text.replace("automatic: 25000", "automatic: 10000"), encoding="utf-8")
    assert with_changed(new).recovery.limits["NOK"].automatic == 10000
    new.write_text(text + "\nbugdets: {}\n", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        with_changed(new)
    assert "bugdets" in str(refused.value)


def test_a_missing_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A policy owner would read Python."""
    assert run(["policy", "diff", "missing.yaml"]) == 1
    assert "file_missing" in capsys.readouterr().err


def test_sums_of_two_currencies_stay_two_sums() -> None:
    """Kroner and euros would be added, and the cost of a change be no sum at all."""
    paid = Payment(reference="pay-eur", amount_minor=149000, currency="EUR", paid_at=START)
    euros = triaged("euros", order=order(id="order-2", payments=(paid,)), written_form="nn")
    event = Event("e-9", "test", "who-9", START, euros, topic=TRIAGED.name)
    twice = tuple(
        row.model_copy(update={"gives": (Given(kind="voucher", amount_minor={"EUR": 500}),)})
        for row in policy().recovery.more
    )
    limits = {**policy().recovery.limits, "EUR": Limits(automatic=100, team_lead=900000)}
    found = compared([*past(), event], policy(), after=changed(more=twice, limits=limits))
    rows = found.tables()["written form"]
    sums = [(rows["nn", c]["before_minor"], rows["nn", c]["after_minor"]) for c in ("NOK", "EUR")]
    # The voucher was in kroner; goodwill in euros has no cap, so no machine gives any.
    assert sums == [(154000, 149000), (149000, 149000)]


def test_a_changed_people_file_and_regime_are_known_by_what_they_hold(tmp_path: Path) -> None:
    """A policy owner could try limits only, and would learn of the rest when it is in force."""
    people = (POLICY_DIR / "people.yaml").read_text(encoding="utf-8")
    new = tmp_path / "who.yaml"
    new.write_text(people.replace("NOK: 200000", "NOK: 100"), encoding="utf-8")
    lead = with_changed(new).people.named("lead-gran")
    assert lead is not None
    assert lead.limit_minor == {"NOK": 100}
    regime = (POLICY_DIR / "regimes" / "agreed.yaml").read_text(encoding="utf-8")
    new = tmp_path / "agreed.yaml"
    new.write_text(regime.replace("verified: true", "verified: false"), encoding="utf-8")
    assert not any(rule.verified for rule in with_changed(new).regimes["agreed"].rules)
    stranger = tmp_path / "unasked.yaml"
    stranger.write_text(regime, encoding="utf-8")
    with pytest.raises(Refused, match="no regime of this name"):
        with_changed(stranger)
