"""Every right and promise of the policy, once for and once against: `rights.yaml`."""

from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
import yaml

from services.recovery.model import Matter
from services.recovery.remedies import Plan, plan
from shared.contracts.submitted import Order
from tests.core.recovery_world import order, policy, triaged

CASES: Mapping[str, dict[str, object]] = yaml.safe_load(
    Path(__file__).with_name("rights.yaml").read_text(encoding="utf-8")
)
RULES = [rule.code for rule in policy().rights()]


def part(of: Mapping[str, object], name: str) -> dict[str, object]:
    """A mapping inside a case."""
    found = of.get(name, {})
    assert isinstance(found, dict)
    return found


def planned(*changes: Mapping[str, object]) -> Plan:
    """What the machine plans for a complaint with these facts; the later ones win."""
    facts = {name: each for change in changes for name, each in change.items()}
    bought = {name: each for change in changes for name, each in part(change, "order").items()}
    facts = {name: each for name, each in facts.items() if name != "why"}
    known = order().model_dump(mode="json")
    facts["order"] = Order.model_validate_json(orjson.dumps({**known, **bought}))
    return plan(Matter.of(triaged(**facts), "key"), policy())


@pytest.mark.parametrize("code", RULES)
def test_a_right_holds_where_it_should(code: str) -> None:
    """Somebody would be refused, or kept waiting for a person, where she has a right."""
    case = CASES[code]
    found = planned(part(case, "for"))
    doubts = [doubt for doubt in found.doubts if doubt.startswith("right_")]
    expected = [] if case["decides"] == "machine" else [case["decides"]]
    assert (found.codes[:1], doubts) == ((code,), expected)
    (rule,) = [rule for rule in policy().rights() if rule.code == code]
    assert found.basis == rule.basis


@pytest.mark.parametrize("code", RULES)
def test_one_fact_makes_it_another_matter(code: str) -> None:
    """A right would be given where the law does not give it: money leaves on a wrong paragraph."""
    case = CASES[code]
    against = part(case, "against")
    assert against["why"], "say what is otherwise"
    assert code not in planned(part(case, "for"), against).codes


def test_no_case_is_of_a_rule_that_is_gone() -> None:
    """A rule would be renamed, and its cases test nothing."""
    assert sorted(CASES) == sorted(RULES)
