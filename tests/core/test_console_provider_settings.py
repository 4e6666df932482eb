"""The provider as the settings name it: whole, and its secret unseen."""

from pathlib import Path

import pytest

from services.cli.failures import BadInput
from services.cli.signing_in import bind_to, unbind
from services.desk.web import bindings
from services.desk.web.provider import opened
from shared.errors import Refused
from shared.ledger.engine import open_engine
from shared.settings import Settings
from tests.core.console_world import URL
from tests.core.test_desk_examples import AGENT, OTHER
from tests.fake_provider import CLIENT, SECRET, SUBJECT


@pytest.mark.parametrize(
    "half",
    [
        {"oidc_client_id": ""},
        {"desk_url": ""},
        {"oidc_issuer": "http://provider.example.com"},
        {"desk_url": "http://desk.example.com"},
    ],
    ids=lambda half: str(half)[:30],
)
def test_half_a_provider_is_refused_at_start(half: dict[str, str]) -> None:
    """It starts, and nobody can sign in, or codes cross the network in the open."""
    whole = {"desk_url": URL, "oidc_issuer": "https://id.example.com", "oidc_client_id": CLIENT}
    assert opened(Settings.model_validate(whole)) is not None
    with pytest.raises(Refused) as told:
        opened(Settings.model_validate(whole | half))
    assert told.value.code == "oidc_incomplete"
    assert opened(Settings()) is None


def test_the_secret_is_nowhere_to_be_read() -> None:
    """A traceback or a debug line shows what we call ourselves with."""
    settings = Settings(
        desk_url=URL,
        oidc_issuer="https://id.example.com",
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    assert SECRET.get_secret_value() not in repr(opened(settings)) + repr(settings)


def test_whoever_runs_the_desk_says_whose_an_account_is(tmp_path: Path) -> None:
    """The line that the page told her to send cannot be carried out, or binds it to nobody."""
    issuer = "https://id.example.com"
    settings = Settings(state_dir=tmp_path, oidc_issuer=issuer)
    engine = open_engine(settings, "desk")

    def whose() -> str | None:
        with engine.begin() as connection:
            return bindings.whose(connection, issuer=issuer, subject=SUBJECT)

    bind_to(settings, AGENT, subject=SUBJECT)
    assert whose() == AGENT
    bind_to(settings, OTHER, subject=SUBJECT)
    assert whose() == OTHER
    unbind(settings, OTHER)
    assert whose() is None
    for ours, person, subject, code in (
        (settings, "nobody", SUBJECT, "unknown_colleague"),
        (settings, AGENT, "", "bad_subject"),
        (Settings(state_dir=tmp_path), AGENT, SUBJECT, "no_provider"),
    ):
        with pytest.raises(BadInput) as told:
            bind_to(ours, person, subject=subject)
        assert code in str(told.value.__dict__) + str(told.value)
    engine.dispose()
