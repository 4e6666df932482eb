"""Words with a valence: how good or bad they are by themselves, -5 to 5, by language."""

from pydantic import BaseModel, ConfigDict


class Valence(BaseModel):
    """A list of words and what they weigh; English under `en`, both Norwegian forms under `no`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    made_by: str
    sources: tuple[str, ...]
    licence: str
    words: dict[str, dict[str, int]]
