"""`.env.example` documents every knob, and `kulanse check` says what cannot work."""

import re
from pathlib import Path

import pytest

from services.cli.envfile import NAMES, PREFIX, SECRETS, Knobs, faults
from services.cli.settings_page import NOT_THERE, PAGE, in_compose, is_secret, render
from shared.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
COMPOSE = [*ROOT.glob("docker-compose.yml"), *ROOT.glob("compose.*.yaml")]
SHOWN = dict(re.findall(r"(?m)^# ([A-Z_]+)=(.*)$", EXAMPLE))


def test_example_shows_every_knob_there_is() -> None:
    """Somebody would look for a knob in the compose files, or turn one that does nothing."""
    assert sorted(SHOWN) == sorted(NAMES.values())


def test_compose_turns_no_other_knob() -> None:
    """A knob would work and be documented nowhere."""
    used = {n for file in COMPOSE for n in re.findall(r"\$\{(\w+)[:?}-]", file.read_text())}
    assert used == set(NAMES.values())


def test_no_secret_may_stand_in_it() -> None:
    """A password would lie in a file that everybody copies, and `kulanse check` be silent."""
    fields = Settings.model_fields
    secret = {f"{PREFIX}{name.upper()}" for name, field in fields.items() if is_secret(field)}
    assert secret | {"KULANSE_DATABASE_URL"} == SECRETS


def test_compose_can_set_every_setting() -> None:
    """Who runs the containers could not fetch a mailbox, or trace, as others can."""
    files = "\n".join(each.read_text() for each in (*COMPOSE, ROOT / "deploy" / "Dockerfile"))
    for name in Settings.model_fields:
        way = in_compose(name)
        turned = f"{PREFIX}{name.upper()}" in files
        assert turned or "`" in way or "a file" in way or way.startswith("not there"), name
    assert set(NOT_THERE) <= set(Settings.model_fields)


def test_the_page_is_what_settings_says() -> None:
    """`docs/reference/settings.md` would tell of yesterday: see its first line."""
    assert render() == PAGE.read_text(encoding="utf-8")


def test_example_shows_what_is_used_when_nobody_turns_it() -> None:
    """The documentation would lie about a default."""
    told = {name: SHOWN[variable] for name, variable in NAMES.items()}
    defaults = Knobs().model_dump(mode="json", exclude_none=True)
    assert {name: told[name] for name in defaults} == {n: str(v) for n, v in defaults.items()}


def test_compose_has_the_same_defaults() -> None:
    """A knob that was left alone would not be what the page says."""
    found = {
        pair for file in COMPOSE for pair in re.findall(r"\$\{(\w+):-([^}]+)\}", file.read_text())
    }
    assert {(name, value) for name, value in found if SHOWN[name] != value} == set()


def test_example_as_it_stands_is_fine(tmp_path: Path) -> None:
    """Whoever uncomments a line would be told that it cannot work."""
    for name in ("policy", "secrets", "orders"):
        (tmp_path / "deploy" / name).mkdir(parents=True)
    shown = {**SHOWN, "KULANSE_LIBRARIES": "extras"}
    (tmp_path / ".env").write_text("\n".join(f'{n}="{v}"' for n, v in shown.items()))
    assert list(faults(tmp_path / ".env")) == []


@pytest.mark.parametrize(
    ("line", "code", "knob"),
    [
        ("KULANSE_PARTITION=4", "unknown_knob", "KULANSE_PARTITION"),
        ("KULANSE_PARTITIONS=none", "int_parsing", "KULANSE_PARTITIONS"),
        ("KULANSE_INTAKE_PORT=80800", "less_than_equal", "KULANSE_INTAKE_PORT"),
        ("KULANSE_DESK_BIND=0.0.0.0", "open_to_all", "KULANSE_DESK_BIND"),
        ("KULANSE_KEY_SECRET=abc", "secret_in_env", "KULANSE_KEY_SECRET"),
        ("KULANSE_SMTP_URL=smtp://me:word@relay.example.com", "secret_in_env", "KULANSE_SMTP_URL"),
        ("KULANSE_IMAP_PASSWORD=word", "secret_in_env", "KULANSE_IMAP_PASSWORD"),
        ("KULANSE_IMAP_URL=imaps://a:b@c/d", "string_pattern_mismatch", "KULANSE_IMAP_URL"),
        ("KULANSE_OTLP_URL=http://collector:4318/v1/traces", "no_extras", "KULANSE_OTLP_URL"),
        ("KULANSE_STAGE_MEMORY=lots", "string_pattern_mismatch", "KULANSE_STAGE_MEMORY"),
        ("KULANSE_POLICY=./nowhere", "no_folder", "KULANSE_POLICY"),
        ("KULANSE_REPLICATION=3", "too_few_brokers", "KULANSE_REPLICATION"),
        ("KULANSE_OIDC_ISSUER=https://id.example.com", "oidc_incomplete", "KULANSE_OIDC_ISSUER"),
    ],
)
def test_what_cannot_work_is_named(tmp_path: Path, line: str, code: str, knob: str) -> None:
    """`docker compose up` would fail, or quietly not do what was meant."""
    for name in ("policy", "secrets", "orders"):
        (tmp_path / "deploy" / name).mkdir(parents=True)
    (tmp_path / ".env").write_text(line + "\n")
    assert [(each.code, each.knob) for each in faults(tmp_path / ".env")] == [(code, knob)]


def test_no_file_is_no_fault(tmp_path: Path) -> None:
    """A fresh clone would be called wrong."""
    assert list(faults(tmp_path / ".env")) == []
