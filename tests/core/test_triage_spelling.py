"""Misspelt words are read as what was meant, and words of their own are left alone."""

import tracemalloc

import pytest

from services.triage.kept import Kept
from services.triage.spelling import Spelling
from tests.core.triage_examples import POLICY, read

# Written right, and as a hurried or dyslexic writer may have it.
SLIPS = [
    ("Jeg får ikke logget inn, passordet er feil.", "jeg får ike loget inn, pasordet er feil"),
    ("Ladaren tok fyr på kjøkkenet.", "ladarren tok fyr på kjøkenet"),
    ("Det luktet brent, og stikkontakten smeltet.", "det luktet bernt, og stikkontakten smletet"),
    ("The battery exploded and burned my hand.", "the battrey exploded and burrned my hand"),
    ("You charged me twice, 1299 kr.", "you chargged me twise, 1299 kr"),
    ("Pakken har aldri kommet, og den kostet 900 kroner.",
     "paken har alldri kommmet, og den kostet 900 kroner"),
    ("Eg vil ha eit nytt kjøleskåp, det verkar ikkje.",
     "eg vil ha eit nyt kjøleskåp, det verkar ikje"),
    ("I want a replacement, please.", "i want a replacment, pleese"),
]  # fmt: skip
# Each is one letter from a danger or another weighty word, and is none.
OWN_WORDS = [
    "Elva renner forbi hytta.",
    "Eg skal skate på isen.",
    "We love diving in the lake.",
    "The baking powder was old.",
    "The silver spoon is dull.",
    "Katten likte ikke kurven.",
    "Banneret hang skjevt.",
    "Sukkeret klumper seg.",
    "Plater og skåler manglet.",
    "I was topping up my account.",
    "The Poisson distribution in your maths book is misprinted.",
]


@pytest.mark.parametrize(("right", "misspelt"), SLIPS)
def test_a_slip_changes_nothing_that_is_owed(right: str, misspelt: str) -> None:
    """Who spells badly, or types with a burnt hand, would be helped later and get less."""
    told = {"severity", "safety", "remedy_sought", "kind"}
    assert read(right).model_dump(include=told) == read(misspelt).model_dump(include=told)


@pytest.mark.parametrize("text", OWN_WORDS)
def test_a_word_of_its_own_is_no_slip_of_another(text: str) -> None:
    """People on call would be woken by a cat, a river and a cake."""
    triaged = read(text)
    assert (triaged.severity, triaged.safety) == ("low", False)


def test_a_word_that_is_listed_as_right_would_else_be_taken_for_another() -> None:
    """The lists of lookalikes would fill with words that protect nobody."""
    listed = {word for one in POLICY.languages.values() for word in one.right_as_written}
    spelling = POLICY.matcher.spelling(known=POLICY.known_words - listed)
    assert {word for word in listed if not spelling.meant(word)} == set()


def test_what_is_meant_by_a_told_slip_is_a_word_of_the_lists() -> None:
    """A misspelling would be mended into a word that nobody listens for."""
    told = {meant for one in POLICY.languages.values() for meant in one.misspelt}
    assert told - POLICY.matcher.words == set()


def test_a_message_that_is_one_word_takes_no_gigabyte() -> None:
    """Every slip of it was made, and the kernel ended triage at that record, again and again."""
    spelling = Spelling(["kaffetrakter"], known=(), misspelt={})
    tracemalloc.start()
    try:
        assert spelling.meant("ab" * 20_000) == ()
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_a_word_as_long_as_a_message_is_not_kept() -> None:
    """What is kept is bounded by number: thirty thousand such words are a gigabyte, too."""
    kept = Kept(str.upper)
    assert (kept["a" * 40_000], kept["knust"]) == ("A" * 40_000, "KNUST")
    assert list(kept) == ["knust"]
