"""The scorecard: first response, resolution, promises, the gap, and Grönroos' six criteria. Pure.

Never one total; each figure names its events, n and interval.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from shared.contracts import topics
from shared.contracts.promises import PromiseKept
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.scorecard.lives import Life, is_synthetic
from shared.scorecard.measures import Measure, Named, mean, middle_s, share

T = TypeVar("T")
_UTC = ZoneInfo("UTC")
GOOD = 4  # of 5: "I agree"
GROUPS: Mapping[str, Callable[[Life, ZoneInfo], str]] = {
    "channel": lambda life, _: life.registered.channel if life.registered else "",
    "form": lambda life, _: life.triaged.written_form if life.triaged else "",
    "severity": lambda life, _: life.triaged.severity if life.triaged else "",
    "role": lambda life, _: life.triaged.role if life.triaged else "",
    # The hour of the wall's clock in which it came: "07" is 07:00 to 07:59.
    "hour": lambda life, zone: (
        f"{life.registered.received_at.astimezone(zone):%H}" if life.registered else ""
    ),
}
TOPICS = (
    topics.REGISTERED,
    topics.TRIAGED,
    topics.NOTIFICATIONS,
    topics.CASES,
    topics.PROMISES,
    topics.FEEDBACK,
    topics.MEASURES,
)
_FINAL = ("payout", "task")
CAUSES_MOST = 5


def scorecard(lives: Mapping[str, Life], *, by: str = "", zone: ZoneInfo = _UTC) -> list[Measure]:
    """All measures; with `by`, one set for each channel, form, severity, role or hour (`zone`)."""
    real = {name: life for name, life in lives.items() if not is_synthetic(life)}
    ours = [life for life in lives.values() if is_synthetic(life)]
    apart = _pace(ours, SYNTHETIC_SOURCE) if ours else []
    if not by:
        return [*_measures(list(real.values()), ""), *apart]
    groups: dict[str, list[Life]] = {}
    for life in real.values():
        groups.setdefault(GROUPS[by](life, zone), []).append(life)
    return [each for name in sorted(groups) for each in _measures(groups[name], name)]


def causes(lives: Mapping[str, Life]) -> list[tuple[str, str, int]]:
    """What people complain of most, by phase: phase, category, how many."""
    found = Counter(
        (life.triaged.phase, life.triaged.category)
        for life in lives.values()
        if life.triaged is not None and life.triaged.kind == "complaint" and not is_synthetic(life)
    )
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    phases = Counter[str]()
    top = []
    for (phase, category), count in ordered:
        phases[phase] += 1
        if phases[phase] <= CAUSES_MOST:
            top.append((phase, category, count))
    return sorted(top, key=lambda each: (each[0], -each[2], each[1]))


def exposure(lives: Mapping[str, Life]) -> dict[str, int]:
    """How many complaints met staff with hostility or threats: never by name."""
    found = Counter(
        life.triaged.abuse
        for life in lives.values()
        if life.triaged is not None and not is_synthetic(life)
    )
    return {"hostile": found["hostile"], "threat": found["threat"]}


def _measures(lives: Sequence[Life], group: str) -> list[Measure]:
    """One group's figures, in the order of the scorecard."""
    return [
        *_pace(lives, group),
        _gap(lives, group),
        _answered(lives, group),
        *_met(lives, group),
        *_kept(lives, group),
        _asked(lives, "come_back", named=_named("reputation", "would come back", group=group)),
    ]


def _pace(lives: Sequence[Life], group: str) -> list[Measure]:
    sent = "complaint.registered, notification.sent"
    people = "complaint.registered, case.asked, case.answered, case.decided"
    first = [life.said_s("acknowledgement") for life in lives]
    solved = [life.said_s("decision") for life in lives]
    human = [life.touched_s for life in lives]
    return [
        middle_s(_named("pace", "first response", events=sent, group=group), _known(first)),
        middle_s(_named("pace", "resolution", events=sent, group=group), _known(solved)),
        middle_s(
            _named("accessibility", "time to a human", events=people, group=group), _known(human)
        ),
    ]


def _met(lives: Sequence[Life], group: str) -> list[Measure]:
    once = _known([life.solved_at_once for life in lives])
    facts = _known([life.two_facts for life in lives])
    own = _known([life.own_way for life in lives])
    sent = "notification.sent"
    solved = _named(
        "professionalism",
        "solved at the first decision",
        events=f"{sent}, case.reopened",
        group=group,
    )
    named = "notification.requested, complaint.triaged"
    return [
        share(solved, once),
        _asked(
            lives, "understood", named=_named("attitude", "met with understanding", group=group)
        ),
        share(
            _named("attitude", "acknowledgements with two facts", events=named, group=group), facts
        ),
        share(_named("accessibility", "own channel and form", events=sent, group=group), own),
    ]


def _kept(lives: Sequence[Life], group: str) -> list[Measure]:
    ended = [promise for life in lives for promise in life.ended.values()]
    events = "promise.kept, promise.broken"
    said = [isinstance(promise, PromiseKept) for promise in ended]
    done = [isinstance(each, PromiseKept) for each in ended if each.kind in _FINAL]
    return [
        share(_named("reliability", "promises kept", events=events, group=group), said),
        share(
            _named("recovery", "remedies settled by their date", events=events, group=group), done
        ),
    ]


def _gap(lives: Sequence[Life], group: str) -> Measure:
    """Experience less expectation, of those who gave both to the same question."""
    gaps = [
        float(score - life.scores["expectation", question])
        for life in lives
        for (moment, question), score in sorted(life.scores.items())
        if moment == "experience" and ("expectation", question) in life.scores
    ]
    return mean(_named("gap", "experience less expectation", group=group), gaps)


def _answered(lives: Sequence[Life], group: str) -> Measure:
    """How many of those who were asked say anything: of the rest we know nothing."""
    events = "notification.sent, feedback.given"
    named = _named("gap", "surveys answered", events=events, group=group)
    return share(named, _known([life.survey_answered for life in lives]))


def _asked(lives: Sequence[Life], question: str, *, named: Named) -> Measure:
    scores = [life.scores.get(("experience", question)) for life in lives]
    return share(named, [score >= GOOD for score in _known(scores)])


def _named(criterion: str, name: str, *, events: str = "feedback.given", group: str) -> Named:
    return Named(criterion=criterion, name=name, events=events, group=group)


def _known(values: Iterable[T | None]) -> list[T]:
    return [value for value in values if value is not None]
