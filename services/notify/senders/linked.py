"""Where a message's links and its token for bounces are signed: as it leaves, always the same."""

import re
import struct
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from pydantic import JsonValue

from shared.links import PATH, Link, token_of
from shared.stage.effects import Claimed, Outcome, Performer

_BODY = "body"
RETURNS_WITHIN = timedelta(days=30)  # a mail server gives up after five days (RFC 5321 4.5.4.1)
_GAP = re.compile(r"\n{3,}")


class Linked:
    """Puts an address in place of each mark of a message, then lets another performer send it."""

    def __init__(self, performer: Performer, *, base: str, secret: bytes) -> None:
        """`base`: intake's door as complainants reach it; without one the sentences go."""
        self._performer, self._base, self._secret = performer, base.rstrip("/"), secret

    async def perform(self, effect: Claimed) -> Outcome:
        """Send it with its links."""
        return await self._performer.perform(self.linked(effect))

    async def ask(self, effect: Claimed) -> Outcome:
        """Ask what became of it, as it was sent."""
        return await self._performer.ask(self.linked(effect))

    def linked(self, effect: Claimed) -> Claimed:
        """The same effect with addresses; `addresses` lists them, `unsubscribe` is one of them."""
        links = effect.payload.get("links")
        payload, addresses = dict(effect.payload), list[JsonValue]()
        for link in links if isinstance(links, list) else ():
            if not isinstance(link, dict):
                continue
            address = self._address(link, effect) if self._base else ""
            sentence = str(link["sentence"])
            told = sentence.replace(str(link["mark"]), address) if address else ""
            payload = _told(payload, sentence=sentence, told=told)
            addresses += [address] if address else []
            if link["purpose"] == "no_surveys" and address:
                payload["unsubscribe"] = address
        payload |= {"addresses": addresses, "returns": self._returns(effect)}
        return replace(effect, payload=payload)

    def _returns(self, effect: Claimed) -> str:
        """What a bounce brings back, so that we know whose it is; nothing for notices to staff."""
        try:
            signed = Link(
                "returned",
                "nb",
                effect.created_at.replace(microsecond=0) + RETURNS_WITHIN,
                key=effect.record_key,
                complaint_id=effect.complaint_id,
                case_id=effect.complaint_id,
                about=str(effect.payload["notice_id"]),
            )
            return token_of(signed, secret=self._secret)
        except (ValueError, struct.error):
            return ""  # made by hand, without ids of ours

    def _address(self, link: Mapping[str, JsonValue], effect: Claimed) -> str:
        recovery_id, version = link.get("recovery_id"), link.get("version")
        signed = Link(
            purpose=str(link["purpose"]),  # type: ignore[arg-type]  # the core's own
            form=str(link["form"]),  # type: ignore[arg-type]  # the core's own
            until=effect.created_at.replace(microsecond=0) + timedelta(days=int(str(link["days"]))),
            key=effect.record_key,
            complaint_id=effect.complaint_id,
            case_id=str(link["case_id"]),
            about=str(recovery_id) if recovery_id else None,
            version=version if isinstance(version, int) else 0,
        )
        return f"{self._base}{PATH}{token_of(signed, secret=self._secret)}"


def _told(payload: dict[str, JsonValue], *, sentence: str, told: str) -> dict[str, JsonValue]:
    """The sentence with its address, in the first way's words and in those of every other."""
    legs = payload.get("otherwise")
    if isinstance(legs, list):
        payload["otherwise"] = [
            _told(dict(leg), sentence=sentence, told=told) if isinstance(leg, dict) else leg
            for leg in legs
        ]
    if isinstance(payload.get(_BODY), str):
        body = str(payload[_BODY]).replace(sentence, told)
        payload[_BODY] = _GAP.sub("\n\n", body) if not told else body
    return payload
