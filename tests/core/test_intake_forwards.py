"""A mail that is passed on: its words are kept, and whose they are is noted, never believed."""

from email.message import EmailMessage

import pytest

from services.intake.channels.email import submitted_from_mail
from services.intake.policy import load
from shared.contracts.submitted import ComplaintSubmitted

RULES = load()[0].intake
HERS = "Sykkelen fra dere knirker, og bremsen virker ikke."


def passed_on(text: str, subject: str = "VS: Klage", **headers: str) -> ComplaintSubmitted:
    """A mail from a neighbour who passes somebody's mail on."""
    made = EmailMessage()
    made["From"], made["Subject"] = "Nils Nabo <nils@example.org>", subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return submitted_from_mail(bytes(made), RULES)


OUTLOOK = (
    "Fra: Kari Krav <kari@example.com>\nSendt: tirsdag 17. november 2026 10:02\n"
    f"Til: Nils Nabo <nils@example.org>\nEmne: Klage\n\n{HERS}\n"
)
GMAIL = (
    "---------- Forwarded message ---------\nFra: Kari Krav <kari@example.com>\n"
    f"Date: tir. 17. nov. 2026 kl. 10:02\nSubject: Klage\nTo: <nils@example.org>\n\n{HERS}\n"
)
APPLE = (
    "Begin forwarded message:\n\n> From: Kari Krav <kari@example.com>\n> Subject: Klage\n"
    f"> Date: 17 November 2026 at 10:02\n>\n> {HERS}\n"
)
OLD = f"-----Opprinnelig melding-----\nFra: Kari Krav\nEmne: Klage\n\n{HERS}"
PASSED_ON = {
    "gmail, fyi": ("FYI\n\n" + GMAIL, "Fwd: Klage"),
    "gmail, another subject": ("FYI\n\n" + GMAIL, "En sak til dere"),
    "outlook": ("Hei, denne kom til meg ved en feil.\n\n" + OUTLOOK, "VS: Klage"),
    "outlook, plain subject": ("Hei, denne kom til meg ved en feil.\n\n" + OUTLOOK, "Klage"),
    "outlook, a rule": ("Se under.\n\n" + "_" * 32 + "\n" + OUTLOOK, "Fw: Klage"),
    "apple": ("Til info.\n\n" + APPLE, "Fwd: Klage"),
    "original message": ("FYI\n\n" + OLD, "VS: Klage"),
}


@pytest.mark.parametrize(("text", "subject"), PASSED_ON.values(), ids=PASSED_ON)
def test_what_is_passed_on_is_kept_and_its_writer_noted(text: str, subject: str) -> None:
    """The complaint itself would be thrown away as a quoted thread, or be the neighbour's."""
    read = passed_on(text, subject)
    own = text.splitlines()[0]
    assert read.text.startswith(own)
    assert HERS in read.text
    assert read.on_behalf_of is not None
    assert read.on_behalf_of.startswith("Kari Krav")
    assert (read.complainant.email, read.reply_to) == ("nils@example.org", None)


def test_the_head_of_the_other_mail_is_no_complaint() -> None:
    """Its dates and addresses would count as facts of the matter."""
    read = passed_on("FYI\n\n" + OUTLOOK)
    assert read.text == f"FYI\n\n{HERS}"


def test_a_subject_that_the_mail_lacks_is_kept() -> None:
    """An order number that only the first subject has would be lost."""
    other = OUTLOOK.replace("Emne: Klage", "Emne: Ordre 7781 knirker")
    assert passed_on("FYI\n\n" + other, "VS: noe").text == (f"FYI\n\nOrdre 7781 knirker\n{HERS}")


def test_a_forward_of_ones_own_mail_is_for_nobody_else() -> None:
    """Whoever reminds us of her own complaint would wait for a person."""
    own = OUTLOOK.replace("Kari Krav <kari@example.com>", "Nils Nabo <Nils@example.org>")
    read = passed_on("Jeg fikk aldri svar.\n\n" + own)
    assert (HERS in read.text, read.on_behalf_of) == (True, None)


def attached(subject: str = "Fwd: Klage") -> EmailMessage:
    """A mail with another one attached."""
    inner, outer = EmailMessage(), EmailMessage()
    inner["From"], inner["Subject"] = "Kari Krav <kari@example.com>", "Klage"
    inner.set_content(HERS)
    outer["From"], outer["Subject"] = "Nils Nabo <nils@example.org>", subject
    outer.set_content("FYI")
    outer.add_attachment(inner)
    return outer


def test_a_mail_that_is_attached_is_read() -> None:
    """The complaint would lie in a file that nobody opens."""
    read = submitted_from_mail(bytes(attached()), RULES)
    assert read.text == f"FYI\n\n{HERS}"
    assert (read.complainant.email, read.on_behalf_of) == (
        "nils@example.org",
        "Kari Krav <kari@example.com>",
    )


def test_html_alone_is_passed_on_too() -> None:
    """Apple's program puts the whole complaint into a quote, and some send HTML alone."""
    made = EmailMessage()
    made["From"], made["Subject"] = "Nils Nabo <nils@example.org>", "Fwd: Klage"
    made.set_content(
        "<p>FYI</p><div>Begin forwarded message:</div><blockquote><div>From: Kari Krav "
        f"&lt;kari@example.com&gt;</div><div>Subject: Klage</div><br><p>{HERS}</p></blockquote>",
        subtype="html",
    )
    read = submitted_from_mail(bytes(made), RULES)
    assert (read.text, read.on_behalf_of) == (f"FYI\n\n{HERS}", "Kari Krav <kari@example.com>")


@pytest.mark.parametrize("headers", [{"In_Reply_To": "<n1@example.org>"}, {}])
def test_a_reply_leaves_the_thread_out(headers: dict[str, str]) -> None:
    """Our own words would count as the complainant's."""
    subject = "Klage" if headers else "SV: Klage"
    read = passed_on("Nei, det stemmer ikke.\n\n" + OUTLOOK, subject, **headers)
    assert (read.text, read.on_behalf_of) == ("Nei, det stemmer ikke.", None)
