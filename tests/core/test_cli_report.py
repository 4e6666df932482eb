"""The scorecard: each figure from named events, sure of itself or silent, the same on replay."""

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from services.cli.report_page import page_of
from services.cli.scoring import csv_of
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.feedback import FeedbackGiven
from shared.contracts.notifications import NotificationSent
from shared.contracts.promises import PromiseBroken, PromiseKept
from shared.scorecard.lives import lives_of
from shared.scorecard.measures import FEW, Measure, Named, middle_s, share
from shared.scorecard.plots import WIDTH
from shared.scorecard.scorecard import causes, exposure, scorecard
from tests.notify_story import AT, CALM, CASE, Story, registered, triaged

NAMED = Named(criterion="c", name="n", events="e")


def life(number: int) -> Iterator[Contract]:
    """One complaint: heard and answered a minute and a half later, one promise in ten broken."""
    mine: dict[str, object] = {"complaint_id": f"c{number}"}
    yield registered(complaint_id=f"c{number}")
    yield triaged(**mine, abuse="threat" if number % 10 == 0 else "none")
    story = Story()
    story.hears(*CALM)
    (together,) = story.requested()
    yield together.model_copy(update={**mine, "notice_id": f"n{number}"})
    fields = together.model_dump(exclude={"personal"})
    late = {"way": "smtp", "at": AT + timedelta(seconds=90)}
    yield NotificationSent.model_validate({**fields, **mine, **late, "notice_id": f"n{number}"})
    kind = PromiseBroken if number % 10 == 0 else PromiseKept
    promise = {"promise_id": f"p{number}", "case_id": CASE, "kind": "payout", "due_at": AT}
    yield kind.model_validate({**mine, **promise})
    for moment, score in (("expectation", 3), ("experience", 5)):
        said = {"moment": moment, "question": "understood", "score": score, "at": AT}
        yield FeedbackGiven.model_validate({**mine, "case_id": CASE, **said})


def events(complaints: int) -> list[Event[Contract]]:
    """All of them, each with an id."""
    found = [data for number in range(complaints) for data in life(number)]
    return [Event(f"e{i}", "test", "k", AT, data) for i, data in enumerate(found)]


def value(measures: list[Measure], name: str) -> Measure:
    """The one of this name."""
    (found,) = (measure for measure in measures if measure.name == name)
    return found


def test_the_figures_are_what_happened() -> None:
    """A leader would steer by figures that nobody can trace to what happened."""
    measures = scorecard(lives_of(events(40)))
    first, kept = value(measures, "first response"), value(measures, "promises kept")
    assert (first.value, first.n) == (90.0, 40)
    assert kept.value == pytest.approx(0.9)
    assert value(measures, "experience less expectation").value == pytest.approx(2.0)
    assert value(measures, "acknowledgements with two facts").value == 1.0
    assert value(measures, "met with understanding").value == 1.0
    assert exposure(lives_of(events(40))) == {"hostile": 0, "threat": 4}
    assert causes(lives_of(events(40))) == [("after", "product", 40)]


def test_a_replay_gives_the_same_scorecard() -> None:
    """The same log would tell another story the second time, or count a copy twice."""
    once = events(30)
    twice = [*once, *once[:50]]
    random.Random(7).shuffle(twice)
    assert scorecard(lives_of(once)) == scorecard(lives_of(twice))


def test_too_few_have_no_value() -> None:
    """Three answers would look like a result."""
    measures = scorecard(lives_of(events(FEW - 1)))
    assert [measure.name for measure in measures if measure.is_sure] == []
    assert {measure.n for measure in measures} <= {0, FEW - 1}


def test_groups_are_kept_apart() -> None:
    """A channel that fails would hide behind the others."""
    grouped = scorecard(lives_of(events(25)), by="channel")
    assert {measure.group for measure in grouped} == {"web"}


def test_hours_are_those_of_the_wall() -> None:
    """Who writes at eleven at night and waits till morning would hide among the others."""
    grouped = scorecard(lives_of(events(25)), by="hour", zone=ZoneInfo("Europe/Oslo"))
    assert AT.hour == 8
    assert {measure.group for measure in grouped} == {"09"}


