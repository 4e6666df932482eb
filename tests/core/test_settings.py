"""Settings from files and from the environment, and how a client is let in at the broker."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.broker_access import access
from shared.errors import Refused
from shared.settings import Settings

SECURE = Settings(
    bootstrap="kafka:9092",
    kafka_security="sasl_ssl",
    kafka_username="triage",
    kafka_password=SecretStr("an example"),
)


def test_a_secret_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets would have to lie in the environment, where every crash report shows them."""
    (tmp_path / "kafka_password").write_text("from a file\n")
    monkeypatch.setenv("KULANSE_SECRETS_DIR", str(tmp_path))
    assert Settings().kafka_password.get_secret_value() == "from a file"


def test_the_hooks_secrets_are_read_from_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers no hook could be signed: they are several secrets, as JSON."""
    (tmp_path / "hook_secrets").write_text('{"chat": "whsec_an-example"}\n')
    monkeypatch.setenv("KULANSE_SECRETS_DIR", str(tmp_path))
    assert Settings().hook_secrets["chat"].get_secret_value() == "whsec_an-example"


def test_the_environment_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody says for one call would be overruled by what lies there for all."""
    (tmp_path / "database_url").write_text("postgresql://file")
    monkeypatch.setenv("KULANSE_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("KULANSE_DATABASE_URL", "postgresql://environment")
    assert Settings().database_url == "postgresql://environment"


def test_in_the_clear_nothing_but_the_address_is_told() -> None:
    """A broker without TLS would be sent a password."""
    found = access(Settings(bootstrap="kafka:9092", kafka_password=SecretStr("an example")))
    assert found == {"bootstrap_servers": "kafka:9092"}


def test_sasl_ssl_checks_the_broker_and_logs_in_by_scram() -> None:
    """A broker of somebody else's would be believed, or be sent the password itself."""
    found = access(SECURE)
    context = found.pop("ssl_context")
    assert (context.check_hostname, context.verify_mode.name) == (True, "CERT_REQUIRED")
    assert found == {
        "bootstrap_servers": "kafka:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "triage",
        "sasl_plain_password": "an example",
    }


def test_every_client_logs_in_the_same_way() -> None:
    """A client that goes its own way finds no broker where the broker asks who calls."""
    root = Path(__file__).resolve().parents[2]
    files = [*(root / "services").rglob("*.py"), *(root / "shared").rglob("*.py")]
    own = [f.name for f in files if "bootstrap_servers=" in f.read_text(encoding="utf-8")]
    assert own == ["broker_access.py"]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (SECURE.model_copy(update={"kafka_password": SecretStr("")}), "no_kafka_login"),
        (SECURE.model_copy(update={"kafka_ca_file": Path("/missing.pem")}), "no_kafka_ca"),
    ],
)
def test_what_is_missing_is_named(settings: Settings, code: str) -> None:
    """The process would try for ever with a login that cannot work."""
    with pytest.raises(Refused) as refused:
        access(settings)
    assert refused.value.code == code
