"""API keys: kept as hashes, closed at once, and for plainly named sources only."""

from pathlib import Path

import pytest

from services.intake.doors.keys import Keys, mint_key, revoke_key
from shared.errors import Refused


def test_no_usable_key_is_kept(tmp_path: Path) -> None:
    """Whoever reads the file could complain in the shop's name."""
    key = mint_key(tmp_path, "shop")
    kept = (tmp_path / "keys.json").read_text(encoding="utf-8")
    assert key not in kept
    assert key.rpartition("_")[2] not in kept
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_a_revoked_key_is_closed_at_once(tmp_path: Path) -> None:
    """A leaked key would go on working until a restart."""
    first, second = mint_key(tmp_path, "shop"), mint_key(tmp_path, "shop")
    keys = Keys(tmp_path)
    assert keys.caller(first) == keys.caller(second)
    assert revoke_key(tmp_path, first)
    assert keys.caller(first) is None
    assert keys.caller(second) is not None


@pytest.mark.parametrize("source", ["", "A", "a:b", "a/b", "æ", "a" * 64, "../x", "a b"])
def test_a_source_has_a_plain_name(tmp_path: Path, source: str) -> None:
    """A key could speak for an unproved source, or a name lead out of a folder."""
    with pytest.raises(Refused):
        mint_key(tmp_path, source)
