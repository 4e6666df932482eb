"""Settings: one place, read from `KULANSE_…` in the environment, with an embedded default.

What must not lie in an environment (addresses with passwords, keys) may lie in files instead: the
folder that KULANSE_SECRETS_DIR names holds a file a setting, by the setting's name (`key_secret`,
`database_url`). The environment wins over a file.
"""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.sources import PydanticBaseSettingsSource, SecretsSettingsSource

from shared.contracts.topics import PARTITIONS_DEFAULT

SECRETS_DIR = "KULANSE_SECRETS_DIR"
STATE_DIR = Path.home() / ".local" / "state" / "kulanse"


class Settings(BaseSettings):
    """What a process needs to know of its surroundings. `docs/reference/settings.md` lists it."""

    model_config = SettingsConfigDict(
        # Compose passes a knob that nobody turned as an empty string.
        env_prefix="KULANSE_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
    )

    bootstrap: str = Field("127.0.0.1:29092", description="the Kafka broker, host:port[,host:port]")
    kafka_security: Literal["plaintext", "sasl_ssl"] = Field(
        "plaintext", description="sasl_ssl: TLS, and a login by SCRAM-SHA-512"
    )
    kafka_username: str = Field("", description="the login; one a service, see its ACLs")
    kafka_password: SecretStr = Field(SecretStr(""), description="its password; best as a file")
    kafka_ca_file: Path | None = Field(
        None, description="who may vouch for the broker, PEM; empty: the system's authorities"
    )
    database_url: str = Field(
        "", description="SQLAlchemy address of Postgres; empty: one SQLite file per service"
    )
    state_dir: Path = Field(
        STATE_DIR, description="SQLite files, outbox, secrets, the broker's data"
    )
    partitions: int = Field(
        PARTITIONS_DEFAULT, ge=1, le=1000, description="partitions of every keyed topic"
    )
    replication: int = Field(1, ge=1, le=9, description="copies of every topic that we make")
    key_secret: SecretStr = Field(
        SecretStr(""), description="secret of the record keys; never rotates; a file when embedded"
    )
    link_secret: SecretStr = Field(
        SecretStr(""), description="signs the links in our mails; a file when embedded"
    )
    links_url: str = Field(
        "",
        description="intake's door as complainants reach it, https://…; empty: mails have no links",
    )
    vault_secret: SecretStr = Field(
        SecretStr(""),
        description="wraps the keys of `personal`, one for all; a file when embedded",
    )
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    http_host: str = Field("127.0.0.1", description="where health, ready and metrics are served")
    otlp_url: str = Field(
        "", description="where spans go, as http://collector:4318/v1/traces; empty: nowhere"
    )
    http_port: int = Field(0, description="their port; 0: none")
    intake_host: str = Field("127.0.0.1", description="where intake's HTTP door listens")
    intake_port: int = Field(8080, description="its port")
    intake_smtp_port: int = Field(0, description="where it takes mails by SMTP; 0: nowhere")
    imap_url: str = Field(
        "", description="a mailbox to fetch, imaps://user@host/INBOX; empty: none is fetched"
    )
    imap_password: SecretStr = Field(SecretStr(""), description="its password; best as a file")
    imap_token_file: Path | None = Field(
        None, description="a file with an OAuth token for it (XOAUTH2), kept fresh by others"
    )
    desk_host: str = Field("127.0.0.1", description="where the desk's HTTP door listens")
    desk_port: int = Field(8090, description="its port")
    desk_url: str = Field(
        "", description="the console as people reach it, https://…; needed for a provider"
    )
    desk_local_accounts: Literal["on", "off"] = Field(
        "on", description="local accounts open by password; off: links and a provider alone"
    )
    oidc_issuer: str = Field(
        "", description="who signs people in to the console (OpenID Connect); empty: only we do"
    )
    oidc_client_id: str = Field("", description="the console's name there")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="its secret there; best as a file; empty: a public client"
    )
    smtp_url: str = Field(
        "", description="smtp://user:password@host:port of the relay; empty: the file outbox"
    )
    hook_secrets: dict[str, SecretStr] = Field(
        {}, description="secrets of notify.yaml's hooks, as JSON: whsec_…, newest first, by spaces"
    )
    alert_urls: SecretStr = Field(
        SecretStr(""), description="apprise's addresses for colleagues' alerts, by spaces; an extra"
    )
    mail_from: str = Field("kundeservice@example.com", description="the sender of our mails")
    stripe_key: SecretStr = Field(
        SecretStr(""), description="secret key of a Stripe account; empty: no refunds by Stripe"
    )
    stripe_url: str = Field("", description="another address of Stripe's API, for tests")
    stripe_webhook_secret: SecretStr = Field(
        SecretStr(""), description="signing secret of Stripe's webhooks; empty: none are taken"
    )
    orders_file: Path | None = Field(
        None, description="JSONL of order facts for the order port; empty: orders.facts alone"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the library passes it
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- the library passes it
    ) -> tuple[PydanticBaseSettingsSource, ...]:  # signature: pydantic
        """What the caller says, then the environment, then files of secrets."""
        folder = os.environ.get(SECRETS_DIR)
        if not folder:
            return init_settings, env_settings
        files = SecretsSettingsSource(settings_cls, secrets_dir=folder, env_prefix="")
        return init_settings, env_settings, files

    @property
    def outbox_dir(self) -> Path:
        """Where the file outbox puts messages."""
        return self.state_dir / "outbox"
