"""A complaint for the tests of the command line."""

from datetime import UTC, datetime

from shared.contracts.submitted import Complainant, ComplaintSubmitted

AT = datetime(2026, 11, 16, 8, 12, tzinfo=UTC)


def submitted(text: str = "Koppen var knust.") -> ComplaintSubmitted:
    """A submitted complaint."""
    return ComplaintSubmitted(
        channel="web",
        channel_message_id="m-1",
        received_at=AT,
        complainant=Complainant(email="siv@example.com"),
        text=text,
    )
