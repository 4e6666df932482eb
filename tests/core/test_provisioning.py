"""What an installation needs before it starts: secrets laid down once, and rights a service."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from services.cli.provisioning.credentials import command_s_own
from services.cli.provisioning.files import LOGINS, Place, make_all
from services.desk.app import build as desk
from services.intake.app import build as intake
from services.notify.app import build as notify
from services.recovery.app import build as recovery
from services.triage.app import build as triage
from shared.contracts.rights import READS, rights
from shared.contracts.topics import DEAD_LETTERS
from shared.errors import Refused
from shared.settings import Settings
from shared.stage.stage import Stage

P = TypeVar("P")


def _inputs(build: Callable[[Settings], Stage[P]]) -> Callable[[Path], list[str]]:
    return lambda folder: sorted(t.name for t in build(Settings(state_dir=folder)).inputs)


BUILDS = {
    "intake": _inputs(intake),
    "triage": _inputs(triage),
    "recovery": _inputs(recovery),
    "notify": _inputs(notify),
    "desk": _inputs(desk),
}


def _place(folder: Path) -> Place:
    (folder / "given").mkdir(exist_ok=True)
    return Place(folder / "secrets", folder / "given")


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """Every `docker compose up` would lock the services out of what the last one made."""
    place = _place(tmp_path)
    first = dict(make_all(place))
    kept = {path: path.read_text() for path in place.into.rglob("*") if path.is_file()}
    assert set(first.values()) == {"made"}
    assert set(dict(make_all(place)).values()) == {"kept"}
    assert {path: path.read_text() for path in kept} == kept


def test_every_login_has_its_own_password(tmp_path: Path) -> None:
    """Whoever has one service's password would have them all."""
    place = _place(tmp_path)
    list(make_all(place))
    words = {(place.into / name / "kafka_password").read_text() for name in (*LOGINS, "admin")}
    addresses = {(place.into / name / "database_url").read_text() for name in (*LOGINS, "admin")}
    assert (len(words), len(addresses)) == (len(LOGINS) + 1, len(LOGINS) + 1)


def test_secrets_of_ours_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Another user on the host could read them."""
    place = _place(tmp_path)
    list(make_all(place))
    modes = {stat.S_IMODE((place.into / n / "database_url").stat().st_mode) for n in LOGINS}
    assert modes == {0o400}


def test_a_given_secret_wins(tmp_path: Path) -> None:
    """The company's own Postgres could not be used."""
    place = _place(tmp_path)
    list(make_all(place))
    (place.given / "triage.database_url").write_text("postgresql+psycopg://t:w@db.example.com/k\n")
    assert dict(make_all(place))["triage.database_url"] == "given"
    told = (place.into / "triage" / "database_url").read_text()
    assert told == "postgresql+psycopg://t:w@db.example.com/k\n"


def test_the_key_secret_never_changes(tmp_path: Path) -> None:
    """Every complainant's records would go to other partitions, away from her history."""
    place = _place(tmp_path)
    list(make_all(place))
    (place.given / "intake.key_secret").write_text("another long secret, forty characters so")
    with pytest.raises(Refused) as refused:
        list(make_all(place))
    assert refused.value.code == "key_secret_rotates"


def test_the_vault_s_secret_is_one_for_all_and_never_changes(tmp_path: Path) -> None:
    """A service would seal what another cannot open; nothing that was sealed could be read."""
    place = _place(tmp_path)
    list(make_all(place))
    assert len({(place.into / name / "vault_secret").read_text() for name in LOGINS}) == 1
    (place.given / "intake.vault_secret").write_text("another long secret, forty characters so")
    with pytest.raises(Refused) as refused:
        list(make_all(place))
    assert refused.value.code == "vault_secret_rotates"


def test_the_command_has_a_key_and_a_token_once(tmp_path: Path) -> None:
    """Each start would leave another key behind that opens the doors."""
    command_s_own(tmp_path / "ops", tmp_path / "doors")
    found = [(tmp_path / "ops" / name).read_text() for name in ("cli-key", "cli-token")]
    command_s_own(tmp_path / "ops", tmp_path / "doors")
    assert [(tmp_path / "ops" / name).read_text() for name in ("cli-key", "cli-token")] == found


@pytest.mark.parametrize("name", BUILDS)
def test_rights_to_read_are_what_the_stage_reads(name: str, tmp_path: Path) -> None:
    """A stage would be refused a topic that it reads, or could read more than it needs."""
    assert sorted(topic.name for topic in READS[name]) == BUILDS[name](tmp_path)


def test_nobody_writes_what_another_decides() -> None:
    """A fault in triage could pay out, or sign for a person."""
    writers: dict[str, set[str]] = {}
    for right in rights():
        if right.operation == "write" and right.principal != "ops":
            writers.setdefault(right.name, set()).add(right.principal)
    shared = {name for name, who in writers.items() if len(who) > 1}
    # A submission decides nothing: the desk's console sends a dead one again.
    submitted = "complaints.submitted"
    assert shared == {DEAD_LETTERS.name, "promises", "recovery.inbox", "notify.inbox", submitted}
    assert writers[submitted] == {"intake", "desk"}
    assert writers["recoveries"] == {"recovery"}
    assert writers["approvals"] == {"desk"}


def test_a_source_writes_to_its_own_topic_alone() -> None:
    """A web shop could speak as another, and be believed about its orders."""
    own = [right for right in rights(["web-shop"]) if right.principal == "web-shop"]
    assert [(r.operation, r.name) for r in own] == [("write", "complaints.submitted.web-shop")]
