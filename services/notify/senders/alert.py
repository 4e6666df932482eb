"""Colleagues' notices to where they look anyway: chat, pager, telephone, by apprise's addresses.

An extra (`kulanse[alerts]`). Whatever is not surely taken counts as failed, and the notice lies in
the staff outbox as well: a colleague who hears of a danger twice loses less than one who never
does.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.errors import Refused
from shared.stage.effects import Claimed, Outcome

if TYPE_CHECKING:
    from apprise import Apprise

TIMEOUT_S = 15.0  # as for web hooks; the five minutes of a threat go on meanwhile
_WAY = {"way": "alert"}


class Alerts:
    """Tells every address at once."""

    def __init__(self, urls: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> None:
        """`urls`: apprise's own. Raises `Refused` for one that it does not know."""
        self._alerts, self._timeout_s = _told_to(urls), timeout_s

    async def perform(self, effect: Claimed) -> Outcome:
        """Tell them once."""
        subject, body = str(effect.payload["subject"]), str(effect.payload["body"])
        try:
            async with asyncio.timeout(self._timeout_s):
                taken = bool(await self._alerts.async_notify(body=body, title=subject))
        except Exception as error:  # noqa: BLE001 -- whatever a hundred plugins trip over
            return Outcome("failed", code=f"alert_{type(error).__name__}", detail=dict(_WAY))
        if not taken:
            return Outcome("failed", code="alert_not_taken", detail=dict(_WAY))
        reference = str(effect.payload["notice_id"])
        return Outcome("posted", provider_reference=reference, detail=dict(_WAY))

    async def ask(self, effect: Claimed) -> Outcome:
        """Nobody can be asked: the next way has it, or gets it."""
        del effect
        return Outcome("failed", code="alert_cannot_tell", detail=dict(_WAY))


def _told_to(urls: Sequence[str]) -> "Apprise":
    try:
        from apprise import Apprise  # noqa: PLC0415 -- an extra
    except ImportError:
        hint = "Install kulanse[alerts], or leave KULANSE_ALERT_URLS empty."
        raise Refused("alerts_missing", "apprise is not installed here.", hint) from None
    alerts = Apprise()
    for number, url in enumerate(urls, start=1):
        if not alerts.add(url):
            # Its words may hold a token: the number says which.
            hint = "Correct it as https://github.com/caronc/apprise/wiki tells."
            raise Refused("alert_url", f"Alert address {number} is none of apprise's.", hint)
    return alerts
