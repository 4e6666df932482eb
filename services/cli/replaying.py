"""Past complaints decided again, by the policy in force and by another: the same core, no effects.

Each complainant is a world of her own, complaints in the order they came; what one policy gave
counts against its own caps, not the other's. Claimed orders count as confirmed, as in `explain`.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.cli import bus
from services.cli.chain import World
from services.cli.failures import BadInput
from services.cli.running import need
from services.cli.stages import part_of
from services.cli.surroundings import settings
from services.recovery import core
from services.recovery.changed import with_changed
from services.recovery.policy import Policy, load
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.topics import RECOVERY_INBOX, TRIAGED
from shared.contracts.triaged import ComplaintTriaged
from shared.errors import Invalid
from shared.stage.stage import Stage

# A gesture, or whom it is about, and the currency: sums of two currencies are never added.
Money = tuple[str, str]
Rows = dict[Money, dict[str, int]]
BY = ("gesture", "severity", "written form", "role")


@dataclass(frozen=True, slots=True)
class Decided:
    """What one policy makes of a complaint: the outcome, who signs, and the sums.

    `sums_minor`: by gesture and currency; what has no money has the currency "".
    """

    outcome: str = "no_action"
    approval: str = ""
    sums_minor: Mapping[Money, int] = field(default_factory=dict)

    def __str__(self) -> str:
        given = ", ".join(
            f"{kind} {minor / 100:.2f} {currency}".rstrip()
            for (kind, currency), minor in self.sums_minor.items()
        )
        return f"{self.outcome} ({self.approval}): {given or 'nothing'}"

    def totals_minor(self) -> dict[str, int]:
        """All of it, by currency."""
        totals: dict[str, int] = {}
        for (_, currency), minor in self.sums_minor.items():
            totals[currency] = totals.get(currency, 0) + minor
        return totals


@dataclass(frozen=True, slots=True)
class Pair:
    """One complaint, before and after."""

    complaint_id: str
    labels: Mapping[str, str]
    before: Decided
    after: Decided


@dataclass(frozen=True, slots=True)
class Compared:
    """Every past complaint under both policies."""

    pairs: tuple[Pair, ...]

    def moved(self) -> tuple[Pair, ...]:
        """Those that would be decided otherwise."""
        return tuple(pair for pair in self.pairs if pair.before != pair.after)

    def tables(self) -> dict[str, Rows]:
        """Decisions that move, and money before and after, by gesture and by who it is about."""
        found: dict[str, Rows] = {name: {} for name in BY}
        for pair in self.moved():
            _moves(found["gesture"], before=pair.before.sums_minor, after=pair.after.sums_minor)
            totals = pair.before.totals_minor(), pair.after.totals_minor()
            for name, label in pair.labels.items():
                before, after = ({(label, c): m for c, m in each.items()} for each in totals)
                _moves(found[name], before=before, after=after)
        return {name: dict(sorted(rows.items())) for name, rows in found.items()}

    def as_json(self) -> dict[str, object]:
        """Everything, for scripts."""
        return {
            "decisions": len(self.pairs),
            "moved": len(self.moved()),
            "tables": {
                name: [
                    {"label": label, "currency": currency, **row}
                    for (label, currency), row in rows.items()
                ]
                for name, rows in self.tables().items()
            },
            "cases": [
                {"complaint_id": p.complaint_id, "before": str(p.before), "after": str(p.after)}
                for p in self.moved()
            ],
        }


def compare(file: str) -> Compared:
    """Past complaints under the policy in force and under `file`; raises `Invalid`, `Refused`."""
    path = Path(file)
    if not path.is_file():
        raise BadInput("file_missing", "NEW.yaml", f"{file} is not there")
    changed = with_changed(path)
    past = asyncio.run(_past())
    return compared(past, load()[0], after=changed)


def compared(past: Iterable[Event[Contract]], before: Policy, *, after: Policy) -> Compared:
    """The same, of these triaged events."""
    events = sorted(
        {event.id: event for event in past}.values(), key=lambda event: (event.time, event.id)
    )
    one, other = _decided(events, before), _decided(events, after)
    return Compared(
        tuple(
            Pair(
                event.data.complaint_id,
                _labels(event.data),
                one.get(event.data.complaint_id, Decided()),
                other.get(event.data.complaint_id, Decided()),
            )
            for event in events
            if isinstance(event.data, ComplaintTriaged)
        )
    )


def _decided(events: Iterable[Event[Contract]], policy: Policy) -> dict[str, Decided]:
    stage = Stage(
        "recovery",
        inputs=(TRIAGED,),
        decide=core.decide,
        policy=policy,
        policy_digest="",
        inbox=RECOVERY_INBOX,
        touches=core.touches,
    )
    worlds: dict[str, World] = {}
    found: dict[str, Decided] = {}
    for event in events:
        world = worlds.setdefault(event.key, World([part_of(stage)]))
        seen = len(world.events)
        world.submit(event)
        said = [e.data for e in world.events[seen:] if isinstance(e.data, RecoveryEvent)]
        if said:
            found[said[-1].complaint_id] = _summed(said[-1])
    return found


def _summed(last: RecoveryEvent) -> Decided:
    sums: dict[Money, int] = {}
    for gesture in last.gestures:
        what = gesture.kind, gesture.currency or ""
        sums[what] = sums.get(what, 0) + gesture.amount_minor
    return Decided(last.outcome, last.approval, sums)


def _labels(said: ComplaintTriaged) -> dict[str, str]:
    return {"severity": said.severity, "written form": said.written_form, "role": said.role}


def _moves(rows: Rows, *, before: Mapping[Money, int], after: Mapping[Money, int]) -> None:
    """One decision more in each row that it is about, with its money before and after."""
    for what in sorted({*before, *after}):
        row = rows.setdefault(what, {"decisions": 0, "before_minor": 0, "after_minor": 0})
        row["decisions"] += 1
        row["before_minor"] += before.get(what, 0)
        row["after_minor"] += after.get(what, 0)


async def _past() -> list[Event[Contract]]:
    bootstrap = need(settings()).bootstrap
    found = []
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, [TRIAGED.name])):
            try:
                event = decode(record)
            except Invalid:
                continue
            found.append(confirmed(event))
    return found


def confirmed(event: Event[Contract]) -> Event[Contract]:
    """As if the order had been looked up and found to be so: there is nobody to ask."""
    from dataclasses import replace

    data = event.data
    if isinstance(data, ComplaintTriaged) and data.order_state == "claimed":
        order = data.order and data.order.model_copy(update={"buyer": None})
        return replace(
            event, data=data.model_copy(update={"order": order, "order_state": "confirmed"})
        )
    return event
