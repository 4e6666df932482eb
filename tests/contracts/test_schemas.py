"""What is committed is what the models say, and no schema breaks an older one."""

import copy
import json
from collections.abc import Callable

import pytest
import yaml
from pydantic import JsonValue

from shared.contracts.asyncapi import document
from shared.contracts.compatibility import breaks
from shared.contracts.export import (
    HERE,
    HISTORY,
    SCHEMAS,
    Schema,
    render_all,
    render_release,
    schema_of,
    versions_of,
)
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import EVENT_TYPES, TOPICS
from shared.contracts.triaged import ComplaintTriaged


def test_what_is_committed_is_what_the_models_say() -> None:
    """A channel team would build against a schema that the services do not follow."""
    stale = [
        path.name
        for path, text in render_all().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python -m shared.contracts.export"


def test_rendering_twice_gives_the_same_bytes() -> None:
    """Every run would change the committed files."""
    assert render_all() == render_all()


def test_no_schema_is_an_orphan() -> None:
    """A schema would outlive its event type."""
    assert set(EVENT_TYPES) == {path.stem for path in SCHEMAS.glob("*.json")}
    assert {path.name for path in HISTORY.iterdir()} <= set(EVENT_TYPES)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_todays_schema_reads_every_released_one(event_type: str) -> None:
    """Events that lie in a topic for years could no longer be read."""
    now = schema_of(EVENT_TYPES[event_type])
    for path in versions_of(event_type):
        assert breaks(json.loads(path.read_text(encoding="utf-8")), now) == [], path.name


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_released_schemas_count_up_from_one(event_type: str) -> None:
    """A released schema would be missing, and with it a promise."""
    numbers = [int(path.stem) for path in versions_of(event_type)]
    assert list(range(1, len(numbers) + 1)) == numbers
    assert numbers


def test_a_release_counts_on() -> None:
    """A release would overwrite an earlier one."""
    overwritten = [path for path in render_release() if path.exists()]
    assert overwritten == []


def properties(schema: Schema, part: str | None = None) -> dict[str, JsonValue]:
    """The properties of a schema, or of one of its `$defs`, to be changed in place."""
    defs = schema["$defs"]
    assert isinstance(defs, dict)
    owner = schema if part is None else defs[part]
    assert isinstance(owner, dict)
    found = owner["properties"]
    assert isinstance(found, dict)
    return found


def change(schema: Schema, name: str, **keywords: JsonValue) -> None:
    """Set keywords of a property."""
    field = properties(schema)[name]
    assert isinstance(field, dict)
    field.update(keywords)


def need(schema: Schema, name: str) -> None:
    """Make a property required."""
    required = schema["required"]
    assert isinstance(required, list)
    required.append(name)


def widen(schema: Schema) -> None:
    """Add an optional property and a value of an enum."""
    properties(schema)["colour"] = {"type": "string"}
    change(schema, "severity", enum=["critical", "high", "medium", "low", "trifle"])


BREAKING: dict[str, tuple[Callable[[Schema], object], str]] = {
    "removed": (lambda s: properties(s).pop("press"), "$.press: removed"),
    "needed": (lambda s: need(s, "contact"), "$.contact: required now"),
    "type": (lambda s: change(s, "confidence", type="integer"), "$.confidence: no longer number"),
    "enum": (
        lambda s: change(s, "severity", enum=["critical", "high", "medium"]),
        "$.severity: no longer takes low",
    ),
    "length": (
        lambda s: change(s, "source", maxLength=10),
        "$.source: maxLength was 500, is 10",
    ),
    "maximum": (
        lambda s: change(s, "confidence", maximum=0.9),
        "$.confidence: maximum was 1, is 0.9",
    ),
    "pattern": (lambda s: change(s, "complaint_id", pattern="^[0-9]+$"), "$.complaint_id"),
    "no null": (
        lambda s: properties(s).update(amount_claimed={"$ref": "#/$defs/Money"}),
        "$.amount_claimed: no longer null",
    ),
    "nested": (
        lambda s: properties(s, "Payment").pop("method"),
        "$.order.payments.*.method: removed",
    ),
    "items": (
        lambda s: change(s, "reasons", items={"type": "integer"}),
        "$.reasons.*: no longer string",
    ),
}


@pytest.mark.parametrize(("broken", "said"), BREAKING.values(), ids=BREAKING)
def test_the_checker_catches(broken: Callable[[Schema], object], said: str) -> None:
    """A breaking change would be released as a compatible one."""
    old = schema_of(ComplaintTriaged)
    new = copy.deepcopy(old)
    broken(new)
    assert [said] == [found[: len(said)] for found in breaks(old, new)]


def test_the_checker_lets_schemas_grow() -> None:
    """Nobody could add an optional field or a value."""
    old = schema_of(ComplaintTriaged)
    new = copy.deepcopy(old)
    widen(new)
    assert breaks(old, new) == []


def test_others_are_held_to_the_schema_and_readers_are_not() -> None:
    """A misspelt field of a channel would be lost, or a new field of ours stop every reader."""
    assert schema_of(ComplaintSubmitted)["additionalProperties"] is False
    assert "additionalProperties" not in json.dumps(
        {k: v for k, v in schema_of(ComplaintTriaged).items() if k != "$defs"}
    )


def references(node: JsonValue) -> list[str]:
    """Every `$ref` of a document."""
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return [str(r) for r in own] + [r for inner in node.values() for r in references(inner)]
    return [r for inner in node for r in references(inner)] if isinstance(node, list) else []


def lies_at(root: JsonValue, pointer: str) -> bool:
    """Whether a local reference points at something."""
    node = root
    for part in pointer.removeprefix("#/").split("/"):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    """A tool that reads the document would stop at a dead reference."""
    whole: JsonValue = yaml.safe_load((HERE / "asyncapi.yaml").read_text(encoding="utf-8"))
    for reference in references(whole):
        there = lies_at(whole, reference) if reference[0] == "#" else (HERE / reference).exists()
        assert there, reference


def test_the_asyncapi_document_names_every_topic_and_type() -> None:
    """A topic would be in use and not in the document."""
    whole = document()
    assert {topic.name for topic in TOPICS} == set(properties_of(whole, "channels"))
    components = properties_of(whole, "components")
    assert set(EVENT_TYPES) == set(properties_of(components, "messages"))


def properties_of(node: JsonValue, name: str) -> dict[str, JsonValue]:
    """A mapping inside a mapping."""
    assert isinstance(node, dict)
    found = node[name]
    assert isinstance(found, dict)
    return found
