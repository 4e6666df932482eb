"""The report on fairness: like is compared with like, and too few are called so."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from services.cli.fairness import CASES_MIN, Group, groups
from shared.contracts.contract import Contract, WrittenForm
from shared.contracts.recoveries import RecoveryApproved, Result
from tests.core.recovery_world import START, order, triaged


def decided(
    number: int, form: WrittenForm, *, value_minor: int, **fields: object
) -> list[Contract]:
    """A complaint, and what it was given."""
    id_ = f"c-{form}-{number}-{value_minor}"
    return [
        triaged(id_, written_form=form, **fields),
        RecoveryApproved(
            recovery_id=f"r-{id_}",
            complaint_id=id_,
            case_id="case",
            version=1,
            outcome="granted",
            result=Result(category="upheld", relief="monetary"),
            total_minor={"NOK": value_minor},
            approval="automatic",
            decided_by="rule:remedies",
            effective_at=START + timedelta(minutes=number),
        ),
    ]


def many(form: WrittenForm, value_minor: int, *, count: int = CASES_MIN) -> list[Contract]:
    """So many like cases in a written form."""
    return [
        each for number in range(count) for each in decided(number, form, value_minor=value_minor)
    ]


def forms(found: Iterable[Group]) -> dict[str, str]:
    """The verdict on each written form."""
    return {each.label: each.verdict for each in found if each.by == "written form"}


@pytest.mark.parametrize(
    ("nynorsk_minor", "expected"),
    [
        (10000, {"nb": "alike", "nn": "alike"}),
        (9600, {"nb": "alike", "nn": "alike"}),
        (5000, {"nb": "differs", "nn": "differs"}),
    ],
)
def test_a_form_that_gets_less_is_seen(nynorsk_minor: int, expected: dict[str, str]) -> None:
    """Whoever writes nynorsk would get less for years, and nobody know."""
    assert forms(groups([*many("nb", 10000), *many("nn", nynorsk_minor)])) == expected


def test_too_few_are_called_too_few() -> None:
    """Two cases would make a scandal."""
    found = forms(groups([*many("nb", 10000, count=2), *many("nn", 100, count=2)]))
    assert found == {"nb": "too few", "nn": "too few"}


def test_unlike_cases_are_not_compared() -> None:
    """Nynorsk writers who bought dearer things would look favoured."""
    dear = [
        each
        for number in range(CASES_MIN)
        for each in decided(number, "nn", value_minor=90000, order=order(90000))
    ]
    assert groups([*many("nb", 10000), *dear]) == ()


def test_only_the_newest_word_on_a_complaint_counts() -> None:
    """A proposal that a person adjusted would still count as what was given."""
    first, later = decided(0, "nb", value_minor=10000), decided(1, "nn", value_minor=10000)
    event = later[1]
    assert isinstance(event, RecoveryApproved)
    changed = event.model_copy(update={"version": 2, "total_minor": {"NOK": 5000}})
    found = {each.label: round(each.share, 2) for each in groups([*first, changed, *later])}
    assert {"nb": 1.33, "nn": 0.67}.items() <= found.items()
