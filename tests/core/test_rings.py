"""The ring runner: a ring that fails must never look as if it passed."""

import pytest

from tests.rings import NO_TESTS_COLLECTED, RINGS, ROOT, Tally, choose, tally, total


@pytest.mark.parametrize(
    ("output", "exit_code", "expected"),
    [
        ("..\n2 passed in 0.1s", 0, Tally(2, 0, 0)),
        ("x\n1 failed, 2 passed, 3 skipped, 4 deselected in 9s", 1, Tally(2, 1, 3)),
        ("x\n1 failed, 2 errors in 9.99s (0:01:02)", 1, Tally(0, 3, 0)),
        ("no tests ran in 0.01s", NO_TESTS_COLLECTED, Tally()),
        ("", 4, Tally(0, 1, 0)),
        ("1 passed in 1s\nKilled", -9, Tally(0, 1, 0)),
    ],
)
def test_tally_reads_pytests_last_words(output: str, exit_code: int, expected: Tally) -> None:
    """A miscounted or broken run would be reported as a clean one."""
    assert tally(output, exit_code) == expected


def test_total_adds_every_ring() -> None:
    """A failure in one ring would be lost in the sum of the others."""
    assert total([Tally(1, 2, 3), Tally(), Tally(10, 20, 30)]) == Tally(11, 22, 33)


def test_choose_runs_everything_but_long_by_default() -> None:
    """`make test` would leave a ring out."""
    assert choose("") == (RINGS, False)


def test_choose_takes_a_list_in_ring_order() -> None:
    """RING=stage,core would run something else, or the slow ring first."""
    chosen = choose("stage, core,long")
    assert ([ring.name for ring in chosen.rings], chosen.long) == (["core", "stage"], True)


def test_choose_refuses_a_name_that_is_no_ring() -> None:
    """A misspelt ring would run nothing and pass."""
    with pytest.raises(ValueError, match="no ring cor;"):
        choose("cor")


def test_every_test_folder_belongs_to_one_ring() -> None:
    """Tests in a folder no ring knows would never run."""
    known = [folder for ring in RINGS for folder in ring.folders]
    found = {
        path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/*/**/test_*.py")
    }
    assert (sorted(found - set(known)), len(known)) == ([], len(set(known)))
