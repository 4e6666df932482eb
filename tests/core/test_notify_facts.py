"""What an acknowledgement repeats: the writer's own facts and words, and none that hurt."""

import pytest

from services.notify.facts import about_of, definite
from services.notify.memories import remembered
from services.notify.model import Matter, add
from services.notify.policy import Form
from shared.contracts.registered import Personal
from shared.contracts.triaged import Fact, TriagePersonal
from tests.notify_story import POLICY, event, registered, triaged

NO_FACTS = TriagePersonal()


def matter_of(*, form: str = "nb", text: str | None = None, **changes: object) -> Matter:
    """A matter that was registered, with a text and no subject where one is given, and read."""
    said = registered()
    if text is not None:
        said = registered(personal=Personal(name="Siv Tangerud", text=text))
    matter = Matter("c1")
    for contract in (said, triaged(written_form=form, **changes)):
        seen = remembered(event(contract))
        assert seen is not None
        add(matter, seen)
    return matter


def test_facts_are_found_when_triage_finds_none() -> None:
    """An acknowledgement would fit any complaint."""
    bare = matter_of(personal=TriagePersonal(), arousal="furious")
    found = about_of(bare, form="nb", policy=POLICY)
    assert found.replace("\u00a0", " ") == " (219 kr, kjøpt 5. november)"


@pytest.mark.parametrize(
    ("form", "thing", "said"),
    [
        ("nb", "joggesko", "joggeskoene"),
        ("nb", "Låne-PC", "låne-pc-en"),
        ("nb", "paraplyen", "paraplyen"),
        ("nb", "en grønn genser", "en grønn genser"),
        ("nn", "rekning", "rekninga"),
        ("en", "the kettle", "the kettle"),
    ],
)
def test_a_thing_is_spoken_of_as_known(form: Form, thing: str, said: str) -> None:
    """A message "about invoice" would read as if a form had been filled in."""
    assert definite(thing, form=form, policy=POLICY) == said


def test_no_fact_is_told_twice_or_for_nothing() -> None:
    """A sum would stand twice, and "first time" as if it were something."""
    told = (("thing", "spelet"), ("sum", "149 kroner"), ("sum", "149 kronene"))
    facts = (*told, ("times", "fyrste gongen"), ("date", "9. november"))
    personal = TriagePersonal(
        facts=tuple(Fact.model_validate({"kind": k, "words": w}) for k, w in facts)
    )
    said = about_of(matter_of(form="nn", personal=personal), form="nn", policy=POLICY)
    assert said == " om spelet (149 kroner, 9. november)"


def test_the_grieving_are_not_told_the_day() -> None:
    """The day of a death would stand in a list with an invoice and its sum."""
    told = (("thing", "faktura"), ("sum", "349 kr"), ("date", "22. oktober"))
    personal = TriagePersonal(
        facts=tuple(Fact.model_validate({"kind": k, "words": w}) for k, w in told)
    )
    grieving = matter_of(personal=personal, vulnerable=True, reasons=("vulnerable.bereavement",))
    said = about_of(grieving, form="nb", policy=POLICY)
    assert said == " om fakturaen (349 kr)"


def test_their_own_question_is_fact_enough() -> None:
    """A question would be answered by the day it came."""
    asked = matter_of(kind="question", personal=TriagePersonal())
    assert about_of(asked, form="nb", policy=POLICY) == " «Paraplyen gikk i stykker»"


def test_shouted_facts_are_said_quietly() -> None:
    """Capitals would be thrown back at whoever shouted them."""
    loud = TriagePersonal(
        facts=(Fact(kind="thing", words="PARAPLYEN 😡"), Fact(kind="date", words="5. NOVEMBER"))
    )
    said = about_of(matter_of(personal=loud, arousal="furious"), form="nb", policy=POLICY)
    assert said == " om paraplyen (5. november)"


def test_another_persons_papers_are_not_repeated() -> None:
    """A breach would be made greater by our own acknowledgement."""
    said = about_of(matter_of(privacy=True), form="nb", policy=POLICY)
    assert "paraplyen" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hei, brusen var flat. Trist.", " «Brusen var flat»"),
        (
            "Hei Siv!\nKomfyren fra 6. november er kald. Hva nå?",
            " «Komfyren fra 6. november er kald»",
        ),
        ("Jeg er RASENDE!", " (219 kr, kjøpt 5. november)"),
        ("Så fint 👏 Tre uker.", " (219 kr, kjøpt 5. november)"),
    ],
)
def test_first_words_stand_for_facts_that_nobody_found(text: str, said: str) -> None:
    """A message "received 16 November" would fit anybody; a cry or a clap would be thrown back."""
    found = about_of(matter_of(text=text, personal=NO_FACTS), form="nb", policy=POLICY)
    assert found.replace("\u00a0", " ") == said


def test_a_word_that_is_no_thing_is_not_named() -> None:
    """Your message about «ringt» would tell that nobody has read it."""
    personal = TriagePersonal(facts=(Fact(kind="thing", words="ringt"),))
    matter = matter_of(text="Har ringt om sofaen.", personal=personal)
    assert about_of(matter, form="nb", policy=POLICY) == " «Har ringt om sofaen»"


@pytest.mark.parametrize(("abuse", "arousal"), [("hostile", "calm"), ("none", "upset")])
def test_words_said_in_anger_are_not_quoted(abuse: str, arousal: str) -> None:
    """An insult would be answered by repeating it."""
    matter = matter_of(text="Dere er noen tosker.", personal=NO_FACTS, abuse=abuse, arousal=arousal)
    assert "tosker" not in about_of(matter, form="nb", policy=POLICY)
