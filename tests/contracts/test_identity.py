"""Ids and keys are the same everywhere, for ever; money is whole and never lost."""

import unicodedata
from itertools import pairwise

import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.identity import complaint_id, derived, partition_of, record_key
from shared.contracts.money import Money, share_up, total_by_currency
from shared.contracts.topics import TOPICS

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXT, TEXT)
def test_the_form_of_the_letters_makes_no_other_complaint(subject: str, text: str) -> None:
    """A resend from a phone that writes å in two parts would be a second complaint."""
    composed, apart = (
        (unicodedata.normalize(f, subject), unicodedata.normalize(f, text)) for f in ("NFC", "NFD")
    )
    of = [complaint_id("s", "m", subject=s, text=t) for s, t in (composed, apart)]
    assert of[0] == of[1]


def test_another_source_id_subject_or_text_is_another_complaint() -> None:
    """Two complaints would be one, and one of them never answered."""
    said = [
        ("a", "1", "emne", "tekst"),
        ("b", "1", "emne", "tekst"),
        ("a", "2", "emne", "tekst"),
        ("a", "1", "anna emne", "tekst"),
        ("a", "1", "emne", "annan tekst"),
        ("a", "1", "emnetekst", ""),
        ("a", "1", None, "emnetekst"),
    ]
    assert len({complaint_id(s, m, subject=e, text=t) for s, m, e, t in said}) == len(said)


def test_no_subject_and_an_empty_one_are_the_same() -> None:
    """A channel that sends "" instead of nothing would double its complaints."""
    assert complaint_id("a", "1", subject=None, text="t") == complaint_id(
        "a", "1", subject="", text="t"
    )


def test_the_ids_are_what_they_were() -> None:
    """After an upgrade every resend would be a new complaint: these may never change."""
    assert (
        complaint_id("nettbutikken", "skjema-1", subject="Hei", text="Setet kom aldri.")
        == "78a6d863-933c-591a-b497-188cfbcbe21d"
    )
    assert derived("recovery", "x", 1) == "829fe946-bce6-5b64-8d90-e9c3b2341a6a"
    assert record_key(b"secret", "ingrid@example.com") == "b6a0c87e1bcda84d3935b70cc8b43be0"


@given(st.lists(TEXT.filter(lambda t: "\x1f" not in t), max_size=4))
def test_parts_are_told_apart(parts: list[str]) -> None:
    """Two causes would bring about the same id."""
    for split in range(1, len(parts)):
        joined = ["".join(parts[:split]), *parts[split:]]
        assert (derived(*joined) == derived(*parts)) == (joined == parts)


@given(st.binary(max_size=60), st.integers(1, 100))
def test_a_key_lies_where_kafkas_clients_put_it(key: bytes, partitions: int) -> None:
    """One person's events would lie in two partitions, on two workers, out of order."""
    assert partition_of(key, partitions) == (murmur2(key) & 0x7FFFFFFF) % partitions


def test_topics_of_one_key_share_their_partition_count() -> None:
    """A stage would find one person's inputs on different workers."""
    counts = {topic.partitions for topic in TOPICS if topic.key == "complainant"}
    assert counts == {None}


@given(st.integers(0, 10**13), st.integers(0, 1000), st.integers(1, 1000))
def test_the_fraction_goes_to_the_complainant(amount: int, part: int, whole: int) -> None:
    """An øre would be kept back, or more than one given."""
    share = share_up(amount, part, denominator=whole)
    assert share * whole >= amount * part
    assert (share - 1) * whole < amount * part


@given(st.lists(st.tuples(st.integers(0, 10**13), st.sampled_from(["NOK", "SEK", "EUR"]))))
def test_sums_are_kept_apart_by_currency(sums: list[tuple[int, str]]) -> None:
    """Kroner would be added to euros, or a sum be lost on the way."""
    totals = total_by_currency(Money(amount_minor=a, currency=c) for a, c in sums)
    assert sum(totals.values()) == sum(a for a, _ in sums)
    assert all(before < after for before, after in pairwise(totals))


@pytest.mark.parametrize("amount", [-1, 0.5, True, "100", 10**13 + 1, float("nan"), None])
def test_money_is_a_whole_number_of_the_smallest_unit(amount: object) -> None:
    """A float, a text or a truth value would be money."""
    with pytest.raises(ValueError, match="amount_minor"):
        Money.model_validate({"amount_minor": amount, "currency": "NOK"})


@pytest.mark.parametrize("currency", ["nok", "NO", "NOKK", "NOK ", "NOK\n", "", "Ｎ0K", None])
def test_a_currency_is_three_capital_letters(currency: object) -> None:
    """A sum would be in no currency that anybody pays in."""
    with pytest.raises(ValueError, match="currency"):
        Money.model_validate({"amount_minor": 1, "currency": currency})
