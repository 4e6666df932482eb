"""Severity: the highest rule that fires, monotone in harm, and never anger."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.triaged import SEVERITIES
from tests.core.triage_examples import POLICY, read

CALM = [
    "Paraplyen jeg kjøpte for 219 kr gikk i stykker. Jeg vil ha pengene tilbake.",
    "Paraplyen eg kjøpte for 219 kroner gjekk sund. Eg vil ha pengane att.",
    "The umbrella I bought for 219 kr broke. I want my money back.",
    "Vaskemaskinen til 6490 kroner virker ikke lenger.",
    "Kjøleskapet til 6490 kroner verkar ikkje lenger.",
    "I cannot log in and payroll has to be in by noon tomorrow.",
    "Laderen begynte å ryke da vi satte den i kontakten.",
]
SHOUTS = [
    ("", "!!! 😡😡😡"),
    ("HELT LATTERLIG! JEG ER RASENDE! ", " NÅ!!!"),
    ("Dere er noen jævla idioter! ", ""),
    ("You fucking idiots! ", " I am furious!!!"),
    ("Fy faen, de er udugelege. ", ""),
    ("Kjære dere, jeg håper dere har det fint. ", " På forhånd tusen takk!"),
]
SAFETY = [
    "Ovnen tok fyr i natt.",
    "Omnen tok fyr i natt.",
    "The heater caught fire last night.",
    "Datteren min fikk brannsår av kjelen.",
    "Sonen vår skada seg då stolen gav etter.",
    "My son was injured when the chair collapsed.",
    "Jeg fikk støt av lampen.",
    "Eg fekk støyt av lampa.",
    "I got an electric shock from the lamp.",
    "Vi ble matforgiftet av laksen.",
    "Vi vart matforgifta av laksen.",
    "We got food poisoning from the salmon.",
    "Bremsene sviktet i bakken.",
    "Bremsene svikta i bakken.",
    "The brakes failed on the hill.",
    "Jeg har ikke lyst til å leve lenger.",
    "Eg vil ikkje leve lenger.",
    "I don't want to live any longer.",
]
FIGURES = [
    "Det koker for oss i dag, og regningen kom som en bombe.",
    "Det koker over for meg, prisen er ei bombe.",
    "I'm dying to know when my parcel arrives, the price was a bombshell.",
    "Jeg brenner for god service, men fikk sjokk av regningen.",
    "This wait is killing me, and my phone died.",
]


@pytest.mark.parametrize("text", CALM)
@pytest.mark.parametrize(("before", "after"), SHOUTS)
def test_how_it_is_said_changes_nothing(text: str, before: str, after: str) -> None:
    """The one who shouts would be served before the one who tells it calmly, or after."""
    assert read(text).severity == read(before + text + after).severity


@pytest.mark.parametrize("text", CALM)
def test_capitals_change_nothing_but_arousal(text: str) -> None:
    """Capitals would move a complaint up or down."""
    calm, loud = read(text), read(text.upper())
    told = ("severity", "remedy_sought", "category", "role", "amount_claimed", "safety", "kind")
    assert [getattr(calm, name) for name in told] == [getattr(loud, name) for name in told]


@pytest.mark.parametrize("text", SAFETY)
def test_safety_is_critical_and_a_persons(text: str) -> None:
    """Danger would wait in line."""
    statement = read(text)
    assert (
        statement.severity,
        statement.safety,
        statement.needs_person,
    ) == ("critical", True, True)


@pytest.mark.parametrize("text", FIGURES)
def test_figures_of_speech_are_no_danger(text: str) -> None:
    """People on call would be woken by a figure of speech."""
    statement = read(text)
    assert (statement.safety, statement.severity == "critical") == (False, False)


@given(
    harms=st.lists(
        st.sampled_from([*CALM, *SAFETY, "Det haster.", "Takk for god hjelp."]), max_size=4
    )
)
@settings(max_examples=60, deadline=None)
def test_more_harm_is_never_less_severe(harms: list[str]) -> None:
    """Telling of one more harm would make a complaint less serious."""
    text = "Støvsugeren jeg kjøpte for 900 kr virker ikke."
    ranks = [
        SEVERITIES.index(read("\n\n".join([text, *harms[:count]])).severity)
        for count in range(len(harms) + 1)
    ]
    assert sorted(ranks) == ranks


def test_repetition_raises_by_one_and_never_above_high() -> None:
    """Third contact and being passed around would raise twice, or a trifle to critical."""
    small = "Paraplyen til 219 kr gikk i stykker."
    again = "Dette er tredje gang jeg skriver, og jeg er en kasteball. "
    wide = "Vaskemaskinen til 6490 kroner virker ikke."
    lost = "Jeg får ikke gjort jobben min, for jeg har ingen tilgang."
    got = [read(again + text).severity for text in (small, wide, lost)]
    assert got == ["medium", "high", "high"]


def test_the_reasons_carry_the_words_that_fired() -> None:
    """Nobody could see why a complaint was graded as it was."""
    statement = read("Ovnen tok fyr i natt.")
    assert "severity.safety" in statement.reasons
    evidence = statement.personal.model_dump()["evidence"]
    assert evidence["severity.safety"] == ("tok fyr",)


def test_every_rule_has_conditions() -> None:
    """A rule that asks for nothing would fire for everybody."""
    assert all(rule.all for rule in POLICY.rules.severity.rules)
