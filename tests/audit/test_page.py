"""The audit's page: what a run writes, and what it leaves as it is."""

from tests.audit.driver import Plan, Row
from tests.audit.profiles import PROFILES, part_of
from tests.audit.table import NOTED, PAGE, Kept, merged

ROW = Row("F2", "1 of 1 died", 65, 0, 0, 0, 1, 4.5, (), seconds=61.4)
LATER = Row("F1", "8 kills", 65, 0, 0, 0, 0, 2, ("I1: 1 lost",), seconds=58.6)
KEPT = Kept("short", ("F1", "F2", "F3"), "abc1234", Plan(("F2",), 60, 1))
AGAIN = Kept("short", KEPT.cases, "def5678", Plan(("F1",), 60, 2))
HAND = f"# The audit\n\nBy hand.\n\n## Profile other\n\nTheirs.\n\n{NOTED}\n\nNoted.\n"


def test_a_run_leaves_all_else_as_it_is() -> None:
    """The next `make audit` would wipe out another profile's table, or what people noted."""
    before = PAGE.read_text(encoding="utf-8")
    written = merged(before, [ROW], kept=KEPT)
    assert NOTED in before
    lines = set(written.splitlines())
    assert [line for line in before.splitlines() if line not in lines] == []
    once = merged(HAND, [ROW], kept=KEPT)
    above, _, below = once.partition("## Profile short")
    assert above == HAND.partition(NOTED)[0]
    assert below.endswith(f"\n\n{NOTED}\n\nNoted.\n")


def test_parts_of_a_profile_come_to_one_table() -> None:
    """A profile of an hour could not be run in parts, or nobody would know which part was when."""
    written = merged(merged(HAND, [ROW], kept=KEPT), [LATER], kept=AGAIN)
    rows = [line.strip("|").split("|") for line in written.splitlines() if line[:3] == "| F"]
    assert [(row[0].strip(), row[-2].strip(), row[-1].strip()) for row in rows] == [
        ("F1", "2", "def5678"),
        ("F2", "1", "abc1234"),
    ]
    assert "2 of 3 cases in 2 minutes, 1 of\nthem with a breach" in written
    assert written == merged(written, [LATER], kept=AGAIN)


def test_no_place_of_this_machine_stands_on_the_page() -> None:
    """A log of the run's would be looked for in a folder that nobody else has."""
    ended = Row("F3", "5 died", 65, 0, 0, 0, 0, 2, ("I10: it ended (1). See /tmp/x/a.log",))
    written = merged(HAND, [ended], kept=KEPT)
    assert "I10: it ended (1). |" in written
    assert "/tmp/" not in written  # noqa: S108 -- nothing is made there


def test_a_row_stands_under_its_heads() -> None:
    """A figure under another's head would be read as a breach, or hide one."""
    table = [line for line in merged(HAND, [ROW], kept=KEPT).splitlines() if line.startswith("|")]
    heads, _rule, row = table
    told = dict(zip(heads.split("|"), row.split("|"), strict=True))
    assert (told[" lost "], told[" dead letters "], told[" breaches "]) == (" 0 ", " 1 ", " none ")
    assert (told[" s "], told[" commit "]) == (" 61 ", " abc1234 ")


def test_the_parts_of_a_profile_are_all_of_it() -> None:
    """A case between two parts would never run, and the table would look whole."""
    parts = [part_of("full", f"{number}/4") for number in range(1, 5)]
    assert tuple(case for part in parts for case in part) == PROFILES["full"]
    assert part_of("smoke", "1/1") == PROFILES["smoke"]
