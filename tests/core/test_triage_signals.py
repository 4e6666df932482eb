"""Each signal on examples in bokmål, nynorsk and English."""

import pytest

from shared.contracts.triaged import TriagePersonal
from tests.core.triage_examples import read

FORMS = [
    ("Jeg har ikke fått pakken, og nå må dere svare meg.", "nb"),
    ("Eg har ikkje fått pakken, og no må de svare meg.", "nn"),
    ("I have not received the parcel and you must answer me.", "en"),
    ("Æ har itj fått pakken enda, ka skjer?", "nb"),
    ("E ha kje fått pakken min hjå dokke enno.", "nn"),
    ("Jag har inte fått mitt paket och jag vill ha pengarna tillbaka.", "other"),
    ("Jeg har ikke modtaget pakken i sidste uge og vil gerne have mine penge tilbage.", "other"),
    ("Ich habe das Paket nicht bekommen und möchte mein Geld zurück.", "other"),
    ("Je n'ai pas reçu ma commande, merci de me rembourser.", "other"),
]
KINDS = [
    ("Hvordan bytter jeg passord?", "question"),
    ("Kva tid opnar de på laurdag?", "question"),
    ("Do you ship to Iceland?", "question"),
    ("Kan dere sende meg en kopi av fakturaen?", "request"),
    ("Kan de endre leveringsadressa mi?", "request"),
    ("Could you please send me a copy of the invoice?", "request"),
    ("Tusen takk til hun som hjalp meg i går, hun var fantastisk!", "praise"),
    ("Eg vil seie takk til han som svara så venleg.", "praise"),
    ("Please pass on my thanks to the driver, he was brilliant.", "praise"),
    ("Støvsugeren virker ikke.", "complaint"),
    ("Støvsugaren verkar ikkje.", "complaint"),
    ("The vacuum cleaner does not work.", "complaint"),
    ("Tusen takk for fantastisk service! 👏 Bare tre uker på å svare.", "complaint"),
    ("Takk for maten, den var nydelig! Men regningen var feil.", "complaint"),
]
CATEGORIES = [
    ("Pakken har ikke kommet.", "delivery"),
    ("Pakken har ikkje kome.", "delivery"),
    ("My parcel never arrived.", "delivery"),
    ("Dere har trukket meg to ganger.", "billing"),
    ("De har trekt meg to gonger.", "billing"),
    ("You charged me twice.", "billing"),
    ("Jeg får ikke logget inn på kontoen.", "access"),
    ("Eg får ikkje logga inn på kontoen.", "access"),
    ("I am locked out of my account.", "access"),
    ("Ingen svarer på telefonen.", "service"),
    ("Ingen svarar på telefonen.", "service"),
    ("Nobody answers the phone, and the agent was rude.", "service"),
    ("Jeg fikk opplysninger om en annen kunde.", "privacy"),
    ("Eg fekk opplysningar om ein annan kunde.", "privacy"),
    ("You sent me another customer's letter.", "privacy"),
]
REMEDIES = [
    ("Klokka er ødelagt. Jeg vil ha pengene tilbake.", "refund"),
    ("Klokka er øydelagd. Eg vil ha pengane att.", "refund"),
    ("The watch is broken. I want my money back.", "refund"),
    ("Klokka er ødelagt. Jeg vil ha en ny.", "replacement"),
    ("Klokka er øydelagd. Eg vil ha ei ny.", "replacement"),
    ("The watch is broken. Please send me a new one.", "replacement"),
    ("Klokka er ødelagt. Kan dere reparere den?", "repair"),
    ("Klokka er øydelagd. Kan de reparere ho?", "repair"),
    ("The watch is broken. Can you repair it?", "repair"),
    ("Jeg kommer ikke inn. Gi meg tilgangen tilbake.", "fix"),
    ("Eg kjem ikkje inn. Kan de rette feilen?", "fix"),
    ("I am locked out. Please fix it.", "fix"),
    ("Selgeren var frekk. Jeg vil ha en unnskyldning.", "apology"),
    ("Seljaren var frekk. Eg vil ha ei orsaking.", "apology"),
    ("The salesman was rude. I want an apology.", "apology"),
    ("Kanna lakk og ødela gulvet. Jeg krever erstatning.", "compensation"),
    ("Kanna lak og øydela golvet. Eg krev skadebot.", "compensation"),
    ("The can leaked and ruined the floor. I claim compensation.", "compensation"),
]
CLAIMS = [
    ("Jeg vil ha 1.299,- tilbake for støvlene, de lekker.", 129_900, "NOK"),
    ("Støvlane lek. Eg vil ha att dei 1 299 kronene.", 129_900, "NOK"),
    ("The boots leak. I want the kr 1,299.50 back.", 129_950, "NOK"),
    ("Gi meg tusenlappen min tilbake, billetten kom aldri.", 100_000, "NOK"),
    ("You overcharged me £40, please refund it.", 4_000, "GBP"),
    ("The map was torn, please refund 1,900 ISK.", 1_900, "ISK"),
]
ROLES = [
    ("Jeg kjøpte en lampe, og den virker ikke.", "customer"),
    ("Eg kjøpte ei lampe, og ho verkar ikkje.", "customer"),
    ("I bought a lamp and it does not work.", "customer"),
    ("Jeg får ikke gjort jobben min uten tilgang.", "user"),
    ("Eg får ikkje gjort jobben min utan tilgang.", "user"),
    ("I work on the ward and I am locked out of the rota.", "user"),
    ("Jeg jobber hos dere, men kjøpte privat en jakke som er ødelagt.", "customer"),
    ("Det regner inn.", "unknown"),
]
VULNERABLE = [
    "Pappa døde i oktober, og fakturaen kommer fortsatt.",
    "Mor mi døydde i oktober, og rekninga kjem framleis.",
    "My husband died in October and the invoice still comes.",
    "Jeg har ikke råd til mat denne måneden.",
    "Eg har ikkje råd til mat denne månaden.",
    "I lost my job and cannot afford food.",
]
LEGAL = [
    "Får jeg ikke svar, går jeg til advokat.",
    "Får eg ikkje svar, går eg til advokat.",
    "If you do not answer I will instruct my solicitor.",
]


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_written_form(text: str, form: str) -> None:
    """Someone would be answered in a form that is not hers, or nobody would read a strange one."""
    assert form == read(text).written_form


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kind(text: str, kind: str) -> None:
    """Praise would get an apology, or sarcasm a thank-you."""
    assert kind == read(text).kind


