"""`kulanse check` tells which dated file nobody has read again for a year."""

from datetime import date, timedelta
from pathlib import Path

from services.cli.checking import everything, old_law


def test_a_file_is_old_by_its_oldest_rule() -> None:
    """A rule that nobody looked up for more than a year would pass for today's law."""
    today = date(2026, 11, 28)
    read_on = {
        "fresh.yaml": [date(2026, 11, 1)],
        "old.yaml": [date(2026, 11, 1), date(2025, 10, 1)],
        "empty.yaml": [],
    }
    found = list(old_law(today, read_on, months_max=12))
    assert [(f.level, f.code, f.where) for f in found] == [("warning", "law_old", "old.yaml")]
    assert "2025-10-01" in found[0].hint


def test_every_dated_file_is_asked(tmp_path: Path) -> None:
    """A file of law that the check does not know would never be read again."""
    later = date(2026, 11, 28) + timedelta(days=800)
    found = everything(later, env=tmp_path / "none")
    old = {finding.where for finding in found if finding.code == "law_old"}
    folder = Path(__file__).resolve().parents[2] / "deploy" / "policy"
    dated = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.yaml")
        if "\n    read: 20" in path.read_text(encoding="utf-8").replace("{", "\n    ")
    }
    assert dated
    assert dated <= old
