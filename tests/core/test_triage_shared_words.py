"""Words that are others in another language: "is" is ice cream in bokmål, "vet" knows."""

import pytest

from tests.core.triage_examples import POLICY, read

# English has lent these to the others with their meaning.
LENT = frozenset({"service", "store", "time"})


def test_no_word_of_a_list_is_anothers_function_word() -> None:
    """Every English sentence with "is" would be about ice cream, and so be a trifle."""
    functions: dict[str, set[str]] = {
        str(form): set(each.function_words) for form, each in POLICY.languages.items()
    }
    found = [
        (form, label, word)
        for form, language in POLICY.languages.items()
        for label, phrases in language.lists.items()
        if label not in POLICY.rules.only_in
        for phrase in phrases
        if " " not in phrase
        for word in phrase.casefold().split("|")
        for other in ({"nb", "nn"} if form == "en" else {"en"})
        if word in functions[other] - functions[form] - LENT
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "Jeg vet at pakken er sent ute etter det som skjedde.",
        "Jeg vet det er sent, men støvsugeren falt fra hverandre.",
        "Det er bare en ledning som mangler.",
        "De vet selv at svaret kom sent.",
    ],
)
def test_what_is_late_or_only_is_no_danger(text: str) -> None:
    """A late parcel would wake the safety officer, and be promised to an authority."""
    read_so = read(text)
    assert not read_so.safety
    assert read_so.severity != "critical"


def test_english_still_hears_them() -> None:
    """A bare wire would be only a wire."""
    assert read("There is a bare wire.").safety


@pytest.mark.parametrize(
    ("nb", "en"),
    [
        ("Pakken har ikke kommet.", "The parcel is lost, it has not come."),
        ("Pakken har ikke kommet. Det er sprøtt.", "The parcel has not come. This is crazy."),
    ],
)
def test_an_english_is_makes_no_trifle(nb: str, en: str) -> None:
    """The same loss would weigh less in English."""
    assert read(nb).severity == read(en).severity == "medium"
