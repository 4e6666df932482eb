"""Policy files are read again when they hold something else, and only then."""

import shutil
from pathlib import Path

import pytest

from services.desk.policy import FILES, DeskPolicy
from shared.errors import Refused
from shared.policy import POLICY_DIR, load_policy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the policy that may be edited."""
    shutil.copytree(POLICY_DIR, tmp_path / "policy")
    monkeypatch.setenv("KULANSE_POLICY_DIR", str(tmp_path / "policy"))
    return tmp_path / "policy"


def test_an_edited_policy_is_read_again(folder: Path) -> None:
    """A decision would bear the digest of a file that it was not made by."""
    file = folder / next(name for name in FILES.values() if "*" not in name)
    first, digest = load_policy(DeskPolicy, **FILES)
    file.write_text(file.read_text() + "\n# another edition\n")
    second, edited = load_policy(DeskPolicy, **FILES)
    assert digest != edited
    assert first is not second
    assert first == second


def test_a_policy_that_was_good_and_is_broken_is_refused(folder: Path) -> None:
    """A stage would go on by a policy that is no longer there, and nobody would be told."""
    file = folder / next(name for name in FILES.values() if "*" not in name)
    before = file.read_text()
    load_policy(DeskPolicy, **FILES)
    file.write_text(before + "\nmisspelt: 1\n")
    with pytest.raises(Refused):
        load_policy(DeskPolicy, **FILES)
    file.unlink()
    with pytest.raises(Refused):
        load_policy(DeskPolicy, **FILES)


def test_the_same_files_are_read_once(folder: Path) -> None:
    """A process with many stages would spend its start on reading the same lists."""
    assert folder.is_dir()
    first, digest = load_policy(DeskPolicy, **FILES)
    again, same = load_policy(DeskPolicy, **FILES)
    assert first is again
    assert digest == same
