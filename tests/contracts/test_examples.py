"""Every event type has examples that hold, and bad ones that are refused with the named field."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import JsonValue

from shared.contracts.codec import decode, encode, read
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.export import EXAMPLES, schema_of
from shared.contracts.topics import EVENT_TYPES, topic_of
from shared.errors import Invalid

GOOD = sorted(EXAMPLES.glob("*/good-*.json"))
BAD = sorted(EXAMPLES.glob("*/bad-*.json"))
VALIDATORS = {name: Draft202012Validator(schema_of(e)) for name, e in EVENT_TYPES.items()}


def named(path: Path) -> str:
    """The name of an example in the test report."""
    return f"{path.parent.name.removeprefix('kulanse.')}/{path.stem}"


def lies(path: Path) -> JsonValue:
    """The JSON value of an example file."""
    value: JsonValue = json.loads(path.read_text(encoding="utf-8"))
    return value


def arrived(out: Outgoing) -> Record:
    """What was sent, as a reader finds it."""
    return Record(out.topic, 0, 0, 0, out.key, out.value, out.headers)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_type_has_examples(event_type: str) -> None:
    """A channel team would look for an example of a type, good or bad, and find none."""
    folder = EXAMPLES / event_type
    kinds = {path.stem.partition("-")[0] for path in folder.glob("*.json")}
    assert {"good", "bad"} == kinds


def test_no_example_is_an_orphan() -> None:
    """Examples of a type that no longer exists would go on teaching it."""
    assert set(EVENT_TYPES) == {path.name for path in EXAMPLES.iterdir()}


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_a_good_example_holds(path: Path) -> None:
    """Whoever copies an example would be refused, by the model or by the published schema."""
    name = path.parent.name
    read(EVENT_TYPES[name], path.read_bytes(), unknown="forbid")
    assert [error.message for error in VALIDATORS[name].iter_errors(lies(path))] == []


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_a_good_example_survives_the_codec(path: Path) -> None:
    """Encoding and decoding an event would change it, or a second encoding give other bytes."""
    data = read(EVENT_TYPES[path.parent.name], path.read_bytes())
    when = datetime(2026, 11, 18, 7, 42, 11, tzinfo=UTC)
    event = Event(
        "e-1", "kulanse/test", "a1b2", when, data, depth=2, topic=topic_of(type(data)).name
    )
    sent = encode(event)
    back = decode(arrived(sent))
    assert event == back
    assert sent == encode(back)


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_bad_example_is_refused_where_it_says(path: Path) -> None:
    """A fault would pass, or the sender be pointed to the wrong field."""
    example = lies(path)
    assert isinstance(example, dict)
    value = json.dumps(example["value"]).encode()
    with pytest.raises(Invalid) as refused:
        read(EVENT_TYPES[path.parent.name], value, unknown="forbid")
    assert example["refused"] in [{"code": f.code, "field": f.field} for f in refused.value.faults]


def test_the_written_forms_are_all_there() -> None:
    """The examples would show one language of three."""
    names = {path.stem for path in GOOD}
    assert {"good-nb", "good-nn", "good-en"} <= names
