"""One message by the first way that takes it. A further way only when the ones before it surely
did not: silence after a mail's final dot is never followed by a call.

Nothing is kept between attempts: each goes through the ways from the first, and ends at the first
that has the message, or may have it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from pydantic import JsonValue

from shared.stage.effects import Claimed, Outcome, Performer


def _now() -> datetime:
    return datetime.now(UTC)


class Ways:
    """Performs a message's first way and, where that fails, its `otherwise`."""

    def __init__(
        self,
        performers: Mapping[str, Performer],
        *,
        second_way_s: float,
        give_up_s: float,
        now: Callable[[], datetime] = _now,
    ) -> None:
        """After `second_way_s` a way that says "later" is left for the next, if there is one.

        After `give_up_s` a message that no way takes has failed: a colleague is told.
        """
        self._performers, self._now = performers, now
        self._second_way_s, self._give_up_s = second_way_s, give_up_s

    async def perform(self, effect: Claimed) -> Outcome:
        """Send it once, by the first way that takes it now."""
        refused: dict[str, JsonValue] = {}
        legs = _legs(effect)
        age_s = (self._now() - effect.created_at).total_seconds()
        for leg, is_last in zip(legs, [False] * (len(legs) - 1) + [True], strict=True):
            outcome = await self._performers[leg.kind].perform(leg)
            detail = {**outcome.detail, **refused}
            if outcome.detail.get("dead_address"):
                refused["dead_address"] = True
            if is_last or not self._goes_on(outcome, age_s):
                return self._final(replace(outcome, detail=detail), age_s, is_last=is_last)
        return Outcome("failed", code="no_way")

    async def ask(self, effect: Claimed) -> Outcome:
        """Whether any way has it: the first that has, or cannot say, is the answer."""
        for leg in _legs(effect):
            outcome = await self._performers[leg.kind].ask(leg)
            if outcome.state != "again":
                return outcome
        return Outcome("again", code="no_way_has_it")

    def _goes_on(self, outcome: Outcome, age_s: float) -> bool:
        """Whether this way surely does not have it, and the next may be tried."""
        late = outcome.state == "again" and age_s >= self._second_way_s
        return outcome.state == "failed" or late

    def _final(self, outcome: Outcome, age_s: float, *, is_last: bool) -> Outcome:
        if outcome.state != "again":
            return outcome
        if age_s >= self._give_up_s:
            return replace(outcome, state="failed", code=outcome.code or "gave_up")
        if is_last or outcome.again_in_s is None:
            return outcome
        return replace(outcome, again_in_s=min(outcome.again_in_s, self._second_way_s))


def _legs(effect: Claimed) -> list[Claimed]:
    """The effect as each of its ways sees it: same key, same notice, its own words and address."""
    otherwise = effect.payload.get("otherwise")
    rest = otherwise if isinstance(otherwise, list) else []
    legs = [effect]
    for leg in rest:
        if isinstance(leg, dict):
            payload = {**effect.payload, **leg}
            legs.append(replace(effect, kind=str(leg["kind"]), payload=payload))
    return legs