def test_an_interval_holds_its_value() -> None:
    """An interval would leave out the value it is about, at the ends above all."""
    for hits in (0, 1, 20, 39, 40):
        one = share(NAMED, [True] * hits + [False] * (40 - hits))
        assert one.low is not None
        assert one.high is not None
        assert one.value is not None
        assert 0 <= one.low <= one.value <= one.high <= 1
    # Wilson's own figures: 8 of 40.
    wilson = share(NAMED, [True] * 8 + [False] * 32)
    assert [wilson.low, wilson.high] == pytest.approx([0.105, 0.348], abs=1e-3)
    middle = middle_s(NAMED, [float(s) for s in range(41)])
    assert (middle.value, middle.low, middle.high) == (20.0, 14.0, 27.0)


def test_no_cell_is_a_formula() -> None:
    """A name that begins with = would run in somebody's spreadsheet."""
    hostile = Measure(criterion="=cmd|' /C calc'!A0", name="+1", unit="s", events="@x", n=0)
    (_, line) = csv_of([hostile]).splitlines()
    assert line.startswith("'=cmd")
    assert ",'+1," in line


def test_surveys_without_an_answer_are_told() -> None:
    """Five friendly answers of a thousand would read as if all were pleased."""
    asked = []
    for number in range(40):
        sent = next(d for d in life(number) if isinstance(d, NotificationSent))
        asked.append(sent.model_copy(update={"template": "survey", "notice_id": f"s{number}"}))
    unheard = [
        e for e in events(40) if not isinstance(e.data, FeedbackGiven) or e.data.complaint_id < "c2"
    ]
    surveys = [Event(f"s{i}", "test", "k", AT, data) for i, data in enumerate(asked)]
    answered = value(scorecard(lives_of([*unheard, *surveys])), "surveys answered")
    assert (answered.value, answered.n) == (12 / 40, 40)
    assert value(scorecard(lives_of(events(40))), "surveys answered").n == 0


def page(complaints: int, *, by: str = "") -> str:
    """The scorecard of so many complaints as a page."""
    lives = lives_of(events(complaints))
    return page_of(
        scorecard(lives, by=by),
        complaints=len(lives),
        causes=causes(lives),
        exposure=exposure(lives),
    )


def test_the_page_holds_all_it_shows() -> None:
    """A report that is opened next year would be empty, or tell somebody that it was opened."""
    shown = page(40)
    assert not re.search(r"(src|href|url\(|@import|<script|https?:)", shown)
    assert shown.count("<svg") == shown.count('role="img" aria-label=')
    assert shown.count("<svg") > 5
    assert "90.0 s" in shown
    assert page(40) == shown


def test_the_page_says_too_few_and_draws_nothing_of_it() -> None:
    """A dot would stand for three people's answers."""
    shown = page(3)
    assert "too few" in shown
    assert "<circle" not in shown


def test_a_plot_stays_within_its_frame() -> None:
    """A point far out would be drawn where nobody sees it."""
    places = [float(x) for x in re.findall(r'(?:x1|x2|cx)="([\d.]+)"', page(40, by="severity"))]
    assert places
    assert min(places) >= 0
    assert max(places) <= WIDTH


def test_what_a_group_is_called_is_no_html() -> None:
    """A channel's name could run in a leader's browser."""
    named = Named(criterion="pace", name="first response", events="e", group="<img onerror=x>")
    shown = page_of(
        [middle_s(named, [1.0] * FEW)],
        complaints=FEW,
        causes=[("after", "<b>", 1)],
        exposure={"hostile": 0, "threat": 0},
    )
    assert "<img" not in shown
    assert "<b>" not in shown


@pytest.mark.parametrize(
    "name", ["=1+1", "\uff1dcmd", "@SUM(A1)", "-2", "+3", "\tx", "\rx", "\nx", "\0x"]
)
def test_no_cell_begins_as_a_formula(name: str) -> None:
    """A spreadsheet would run what stands in a cell (OWASP, CSV injection)."""
    named = Named(criterion="pace", name=name, events="e")
    row = next(csv.reader(io.StringIO(csv_of([share(named, [True] * FEW)]).partition("\n")[2])))
    assert row[1] == f"'{name}"
