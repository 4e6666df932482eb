"""The complaints of `deploy/demo/complaints.yaml`: read, dated, and varied when repeated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import yaml
from pydantic import JsonValue

Node = dict[str, JsonValue]
PREFIX = "demo-"
PATH = Path(__file__).resolve().parents[3] / "deploy" / "demo" / "complaints.yaml"
_AGO = {"days_ago": "days", "hours_ago": "hours"}
# What names a person, a message, an order or a payment: it must differ from round to round.
_NAMING = frozenset({"id", "email", "buyer", "reference"})


@dataclass(frozen=True, slots=True)
class Told:
    """One complaint to send. `again`: byte for byte, a second time."""

    id: str
    via: str
    submitted: Node
    again: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """What is no complaint: `raw` by Kafka or HTTP."""

    id: str
    via: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Script:
    """All that the demo sends, in order, and the orders that the shop confirms."""

    told: tuple[Told, ...]
    orders: tuple[Node, ...]
    broken: tuple[Broken, ...]


def script(count: int, now: datetime, *, mark: str = "", path: Path = PATH) -> Script:
    """`count` complaints: the first of the list, then the list again with other names.

    `mark` tells this run's messages, people and orders from those of an earlier one.
    """
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    listed, again = whole["complaints"], frozenset(whole["duplicates"])
    told: list[Told] = []
    for index in range(count):
        round_, place = divmod(index, len(listed))
        told += _told(listed[place], _marked(mark, round_), now=now, again=again)
    rounds = range(-(-count // len(listed)))
    orders = tuple(
        _dated(_varied(order, _marked(mark, round_)), now)
        for round_ in rounds
        for order in whole["orders"]
    )
    return Script(tuple(told), tuple(_node(each) for each in orders), _broken(whole["broken"]))


def _told(entry: Node, mark: str, *, now: datetime, again: frozenset[str]) -> Iterator[Told]:
    submitted = _node(_dated(_varied(entry["submitted"], mark), now))
    submitted["channel_message_id"] = f"{PREFIX}{entry['id']}{mark}"
    phone = _node(submitted["complainant"]).get("phone")
    if mark and isinstance(phone, str):
        _node(submitted["complainant"])["phone"] = _other_number(phone, mark)
    each = Told(f"{entry['id']}{mark}", str(entry["via"]), submitted)
    yield each
    if entry["id"] in again:
        yield Told(each.id, each.via, submitted, again=True)


def _broken(entries: list[Mapping[str, JsonValue]]) -> tuple[Broken, ...]:
    def raw(entry: Mapping[str, JsonValue]) -> bytes:
        return str(entry["bytes"]).encode() if "bytes" in entry else orjson.dumps(entry["body"])

    return tuple(Broken(str(each["id"]), str(each["via"]), raw(each)) for each in entries)


def _marked(mark: str, round_: int) -> str:
    return "".join(f"-{part}" for part in (mark, str(round_ + 1) if round_ else "") if part)


def _varied(value: JsonValue, mark: str) -> JsonValue:
    """The same with every naming value marked: `ingunn@…` becomes `ingunn-2@…`."""
    if not mark:
        return value
    if isinstance(value, list):
        return [_varied(each, mark) for each in value]
    if isinstance(value, dict):
        return {
            name: _renamed(inner, mark)
            if name in _NAMING and isinstance(inner, str)
            else _varied(inner, mark)
            for name, inner in value.items()
        }
    return value


def _renamed(name: str, mark: str) -> str:
    local, at, domain = name.partition("@")
    return f"{local}{mark}{at}{domain}"


def _other_number(phone: str, mark: str) -> str:
    """Another number of the same length, from the reserved ones ("+474000…")."""
    digits = sum(ord(c) * place for place, c in enumerate(mark, 1)) % 100
    return f"{phone[:-4]}{digits:02d}{phone[-2:]}"


def _dated(value: JsonValue, now: datetime) -> JsonValue:
    """`{days_ago: 5}` as the time it stands for."""
    if isinstance(value, list):
        return [_dated(each, now) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in _AGO:
        ago = timedelta(**{_AGO[name]: float(str(value[name]))})
        return (now - ago).isoformat(timespec="seconds")
    return {name: _dated(inner, now) for name, inner in value.items()}


def _node(value: JsonValue) -> Node:
    if not isinstance(value, dict):
        raise TypeError("a mapping was expected in the demo's file")
    return value
