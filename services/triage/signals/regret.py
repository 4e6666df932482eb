"""A regretted purchase: nothing is wrong with it, and it is sent back."""

from services.triage.model import Reading, Words


def regret_of(reading: Reading) -> Words | None:
    """The words of regret; None when there are none, or when something is wrong with the thing."""
    harmed = reading.has("harm.fault", "harm.wrong_item", "harm.missing", "harm.damage")
    return None if harmed or not reading.has("regret") else reading.words("regret")
