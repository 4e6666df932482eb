"""Who is asked to sign: a named colleague, when she is silent her deputy, then the next role up."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from services.recovery.approvers import ROLES
from services.recovery.model import standing_from
from shared.contracts.cases import CaseOpened, GestureWanted
from shared.contracts.recoveries import RecoveryApprovalRefused, RecoveryProposed
from tests.core.recovery_world import (
    START,
    World,
    declined,
    given,
    order,
    person_decides,
    policy,
    triaged,
)

LEADS = {"lead-gran", "lead-furu"}
MANAGERS = {"manager-eik", "manager-alm"}


def proposed(amount_minor: int = 149000, **fields: object) -> World:
    """A world where a refund waits for a signature."""
    world = World()
    world.tell(triaged(order=order(amount_minor), severity="low", **fields))
    return world


def after_silences(world: World, count: int) -> list[Sequence[str]]:
    """Who was asked at first, and after each time that nobody answered."""
    asked: list[Sequence[str]] = [world.last().asked]
    for _ in range(count):
        world.fires("approval_silence")
        asked.append(world.last().asked)
    return asked


def test_silence_asks_the_deputy_then_the_next_role_and_never_stops() -> None:
    """The same people who were silent would be asked again, or after once nobody."""
    world = proposed()
    first, deputy, *above = after_silences(world, 5)
    assert {*first, *deputy} == LEADS
    assert policy().people.named(first[0]).deputy == deputy[0]  # type: ignore[union-attr]  # known
    assert [set(each) for each in above] == [MANAGERS] * 4
    assert world.pending("book") == []
    assert world.of(RecoveryProposed)[-1].reasons[-1] == "approval_silent"
    world.tell(given(world, "manager-alm"))
    assert len(world.pending("book")) == 1


def test_above_a_leaders_limit_managers_are_asked_and_their_deputies() -> None:
    """A large sum would wait for leaders who may not sign it."""
    first, deputy, everyone = after_silences(proposed(649000), 2)
    assert ({*first, *deputy}, len(first), set(everyone)) == (MANAGERS, 1, MANAGERS)


def test_each_waits_two_business_hours() -> None:
    """Somebody would be passed over in minutes, or in the middle of the night."""
    world, zone = proposed(), ZoneInfo(policy().deadlines.calendar.zone)
    times = [START.astimezone(zone)]
    for _ in range(4):
        world.fires("approval_silence")
        times.append(world.now.astimezone(zone))
    assert [f"{each:%a %H}" for each in times] == ["Mon 10", "Mon 12", "Mon 14", "Mon 16", "Tue 10"]


def test_whoever_decided_refused_or_is_complained_of_is_never_asked() -> None:
    """Her own decision, or a complaint about her, would be put before her to sign."""
    world = proposed(needs_person=True)
    opened = CaseOpened(
        complaint_id="c-1",
        case_id="case-c-1",
        at=world.now,
        severity="low",
        why=("about:manager-eik",),
        due_at=world.now,
    )
    world.tell(opened)
    wanted = GestureWanted(kind="refund", amount_minor=120000, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", wanted))
    world.fires("payments_seen")
    asked = {person for step in after_silences(world, 4) for person in step}
    assert asked == {*LEADS, "manager-alm"}
    world.tell(given(world, "manager-eik"))
    assert [each.code for each in world.of(RecoveryApprovalRefused)] == ["about_the_actor"]


def test_a_decision_of_a_leaders_own_is_put_before_another() -> None:
    """Requester and approver would be one."""
    world = proposed(needs_person=True)
    wanted = GestureWanted(kind="compensation", amount_minor=240000, currency="NOK")
    world.tell(person_decides(world, "manager-eik", wanted))
    world.tell(declined(world, "lead-gran"))
    asked = {person for event in world.of(RecoveryProposed) for person in event.asked}
    assert "manager-eik" not in asked


def test_only_colleagues_who_may_sign_and_are_ever_here_are_asked() -> None:
    """A simulated colleague, or one without a limit, would be waited for in vain."""
    for amount_minor in (30000, 149000, 649000):
        for complaint in ("c-1", "c-2", "c-3", "c-4", "c-5"):
            world = World()
            world.tell(triaged(complaint, order=order(amount_minor), severity="low"))
            for person in {each for step in after_silences(world, 3) for each in step}:
                known = policy().people.named(person)
                assert known is not None
                assert known.on_call
                assert known.role in ROLES
                assert known.may_sign({"NOK": amount_minor})


def test_leaders_share_what_there_is_to_sign() -> None:
    """One leader would get every proposal, because she stands first in a file."""
    first = set()
    for number in range(20):
        world = World()
        world.tell(triaged(f"c-{number}", order=order(149000), severity="low"))
        first |= set(world.last().asked)
    assert first == LEADS


def test_a_threat_is_asked_about_like_any_other_proposal() -> None:
    """What only lacks a signature would wait for ever because a person has the case."""
    world = proposed(abuse="threat")
    steps = after_silences(world, 2)
    assert (world.last().outcome, set(steps[2])) == ("with_person", MANAGERS)


def test_the_clock_of_an_older_proposal_is_not_the_new_ones() -> None:
    """A fallback would be asked minutes after the decision that she is to sign."""
    world = proposed()
    old = next(e for e in world.effects.values() if e.payload.get("name") == "approval_silence")
    wanted = GestureWanted(kind="refund", amount_minor=120000, currency="NOK")
    world.tell(person_decides(world, "agent-bjork", wanted))
    world.fires("payments_seen")
    new = [e for e in world.effects.values() if e.payload.get("name") == "approval_silence"]
    assert len({old.key, *(effect.key for effect in new)}) == 2
    said = len(world.said)
    world.effects = {old.key: old}
    world.fires("approval_silence")
    assert len(world.said) == said


def test_an_offer_is_asked_of_nobody_but_the_complainant() -> None:
    """A leader would be called to sign what only waits for a yes."""
    world = World()
    lesson = order(90000, kind="service", sold="distance")
    world.tell(triaged(category="service", severity="low", remedy_sought="unknown", order=lesson))
    assert (world.last().outcome, world.last().asked) == ("offered", ())


@pytest.mark.parametrize(("kept", "silences"), [({"silent": True}, 1), ({}, 0)])
def test_a_standing_that_an_older_version_kept_is_read(
    kept: dict[str, bool], silences: int
) -> None:
    """After an upgrade recovery would stop at the first proposal that had waited."""
    old: dict[str, JsonValue] = {"complaint_id": "c-1", "case_id": "case-c-1", "status": "proposed"}
    assert standing_from({**old, **kept}).silences == silences


def signed_and_looked_at(**changes: object) -> World:
    """A leader signed; before her signature settles anything the payments are looked at."""
    world = World()
    world.tell(triaged(order=order(149000), order_state="contradicted"))
    world.tell(given(world, "lead-gran"))
    assert world.pending("book") == []
    people = policy().people.people
    now = [
        each.model_copy(update=changes) if each.person == "lead-gran" else each for each in people
    ]
    known = policy().people.model_copy(update={"people": tuple(now)})
    world.policy = policy().model_copy(update={"people": known})
    return world


def test_a_signature_that_still_holds_settles_when_the_payments_were_seen() -> None:
    """The checks below would refuse every signature."""
    world = signed_and_looked_at()
    world.fires("payments_seen")
    assert len(world.pending("book")) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"limit_minor": {"NOK": 100000}}, "over_limit"),
        ({"limit_minor": {}}, "over_limit"),
        ({"person": "somebody-else"}, "unknown_person"),
    ],
)
def test_the_signers_limit_is_checked_at_the_moment_of_settlement(
    changes: dict[str, object], code: str
) -> None:
    """Money would leave on a limit that was lowered, or by one who has left, since she signed."""
    world = signed_and_looked_at(**changes)
    world.fires("payments_seen")
    refused = [each.code for each in world.of(RecoveryApprovalRefused)]
    assert (refused, world.pending("book"), world.claimed) == ([code], [], {})
    world.tell(given(world, "manager-alm"))
    world.fires("payments_seen")
    assert len(world.pending("book")) == 1, "another may sign it"


def test_whoever_turns_out_to_be_complained_of_has_not_signed() -> None:
    """A complaint about her, told so a moment after she signed, would be settled by her."""
    world = signed_and_looked_at()
    opened = CaseOpened(
        complaint_id="c-1",
        case_id="case-c-1",
        at=world.now,
        severity="medium",
        why=("about:lead-gran",),
        due_at=world.now,
    )
    world.tell(opened)
    world.fires("payments_seen")
    codes = [each.code for each in world.of(RecoveryApprovalRefused)]
    assert (codes, world.pending("book")) == (["about_the_actor"], [])
