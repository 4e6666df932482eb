"""Seal what leaves a stage, open what comes in: `personal` of events, memories and messages.

One object a process. It is told of the events of a batch first (`know`: one query), and then
opens and seals without asking anybody. What it cannot open stays sealed, and whoever reads it
passes it on unread; what belongs to somebody forgotten is sealed as nothing at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import TypeVar, get_args

import orjson
from pydantic import JsonValue
from sqlalchemy import Engine

from shared.contracts.contract import Contract, Sealed, is_sealed
from shared.contracts.envelope import Event
from shared.errors import Fault, Invalid
from shared.vault.box import NotOurs, seal, unseal
from shared.vault.keyring import Keyring, destroy, keyrings, make_keys
from shared.vault.rings import Rings

D = TypeVar("D", bound=Contract)
RINGS_MOST = 25_000  # to twice as many, of about 500 bytes each
# The buyer of an order may be an address; it travels inside the sealed block.
BUYER = "order_buyer"
PERSONAL = "personal"
# The key id of what was never sealed, since its writer was to be forgotten.
FORGOTTEN = "forgotten"
KEY_MISSING = Fault("key_missing", PERSONAL, "the vault has no such key: is it an older copy?")
_NOBODY: Mapping[str, datetime] = MappingProxyType({})


class Vault:
    """The keys of a process. `makes`: complainants without a key get one (intake alone).

    `gone`: the keys that `controls` says were destroyed, kept up to date by whoever reads it.
    """

    def __init__(
        self,
        engine: Engine,
        master: bytes,
        *,
        makes: bool = False,
        gone: Mapping[str, datetime] = _NOBODY,
    ) -> None:
        """Nothing is read yet."""
        self._engine, self._master, self._makes, self._gone = engine, master, makes, gone
        self._rings = Rings(RINGS_MOST)
        self._lock = Lock()

    def know(self, events: Iterable[Event[Contract]]) -> None:
        """Look up what these events need, and make the keys that are missing."""
        with self._lock:
            found = list(events)
            self._rings.use({event.key for event in found})
            self._learn({event.key for event in found if not self._knows(event)})
            if self._makes:
                self._make(found)

    def know_keys(self, record_keys: Iterable[str]) -> None:
        """Look up the keys of these complainants anew."""
        with self._lock:
            self._learn(set(record_keys))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def destroy_again(self) -> int:
        """After a restore: destroy what was destroyed; how many keys the copy had brought back."""
        return destroy(self._engine, self._gone) if self._gone else 0

    def opened(self, event: Event[D]) -> Event[D]:
        """The event with its `personal` open, if its key is there.

        Raises `Invalid` where the key is neither there nor destroyed: the vault is an older copy,
        or another one, and what was written must not pass for forgotten.
        """
        sealed = getattr(event.data, PERSONAL, None)
        if not isinstance(sealed, Sealed):
            return event
        plain = self._unsealed(event.key, sealed.sealed, key_id=sealed.key_id)
        if plain is None:
            if not self._is_gone(event.key, sealed.key_id):
                raise Invalid(KEY_MISSING)
            return event
        kind = _personal_type(type(event.data))
        changes: dict[str, object] = {PERSONAL: kind.model_validate_json(plain, extra="ignore")}
        order = getattr(event.data, "order", None)
        if order is not None and BUYER.encode() in plain:
            buyer = orjson.loads(plain).get(BUYER)
            changes["order"] = order.model_copy(update={"buyer": buyer})
        return replace(event, data=event.data.model_copy(update=changes))

    def sealed(self, event: Event[D]) -> Event[D]:
        """The event with its `personal` sealed, and the buyer of its order with it."""
        personal = getattr(event.data, PERSONAL, None)
        if personal is None or isinstance(personal, Sealed):
            return event
        order = getattr(event.data, "order", None)
        buyer = None if order is None else order.buyer
        plain = personal.model_dump_json(exclude_none=True).encode()
        if buyer is not None:
            plain = orjson.dumps({**orjson.loads(plain), BUYER: buyer})
        found = self._sealed(event, plain)
        if found is None:
            return event
        changes: dict[str, object] = {PERSONAL: Sealed(sealed=found[0], key_id=found[1])}
        if order is not None and buyer is not None:
            changes["order"] = order.model_copy(update={"buyer": None})
        return replace(event, data=event.data.model_copy(update=changes))

    def sealed_memory(
        self, event: Event[Contract], seen: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        """A memory with what lies under `personal` sealed."""
        if PERSONAL not in seen:
            return seen
        found = self._sealed(event, orjson.dumps(seen[PERSONAL]))
        return seen if found is None else {**seen, PERSONAL: _as_json(found)}

    def opened_memory(
        self, record_key: str, seen: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        """The memory again; without `personal` where its key is gone."""
        found = self._opened_json(record_key, seen.get(PERSONAL))
        if found is not None:
            return {**seen, PERSONAL: found}
        if is_sealed(seen.get(PERSONAL)):
            return {name: value for name, value in seen.items() if name != PERSONAL}
        return seen

    def sealed_payload(
        self, event: Event[Contract], payload: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        """A message on its way out, sealed whole."""
        found = self._sealed(event, orjson.dumps(payload))
        return payload if found is None else _as_json(found)

    def opened_payload(
        self, record_key: str, payload: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        """The message again; as it is where its key is gone (`is_sealed` tells)."""
        found = self._opened_json(record_key, payload)
        return found if isinstance(found, dict) else payload

    def sealed_bytes(self, event: Event[Contract], plain: bytes) -> Mapping[str, JsonValue] | None:
        """Bytes of an event's complainant as a sealed block; None: she never had a key."""
        found = self._sealed(event, plain)
        return None if found is None else _as_json(found)

    def opened_bytes(self, record_key: str, sealed: Mapping[str, JsonValue]) -> bytes | None:
        """The bytes again; None where the key is gone."""
        return self._unsealed(record_key, str(sealed["sealed"]), key_id=str(sealed["key_id"]))

    def _opened_json(self, record_key: str, value: object) -> JsonValue:
        if not isinstance(value, Mapping) or not is_sealed(value):
            return None
        sealed, key_id = str(value["sealed"]), str(value["key_id"])
        plain = self._unsealed(record_key, sealed, key_id=key_id)
        found: JsonValue = None if plain is None else orjson.loads(plain)
        return found

    def _knows(self, event: Event[Contract]) -> bool:
        ring = self._rings.get(event.key)
        if ring is None or self._gone.keys() & ring.keys.keys():
            return False
        sealed = getattr(event.data, PERSONAL, None)
        # Sealed by a key made after we looked: the complainant came back after being forgotten.
        return not isinstance(sealed, Sealed) or sealed.key_id in ring.keys

    def _learn(self, record_keys: set[str]) -> None:
        if record_keys:
            self._rings.put(
                keyrings(self._engine, record_keys, master=self._master, gone=self._gone)
            )

    def _make(self, events: Iterable[Event[Contract]]) -> None:
        lacking: dict[str, Keyring | None] = {}
        for event in events:
            ring = self._rings.get(event.key)
            gone_at = None if ring is None else ring.forgotten_at
            # What was written before its writer was forgotten is no reason to know her again.
            if (ring is None or ring.live is None) and (gone_at is None or event.time >= gone_at):
                lacking[event.key] = ring
        if lacking:
            make_keys(self._engine, lacking, master=self._master)
            self._learn(set(lacking))

    def _sealed(self, event: Event[Contract], plain: bytes) -> tuple[str, str] | None:
        """Sealed words and key id; None where the complainant never had a key."""
        ring = self._rings.get(event.key)
        if ring is None:
            return None
        key_id = ring.for_time(event.time)
        if key_id is None or key_id in self._gone:
            return "", FORGOTTEN
        return seal(ring.keys[key_id], plain, key_id=key_id), key_id

    def _is_gone(self, record_key: str, key_id: str) -> bool:
        ring = self._rings.get(record_key)
        known = key_id == FORGOTTEN or key_id in self._gone
        return known or (ring is not None and key_id in ring.destroyed)

    def _unsealed(self, record_key: str, sealed: str, *, key_id: str) -> bytes | None:
        ring = self._rings.get(record_key)
        key = None if ring is None or key_id in self._gone else ring.keys.get(key_id)
        if key is None:
            return None
        try:
            return unseal(key, sealed, key_id=key_id)
        except NotOurs:
            return None


def _as_json(found: tuple[str, str]) -> dict[str, JsonValue]:
    return {"sealed": found[0], "key_id": found[1]}


_KINDS: dict[type[Contract], type[Contract]] = {}


def _personal_type(kind: type[Contract]) -> type[Contract]:
    if kind not in _KINDS:
        choices = get_args(kind.model_fields[PERSONAL].annotation)
        _KINDS[kind] = next(each for each in choices if each is not Sealed)
    return _KINDS[kind]
