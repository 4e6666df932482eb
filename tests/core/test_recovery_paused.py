"""`kulanse pause automatic`: the machine goes on thinking, and a person decides."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given as for_all

from services.recovery.app import build
from services.recovery.core import touches
from shared.contracts.contract import Contract
from shared.contracts.controls import Switch, SwitchSet
from shared.contracts.envelope import Event
from shared.contracts.recoveries import RecoveryEvent
from shared.contracts.registered import ChoiceMade
from shared.settings import Settings
from shared.stage.fold import Fold
from shared.stage.switches import Switches
from tests.core.recovery_world import START, World, given, order, policy, triaged
from tests.core.test_recovery_properties import complaints, value


def word(switch: Switch, *, paused: bool, minutes: int = 0) -> SwitchSet:
    """Somebody's word on a switch."""
    at = START + timedelta(minutes=minutes)
    return SwitchSet(switch=switch, paused=paused, actor="Kari (ops)", reason="drill", at=at)


def yes_to(world: World) -> ChoiceMade:
    """The complainant takes what was offered last."""
    last = world.last()
    return ChoiceMade(
        complaint_id=last.complaint_id,
        case_id=last.case_id,
        recovery_id=last.recovery_id,
        choice="yes",
    )


def test_the_last_word_counts() -> None:
    """A switch would stay as the first one had put it, or one switch would move another."""
    switches = Switches()
    assert switches.take(word("payouts", paused=True))
    assert not switches.take(word("payouts", paused=True, minutes=1))
    assert (switches.paused("payouts"), switches.paused("messages")) == (True, False)
    assert switches.take(word("payouts", paused=False, minutes=2))
    assert [(each.switch, each.paused) for each in switches.standing()] == [("payouts", False)]


@for_all(complaints())
def test_nothing_is_automatic_while_it_is_paused(fields: dict[str, object]) -> None:
    """A machine would go on paying after somebody had stopped it."""
    world = World(policy=policy().for_people_alone())
    world.tell(triaged(**fields))
    assert not world.said or world.last().outcome == "with_person"
    assert world.pending("book") == world.pending("grant") == []


@for_all(complaints())
def test_a_pause_changes_who_decides_and_never_what(fields: dict[str, object]) -> None:
    """Whoever complains during a pause would be offered something else."""
    world, paused = World(), World(policy=policy().for_people_alone())
    world.tell(triaged(**fields))
    paused.tell(triaged(**fields))
    assert bool(world.said) == bool(paused.said)
    assert not world.said or value(world.last()) == value(paused.last())


def test_the_digest_says_that_the_machine_was_paused(tmp_path: Path) -> None:
    """A decision made during a pause could not be made again from its event and its digest."""
    stage = build(Settings(state_dir=tmp_path))
    event: Event[Contract] = Event("e", "test", "someone", START, triaged(severity="low"))
    rows = dict.fromkeys(touches(event), 0)
    digests = []
    for paused in (False, True, False):
        stage.switches.take(word("automatic", paused=paused))
        stage.switches.take(word("payouts", paused=paused))
        said, *_ = Fold(stage, reserved=rows).decide(event)[1]
        assert isinstance(said.data, RecoveryEvent)
        assert ("automatic_paused" in said.data.reasons) is paused
        digests.append(said.policy_digest)
    known = stage.policy_digest
    assert digests == [known, f"{known}+automatic_paused", known]


def test_a_person_signs_what_the_paused_machine_proposes() -> None:
    """A pause would stop the people, too."""
    world = World(policy=policy().for_people_alone())
    world.tell(triaged(severity="low", order=order(19900)))
    assert "automatic_paused" in world.last().reasons
    world.tell(given(world, "agent-bjork"))
    assert [effect.payload["amount_minor"] for effect in world.pending("book")] == [19900]


@pytest.mark.parametrize(("paused", "expected"), [(True, []), (False, ["extra_time"])])
def test_a_yes_to_an_old_offer_waits_for_a_person(*, paused: bool, expected: list[str]) -> None:
    """An offer made before the pause would be given by the machine during it."""
    world = World()
    lesson = order(90000, kind="service", sold="distance")
    world.tell(triaged(category="service", remedy_sought="unknown", order=lesson, severity="low"))
    assert world.last().outcome == "offered"
    if paused:
        world.policy = policy().for_people_alone()
    world.tell(yes_to(world))
    assert expected == [effect.payload["gesture"] for effect in world.pending("grant")]
