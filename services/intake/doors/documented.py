"""The HTTP door's OpenAPI document: bodies with examples, answers, how to be let in.

`python -m services.intake.doors.documented` writes `docs/reference/openapi.yaml`; the door serves
the same at `/openapi.json`.
"""

import json
from pathlib import Path

import yaml

from services.intake.channels import chat, note, social
from services.intake.doors.documented_others import links, take_event
from shared.contracts.contract import Contract
from shared.contracts.export import EXAMPLES
from shared.contracts.submitted import ComplaintSubmitted

FILE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "openapi.yaml"
_SCHEMAS = "#/components/schemas"
_PROBLEM = f"{_SCHEMAS}/Problem"
_ANSWERS = {
    "400": "the body is no document, the Idempotency-Key no key, or a provider did not sign it",
    "401": "no valid key, or a signature that does not hold",
    "404": "no such complaint of this source",
    "408": "the body came too slowly",
    "409": "the Idempotency-Key came with another body",
    "413": "too large",
    "415": "another content type, or a compressed body",
    "422": "every fault of the document, with field and hint",
    "429": "too many at once: see Retry-After",
    "503": "the broker does not answer: see Retry-After; sending again is always safe",
}
_SHAPES: dict[str, type[Contract]] = {
    chat.MEDIA_TYPE: chat.Chat,
    social.MEDIA_TYPE: social.Post,
    note.MEDIA_TYPE: note.Note,
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457, with every fault at once",
    "required": ["type", "title", "status", "code", "problems"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:kulanse:problem:missing"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "field", "hint"],
                "properties": {name: {"type": "string"} for name in ("code", "field", "hint")},
            },
        },
    },
}
_ACCEPTED_SCHEMA = {
    "type": "object",
    "required": ["status", "complaint_id", "channel_message_id", "status_url"],
    "properties": {
        "status": {"const": 202},
        "complaint_id": {"type": "string", "format": "uuid"},
        "channel_message_id": {"type": "string"},
        "status_url": {"type": "string", "description": "where this source may ask what became"},
    },
}
_STATUS_SCHEMA = {
    "type": "object",
    "required": ["complaint_id", "state"],
    "properties": {
        "complaint_id": {"type": "string", "format": "uuid"},
        "state": {"enum": ["accepted", "registered"]},
    },
}


def _examples() -> dict[str, object]:
    """The contract's own good examples: in bokmål, nynorsk and English, and the smallest."""
    folder = EXAMPLES / ComplaintSubmitted.TYPE
    named = {"bokmål": "nb", "nynorsk": "nn", "English": "en", "the smallest": "minimal"}
    return {
        name: {"value": json.loads((folder / f"good-{stem}.json").read_text(encoding="utf-8"))}
        for name, stem in named.items()
    }


def _content(media: str, schema: object, **more: object) -> dict[str, object]:
    return {"content": {media: {"schema": schema, **more}}}


def _problems(*statuses: str) -> dict[str, object]:
    content = _content("application/problem+json", {"$ref": _PROBLEM})
    return {status: {"description": _ANSWERS[status], **content} for status in statuses}


def _complaint() -> dict[str, object]:
    return {"schema": {"$ref": f"{_SCHEMAS}/ComplaintSubmitted"}, "examples": _examples()}


def _schemas() -> dict[str, object]:
    """The contract and its parts, each beside the others."""
    found: dict[str, object] = {"Problem": _PROBLEM_SCHEMA}
    models: tuple[type[Contract], ...] = (ComplaintSubmitted, *_SHAPES.values())
    for model in models:
        whole = model.model_json_schema(mode="validation", ref_template=f"{_SCHEMAS}/{{model}}")
        found |= whole.pop("$defs", {})
        found[model.__name__] = whole
    return dict(sorted(found.items()))


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "optional: the same message is the same complaint without it, too",
}
_SIGNED = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]
_KEY: dict[str, object] = {"security": [{"key": []}]}
_TAKEN = {
    "202": {"description": "the broker has it", **_content("application/json", _ACCEPTED_SCHEMA)}
}
_MAIL = {"schema": {"type": "string", "contentMediaType": "message/rfc822"}}
_LINES = {"schema": {"type": "string", "description": "one complaint a line, 1000 at most"}}
_EACH = {"type": "array", "items": {"anyOf": [_ACCEPTED_SCHEMA, {"$ref": _PROBLEM}]}}


def document() -> dict[str, object]:
    """The whole document, plain values."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Kulanse intake",
            "version": "1",
            "description": "Complaints in. Sending again is always safe: the same message of the "
            "same source is the same complaint.",
        },
        "paths": {
            "/v1/complaints": {"post": _take_complaint()},
            "/v1/complaints:batch": {"post": _take_batch()},
            "/v1/complaints/{complaint_id}": {"get": _show_complaint()},
            "/v1/sources/{source}/complaints": {"post": _take_signed()},
            "/v1/providers/{name}/events": {
                "post": take_event(_problems("400", "404", "408", "413", "503"))
            },
            "/l/{token}": links(),
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _take_complaint() -> dict[str, object]:
    return {
        "summary": "Take one complaint in",
        **_KEY,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": _complaint(),
                "message/rfc822": _MAIL,
                **{
                    media: {"schema": {"$ref": f"{_SCHEMAS}/{model.__name__}"}}
                    for media, model in _SHAPES.items()
                },
            },
        },
        "responses": _TAKEN
        | _problems("400", "401", "408", "409", "413", "415", "422", "429", "503"),
    }


def _take_batch() -> dict[str, object]:
    answered = {"description": "line by line", **_content("application/json", _EACH)}
    return {
        "summary": "Take many complaints in, one a line; each line is answered for itself",
        **_KEY,
        "parameters": [_IDEMPOTENCY_KEY],
        "requestBody": {"required": True, "content": {"application/x-ndjson": _LINES}},
        "responses": {"200": answered}
        | _problems("400", "401", "408", "409", "413", "415", "422", "429", "503"),
    }


def _take_signed() -> dict[str, object]:
    return {
        "summary": "Take one complaint in from a partner that signs (Standard Webhooks)",
        "parameters": [_path("source"), *_SIGNED],
        "requestBody": {"required": True, "content": {"application/json": _complaint()}},
        "responses": _TAKEN | _problems("401", "408", "413", "415", "422", "429", "503"),
    }


def _show_complaint() -> dict[str, object]:
    seal = {"name": "seal", "in": "query", "required": True, "schema": {"type": "string"}}
    shown = {"description": "its state", **_content("application/json", _STATUS_SCHEMA)}
    return {
        "summary": "Tell what became of a complaint that this source handed in",
        **_KEY,
        "parameters": [_path("complaint_id"), seal],
        "responses": {"200": shown} | _problems("401", "404", "503"),
    }


def _path(name: str) -> dict[str, object]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def render() -> str:
    """The document as the published file."""
    plain = json.loads(json.dumps(document()))  # YAML would write what is used twice as a pointer
    dump = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    return f"# Generated: python -m services.intake.doors.documented\n{dump}"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
