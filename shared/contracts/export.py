"""JSON Schemas and AsyncAPI, made from the models: `python -m shared.contracts.export`.

`schemas/TYPE.json` is today's schema of an event type. `schemas/history/TYPE/N.json` are the
released ones, counted from 1 and never edited: tests hold every new schema against all of them.
`--release` adds today's schema to the history where it differs from the last release.
"""

import json
import sys
from pathlib import Path

import yaml
from pydantic import JsonValue

from shared.contracts.asyncapi import document
from shared.contracts.contract import Contract
from shared.contracts.topics import EVENT_TYPES, topic_of

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE / "schemas"
HISTORY = SCHEMAS / "history"
EXAMPLES = HERE / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_ROOT = "https://kulanse.example.com/schemas"

Schema = dict[str, JsonValue]


def schema_of(event: type[Contract]) -> Schema:
    """The JSON Schema of an event's value.

    What others write to us is closed: a misspelt field is refused, not lost. What we write is
    open: a reader ignores what a newer version added.
    """
    schema: Schema = event.model_json_schema(mode="validation")
    if not topic_of(event).foreign:
        _open(schema)
    return {"$schema": DIALECT, "$id": f"{ID_ROOT}/{event.TYPE}.json", **schema}


def render_all() -> dict[Path, str]:
    """Every generated file and its text; the same models give the same bytes."""
    files = {SCHEMAS / f"{name}.json": _json(schema_of(e)) for name, e in EVENT_TYPES.items()}
    dump = yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)
    files[HERE / "asyncapi.yaml"] = f"# Generated: python -m shared.contracts.export\n{dump}"
    return files


def render_release() -> dict[Path, str]:
    """The schemas that are not in the history yet, each as its next version."""
    files = {}
    for name, event in EVENT_TYPES.items():
        text = _json(schema_of(event))
        released = versions_of(name)
        if not released or released[-1].read_text(encoding="utf-8") != text:
            files[HISTORY / name / f"{len(released) + 1}.json"] = text
    return files


def versions_of(event_type: str) -> list[Path]:
    """The released schemas of a type, oldest first."""
    return sorted((HISTORY / event_type).glob("*.json"), key=lambda path: int(path.stem))


def write(*, release: bool = False) -> list[Path]:
    """Write what is generated (and, if asked, the release); the paths whose text changed."""
    files = render_all() | (render_release() if release else {})
    changed = [p for p, t in files.items() if not p.exists() or p.read_text(encoding="utf-8") != t]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return changed


def _open(part: JsonValue) -> None:
    """Let every object of a schema take further fields."""
    if isinstance(part, dict):
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
        for inner in part.values():
            _open(inner)
    elif isinstance(part, list):
        for inner in part:
            _open(inner)


def _json(value: Schema) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for changed_path in write(release="--release" in sys.argv[1:]):
        sys.stdout.write(f"{changed_path.relative_to(HERE)}\n")
