"""The audit's page: what a run writes, and what people noted below it."""

from tests.audit.driver import Plan, Row
from tests.audit.table import NOTED, PAGE, noted, page

ROW = Row("F2", "1 of 1 died", 65, 0, 0, 0, 1, 4.5, ())
PLAN = Plan(("F2",), 60, 1)


def test_a_run_keeps_what_people_noted() -> None:
    """The next `make audit` would wipe out which cases were run alone, and what they said."""
    before = PAGE.read_text(encoding="utf-8")
    kept = noted(before)
    assert kept.strip() == before[before.index(NOTED) :].strip()
    written = page([ROW], PLAN, command="make audit") + kept
    assert noted(written) == kept


def test_a_row_stands_under_its_heads() -> None:
    """A figure under another's head would be read as a breach, or hide one."""
    *_, heads, _rule, row = page([ROW], PLAN, command="make audit").strip().splitlines()
    told = dict(zip(heads.split("|"), row.split("|"), strict=True))
    assert (told[" lost "], told[" dead letters "], told[" breaches "]) == (" 0 ", " 1 ", " none ")
