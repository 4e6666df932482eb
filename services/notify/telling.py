"""What one decision says: drafts become notices, effects and memories, in order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import JsonValue

from services.notify.etiquette import said_lately
from services.notify.model import Draft, Matter
from services.notify.notices import leaving
from services.notify.owed import ACKNOWLEDGEMENT, is_public
from services.notify.policy import NotifyPolicy
from services.notify.promises import because_of, made_with
from shared.contracts.contract import Contract
from shared.contracts.notifications import NoticeKind, NotificationSuppressed
from shared.contracts.promises import Promise
from shared.stage.decision import Decision, Effect, Reason


class Telling:
    """Collects what leaves because of one event; `matter.said` grows as it does."""

    def __init__(self, matter: Matter, now: datetime, policy: NotifyPolicy) -> None:
        """Begin with nothing said."""
        self.matter, self.now, self.policy = matter, now, policy
        self.emits: list[Contract] = []
        self.effects: list[Effect] = []
        self.reasons: list[Reason] = []
        self.said: dict[str, JsonValue] = {}
        self.warned: dict[str, JsonValue] = {}

    def tell(self, draft: Draft) -> None:
        """Say one thing; where no way may carry it, say that to a colleague instead."""
        after = None if draft.name == ACKNOWLEDGEMENT else self._acknowledgement_key()
        on_its_way = leaving(
            self.matter,
            draft,
            now=self.now,
            after=after if draft.audience == "complainant" else None,
            policy=self.policy,
        )
        if on_its_way is None:
            self._no_way(draft)
            return
        same = on_its_way.remember.get("alike")
        if isinstance(same, str) and said_lately(
            self.matter, same, now=self.now, policy=self.policy
        ):
            self.suppress(draft.name, kind=draft.kind, code="said_lately")
            return
        self.emits.append(on_its_way.notice)
        self.effects.append(on_its_way.effect)
        self.emits += made_with(self.matter, draft, now=self.now, policy=self.policy)
        self.reasons.append(Reason(f"said_{draft.template}"))
        self._remember(draft.name, on_its_way.remember)
        for cover in draft.covers:
            self._remember(cover, {"at": self.now.isoformat(), "in": draft.name})

    def warn(self, steps: Iterable[tuple[int, Promise]]) -> None:
        """Say how far the clocks of promises have run: each step once."""
        told = list(steps)
        for percent, promise in told:
            self.emits.append(promise)
            steps_told = self.matter.warned.setdefault(promise.promise_id, set())
            steps_told.add(percent)
            self.warned[promise.promise_id] = [*sorted(steps_told)]
        for draft in because_of(self.matter, told, now=self.now, policy=self.policy):
            if draft.name not in self.matter.said:
                self.tell(draft)

    def suppress(self, name: str, *, kind: NoticeKind, code: str) -> None:
        """Say nothing, on purpose, and say so once."""
        if name in self.matter.said:
            return
        self.emits.append(
            NotificationSuppressed(
                complaint_id=self.matter.complaint_id, kind=kind, audience="complainant", code=code
            )
        )
        self.reasons.append(Reason(f"suppressed_{code}"))
        self._remember(name, {"at": self.now.isoformat(), "suppressed": code})

    def decision(
        self,
        seen: Mapping[str, JsonValue],
        timers: Sequence[tuple[str, Effect]],
        *,
        over: tuple[str, ...] = (),
    ) -> Decision:
        """All of it, with what to remember of the event; `over`: timers that need not come."""
        remembers: dict[str, JsonValue] = dict(seen)
        if self.said:
            remembers["said"] = self.said
        if self.warned:
            remembers["warned"] = self.warned
        if timers:
            remembers["timers"] = [name for name, _ in timers]
        return Decision(
            emits=tuple(self.emits),
            effects=(*self.effects, *(effect for _, effect in timers)),
            voids=over,
            remembers=remembers,
            reasons=tuple(self.reasons),
        )

    def _no_way(self, draft: Draft) -> None:
        public = is_public(self.matter, self.policy)
        code = "no_private_way" if public else "no_address"
        if not self.matter.personal:
            code = "forgotten"
        self.suppress(draft.name, kind=draft.kind, code=code)
        template = "private_way" if public else "unreachable"
        name = f"staff:{template}"
        if code != "forgotten" and name not in self.matter.said:
            audience = self.policy.rules.staff.undelivered_audience
            self.tell(Draft(name, "staff", template, audience=audience))

    def _acknowledgement_key(self) -> str | None:
        key = self.matter.said.get(ACKNOWLEDGEMENT, {}).get("key")
        return key if isinstance(key, str) else None

    def _remember(self, name: str, memory: dict[str, JsonValue]) -> None:
        self.said[name] = memory
        self.matter.said[name] = memory
