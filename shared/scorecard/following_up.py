"""Corrective measures and what came of them: a cause's share of the complaints, before and after.

Pure, and from the events alone: the same log gives the same answer, in whatever order it is read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.measures import MeasureRecorded
from shared.contracts.triaged import ComplaintTriaged, Phase
from shared.scorecard.lives import Life, is_synthetic
from shared.scorecard.measures import Measure, Named, share

EVENTS = "complaint.triaged, measure.recorded"
CRITERION = "causes"


class Followed(BaseModel):
    """A measure, and its cause's share of the complaints before it held and since."""

    model_config = ConfigDict(frozen=True)

    measure_id: str
    phase: Phase
    cause: str
    what: str
    owner: str
    holds_from: datetime
    before: Measure
    after: Measure

    @property
    def verdict(self) -> str:
        """How it moved, where the intervals lie apart; that it was the measure, nobody can say."""
        before, after = self.before, self.after
        if None in (before.low, before.high, after.low, after.high):
            return "too few"
        if (after.high or 0) < (before.low or 0):
            return "fewer"
        return "more" if (after.low or 0) > (before.high or 0) else "no difference to see"


def standing(events: Iterable[Event[Contract]]) -> list[MeasureRecorded]:
    """The last word on each measure that is not dropped, by phase and cause."""
    words = [event.data for event in events if isinstance(event.data, MeasureRecorded)]
    last = {
        word.measure_id: word for word in sorted(words, key=lambda w: (w.at, w.model_dump_json()))
    }
    kept = (word for word in last.values() if not word.dropped)
    return sorted(kept, key=lambda w: (w.phase, w.cause, w.holds_from, w.measure_id))


def followed_up(
    lives: Mapping[str, Life], measures: Iterable[MeasureRecorded]
) -> tuple[Followed, ...]:
    """Each with its cause's share before it held and since, robots' and our own left out."""
    readings = [
        life.triaged
        for life in lives.values()
        if life.triaged is not None and life.triaged.kind == "complaint" and not is_synthetic(life)
    ]
    return tuple(_followed(measure, readings) for measure in measures)


def shares(top: Iterable[tuple[str, str, int]], lives: Mapping[str, Life]) -> list[Measure]:
    """The causes that are shown, each as its share of all complaints."""
    readings = [life.triaged for life in lives.values() if life.triaged is not None]
    asked = [(r.phase, r.category) for r in readings if r.kind == "complaint"]
    return [
        share(_named(phase, cause), [each == (phase, cause) for each in asked])
        for phase, cause, _ in top
    ]


def covered(top: Iterable[tuple[str, str, int]], followed: Iterable[Followed]) -> int:
    """How many of the causes that are shown have a measure."""
    with_one = {(each.phase, each.cause) for each in followed}
    return sum((phase, cause) in with_one for phase, cause, _ in top)


def _followed(measure: MeasureRecorded, readings: Sequence[ComplaintTriaged]) -> Followed:
    before, after = list[bool](), list[bool]()
    for reading in readings:
        side = before if reading.received_at < measure.holds_from else after
        side.append((reading.phase, reading.category) == (measure.phase, measure.cause))
    told = f"{measure.what} ({measure.owner}, {measure.holds_from:%Y-%m-%d})"
    fields = {"measure_id", "phase", "cause", "what", "owner", "holds_from"}
    return Followed.model_validate(
        {
            **measure.model_dump(include=fields),
            "before": share(_named(measure.phase, measure.cause, group=f"before: {told}"), before),
            "after": share(_named(measure.phase, measure.cause, group=f"after: {told}"), after),
        }
    )


def _named(phase: str, cause: str, *, group: str = "") -> Named:
    return Named(criterion=CRITERION, name=f"{phase}: {cause}", events=EVENTS, group=group)
