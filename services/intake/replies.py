"""What a reply to a message of ours says: which message, and a clear yes or no. Pure.

Conservative: a choice is read only where nothing else is said. Whatever is not on the policy's
lists goes to a person.
"""

import re

from services.intake.policy import Replies
from shared.contracts.registered import Choice
from shared.contracts.submitted import Attachment, ComplaintSubmitted

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Our Message-ID: the notice, then its complaint.
_OURS = re.compile(rf"<({_ID})\.{_ID}@", re.IGNORECASE)
_PARTS = re.compile(r"[.,;:!\n\u2013\u2014]+")
_LINES_OF_AN_END = 3  # "Hilsen", a name, a role


def answers(message: ComplaintSubmitted) -> str | None:
    """The id of our message that a mail answers: that of In-Reply-To, and no older one."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    found = _OURS.search(message.in_reply_to or headers.get("in-reply-to", ""))
    return found[1].lower() if found else None


def choice_of(message: ComplaintSubmitted, rules: Replies) -> Choice | None:
    """The choice that a reply makes in clear and few words; None when a person must read it."""
    said = _without_end(_above_the_quote(message.text), message.complainant.name, rules=rules)
    if "?" in said or len(said) > rules.chars_max:
        return None
    if not all(_is_logo(file, rules) for file in message.attachments):
        return None
    parts = {" ".join(part.split()) for part in _PARTS.split(said)} - {""} - rules.beside
    chosen = {choice: parts & words for choice, words in rules.choices.items() if parts & words}
    if len(chosen) != 1 or parts != set().union(*chosen.values()):
        return None
    return next(iter(chosen))


def _is_logo(file: Attachment, rules: Replies) -> bool:
    """A small picture: programs put one under each letter. A photo, or a paper, says more."""
    picture = (file.media_type or "").startswith("image/")
    return picture and file.size_bytes is not None and file.size_bytes <= rules.logo_bytes_max


def _above_the_quote(text: str) -> list[str]:
    lines = [line.strip().casefold() for line in text.splitlines() if line.strip()]
    quote = next((i for i, line in enumerate(lines) if line.startswith(">")), len(lines))
    return lines[:quote]


def _without_end(lines: list[str], name: str | None, *, rules: Replies) -> str:
    """Without the writer's own name, "Hilsen …" and what her program adds below."""
    kept = lines[: next((i for i, n in enumerate(lines) if n.startswith(rules.programs)), None)]
    for i, line in enumerate(kept):
        if i and _is_end(line, rules.ends) and len(kept) - i <= _LINES_OF_AN_END:
            kept = kept[:i]
            break
    names = {(name or "").casefold(), *(name or "").casefold().split()[:1]} - {""}
    if len(kept) > 1 and kept[-1].strip(" .,") in names:
        kept.pop()
    return "\n".join(kept)


def _is_end(line: str, ends: tuple[str, ...]) -> bool:
    return any(line.startswith(w) and not line[len(w) :][:1].isalnum() for w in ends)
