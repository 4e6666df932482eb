"""A post or a comment in public: who wrote it is known by a name on that platform alone."""

from services.intake.channels.shaped import complaint, shape
from shared.contracts.contract import Contract, FilledLine, FilledText, Instant, Line, WrittenForm
from shared.contracts.submitted import ComplaintSubmitted

MEDIA_TYPE = "application/vnd.kulanse.social+json"


class Author(Contract):
    """Who wrote it, as the platform names her."""

    handle: FilledLine
    name: Line | None = None


class Post(Contract):
    """A post as a listener on the platform hands it over."""

    platform: FilledLine
    post_id: FilledLine
    author: Author
    text: FilledText
    posted_at: Instant | None = None
    in_reply_to: Line | None = None
    language: WrittenForm | None = None


def submitted_from_social(raw: bytes) -> ComplaintSubmitted:
    """Read one post; raises `Invalid` with every fault."""
    post = shape(Post, raw)
    named = f"{post.platform}:{post.author.handle}"
    return complaint(
        {
            "channel": "social",
            "channel_message_id": f"{post.platform}:{post.post_id}",
            "received_at": post.posted_at,
            "complainant": {"id": named, "name": post.author.name, "language": post.language},
            "text": post.text,
            "reply_to": f"{post.platform}:{post.post_id}",
            "in_reply_to": post.in_reply_to,
        }
    )
