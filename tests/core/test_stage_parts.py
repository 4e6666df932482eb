"""The pure parts of the runner: breaker, gaps, outputs, fold, dead letters."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.feedback import FeedbackGiven
from shared.contracts.identity import derived
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.topics import DEAD_LETTERS
from shared.errors import Fault, Invalid
from shared.stage.batch import Claim, LogEnds, last_of
from shared.stage.breaker import HEALTHY, IN_A_ROW_MAX, SEEN_MIN, WINDOW, Health
from shared.stage.deadletter import FAULTS_SHOWN_MAX, dead_letter
from shared.stage.decision import Decision, Rejected, Reserve
from shared.stage.fold import Fold
from shared.stage.gaps import Stopped, check_record, position
from shared.stage.outputs import pack, unpack
from tests.stage.probe import probe

WHEN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
TOPIC = "complaints.registered"
PROBE = probe(Path("nowhere"))


def _after(*valid: bool) -> Health:
    health = HEALTHY
    for each in valid:
        health = health.after(valid=each)
    return health


def test_the_breaker_trips_at_fifty_in_a_row() -> None:
    """A bad deploy would drain a topic, or forty-nine bad records stop a stage."""
    assert not _after(*[False] * (IN_A_ROW_MAX - 1)).tripped
    assert _after(*[False] * IN_A_ROW_MAX).tripped


def test_a_good_record_breaks_the_row() -> None:
    """Bad records spread thinly would add up to a row."""
    health = _after(*[False] * (IN_A_ROW_MAX - 1), *[True], *[False] * (IN_A_ROW_MAX - 1))
    assert health.in_a_row == IN_A_ROW_MAX - 1


def test_the_breaker_trips_above_its_share() -> None:
    """Every tenth record could be invalid for ever without anyone being told."""
    assert _after(*[n % 10 != 0 for n in range(SEEN_MIN)]).tripped


def test_one_in_twenty_is_no_more_than_its_share() -> None:
    """The limit itself would already stop the stage."""
    assert not _after(*[n % 20 != 0 for n in range(WINDOW * 2)]).tripped


def test_the_first_bad_records_do_not_trip_it() -> None:
    """Two bad records among the first ten would stop a stage."""
    assert not _after(*[n % 3 != 0 for n in range(SEEN_MIN - 1)]).tripped


@given(st.lists(st.booleans(), max_size=3 * WINDOW))
def test_the_window_forgets(valid: list[bool]) -> None:
    """Counts would grow without end, and old faults never fade."""
    health = _after(*valid)
    assert 0 <= health.invalid <= health.seen < WINDOW


def _claim(done: int, record: Record | None = None) -> Claim:
    last = {} if record is None else {TOPIC: last_of(record)}
    return Claim("owner", {TOPIC: done}, last)


def _record(offset: int, value: bytes | None = b"{}", *, key: bytes | None = b"k") -> Record:
    return Record(TOPIC, 0, offset, 1_000, key, value)


@pytest.mark.parametrize(
    ("claim", "ends", "expected"),
    [
        (Claim("owner", {}, {}), LogEnds(7, 9), 7),
        (_claim(9, _record(8)), LogEnds(0, 12), 8),
        (_claim(9, _record(8)), LogEnds(0, 9), 8),
        (_claim(9, _record(8)), LogEnds(9, 12), 9),
        (_claim(9), LogEnds(0, 12), 9),
    ],
    ids=["never", "seen again", "at the end", "the last one gone", "nothing to compare"],
)
def test_where_to_read_on(claim: Claim, ends: LogEnds, expected: int) -> None:
    """A start at another place loses records, or does not notice another log."""
    assert expected == position(claim, TOPIC, ends=ends)


@pytest.mark.parametrize(
    ("ends", "code"),
    [(LogEnds(0, 8), "topic_made_anew"), (LogEnds(10, 12), "records_gone")],
)
def test_where_to_stop(ends: LogEnds, code: str) -> None:
    """Records that nobody can read any more would be skipped without a word."""
    with pytest.raises(Stopped) as stopped:
        position(_claim(9, _record(8)), TOPIC, ends=ends)
    assert code == stopped.value.code
    assert str(stopped.value.at(TOPIC, 0)).startswith(f"{TOPIC}-0: ")


@pytest.mark.parametrize(
    "other",
    [
        _record(8, b"[]"),
        _record(8, None),
        _record(8, key=b"l"),
        replace(_record(8), timestamp_ms=2),
        _record(7),
    ],
    ids=["value", "null", "key", "time", "jumped back"],
)
def test_another_record_in_its_place(other: Record) -> None:
    """A topic made anew would pass for the one we knew."""
    with pytest.raises(Stopped) as stopped:
        check_record(_claim(9, _record(8)), other)
    assert stopped.value.code == "topic_made_anew"


def test_the_same_record_again_is_fine() -> None:
    """Every start would stop the stage."""
    check_record(_claim(9, _record(8)), _record(8))
    check_record(_claim(9, _record(8)), _record(20, b"other"))
    assert _claim(9, _record(8)).last == {TOPIC: last_of(_record(8))}


_OUTPUT = st.builds(
    Outgoing,
    topic=st.sampled_from(["feedback", "dead-letters"]),
    key=st.none() | st.binary(),
    value=st.binary(),
    headers=st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.binary())).map(
        tuple
    ),
    partition=st.none() | st.integers(0, 1000),
)


@given(st.lists(_OUTPUT))
def test_stored_outputs_are_the_same_bytes(outputs: list[Outgoing]) -> None:
    """After a crash another record would go out than the one decided."""
    assert outputs == unpack(pack(outputs))


def test_nothing_is_stored_as_nothing() -> None:
    """Every batch without outputs would leave a blob behind."""
    assert pack([]) is None
    assert unpack(None) == []


def _said(number: int, text: str = "hello") -> Event[ComplaintReplied]:
    data = ComplaintReplied(
        complaint_id="c",
        case_id="k",
        channel="web",
        received_at=WHEN,
        personal=Personal(text=text),
    )
    return Event(f"e{number}", "test", "her key", WHEN, data, depth=2, topic=TOPIC)


def test_a_fold_remembers_within_a_batch() -> None:
    """The second event of a batch would be decided as if the first had not been."""
    fold, questions = Fold(PROBE), []
    for number in range(3):
        answer, emitted = fold.decide(_said(number))
        assert isinstance(answer, Decision)
        fold.remember(_said(number), answer)
        (event,) = emitted
        assert isinstance(event.data, FeedbackGiven)
        questions.append(event.data.question)
    assert questions == ["said 1 0", "said 2 0", "said 3 0"]


def test_what_is_emitted_is_derived_from_its_cause() -> None:
    """A replay would give the same event another id, time or key."""
    _, (event,) = Fold(PROBE).decide(_said(1))
    assert event.id == derived("e1", FeedbackGiven.TYPE, 0)
    assert (event.key, event.time, event.depth) == ("her key", WHEN, 3)
    assert (event.causation_id, event.source) == ("e1", "kulanse/probe")


def test_a_fold_counts_shared_rows() -> None:
    """Two events of one batch would spend the same remainder."""
    fold = Fold(PROBE)
    assert fold.decide(_said(1, "share"))[0] == fold.decide(_said(1, "share"))[0]
    fold.remember(_said(1), Decision(reserves=(Reserve("shared", 5, 10),)))
    answer, _ = fold.decide(_said(2, "share"))
    assert isinstance(answer, Decision)
    assert [Reserve("shared", 1, 6)] == list(answer.reserves)


def test_a_refusal_is_a_value() -> None:
    """A core that says no would stop the stage."""
    answer, emitted = Fold(PROBE).decide(_said(1, "reject"))
    assert isinstance(answer, Rejected)
    assert emitted == ()


def test_a_dead_letter_is_the_record_and_why() -> None:
    """What was sent could not be shown, mended or replayed."""
    raw = replace(_record(8, b"\xff{"), headers=(("ce_id", b"1"), ("ce_id", b"\xff")))
    letter = dead_letter(raw, Invalid(Fault("json_invalid", "order.id", "mend it")), stage="x")
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS.name, b"k", b"\xff{")
    assert raw.headers == letter.headers[:2]
    said = {name: value.decode() for name, value in letter.headers if name.startswith("dl_")}
    assert said == {
        "dl_stage": "x",
        "dl_code": "json_invalid",
        "dl_field": "order.id",
        "dl_hint": "mend it",
        "dl_faults": "json_invalid order.id",
        "dl_topic": TOPIC,
        "dl_partition": "0",
        "dl_offset": "8",
        "dl_timestamp_ms": "1000",
        "dl_null": "0",
    }


def test_a_sender_cannot_say_where_a_dead_letter_came_from() -> None:
    """A sender's own `dl_topic` would make a replay put its bytes into a topic of its choice."""
    raw = replace(_record(8), headers=(("dl_topic", b"recoveries"),))
    letter = dead_letter(raw, Invalid(Fault("json_invalid", "", "")), stage="x")
    assert dict(letter.headers)["dl_topic"] == TOPIC.encode()


def test_a_null_value_is_told_from_an_empty_one() -> None:
    """A replay would put an empty value where there was none."""
    letter = dead_letter(_record(8, None), Invalid(Fault("null_value", "", "")), stage="x")
    assert (letter.value, dict(letter.headers)["dl_null"]) == (b"", b"1")


def test_a_hostile_record_has_few_faults_shown() -> None:
    """Thousands of faults would not fit beside the original bytes."""
    faults = [Fault("bad", f"order.lines.{n}", "mend it") for n in range(5_000)]
    letter = dead_letter(_record(8), Invalid(*faults), stage="x")
    assert dict(letter.headers)["dl_faults"].count(b"bad") == FAULTS_SHOWN_MAX
