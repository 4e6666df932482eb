"""How every client of ours meets the broker: in the clear, or by SASL_SSL with its own login."""

import ssl
from typing import TypedDict

from shared.errors import Refused
from shared.settings import Settings

MECHANISM = "SCRAM-SHA-512"


class Access(TypedDict, total=False):
    """Keyword arguments of aiokafka's consumers, producers and admin clients."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str
    ssl_context: ssl.SSLContext


def access(settings: Settings) -> Access:
    """Where the broker is, and how to be let in; raises `Refused` when the settings lack a part."""
    if settings.kafka_security == "plaintext":
        return Access(bootstrap_servers=settings.bootstrap)
    return Access(
        bootstrap_servers=settings.bootstrap,
        security_protocol="SASL_SSL",
        sasl_mechanism=MECHANISM,
        sasl_plain_username=settings.kafka_username,
        sasl_plain_password=_password(settings),
        ssl_context=_trust(settings),
    )


def _password(settings: Settings) -> str:
    password = settings.kafka_password.get_secret_value()
    if not (settings.kafka_username and password):
        raise Refused(
            "no_kafka_login",
            "sasl_ssl needs a login.",
            "Set KULANSE_KAFKA_USERNAME, and the password in a file (KULANSE_SECRETS_DIR).",
        )
    return password


def _trust(settings: Settings) -> ssl.SSLContext:
    """Checks the broker's certificate and its name, always."""
    try:
        return ssl.create_default_context(cafile=settings.kafka_ca_file)
    except OSError as error:
        raise Refused(
            "no_kafka_ca",
            f"{settings.kafka_ca_file} holds no certificate ({error.strerror or 'not PEM'}).",
            "Set KULANSE_KAFKA_CA_FILE to the PEM file of the broker's authority.",
        ) from None
