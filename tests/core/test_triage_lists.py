"""The word lists and the matcher that reads them."""

from itertools import pairwise

import pytest

from services.triage.matcher import Matcher
from services.triage.tokens import tokens_of
from tests.core.triage_examples import POLICY

# Nynorsk is owed lists as full as bokmål's.
NYNORSK_SHARE_MIN = 0.9
MONTHS = frozenset({"november"})
PHRASES = [
    ("begynte å ryke", "Laderen begynte å ryke.", True),
    ("ryk*", "Tråden RYKER av.", True),
    ("*maskin", "Ei symaskin.", True),
    ("tre|fire ganger", "Jeg ringte fire ganger.", True),
    ("# kr", "Det kostet 49 kr.", True),
    ("sendt _ til", "Sendt meg til kundeservice.", True),
    ("ringt ~ ganger", "Ringt dere nå tre ganger.", True),
    ("ringt ~ ganger", "Ringt dere nå om igjen tre ganger.", False),
    ("ikke kommet", "Det er ikke. Kommet er det.", False),
    ("virker ikke", "Den virker\nikke.", True),
]


@pytest.mark.parametrize(("phrase", "text", "there"), PHRASES)
def test_a_phrase_is_found_where_it_stands(phrase: str, text: str, *, there: bool) -> None:
    """A word list would mean something else than what its notation says."""
    hits = Matcher([{"label": [phrase]}]).hits(tokens_of(text, MONTHS))
    assert there == ("label" in hits)


def test_a_date_ends_no_sentence() -> None:
    """A sentence with a date would be cut in two."""
    assert tokens_of("Skaden 5. november.", MONTHS).words == ("skaden", "5", "november", "")


@pytest.mark.parametrize("empty", ["\n\n", "\n  \n", "\n\t\n", "\n \t \n\n"])
def test_an_empty_line_ends_a_sentence_whatever_blanks_it_holds(empty: str) -> None:
    """A heading would be one sentence with the text below it, since its mail leaves blanks."""
    read = tokens_of(f"Ny  jakke{empty}Den er (for) liten!", MONTHS)
    assert read.words == ("ny", "jakke", "", "den", "er", "for", "liten", "")
    assert read.said(5, 7) == "for) liten"


def test_all_languages_have_the_same_labels() -> None:
    """A signal would work in one written form and not in another."""
    labels = {form: frozenset(language.cues) for form, language in POLICY.languages.items()}
    assert labels["nb"] == labels["nn"] == labels["en"]


def test_nynorsk_is_as_full_as_bokmaal() -> None:
    """Nynorsk writers would be read worse."""
    count = {form: sum(map(len, one.cues.values())) for form, one in POLICY.languages.items()}
    assert count["nn"] >= NYNORSK_SHARE_MIN * count["nb"]


def test_every_phrase_can_be_found() -> None:
    """A phrase with a sign that no word has would never fire, and nobody would know."""
    lost = [
        (form, label, phrase)
        for form, language in POLICY.languages.items()
        for label, phrases in language.cues.items()
        for phrase in phrases
        for element in phrase.split(" ")
        for one in element.split("|")
        if one not in {"_", "~", "#"}
        and tokens_of(one.strip("*"), MONTHS).words != (one.strip("*").casefold(),)
    ]
    assert lost == []


def test_alternatives_are_words_and_not_phrases() -> None:
    """`a|b c|b d` waits for "a b d": whoever meant "b c" or "b d" would never be heard."""
    mistaken = [
        (form, label, phrase)
        for form, language in POLICY.languages.items()
        for label, phrases in language.cues.items()
        for phrase in phrases
        for one, after in pairwise(phrase.split(" "))
        if "|" in one and "|" in after and set(one.split("|")) & set(after.split("|"))
    ]
    assert mistaken == []


def test_labels_of_the_rules_are_in_the_lists() -> None:
    """A rule would wait for a label that no list has."""
    rules, known = POLICY.rules, frozenset(POLICY.languages["nb"].cues)
    named = {label for labels in rules.categories.values() for label in labels}
    named |= frozenset(rules.arousal.cues)
    named |= set(rules.tone_labels)
    named |= set(rules.masks)
    assert set() == named - known


def test_severity_rules_ask_for_conditions_that_exist() -> None:
    """A rule with a misspelt condition would never fire."""
    computed = {"complaint", "regretted", "needed", "alternatives", "deadline", "crowd"}
    computed |= {"crowd_all", "repeated", "weight", "much", "worth_unknown"}
    computed |= {"safety", "harm", "privacy", "danger_likely"}
    known = computed | frozenset(POLICY.languages["nb"].cues)
    asked = {c for rule in POLICY.rules.severity.rules for c in (*rule.all, *rule.none)}
    assert set() == asked - known


def test_what_only_nearness_asks_for_is_asked_for_by_nobody_else() -> None:
    """A rule of severity, a mask or a category would wait for a find that was left out."""
    rules, parts = POLICY.rules, POLICY.near_asked.parts
    asked = {*rules.tone_labels, *rules.arousal.cues, *rules.masks, *rules.negated}
    asked |= {label for labels in rules.categories.values() for label in labels}
    asked |= rules.severity.asked
    assert "near.body" in parts
    assert parts.isdisjoint(asked)
