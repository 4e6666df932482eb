"""Did a machine send this mail? (RFC 3834.) Robots are registered and never answered. Pure."""

from collections.abc import Mapping

from services.intake.policy import Robots
from shared.contracts.submitted import ComplaintSubmitted

_AFTER_THE_WORDS = (":", "-", "–", "—", ".", ",", "!", ";")


def is_robot(message: ComplaintSubmitted, rules: Robots) -> bool:
    """Whether the mail's headers, sender or subject say that no person sent it.

    Only mail has robots of this kind; on other channels a sender's own form speaks for people.
    """
    if message.channel != "email":
        return False
    headers = {name.lower(): value.strip() for name, value in message.headers.items()}
    return (
        _says_so(headers, rules)
        or _is_list_or_report(headers, rules)
        or _is_program(message, headers, rules=rules)
        or _is_away(message.subject or "", rules)
    )


def _says_so(headers: Mapping[str, str], rules: Robots) -> bool:
    submitted = headers.get("auto-submitted", "").partition(";")[0].strip().lower()
    suppressed = headers.get("x-auto-response-suppress", "").lower().split(",")
    return bool(
        (submitted and submitted not in rules.auto_submitted_people)
        or headers.get("precedence", "").lower() in rules.precedence
        or any(value.strip() in rules.suppress for value in suppressed)
    )


def _is_list_or_report(headers: Mapping[str, str], rules: Robots) -> bool:
    if headers.get("content-type") in rules.content_types:
        return True
    listed = headers.get("list-id", "")
    if any(own in listed for own in rules.own_lists):
        return False
    return any(name in headers for name in rules.headers)


def _is_program(message: ComplaintSubmitted, headers: Mapping[str, str], *, rules: Robots) -> bool:
    nowhere = "".join(headers.get("return-path", "").split()) == "<>"
    local = (message.complainant.email or "").lower().partition("@")[0]
    return nowhere or local in rules.senders


def _is_away(subject: str, rules: Robots) -> bool:
    said = subject.strip().casefold()
    phrases = (phrase for form in rules.subjects.values() for phrase in form)
    return any(_opens_with(said, phrase) for phrase in phrases)


def _opens_with(said: str, phrase: str) -> bool:
    rest = said.removeprefix(phrase).strip()
    return said.startswith(phrase) and (not rest or rest.startswith(_AFTER_THE_WORDS))