@pytest.mark.parametrize(("text", "category"), CATEGORIES)
def test_category(text: str, category: str) -> None:
    """The matter would land with the wrong people, or under the wrong right."""
    assert category == read(text).category


@pytest.mark.parametrize(("text", "remedy"), REMEDIES)
def test_remedy_sought(text: str, remedy: str) -> None:
    """The complainant would get something else than she chose."""
    assert remedy == read(text).remedy_sought


@pytest.mark.parametrize(("text", "amount_minor", "currency"), CLAIMS)
def test_amount_claimed(text: str, amount_minor: int, currency: str) -> None:
    """A sum would be read as a hundred times too much or too little."""
    claimed = read(text).amount_claimed
    assert claimed is not None
    assert (amount_minor, currency) == (claimed.amount_minor, claimed.currency)


@pytest.mark.parametrize(("text", "role"), ROLES)
def test_role(text: str, role: str) -> None:
    """A user would be offered a refund, or an employee's own purchase treated as work."""
    assert role == read(text).role


@pytest.mark.parametrize("text", VULNERABLE)
def test_vulnerable_goes_to_a_person(text: str) -> None:
    """Someone in sorrow or need would be answered by a machine alone."""
    statement = read(text)
    assert (statement.vulnerable, statement.needs_person) == (True, True)


def test_a_dead_battery_is_no_bereavement() -> None:
    """Condolences would go out for a telephone."""
    assert not read("Telefonen min døde etter to uker.").vulnerable


@pytest.mark.parametrize("text", LEGAL)
def test_legal_threat_goes_to_a_person(text: str) -> None:
    """A legal deadline would pass unread; and a lawyer is no abuse."""
    statement = read(text)
    assert (statement.legal, statement.needs_person, statement.abuse) == (True, True, "none")


def test_declared_wish_beats_detection() -> None:
    """Someone who asked for nynorsk would be answered in English."""
    assert read("The lamp is broken.", declared_form="nn").written_form == "nn"


def test_facts_are_the_writers_own_words() -> None:
    """An acknowledgement would fit anybody's complaint."""
    told = read("Kjelen jeg kjøpte 3. november for 249 kr lekker.").personal
    assert isinstance(told, TriagePersonal)
    assert {fact.words for fact in told.facts} == {"kjelen", "3. november", "249 kr"}


def test_quoted_mail_is_not_the_complaint() -> None:
    """The shop's own words, quoted in the answer, would count as the complainant's."""
    text = "Takk, det er greit.\n\nDen 3. november skrev kundeservice:\n> Laderen tok fyr.\n"
    assert not read(text).safety
