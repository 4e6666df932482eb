"""An option chosen by reply: a clear yes or no to the offer's own mail, and nothing else."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from services.intake.channels.email import submitted_from_mail
from services.intake.policy import load
from services.intake.replies import answers, choice_of
from shared.contracts.cases import CaseOpened
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.notifications import NotificationRequested
from shared.contracts.recoveries import RecoveryApproved, RecoveryEvent
from shared.contracts.registered import ComplaintReplied
from shared.contracts.submitted import Attachment, Complainant, ComplaintSubmitted
from tests.everybody import Everybody, last_monday

RULES = load()[0].intake
COACHING = {
    "nb": "Jeg hadde veiledning på nett 12. november, 45 minutter til 900 kr. Veilederen kom ti "
    "minutter for sent. Jeg vil gjerne ha igjen de ti minuttene.",
    "nn": "Eg hadde rettleiing på nett 12. november, 45 minutt til 900 kroner. Rettleiaren kom ti "
    "minutt for seint og hadde ikkje lese søknaden min. Eg vil gjerne ha att dei ti minutta.",
    "en": "I had an online coaching session on 12 November, 45 minutes for 900 kr. The coach was "
    "ten minutes late. I'd like those ten minutes back, please.",
}


def reply(text: str, *, name: str | None = "Siv Tangerud") -> ComplaintSubmitted:
    """A reply by Siv."""
    return ComplaintSubmitted(
        channel="email",
        channel_message_id="m",
        complainant=Complainant(name=name, email="siv@example.com"),
        text=text,
    )


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Ja", "yes"),
        ("JA!!!", "yes"),
        ("Hei,\n\nJa takk, det passer fint.\n\nMvh\nSiv Tangerud", "yes"),
        ("Ja takk\nSiv", "yes"),
        ("Ja.\n\nSendt fra min iPhone", "yes"),
        ("Ja, det høver fint. Takk.", "yes"),
        ("Yes, that's fine. Thanks!", "yes"),
        ("Ja\n> Svar ja hvis det passer, nei hvis ikke", "yes"),
        ("Nei takk.", "no"),
        ("Nei, det høver ikkje.", "no"),
        ("No, thank you", "no"),
        ("Noe annet, takk", "another"),
        ("Eg vil heller ha noko anna.", "another"),
        ("Something else, please", "another"),
        ("Glem det.", "never_mind"),
        ("Gløym det", "never_mind"),
        ("Never mind. Thanks.", "never_mind"),
    ],
)
def test_a_clear_and_short_reply_is_a_choice(text: str, choice: str) -> None:
    """The mail says "svar ja", and nothing would come of it."""
    assert choice == choice_of(reply(text), RULES.replies)


@pytest.mark.parametrize(
    "text",
    [
        "Ja, men jeg vil heller ha pengene tilbake.",
        "Ja?",
        "Ja nei",
        "Nei, det er greit.",
        "Ja, flott at dere endelig svarer etter tre uker.",
        "Ja 🙄",
        "Ok",
        "Ja hvis jeg får den før fredag",
        "Når kommer den?",
        "Takk",
        "Ja. " * 40,
        "> Svar ja hvis det passer",
        "Mvh\nJa Siv",
    ],
)
def test_whatever_else_is_said_goes_to_a_person(text: str) -> None:
    """A machine would take half a sentence for consent."""
    assert choice_of(reply(text), RULES.replies) is None


LOGO = Attachment(name="image001.png", media_type="image/png", size_bytes=4_096)


def test_the_logo_under_a_letter_says_nothing() -> None:
    """Whoever writes from work has one, and her yes would wait for a person."""
    said = reply("Ja takk").model_copy(update={"attachments": (LOGO, LOGO)})
    assert choice_of(said, RULES.replies) == "yes"


@pytest.mark.parametrize(
    "told",
    [
        {"size_bytes": 900_000},
        {"size_bytes": None},
        {"media_type": None},
        {"name": "kvittering.pdf", "media_type": "application/pdf"},
    ],
)
def test_a_photo_or_a_paper_is_seen_by_a_person(told: dict[str, str | int | None]) -> None:
    """Her "ja" with the photo of a second broken cup would be taken for consent and no more."""
    said = reply("Ja").model_copy(update={"attachments": (LOGO, LOGO.model_copy(update=told))})
    assert choice_of(said, RULES.replies) is None


def test_only_our_own_message_is_answered() -> None:
    """A reply to another mail, or an older one of the thread, would count as one to the offer."""
    ours = "<0b6fe0f5-6f54-5a7e-8f0f-0a3b9a3c1d11.17ca3544-0aa5-5e60-b46c-ebfcd02955ab@example.com>"
    there = reply("Ja").model_copy(update={"in_reply_to": ours})
    assert answers(there) == "0b6fe0f5-6f54-5a7e-8f0f-0a3b9a3c1d11"
    assert answers(reply("Ja").model_copy(update={"in_reply_to": "<x@example.com>"})) is None
    older = reply("Ja").model_copy(update={"headers": {"References": ours}})
    assert answers(older) is None


class Siv:
    """Somebody with a mail program, and all five services without a broker."""

    def __init__(self, folder: Path) -> None:
        """Nothing written yet."""
        self.folder, self._sent, self._began = folder, 0, last_monday()
        self.everybody = Everybody(folder, began_ms=int(self._began.timestamp() * 1000))

    async def complains(self, text: str) -> None:
        """Her complaint about the coaching."""
        await self.everybody.start()
        order = {
            "id": "G-1", "kind": "service", "sold": "distance",
            "purchased_at": (self._began - timedelta(days=11)).isoformat(),
            "payments": [{"reference": "p", "amount_minor": 90000, "currency": "NOK"}],
        }  # fmt: skip
        written = self._mail(text, subject="Veiledning")
        message = submitted_from_mail(written.as_bytes(), RULES).model_dump(mode="json")
        self.everybody.submit({**message, "order": order})
        await self.everybody.work()

    async def replies(self, text: str, *, to: EmailMessage) -> None:
        """Her reply to a mail of ours, as her program writes it."""
        subject = f"Re: {to['Subject']}"
        written = self._mail(text, subject=subject, answers=str(to["Message-ID"]))
        message = submitted_from_mail(written.as_bytes(), RULES)
        self.everybody.submit(message.model_dump(mode="json"))
        await self.everybody.work()

    def mails(self, subject: str = "") -> list[EmailMessage]:
        """What lies in the outbox for her, the oldest first."""
        paths = (self.folder / "outbox" / "mail").rglob("*.eml")
        read = (message_from_bytes(p.read_bytes(), policy=policy.default) for p in paths)
        return [mail for mail in read if subject in str(mail["Subject"])]

    def happened(self, topic: str) -> list[Contract]:
        """The events of a topic."""
        return [decode(record).data for record in self.everybody.log.all(topic)]

    def _mail(self, text: str, *, subject: str, answers: str = "") -> EmailMessage:
        self._sent += 1
        mail = EmailMessage()
        mail["From"], mail["To"] = "Siv Tangerud <siv@example.com>", "kundeservice@example.com"
        mail["Subject"], mail["Message-ID"] = subject, f"<siv-{self._sent}@example.com>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(text)
        return mail


OFFERS = {"nb": "Et forslag til deg", "nn": "Eit framlegg til deg", "en": "A suggestion for you"}
ANSWERS = {"nb": "Vi har et svar", "nn": "Vi har eit svar", "en": "We have an answer"}
YES = {"nb": "Ja takk", "nn": "Ja, det høver fint.", "en": "Yes, please"}


@pytest.mark.parametrize("form", OFFERS)
async def test_a_yes_by_mail_starts_what_was_offered(form: str, tmp_path: Path) -> None:
    """From the door to the mail: she would answer as we asked, and wait for ever."""
    siv = Siv(tmp_path)
    await siv.complains(COACHING[form])
    (offer,) = siv.mails(OFFERS[form])
    await siv.replies(YES[form], to=offer)
    (told,) = siv.mails(ANSWERS[form])
    assert str(told["To"]) == "siv@example.com"
    assert [e.decided_by for e in siv.happened("recoveries") if isinstance(e, RecoveryApproved)]
    # The answer is thanks enough.
    assert len(siv.mails()) == len((offer, told)) + 1
    await siv.replies(YES[form], to=offer)
    approved = [e for e in siv.happened("recoveries") if isinstance(e, RecoveryApproved)]
    assert len(approved) == 1
    assert len([e for e in siv.happened("complaints.registered") if _is_yes(e)]) > 1


async def test_a_yes_to_the_acknowledgement_accepts_nothing(tmp_path: Path) -> None:
    """She would have agreed to what she had not seen."""
    siv = Siv(tmp_path)
    await siv.complains(COACHING["nb"])
    (heard,) = siv.mails("Vi har fått meldingen")
    await siv.replies("Ja", to=heard)
    kinds = {type(event) for event in siv.happened("recoveries")}
    assert RecoveryApproved not in kinds
    assert not siv.mails(ANSWERS["nb"])


@pytest.mark.parametrize("text", ["Nei takk", "Noe annet", "Glem det", "Ja, men når?"])
async def test_anything_but_a_yes_waits_for_a_person(text: str, tmp_path: Path) -> None:
    """A no would be decided by a machine, or lie unread."""
    siv = Siv(tmp_path)
    await siv.complains(COACHING["nb"])
    (offer,) = siv.mails(OFFERS["nb"])
    await siv.replies(text, to=offer)
    said = [event for event in siv.happened("recoveries") if isinstance(event, RecoveryEvent)]
    assert not any(isinstance(event, RecoveryApproved) for event in said)
    opened = [event for event in siv.happened("cases") if type(event).__name__ == "CaseOpened"]
    assert opened
    assert siv.mails("Vi har fått svaret ditt")


FIRE = "Takk. I går kveld tok ladaren frå dykk fyr på kontoret, og det brann i gardina."


async def test_a_fire_told_in_a_reply_reaches_a_person(tmp_path: Path) -> None:
    """From the door to the alarm: it would wait until somebody came to read replies."""
    siv = Siv(tmp_path)
    await siv.complains(COACHING["nn"])
    (offer,) = siv.mails(OFFERS["nn"])
    before = len(siv.happened("recoveries"))
    await siv.replies(f"{FIRE}\n\n> {offer['Subject']}", to=offer)
    await siv.replies(f"{FIRE}\n\n> {offer['Subject']}", to=offer)
    alarms = [
        event
        for event in siv.happened("notifications")
        if isinstance(event, NotificationRequested) and event.audience == "safety"
    ]
    # Nobody takes it, and ten minutes are long gone: her deputy hears, then everybody there.
    assert [event.template for event in alarms] == ["safety", "escalated", "escalated"]
    assert len(siv.mails("Gjer dette no")) == 1
    opened = [event for event in siv.happened("cases") if isinstance(event, CaseOpened)]
    urgent = [event for event in opened if "safety" in event.why]
    assert [(event.severity, event.due_at - event.at) for event in urgent] == [
        ("critical", timedelta(minutes=15))
    ]
    # Nothing is given, and nothing taken back, because of it.
    assert len(siv.happened("recoveries")) == before


def _is_yes(event: Contract) -> bool:
    return isinstance(event, ComplaintReplied) and event.choice == "yes"
