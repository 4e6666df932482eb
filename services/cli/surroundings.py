"""The settings of this call, or a plain word on which of them is wrong."""

from pydantic import ValidationError

from shared.contracts.codec import faults_of
from shared.errors import Fault, Invalid
from shared.settings import Settings


def settings() -> Settings:
    """`KULANSE_…` from the environment; raises `Invalid` naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = faults_of(error.errors(include_url=False))
        raise Invalid(
            *(Fault(f.code, f"KULANSE_{f.field.upper()}", f.hint) for f in faults)
        ) from None
