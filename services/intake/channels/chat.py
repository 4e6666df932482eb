"""A chat, or a chatbot's hand-over: what the visitor wrote is the complaint.

The bot's and the agent's words are not hers: they would count as her mood and her facts.
"""

from typing import Annotated, Literal

from pydantic import Field

from services.intake.channels.shaped import complaint, shape
from shared.contracts.contract import Contract, FilledLine, Instant, Text
from shared.contracts.submitted import Complainant, ComplaintSubmitted, Order
from shared.errors import Fault, Invalid

MEDIA_TYPE = "application/vnd.kulanse.chat+json"
MESSAGES_MAX = 1_000


class Said(Contract):
    """One line of the chat."""

    by: Literal["visitor", "bot", "agent"]
    text: Text
    at: Instant | None = None


class Chat(Contract):
    """A conversation as the chat hands it over."""

    conversation_id: FilledLine
    visitor: Complainant
    messages: Annotated[tuple[Said, ...], Field(min_length=1, max_length=MESSAGES_MAX)]
    handed_over_at: Instant | None = None
    order: Order | None = None


def submitted_from_chat(raw: bytes) -> ComplaintSubmitted:
    """Read one chat; raises `Invalid` with every fault."""
    chat = shape(Chat, raw)
    hers = [said for said in chat.messages if said.by == "visitor" and said.text.strip()]
    if not hers:
        raise Invalid(Fault("missing", "messages", "the visitor said nothing in this chat"))
    return complaint(
        {
            "channel": "chat",
            "channel_message_id": chat.conversation_id,
            "received_at": chat.handed_over_at or hers[-1].at,
            "complainant": chat.visitor,
            "text": "\n".join(said.text.strip() for said in hers),
            "order": chat.order,
        }
    )
