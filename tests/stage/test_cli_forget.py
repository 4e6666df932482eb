"""`kulanse export` and `forget` mean the person who was meant, and nobody else."""

from pathlib import Path

import orjson
import pytest

from services.__main__ import run
from shared.contracts.topics import REGISTERED
from tests.stage.test_forgotten import CANARIES, MAIL, OTHER_MAIL, PICTURE, World, world

__all__ = ["world"]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The command, where the ledgers lie and no broker answers."""
    monkeypatch.setenv("KULANSE_STATE_DIR", str(world.folder))
    monkeypatch.setenv("KULANSE_BOOTSTRAP", "127.0.0.1:1")
    return world


def _hers(world: World) -> list[str]:
    found = [r for r in world.everybody.log.all(REGISTERED.name) if r.key == world.her_key.encode()]
    return [orjson.loads(record.value or b"")["complaint_id"] for record in found]


def test_an_export_is_all_of_one_person_and_nothing_of_another(
    here: World, capsys: Capture
) -> None:
    """She would not learn what we hold, or would read what somebody else wrote."""
    complaints = _hers(here)
    capsys.readouterr()
    assert run(["export", "--complainant", f"K-{complaints[0][:8].upper()}"]) == 0
    told = capsys.readouterr().out
    assert [canary for canary in CANARIES if canary not in told] == []
    assert OTHER_MAIL not in told
    assert sorted(orjson.loads(told)["complaints"]) == sorted(complaints)


def test_an_export_brings_the_files_she_sent(here: World, tmp_path: Path) -> None:
    """She would get a list of what we hold of her, and not the thing itself."""
    folder = tmp_path / "hers"
    assert run(["export", "--complainant", MAIL, "--files", str(folder)]) == 0
    (file,) = folder.iterdir()
    assert file.name.endswith("-Bestemor Plantet.jpg")
    assert file.read_bytes() == PICTURE


@pytest.mark.parametrize("way", ["by address", "by complaint"])
def test_without_a_yes_nothing_is_forgotten(here: World, capsys: Capture, way: str) -> None:
    """Looking what would happen would be final."""
    who = MAIL.upper() if way == "by address" else _hers(here)[0]
    capsys.readouterr()
    assert run(["forget", who, "--actor", "someone", "--json"]) == 0
    told = orjson.loads(capsys.readouterr().out)
    assert (len(told["keys"]), told["really"]) == (1, False)
    assert here.her_key in here.opened()[0]


def test_without_a_broker_nothing_is_destroyed(here: World) -> None:
    """Processes that run would not hear of it, and a restored backup would bring it back."""
    assert run(["forget", MAIL, "--actor", "someone", "--yes"]) == 3
    assert here.her_key in here.opened()[0]


@pytest.mark.parametrize("who", ["K-00000000", "", "zzz", "' OR 1=1"])
def test_nobody_is_told_apart_from_somebody(here: World, who: str) -> None:
    """A slip would forget the first whose id begins so, or seem to have worked."""
    assert run(["forget", who, "--actor", "someone", "--yes"]) == 1
    assert here.her_key in here.opened()[0]
