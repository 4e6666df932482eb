"""Did a machine send this mail? (RFC 3834.) Robots are registered and never answered. Pure."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from services.intake.policy import Robots
from shared.contracts.submitted import ComplaintSubmitted

CALENDAR_METHOD = "calendar-method"  # what the mail door writes of a text/calendar part
_AFTER_THE_WORDS = (":", "-", "–", "—", ".", ",", "!", ";")
_SENTENCES_LOOKED_AT = 3  # a greeting, a thank you, and then what it says
_SENTENCE_ENDS = re.compile(r"[.!,\n]+\s*")


def is_robot(message: ComplaintSubmitted, rules: Robots) -> bool:
    """Whether the mail's headers, sender, subject or first words say that no person sent it.

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
        or _opens_as_away(message, headers, rules=rules)
    )


def local_part(address: str) -> str:
    """Of "Noreply+17@example.com": "noreply"."""
    return address.lower().partition("@")[0].partition("+")[0]


def _says_so(headers: Mapping[str, str], rules: Robots) -> bool:
    submitted = re.split(r"[;(]", headers.get("auto-submitted", ""))[0].strip().lower()
    suppressed = headers.get("x-auto-response-suppress", "").lower().split(",")
    return bool(
        (submitted and submitted not in rules.auto_submitted_people)
        or headers.get("precedence", "").lower() in rules.precedence
        or headers.get("delivered-to", "").lower() in rules.delivered_to
        or any(value.strip() in rules.suppress for value in suppressed)
    )


def _is_list_or_report(headers: Mapping[str, str], rules: Robots) -> bool:
    if headers.get("content-type") in rules.content_types:
        return True
    if headers.get(CALENDAR_METHOD) in rules.calendar_methods:
        return True
    listed = headers.get("list-id", "")
    if any(own in listed for own in rules.own_lists):
        return False
    return any(name in headers for name in rules.headers)


def _is_program(message: ComplaintSubmitted, headers: Mapping[str, str], *, rules: Robots) -> bool:
    nowhere = headers.get("return-path", "").replace(" ", "") == "<>"
    local = local_part(message.complainant.email or "")
    return nowhere or local in rules.senders or local in rules.no_reply


def _is_away(subject: str, rules: Robots) -> bool:
    said = subject.strip().casefold()
    phrases = tuple(phrase for form in rules.subjects.values() for phrase in form)
    # Most subjects begin with none of them, which is told at once.
    if said.startswith(phrases) and any(_opens_with(said, phrase) for phrase in phrases):
        return True
    return any(pattern.match(said) for pattern in _patterns(rules.subject_patterns))


def _opens_with(said: str, phrase: str) -> bool:
    rest = said.removeprefix(phrase).strip()
    return said.startswith(phrase) and (not rest or rest.startswith(_AFTER_THE_WORDS))


def _opens_as_away(
    message: ComplaintSubmitted, headers: Mapping[str, str], *, rules: Robots
) -> bool:
    """An absence that carries no sign but its words; whoever asks something is a person."""
    answers = message.in_reply_to or headers.get("in-reply-to") or headers.get("references")
    text = message.text.casefold()
    if not answers or "?" in text or len(text.split()) > rules.opening_words_max:
        return False
    first = _SENTENCE_ENDS.split(text, maxsplit=_SENTENCES_LOOKED_AT)[:_SENTENCES_LOOKED_AT]
    phrases = tuple(phrase for form in rules.openings.values() for phrase in form)
    return any(sentence.startswith(phrases) for sentence in first)


@cache
def _patterns(patterns: tuple[str, ...]) -> Iterable[re.Pattern[str]]:
    return tuple(re.compile(pattern) for pattern in patterns)
