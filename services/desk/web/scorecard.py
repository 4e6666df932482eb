"""How good we were: each figure with n and its interval, causes, and what was done about them.

Never one total, and nobody by name. Looking at it is no look at personal data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_percent
from fastapi import Response

from services.desk.lived import Card, latest
from services.desk.web.console import Visit
from services.desk.web.texts import LOCALES, Writing
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.errors import Refused, Transient
from shared.scorecard.following_up import Followed, covered, followed_up, standing
from shared.scorecard.lives import is_synthetic, lives_of
from shared.scorecard.measures import FEW, Measure
from shared.scorecard.plots import MARGIN, WIDTH, bar, plot
from shared.scorecard.scorecard import GROUPS, causes, exposure, scorecard


async def shown(visit: Visit) -> Response:
    """GET /scorecard?by="""
    asked = visit.asked("by")
    by = asked if asked in GROUPS else ""
    rules, now = visit.console.policy.rules, visit.console.acting.now()
    fresh = timedelta(minutes=rules.scorecard_minutes)
    card = await visit.console.board.card(by, lambda: _counted(visit, by), now=now, fresh=fresh)
    write = visit.writing()
    names = dict.fromkeys(each.criterion for each in card.measures)
    most = max((count for _, _, count in card.causes), default=0)
    values = {
        "card": card,
        "by": by,
        "groups": tuple(GROUPS),
        "criteria": [
            (name, [_row(each, card.measures, write=write) for each in _of(name, card)])
            for name in names
        ],
        "causes": [(*each, bar(each[2], most)) for each in card.causes],
        "covered": covered(card.causes, card.followed or ()),
        "followed": [_tried(each, write) for each in card.followed or ()],
        "few": FEW,
        "most": rules.scorecard_complaints_max,
        "width": WIDTH,
        "margin": MARGIN,
    }
    return visit.shown("scorecard.html", values)


async def _counted(visit: Visit, by: str) -> Card:
    most = visit.console.policy.rules.scorecard_complaints_max
    zone, now = visit.writing().zone, visit.console.acting.now()
    words = await _words(visit)

    def counted(events: Sequence[Event[Contract]]) -> Card:
        every = lives_of(events)
        ours = {name: life for name, life in every.items() if not is_synthetic(life)}
        abuse = exposure(ours)
        return Card(
            now,
            len(ours),
            tuple(scorecard(every, by=by, zone=zone)),
            tuple(causes(ours)),
            (abuse["hostile"], abuse["threat"]),
            followed_up(ours, standing(words or ())),
        )

    card = await visit.console.acting.ledger.read(lambda c: counted(latest(c, most)))
    return card if words is not None else replace(card, followed=None)


async def _words(visit: Visit) -> Sequence[Event[Contract]] | None:
    """What leaders said of measures; None: the broker does not answer."""
    if visit.console.measured is None:
        return None
    try:
        return await visit.console.measured.measures()
    except (Transient, Refused):
        return None


def _of(criterion: str, card: Card) -> Sequence[Measure]:
    return [each for each in card.measures if each.criterion == criterion]


def _row(measure: Measure, among: Sequence[Measure], *, write: Writing) -> Mapping[str, object]:
    drawn = plot(measure, among)
    return {
        "measure": measure,
        "figure": _figure(measure.value, measure, write=write),
        "low": _figure(measure.low, measure, write=write),
        "high": _figure(measure.high, measure, write=write),
        "plot": drawn,
        "end": _figure(drawn.end, measure, write=write) if drawn else "",
    }


def _tried(each: Followed, write: Writing) -> Mapping[str, object]:
    both = (each.before, each.after)
    return {
        "followed": each,
        "sides": [
            {
                "figure": _figure(side.value, side, write=write),
                "low": _figure(side.low, side, write=write),
                "high": _figure(side.high, side, write=write),
                "n": side.n,
            }
            for side in both
        ],
    }


def _figure(value: float | None, measure: Measure, *, write: Writing) -> str:
    """A value in its unit, as people read it; "" where there is none."""
    if value is None:
        return ""
    locale = LOCALES[write.form]
    if measure.unit == "share":
        return format_percent(value, "#,##0 %", locale=locale)
    if measure.unit == "s":
        return format_timedelta(
            timedelta(seconds=value), granularity="second", format="short", locale=locale
        )
    return write.number(value)
