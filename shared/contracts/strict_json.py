"""JSON from strangers: what readers disagree on is refused before anyone reads it.

Python's reader takes duplicate keys (the last wins), NaN, lone surrogates and numbers that no
other reader holds; deep nesting ends it. `check` refuses each as `Invalid`, with the field where
there is one. A 600-byte document costs about 10 µs: a glance finds what *may* be wrong, and only
then a slow walk finds where.
"""

import contextlib
import json
import math
import re
from collections.abc import Iterator

import orjson
from pydantic import JsonValue

from shared.errors import Fault, Invalid

DEPTH_MAX = 32  # a complaint nests four deep
KEYS_MAX = 65_536
INTEGER_MAX = 2**53  # what every JSON reader holds exactly
INTEGER_CHARS_MAX = 17  # its sixteen digits and a sign
FIELD_CHARS_MAX = 200  # of a field name that we say back

STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKETS = re.compile(rb"[\[\]{}]")
SURROGATE = re.compile(r"[\ud800-\udfff]")
UNPRINTABLE = re.compile(r"[^\w .:/-]")
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UTF8_HINT = "send UTF-8 without a byte order mark"

_Path = tuple[str | int, ...]


class _Pairs(list[tuple[str, object]]):
    """An object as it was written, duplicates and all."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


class _Odd(Exception):
    """A duplicate key or a long number was seen; where, the slow walk tells."""


def check(document: bytes) -> None:
    """Refuse what is not one plain JSON document in UTF-8; raises `Invalid` with every fault."""
    _check_encoding(document)
    _check_depth(document)
    _check_grammar(document)
    if document.count(b":") > KEYS_MAX or b"\\u0000" in document:
        _walk_all(document)
    try:
        _QUICK.decode(document.decode())
    except _Odd:
        _walk_all(document)


def loads(document: bytes) -> JsonValue:
    """The value of a document that passes `check`."""
    check(document)
    value: JsonValue = orjson.loads(document)
    return value


def _once(pairs: list[tuple[str, object]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise _Odd


def _short(digits: str) -> None:
    if len(digits) >= INTEGER_CHARS_MAX - 1:
        raise _Odd


# Built once: `json.loads` with a hook makes a decoder per call.
_QUICK = json.JSONDecoder(object_pairs_hook=_once, parse_int=_short)
_SLOW = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number, parse_constant=_Number
)


def _check_encoding(document: bytes) -> None:
    if document.startswith(BYTE_ORDER_MARKS):
        raise Invalid(Fault("byte_order_mark", "", UTF8_HINT))
    if b"\0" in document[:4]:
        raise Invalid(Fault("not_utf8", "", UTF8_HINT))  # UTF-16 or UTF-32 of something plain
    try:
        document.decode()
    except UnicodeDecodeError as error:
        hint = f"send UTF-8; byte {error.start} is none"
        raise Invalid(Fault("not_utf8", "", hint)) from None


def _check_depth(document: bytes) -> None:
    if document.count(b"[") + document.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for bracket in BRACKETS.finditer(STRINGS.sub(b"", document)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEPTH_MAX:
            raise Invalid(Fault("too_deep", "", f"nest at most {DEPTH_MAX} levels"))


def _check_grammar(document: bytes) -> None:
    try:
        orjson.loads(document)
    except orjson.JSONDecodeError as error:
        with contextlib.suppress(json.JSONDecodeError):  # then it is JSON for no reader
            _walk_all(document)
        raise Invalid(_grammar_fault(document, error)) from None


def _grammar_fault(document: bytes, error: orjson.JSONDecodeError) -> Fault:
    if not document.strip():
        return Fault("empty", "", "send one JSON object")
    said = error.msg.partition(":")[0]
    where = f"line {error.lineno}, column {error.colno}"
    return Fault("json_invalid", "", f"not a JSON document: {said} at {where}")


def _walk_all(document: bytes) -> None:
    faults = tuple(_faults(_SLOW.decode(document.decode())))
    if faults:
        raise Invalid(*faults)


def _faults(whole: object) -> Iterator[Fault]:
    """Every fault of a value, in one walk without recursion."""
    keys = 0
    waiting: list[tuple[_Path, object]] = [((), whole)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Pairs):
            keys += len(value)
            if keys > KEYS_MAX:
                yield Fault("too_many_keys", "", f"at most {KEYS_MAX} keys in a document")
                return
            yield from _key_faults(path, value)
            waiting.extend(((*path, name), inner) for name, inner in reversed(value))
        elif isinstance(value, list):
            waiting.extend(((*path, i), value[i]) for i in reversed(range(len(value))))
        elif isinstance(value, _Number):
            yield from _number_faults(path, value)
        elif isinstance(value, str):
            yield from _word_faults(field_name(*path), value)


def _key_faults(path: _Path, pairs: _Pairs) -> Iterator[Fault]:
    seen: set[str] = set()
    for name, _ in pairs:
        field = field_name(*path, name)
        if name in seen:
            yield Fault("duplicate_key", field, "give each key once")
        seen.add(name)
        yield from _word_faults(field, name)


def _word_faults(field: str, word: str) -> Iterator[Fault]:
    if "\0" in word:
        yield Fault("nul", field, "leave out the NUL character")
    if SURROGATE.search(word):
        yield Fault(
            "lone_surrogate", field, "an escape from \\ud800 to \\udfff needs its other half"
        )


def _number_faults(path: _Path, number: _Number) -> Iterator[Fault]:
    if number.lstrip("-").isdigit():
        # Counted first: Python itself refuses to read thousands of digits.
        if len(number) > INTEGER_CHARS_MAX or abs(int(number)) > INTEGER_MAX:
            yield Fault("number_too_large", field_name(*path), "whole numbers end at 2^53")
    elif "n" in number.lower():
        yield Fault("not_a_number", field_name(*path), "JSON knows no NaN and no Infinity")
    elif math.isinf(float(number)):
        yield Fault("number_too_large", field_name(*path), "send what a 64-bit float can hold")


def field_name(*path: str | int) -> str:
    """A dotted path that is safe to show: odd characters replaced, and not too long."""
    dotted = ".".join(str(part) for part in path)
    return UNPRINTABLE.sub("?", dotted[:FIELD_CHARS_MAX])
