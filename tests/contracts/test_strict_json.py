"""Strangers' JSON: refused with code and field, or read exactly; and never anything else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from shared.contracts.strict_json import DEPTH_MAX, KEYS_MAX, check, loads
from shared.errors import Fault, Invalid

DOCUMENTS: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "empty", ""),
    "only spaces": (b" \n", "empty", ""),
    "cut off": (b'{"text": "Hei', "json_invalid", ""),
    "something after it": (b'{"text": "Hei"} x', "json_invalid", ""),
    "byte order mark": (b'\xef\xbb\xbf{"text": "Hei"}', "byte_order_mark", ""),
    "UTF-16 with a mark": ('{"text": "Hei"}'.encode("utf-16"), "byte_order_mark", ""),
    "UTF-16 without": ('{"text": "Hei"}'.encode("utf-16-le"), "not_utf8", ""),
    "Latin-1": ('{"text": "Kjøpt på lørdag"}'.encode("latin-1"), "not_utf8", ""),
    "lone surrogate": (b'{"a": [{"text": "\\ud800"}]}', "lone_surrogate", "a.0.text"),
    "NUL as it is": (b'{"text": "a\x00"}', "json_invalid", ""),
    "NUL escaped": (b'{"text": "a\\u0000"}', "nul", "text"),
    "duplicate key": (b'{"order": {"amount": 1, "amount": 9}}', "duplicate_key", "order.amount"),
    "duplicate key, escaped": (b'{"a": 1, "\\u0061": 2}', "duplicate_key", "a"),
    "NaN": (b'{"order": {"amount_minor": NaN}}', "not_a_number", "order.amount_minor"),
    "Infinity": (b'{"a": [1, -Infinity]}', "not_a_number", "a.1"),
    "1e999": (b'{"a": 1e999}', "number_too_large", "a"),
    "5000 digits": (b'{"a": ' + b"7" * 5000 + b"}", "number_too_large", "a"),
    "2^53 + 1": (b'{"a": 9007199254740993}', "number_too_large", "a"),
    "deep": (b"[" * 100_000, "too_deep", ""),
    "deep and closed": (b"[" * 40 + b"]" * 40, "too_deep", ""),
    "deep behind a quote": (b'["\\"", ' + b'{"a":' * 50, "too_deep", ""),
    "many keys": (
        json.dumps({str(n): n for n in range(KEYS_MAX + 1)}).encode(),
        "too_many_keys",
        "",
    ),
}


def faults(document: bytes) -> tuple[Fault, ...]:
    """What is wrong with a document; nothing: it passes."""
    try:
        check(document)
    except Invalid as invalid:
        return invalid.faults
    return ()


@pytest.mark.parametrize(("document", "code", "field"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_refused(document: bytes, code: str, field: str) -> None:
    """A document that readers disagree on would get in, or end the reader."""
    assert [(code, field)] == [(f.code, f.field) for f in faults(document)]


def test_every_fault_is_named() -> None:
    """The sender would mend one fault and run into the next."""
    document = b'{"a": NaN, "b": {"c": 1, "c": 2}, "d": "\\u0000"}'
    found = [(f.code, f.field) for f in faults(document)]
    assert found == [("not_a_number", "a"), ("duplicate_key", "b.c"), ("nul", "d")]


LOOK_BAD = {
    "a card number in the text": '{"text": "kortet 4111111111111111"}',
    "many digits after the point": '{"a": 0.30000000000000004441}',
    "brackets in the text": json.dumps({"text": "[{" * 500}),
    "backslash before u0000": '{"text": "\\\\u0000"}',
    "a pair of surrogates": '{"text": "\\ud83d\\ude21"}',
    "2^53": '{"a": 9007199254740992}',
    "the same key in two objects": '[{"a": 1}, {"a": 2}]',
    "as deep as allowed": "[" * DEPTH_MAX + "]" * DEPTH_MAX,
    "prototype names": '{"__proto__": 1, "constructor": 2}',
}


@pytest.mark.parametrize("document", LOOK_BAD.values(), ids=LOOK_BAD)
def test_what_only_looks_bad_passes(document: str) -> None:
    """An honest complaint would be refused."""
    assert json.loads(document) == loads(document.encode())


JSON_VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcæ\n"), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("escaped", [True, False])
@given(value=JSON_VALUES)
def test_honest_values_are_read_exactly(escaped: object, value: JsonValue) -> None:
    """A value would change on the way in."""
    assert value == loads(json.dumps(value, ensure_ascii=bool(escaped)).encode())


@given(st.binary(max_size=200))
def test_no_bytes_end_the_reader(document: bytes) -> None:
    """Some bytes would raise anything but a refusal with a hint."""
    assert all(fault.hint for fault in faults(document))


@given(st.text('[]{}":,\\u0d8e1-.NaInfity\0', max_size=60))
def test_no_near_json_ends_the_reader(document: str) -> None:
    """Something close to JSON would raise anything but a refusal with a hint."""
    assert all(fault.hint for fault in faults(document.encode()))


def test_a_fault_does_not_forge_a_log_line() -> None:
    """A key with a line break would write a line of its own into a log."""
    found = faults(b'{"a\\n{\\"level\\": \\"fake\\"}": 1, "a\\n{\\"level\\": \\"fake\\"}": 1}')
    assert [fault.field[:3] for fault in found] == ["a??"]
