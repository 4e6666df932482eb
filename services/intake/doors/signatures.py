"""Requests that a partner signs instead of carrying a key (Standard Webhooks).

The partner's sender posts to an address of its own, `/v1/sources/NAME/complaints`, with
`webhook-id`, `webhook-timestamp` and `webhook-signature`: HMAC-SHA256 over id, time and the raw
body. A secret must be known in the open to check it, so `signing.json` is as secret as a key.
"""

import base64
import os
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from services.intake.doors.keys import OWNER_ONLY, Caller, check_source
from services.intake.doors.problems import Turned
from services.intake.policy import Scope, SourceName
from shared.errors import Fault, Refused

FILE = "signing.json"
PREFIX = "whsec_"
SECRET_BYTES = 32
SECRETS_MAX = 2  # the old one and the new one, while a partner changes over
SIGNED = "webhook-signature"
SEEN_MAX = 100_000  # signatures of the last minutes; older ones are refused by their time


class Partner(BaseModel):
    """A partner's secrets, newest last, and what its word counts for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secrets: tuple[str, ...]
    scopes: frozenset[Scope] = frozenset()


class _Partners(RootModel[dict[SourceName, Partner]]):
    """The whole file, by source."""


def new_secret(state_dir: Path, source: str, *, scopes: frozenset[Scope] = frozenset()) -> str:
    """A new secret of a source, shown once; the one before stays valid, an older one goes."""
    check_source(source)
    path = state_dir / FILE
    partners = _read(path)
    secret = PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    before = partners.get(source, Partner(secrets=()))
    kept = (*before.secrets, secret)[-SECRETS_MAX:]
    partners[source] = Partner(secrets=kept, scopes=scopes or before.scopes)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.touch(mode=OWNER_ONLY)
    new.write_text(_Partners(partners).model_dump_json(indent=2), encoding="utf-8")
    os.replace(new, path)  # noqa: PTH105 -- the atomic one, by its own name
    return secret


class Signatures:
    """Who may sign, read again when the file changes; remembers what it has seen."""

    def __init__(self, state_dir: Path) -> None:
        """The file may not be there: then nobody signs."""
        self._path = state_dir / FILE
        self._read_at = 0
        self._partners: dict[str, Partner] = {}
        self._seen: OrderedDict[str, None] = OrderedDict()

    def caller(self, source: str, raw: bytes, *, headers: Mapping[str, str]) -> Caller:
        """The partner whose signature holds; raises `Turned` 401.

        The very same request again is a replay; the same `webhook-id` signed anew is a retry.
        """
        partner = self._partner(source)
        given = {
            name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", SIGNED)
        }
        if partner is None or not any(_holds(each, raw, headers=given) for each in partner.secrets):
            hint = "sign id.timestamp.body with this source's secret, within five minutes"
            raise _unauthorized("signature", hint)
        mark = f"{given['webhook-id']} {given['webhook-timestamp']}"
        if mark in self._seen:
            raise _unauthorized("replayed", "sign a retry anew: same webhook-id, new timestamp")
        self._seen[mark] = None
        if len(self._seen) > SEEN_MAX:
            self._seen.popitem(last=False)
        return Caller(source, frozenset(partner.scopes))

    def _partner(self, source: str) -> Partner | None:
        try:
            now = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        if now != self._read_at:
            self._partners, self._read_at = _read(self._path), now
        return self._partners.get(source)


def _holds(secret: str, raw: bytes, *, headers: dict[str, str]) -> bool:
    try:
        Webhook(secret).verify(raw, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # no base64, no UTF-8, no comma
        return False
    return True


def _unauthorized(code: str, hint: str) -> Turned:
    return Turned(HTTPStatus.UNAUTHORIZED, Fault(code, SIGNED, hint))


def _read(path: Path) -> dict[str, Partner]:
    try:
        return dict(_Partners.model_validate_json(path.read_bytes()).root)
    except FileNotFoundError:
        return {}
    except ValidationError:
        hint = "Restore it, or delete it and make new secrets."
        raise Refused("signing_unreadable", f"{path} is no file of secrets.", hint) from None
