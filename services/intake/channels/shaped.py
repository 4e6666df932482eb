"""From a channel's own JSON shape to a complaint: read strictly, and every fault told."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from shared.contracts.codec import faults_of, read
from shared.contracts.contract import Contract
from shared.contracts.strict_json import check
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Invalid

BYTES_MAX = 64 * 1024
S = TypeVar("S", bound=Contract)


def shape(model: type[S], raw: bytes) -> S:
    """The channel's document; raises `Invalid` with every fault."""
    check(raw)
    return read(model, raw, unknown="forbid")


def complaint(fields: Mapping[str, object]) -> ComplaintSubmitted:
    """The complaint of these fields; raises `Invalid` with every fault."""
    try:
        return ComplaintSubmitted.model_validate(fields)
    except ValidationError as error:
        raise Invalid(*faults_of(error.errors(include_url=False))) from None
