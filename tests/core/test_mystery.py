"""The mystery shopper: marked, never paid, counted apart, and loud when something is wrong."""

from datetime import timedelta

import orjson
import pytest

from services.cli.explaining import explained
from services.cli.lines import line_of
from services.cli.stages import parts
from services.cli.visits import STEPS, Seen, Visit, document, faults, load
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import NotificationSent
from shared.contracts.recoveries import RecoveryProposed, RecoverySettled
from shared.contracts.submitted import SYNTHETIC_SOURCE
from shared.scorecard.lives import lives_of
from shared.scorecard.scorecard import causes, exposure, scorecard
from tests.core.recovery_world import World, order
from tests.core.recovery_world import triaged as read
from tests.notify_story import AT, CALM, Story, event, recovery, registered, triaged

RULES = load()


def came(seen: Seen, *contracts: Contract, after_s: float = 1.0) -> Seen:
    """What came, so many seconds after the visit began."""
    for contract in contracts:
        seen.hear(event(contract), AT + timedelta(seconds=after_s))
    return seen


def begun() -> Seen:
    """A visit in bokmål."""
    return Seen(RULES.visits[0], AT, "c1")


def acknowledged(**changes: object) -> NotificationSent:
    """The first message, as it left."""
    story = Story()
    story.hears(*CALM)
    fields = story.requested()[0].model_dump(exclude={"personal"})
    return NotificationSent.model_validate({**fields, "way": "smtp", "at": AT, **changes})


def test_a_visit_that_goes_well_has_no_fault() -> None:
    """She would cry every hour, and nobody would listen any more."""
    seen = came(begun(), registered(), triaged(), recovery(RecoveryProposed), acknowledged())
    assert (seen.whole, faults(seen, RULES)) == (True, [])
    assert set(seen.took_s) == set(STEPS)


@pytest.mark.parametrize(
    ("contracts", "after_s", "wrong"),
    [
        ((registered(), triaged(), recovery(RecoveryProposed)), 1.0, ["no_acknowledged"]),
        (
            (registered(), triaged(), recovery(RecoveryProposed), acknowledged()),
            61.0,
            ["slow_proposed", "slow_acknowledged"],
        ),
        (
            (registered(), triaged(written_form="nn"), recovery(RecoveryProposed), acknowledged()),
            1.0,
            ["wrong_form"],
        ),
        (
            (
                registered(),
                triaged(),
                recovery(RecoveryProposed),
                acknowledged(written_form="en"),
                recovery(RecoverySettled, 3),
            ),
            1.0,
            ["answered_in_wrong_form", "paid"],
        ),
    ],
)
def test_what_is_late_or_wrong_is_said(
    contracts: tuple[Contract, ...], after_s: float, wrong: list[str]
) -> None:
    """A chain that answers slowly, wrongly or not at all would look well."""
    assert faults(came(begun(), *contracts, after_s=after_s), RULES) == wrong


def test_another_complaint_is_not_hers() -> None:
    """Somebody else's answer would count as hers."""
    assert came(begun(), registered(complaint_id="c2")).took_s == {}


@pytest.mark.parametrize("visit", RULES.visits, ids=lambda visit: visit.form)
def test_each_visit_is_read_as_it_expects(visit: Visit) -> None:
    """A visit would fail by its own words; or be solved without walking the whole way."""
    line = line_of(document(visit, number="1"))
    complaint_id, events = explained(line, parts(), now=AT)
    seen = Seen(visit, AT, complaint_id)
    for each in events:
        seen.hear(each, AT)
    assert seen.wrong == []
    assert {"registered", "triaged", "proposed"} <= seen.took_s.keys()


def test_nothing_is_ever_given_for_a_visit() -> None:
    """A complaint that we wrote ourselves would be paid, by a machine or by a signature."""
    effects = {}
    for source in ("shop", SYNTHETIC_SOURCE):
        world = World()
        world.tell(read(order=order(19900), source=source))
        effects[source] = [effect.kind for effect in world.effects.values()]
    assert "book" in effects["shop"]
    assert set(effects[SYNTHETIC_SOURCE]) <= {"timer"}


def test_visits_are_counted_apart() -> None:
    """Figures would be better for every visit that goes well."""
    ours = registered(source=SYNTHETIC_SOURCE)
    lives = lives_of([Event("e1", "test", "k", AT, ours), Event("e2", "test", "k", AT, triaged())])
    groups = {measure.group for measure in scorecard(lives) if measure.n}
    assert groups <= {SYNTHETIC_SOURCE}
    assert (causes(lives), exposure(lives)) == ([], {"hostile": 0, "threat": 0})


def test_each_visit_is_somebody_elses() -> None:
    """Visits would be one person who complains every hour, and be linked into one case."""
    one, other = (orjson.loads(document(RULES.visits[0], number=n)) for n in ("1", "2"))
    assert one["complainant"]["id"] != other["complainant"]["id"]
    assert one["channel_message_id"] != other["channel_message_id"]
