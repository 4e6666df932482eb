"""Whom of us a complaint names, by what complainants call them (`known_as` of desk.yaml)."""

from collections.abc import Mapping

from shared.contracts.registered import ComplaintRegistered, Personal


def people_in(complaint: ComplaintRegistered, known_as: Mapping[str, str]) -> tuple[str, ...]:
    """The pseudonyms whose names stand in subject or text, as words of their own."""
    if not known_as or not isinstance(complaint.personal, Personal):
        return ()
    said = _words(f"{complaint.personal.subject or ''} {complaint.personal.text}")
    return tuple(sorted({who for name, who in known_as.items() if _words(name) in said}))


def _words(text: str) -> str:
    """The text in lower case, one space around each word."""
    letters = "".join(c if c.isalnum() or c == "-" else " " for c in text.casefold())
    return f" {' '.join(letters.split())} "
