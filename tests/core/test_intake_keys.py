"""API keys: kept as hashes, closed at once, and for plainly named sources only."""

import json
from pathlib import Path

import pytest

from services.__main__ import run
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


def kulanse(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The command's exit code and what it said."""
    code = run(["keys", *words, "--json"] if words[0] != "revoke" else ["keys", *words])
    return code, capsys.readouterr().out


def test_keys_are_made_rotated_and_revoked_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ops would edit a file of hashes by hand, or a change of keys cut a shop off."""
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))
    keys = Keys(tmp_path)
    assert kulanse(capsys, "rotate", "shop")[0] == 1
    old = json.loads(kulanse(capsys, "make", "shop", "--asserts-orders")[1])["key"]
    new = json.loads(kulanse(capsys, "rotate", "shop")[1])["key"]
    found = keys.caller(old)
    assert found is not None
    assert found == keys.caller(new)
    assert kulanse(capsys, "make", "shop")[0] == 1
    told = json.loads(kulanse(capsys, "list")[1])
    assert {each["live"] for each in told} == {True}
    assert all(each["expires_at"] for each in told)
    assert kulanse(capsys, "revoke", old.split("_")[1])[0] == 0
    assert keys.caller(old) is None
    assert keys.caller(new) is not None
    assert json.loads(kulanse(capsys, "sign", "partner")[1])["key"].startswith("whsec_")
