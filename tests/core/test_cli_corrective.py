"""Corrective measures: recorded in a person's name, and their effect told without boasting."""

import csv
import io
import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.report_page import page_of, told
from services.cli.scoring import csv_of
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.measures import MeasureRecorded
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.contracts.topics import MEASURES
from shared.scorecard.following_up import Followed, covered, followed_up, shares, standing
from shared.scorecard.lives import lives_of
from shared.scorecard.measures import FEW
from shared.scorecard.scorecard import TOPICS, causes, exposure, scorecard
from tests.notify_story import AT, registered, triaged

DAY = timedelta(days=1)


def measure(**changes: object) -> MeasureRecorded:
    """A new courier, from AT on."""
    fields: dict[str, object] = {
        "measure_id": "m1", "cause": "delivery", "phase": "during", "what": "Nytt bud.",
        "owner": "manager-eik", "holds_from": AT, "actor": "lead-gran", "at": AT - 3 * DAY,
    }  # fmt: skip
    return MeasureRecorded.model_validate({**fields, **changes})


def complaints(
    late: int, *, of: int, at: datetime, name: str, source: str = "shop"
) -> list[Contract]:
    """So many complaints at a time, of which so many are about the delivery."""
    found: list[Contract] = []
    for number in range(of):
        mine = {"complaint_id": f"{name}{number}"}
        about = {"category": "delivery", "phase": "during"} if number < late else {}
        found.append(registered(source=source, **mine))
        found.append(triaged(**mine, **about, received_at=at))
    return found


def events(*contracts: Contract) -> list[Event[Contract]]:
    """Each with an id of its own."""
    return [Event(f"e{i}", "test", "k", AT, data) for i, data in enumerate(contracts)]


def came_of(found: list[Event[Contract]]) -> tuple[Followed, ...]:
    """What `report` says of the measures."""
    return followed_up(lives_of(found), standing(found))


MANY = events(
    measure(),
    *complaints(60, of=100, at=AT - DAY, name="b"),
    *complaints(10, of=100, at=AT + DAY, name="a"),
    *complaints(40, of=40, at=AT + DAY, name="ours", source=SYNTHETIC_SOURCE),
)


def test_the_effect_is_the_causes_share_before_and_since() -> None:
    """A leader would praise a measure for what others did, or by our own test complaints."""
    (one,) = came_of(MANY)
    assert (one.before.value, one.before.n) == (0.6, 100)
    assert (one.after.value, one.after.n) == (0.1, 100)
    assert one.before.low is not None
    assert one.before.low < 0.6 < (one.before.high or 0)
    assert one.verdict == "fewer"


@pytest.mark.parametrize(
    ("since", "of", "verdict"),
    [(1, FEW - 1, "too few"), (55, 100, "no difference to see"), (90, 100, "more")],
)
def test_no_effect_is_claimed_that_the_figures_do_not_show(
    since: int, of: int, verdict: str
) -> None:
    """Luck with nineteen complaints would be reported as a success."""
    found = events(
        measure(),
        *complaints(60, of=100, at=AT - DAY, name="b"),
        *complaints(since, of=of, at=AT + DAY, name="a"),
    )
    (one,) = came_of(found)
    assert one.verdict == verdict
    assert (one.after.value is None) == (of < FEW)


@given(seed=st.integers(min_value=0, max_value=2**16))
def test_a_replay_tells_the_same(seed: int) -> None:
    """The same log would tell of another effect the second time."""
    again = [*MANY, *MANY[:30]]
    random.Random(seed).shuffle(again)
    assert came_of(again) == came_of(MANY)


def test_the_last_word_on_a_measure_counts() -> None:
    """A measure that was given up, or handed to another, would stand with its old owner."""
    moved = measure(owner="manager-alm", at=AT)
    assert [each.owner for each in standing(events(moved, measure()))] == ["manager-alm"]
    dropped = measure(dropped=True, reason="Sluttet.", at=AT + DAY)
    assert standing(events(dropped, measure(), moved)) == []


def test_causes_without_a_measure_are_counted() -> None:
    """Nobody would see that most of what people complain of is left as it is."""
    lives = lives_of(MANY)
    top = causes({name: life for name, life in lives.items() if not name.startswith("ours")})
    assert top == [("after", "product", 130), ("during", "delivery", 70)]
    assert covered(top, came_of(MANY)) == 1
    assert covered(top, ()) == 0


def test_every_form_of_the_report_has_it() -> None:
    """Whoever reads the page, the spreadsheet or the terminal would miss what was done."""
    (one,) = came_of(MANY)
    lives = {name: life for name, life in lives_of(MANY).items() if not name.startswith("ours")}
    top = causes(lives)
    page = page_of(
        scorecard(lives), complaints=200, causes=top, exposure=exposure(lives), followed=[one]
    )
    for words in ("Nytt bud.", "manager-eik", "60% (50% to 69%, n 100)", "fewer", "1 of 2"):
        assert words in page
    rows = list(csv.DictReader(io.StringIO(csv_of([*shares(top, lives), one.before, one.after]))))
    assert [(row["name"], row["n"]) for row in rows] == [
        ("after: product", "200"),
        *[("during: delivery", each) for each in ("200", "100", "100")],
    ]
    assert rows[2]["group"].startswith("before: Nytt bud.")
    assert told(one.after) == "10% (6% to 17%, n 100)"
    assert MEASURES in TOPICS


def test_what_somebody_wrote_of_a_measure_is_no_html() -> None:
    """A colleague's words could run in a leader's browser."""
    found = events(measure(what="<script>x</script>"))
    page = page_of(
        [],
        complaints=0,
        causes=[],
        exposure={"hostile": 0, "threat": 0},
        followed=came_of(found),
    )
    assert "<script>" not in page
