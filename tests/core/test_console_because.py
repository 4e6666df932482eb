"""Why a remedy is as it is: every code that recovery gives as a reason is a sentence.

The codes are read out of recovery itself: its policy, its modules, and what its performers answer.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.desk.web.policy import FORMS
from services.recovery.coming_back import GRANTS_OVER
from shared.contracts.recoveries import RecoveryProposed
from shared.contracts.triaged import Kind
from shared.stripe_states import REFUND_STATES
from tests.core.console_world import CONSOLE, Room
from tests.core.recovery_world import policy
from tests.core.test_desk_examples import AGENT, CASE, event, recovery

ROOT = Path(__file__).resolve().parents[2]
RECOVERY = ROOT / "services" / "recovery"
# Where reasons are given; `signing` refuses words, whose codes are the section `refusal`.
MODULES = (
    "amounts",
    "budgets",
    "coming_back",
    "deciding",
    "doubts",
    "remedies",
    "rights",
    "same_matter",
    "weighing",
)
WORD = re.compile(r"[a-z][a-z0-9_]*[a-z0-9]")
# Words of those modules that are values of something else. What is neither here nor a key, nor
# compared with, is taken for a reason.
NO_REASONS = """
all along_payment apology automatic budget confirmed contradicted delivered_at ex_gratia
expired explanation failed gesture_id grant_id grant_state granted linked looking manager
manual matters no_action none offered order order_lookup over person posted
price_reduction proposed revoked stopped team_lead undecided unlinked voided waiting
with_person
"""
SILENT_CALLS = frozenset({"decision", "refused"})  # for the log; a word refused


def called(node: ast.Call) -> str:
    """The name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def constants(node: ast.AST) -> set[str]:
    """Every word in there."""
    found = (each.value for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {each for each in found if isinstance(each, str) and WORD.fullmatch(each)}


class _Spoken(ast.NodeTransformer):
    """Leaves out what is no reason: what is compared with, a key, or said to the log."""

    def visit_Call(self, node: ast.Call) -> ast.AST | None:
        return None if called(node) in SILENT_CALLS else self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return ast.Constant(None)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.Constant(None)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        return ast.Set([self.visit(each) for each in node.values])


def of_the_modules() -> set[str]:
    """Reasons that stand in the code."""
    trees = [ast.parse((RECOVERY / f"{name}.py").read_text("utf-8")) for name in MODULES]
    return set().union(*(constants(_Spoken().visit(tree)) for tree in trees)) - {
        *NO_REASONS.split()
    }


def of_the_policy() -> Iterator[str]:
    """Reasons that stand in the policy that ships."""
    rules = policy().recovery
    yield from (rule.code for rule in policy().rights())
    yield from (row.code for row in rules.fit)
    yield from (row.code for row in rules.forbidden if row.fact is not None)
    for row in rules.sought:
        yield from (row.person,) if row.person else ()
        yield from (f"sought_{each}" for each in row.when.sought)


def of_the_performers() -> Iterator[str]:
    """Reasons why nothing came of an effect, of those that are ours."""
    # A look-up gives nothing: what it did not find is told by the order's own reasons.
    gestures = set(RECOVERY.glob("gestures/*.py")) - {RECOVERY / "gestures" / "order_lookup.py"}
    for path in (*gestures, ROOT / "shared" / "stage" / "dispatcher.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and called(node) == "Outcome" and node.args:
                state = getattr(node.args[0], "value", "")
                if state in {"failed", "manual"}:
                    yield from set().union(*(constants(k.value) for k in node.keywords))
    yield from (f"refund_{name}" for name, state in REFUND_STATES.items() if state == "failed")


def reasons() -> set[str]:
    """All of them."""
    families = {f"{kind}_for_person" for kind in set(get_args(Kind)) - {"complaint", "praise"}}
    families |= {f"grant_{each}" for each in GRANTS_OVER} | {"gesture_failed", "gesture_manual"}
    return families | of_the_modules() | {*of_the_policy()} | {*of_the_performers()}


@pytest.mark.parametrize("form", FORMS)
def test_every_reason_of_recovery_is_a_sentence(form: str) -> None:
    """A colleague asks why it was decided so, and reads `right_not_verified`."""
    words = CONSOLE.words[form]["because"]
    assert reasons() - words.keys() == set()
    assert [said for said in words.values() if not re.fullmatch(r"[A-ZÅØ].*\.", said)] == []


def test_no_sentence_is_for_nothing() -> None:
    """A rule goes and its words stay, until somebody believes them."""
    assert CONSOLE.words["en"]["because"].keys() - reasons() == set()


@pytest.mark.parametrize("form", FORMS)
def test_the_case_tells_her_why(tmp_path: Path, form: str) -> None:
    """The sentences stand in a file while the page shows codes, or a company's rule breaks it."""
    room = Room(tmp_path)
    why = ("order_missing", "our_own_rule")
    told = recovery(RecoveryProposed, outcome="with_person", approval="person", reasons=why)
    room.here.loop.happens(event(told, CASE))
    page = room.browser(AGENT, form=form).sees(f"/cases/{CASE}")
    words = CONSOLE.words[form]
    assert words["case"]["because"] in page
    assert f"<li>{words['because']['order_missing']}</li><li>our own rule</li>" in page
