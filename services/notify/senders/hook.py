"""A message as a signed POST: partners' web hooks, chat and SMS gateways, colleagues' alerts.

Signed as Standard Webhooks: the receiver knows a repeated message by its `webhook-id`, so asking
what became of one is sending it again under the same id. No redirect is followed.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson
from standardwebhooks import Webhook

from services.notify.senders.guard import checked, resolved
from shared.errors import Invalid
from shared.stage.effects import Answer, Claimed, Outcome

TIMEOUT_S = 15.0  # DOMAIN.md 3
_GONE = 410
_SERVERS_FAULT = 500
# The receiver says that it did not take it; of other 5xx we cannot know.
_NOT_TAKEN = frozenset({408, 425, 429, 503})
_FIELDS = ("notice_id", "channel", "written_form", "thread", "to", "subject", "body")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets it: the name in the policy, the address, and the secrets, newest first."""

    name: str
    url: str
    secrets: tuple[str, ...]
    inside: bool = False


class Hook:
    """Posts to one receiver, or to the one that the effect's `to` names."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        *,
        waits_s: Sequence[float],
        folder: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`waits_s`: before the first attempt, the second …; `folder`: where 410s are kept."""
        self._receivers = {receiver.name: receiver for receiver in receivers}
        self._waits_s, self._folder, self._clock = tuple(waits_s), folder, clock
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S)

    async def perform(self, effect: Claimed) -> Outcome:
        """Send it once."""
        receiver = self._receiver(effect)
        if receiver is None or self._gone(receiver).exists():
            return self._outcome(effect, "failed", code="hook_disabled" if receiver else "no_hook")
        try:
            async with asyncio.timeout(TIMEOUT_S):
                answer = await self._post(receiver, effect)
        except Invalid as refused:
            return self._outcome(effect, "failed", code=refused.first.code)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return self._later(effect, "hook_unreachable")
        except (httpx.HTTPError, TimeoutError, OSError):
            return self._outcome(effect, "unknown", code="hook_silent")
        return await self._answered(receiver, effect, status=answer.status_code)

    async def ask(self, effect: Claimed) -> Outcome:
        """Send it again under its id: who has it says so, who has not takes it now."""
        outcome = await self.perform(effect)
        if outcome.state == "posted":
            return outcome
        # An earlier attempt may have arrived, whatever this one met.
        return self._outcome(effect, "unknown", code=outcome.code or "hook_silent")

    def _receiver(self, effect: Claimed) -> Receiver | None:
        """By the effect's `to` (a source) or by its kind (sms, alert)."""
        by_name = self._receivers.get(str(effect.payload["to"]))
        return by_name if effect.kind == "hook" else self._receivers.get(effect.kind)

    async def _post(self, receiver: Receiver, effect: Claimed) -> httpx.Response:
        url = checked(receiver.url, inside=receiver.inside)
        address = await resolved(url, inside=receiver.inside)
        body = _body(effect)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "User-Agent": "kulanse",
            **signed(
                str(effect.payload["notice_id"]),
                body,
                at_s=int(self._clock()),
                secrets=receiver.secrets,
            ),
        }
        return await self._client.post(
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": url.host},
        )

    async def _answered(self, receiver: Receiver, effect: Claimed, *, status: int) -> Outcome:
        code = f"hook_{status}"
        if 200 <= status < 300:  # noqa: PLR2004 -- RFC 9110: success
            return self._outcome(effect, "posted", code=None)
        if status == _GONE:
            await asyncio.to_thread(self._disable, receiver)
            return self._outcome(effect, "failed", code=code)
        if status in _NOT_TAKEN:
            return self._later(effect, code)
        # A redirect or a 4xx will say the same the next time.
        state: Answer = "failed" if status < _SERVERS_FAULT else "unknown"
        return self._outcome(effect, state, code=code)

    def _later(self, effect: Claimed, code: str) -> Outcome:
        state: Answer = "again" if effect.attempts < len(self._waits_s) else "failed"
        return self._outcome(effect, state, code=code)

    def _outcome(self, effect: Claimed, state: Answer, *, code: str | None) -> Outcome:
        index = min(effect.attempts, len(self._waits_s) - 1)
        reference = str(effect.payload["notice_id"]) if state == "posted" else None
        return Outcome(state, reference, code, {"way": effect.kind}, self._waits_s[index])

    def _gone(self, receiver: Receiver) -> Path:
        return self._folder / f"{receiver.name}.gone"

    def _disable(self, receiver: Receiver) -> None:
        """Remember that nobody wants it any more; removing the file begins anew."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._gone(receiver).touch()


def signed(message_id: str, body: bytes, *, at_s: int, secrets: Sequence[str]) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature a secret, so that they can rotate."""
    at, text = datetime.fromtimestamp(at_s, UTC), body.decode()
    signatures = (Webhook(secret).sign(message_id, at, text) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(signatures),
    }


def _body(effect: Claimed) -> bytes:
    """The same bytes at every attempt: the timestamp is the effect's own."""
    data = {name: effect.payload.get(name) for name in _FIELDS}
    data["complaint_id"] = effect.complaint_id
    return orjson.dumps(
        {"type": "message", "timestamp": effect.created_at.isoformat(), "data": data}
    )
