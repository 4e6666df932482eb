"""Everyday complaints through the whole chain: is each person given what DOMAIN.md owes her?"""

import pytest

from tests.policy.golden_cases import answer, standing_rules, variants
from tests.policy.judge import findings, notices_of, part, rows
from tests.policy.standing import standing_findings

TWINS = [variant.id for variant in variants().values() if variant.same_as]


@pytest.mark.parametrize("variant_id", variants())
def test_complaint_is_met_as_the_domain_says(variant_id: str) -> None:
    """A person would be read, remedied or answered otherwise than DOMAIN.md owes her."""
    given = answer(variant_id)
    found = [given["error"]] if "error" in given else findings(variants()[variant_id].expect, given)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("variant_id", variants())
def test_every_message_sounds_as_it_should(variant_id: str) -> None:
    """A complainant would get a mail in the wrong form, with blame, with a promise not kept yet."""
    given = answer(variant_id)
    told = [n for n in notices_of(given) if n.fields["audience"] == "complainant"]
    found = [
        line for n in told for line in standing_findings(n, rules=standing_rules(), answer=given)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("variant_id", TWINS)
def test_twins_get_the_same(variant_id: str) -> None:
    """The shouted complaint, or the one in another form, would earn more or less than the calm."""
    twin = variants()[variant_id].same_as
    assert twin is not None
    assert _worth(twin) == _worth(variant_id)


def _worth(variant_id: str) -> tuple[object, list[str]]:
    given = answer(variant_id)
    gestures = rows(part(given, "recovery")["gestures"])
    worth = sorted(f"{g['kind']} {g['amount_minor']} {g['currency']}" for g in gestures)
    return part(given, "triage")["severity"], worth
