"""A case page is made from the set of its events: no order of arrival shows in it."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.model import CaseView
from services.desk.projection import row, view
from services.desk.stored import restored, stored
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from tests.core.test_desk_examples import (
    AGENT,
    CASE,
    OTHER,
    Desk,
    approval,
    command,
    decided,
    event,
    gesture,
    opened,
    recovery,
    registered,
    replied,
    taken,
    triaged,
    unsent,
)

# One long everyday case: two people at once, a reply, a failed payment, a task.
STORY: tuple[Contract, ...] = (
    registered(),
    triaged(needs_person=True, severity="high"),
    recovery(re.RecoveryProposed),
    taken(),
    taken(0, OTHER),
    approval(ap.ApprovalGiven),
    recovery(re.RecoveryApproved, 2, gestures=(gesture("replacement"),)),
    command(ca.CaseAsked, 1),
    replied(),
    recovery(re.RecoveryFailed, 3),
    unsent(),
    decided(2),
    command(ca.CaseOverridden, 3, field="severity", value="low", reason="Ein bagatell."),
    command(ca.TaskDone, 4, task_id="gesture-replacement"),
    command(ca.CaseClosed, 5),
)


def story(*said: Contract) -> list[Event[Contract]]:
    """What lies in the ledger after this was said: events, and what the desk emitted."""
    desk = Desk().given(*said)
    return list({each.id: each for each in (*desk.seen, *desk.emitted)}.values())


def seen(*said: Contract) -> CaseView:
    """The case after this was said."""
    return view(story(*said), CASE)


@given(st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_bytes(chance: Random) -> None:
    """Two people look at one case and see different things."""
    events = story(*STORY)
    expected = view(events, CASE).model_dump_json()
    chance.shuffle(events)
    assert expected == view([*events, *events[:3]], CASE).model_dump_json()


@given(st.randoms(use_true_random=False))
def test_any_order_between_topics_opens_and_closes_the_same(chance: Random) -> None:
    """A recovery that is read before its triage leaves the case in another state."""
    machine = [registered(), triaged(needs_person=True), recovery(re.RecoveryFailed, 3), unsent()]
    chance.shuffle(machine)
    found = seen(*machine)
    assert (found.state, found.needs_person, found.severity) == ("open", True, "medium")
    assert {"needs_person", "recovery_failed", "notification_failed"} == set(found.needs)


def test_the_page_shows_everything() -> None:
    """A handler answers without having seen what was said, given, promised or refused."""
    found = seen(*STORY)
    assert (found.state, found.owner, found.version, found.severity) == ("closed", AGENT, 6, "low")
    personal = found.complaints[0].personal
    assert personal is not None
    assert (personal.subject, personal.text) == ("Trakteren", "Kaffetraktaren lek.")
    assert sorted((m.kind for m in found.messages), key=["reply", "asked", "decided"].index) == [
        "reply",
        "asked",
        "decided",
    ]
    assert [(t.task_id, t.done_by) for t in found.tasks] == [("gesture-replacement", AGENT)]
    assert [each.state for each in found.recoveries] == ["failed"]
    assert [(c.field, c.value, c.by) for c in found.corrections] == [("severity", "low", AGENT)]
    assert [line.said for line in found.timeline if not line.effect] == ["no effect: stale_version"]
    assert not found.needs_person


def test_two_commands_of_one_version_have_one_winner_before_the_refusal_is_read() -> None:
    """For a moment the page shows two owners, or the later of the two."""
    both = [event(opened(), "o"), event(taken(), "a", after_s=1), event(taken(0, OTHER), "b")]
    assert (view(both, CASE).owner, view(both, CASE).version) == (OTHER, 1)


def test_an_opening_after_a_close_wins_though_its_cause_is_older() -> None:
    """A late failed payment lies in a closed case: its cause's time is before the close."""
    closing = (opened(), taken(), command(ca.CaseAnswered, 1), command(ca.CaseClosed, 2))
    said = [event(each, f"e{n}", after_s=n) for n, each in enumerate(closing)]
    failed = opened("recovery_failed").model_copy(update={"after_version": 3})
    late = event(failed, "late", after_s=-50)
    assert view(said, CASE).state == "closed"
    found = view([late, *said], CASE)
    assert (found.state, found.needs) == ("open", ("recovery_failed",))


@pytest.mark.parametrize(
    ("said", "state", "needs"),
    [
        ((triaged(),), "open", ()),
        ((triaged(), recovery(re.RecoveryProposed)), "decided", ("approval:team_lead",)),
        ((triaged(), recovery(re.RecoveryApproved, 2)), "decided", ()),
        ((triaged(), recovery(re.RecoverySettled, 3)), "closed", ()),
        ((triaged(kind="question"),), "open", ("question",)),
        ((triaged(kind="question"), taken(), command(ca.CaseAsked, 1)), None, ("question",)),
        ((triaged(kind="question"), taken(), command(ca.CaseAnswered, 1)), "open", ()),
        ((triaged(kind="question"), taken(), decided(1)), "decided", ()),
    ],
)
def test_what_it_needs_and_where_it_stands(
    said: tuple[Contract, ...], state: str | None, needs: tuple[str, ...]
) -> None:
    """It lies in the wrong queue, or in none."""
    found = seen(*said)
    assert (state or "waiting_for_complainant", needs) == (found.state, found.needs)


def test_the_clock_waits_while_the_complainant_has_the_word() -> None:
    """She is chased for a deadline that hangs on somebody else."""
    asked = (triaged(needs_person=True), taken(), command(ca.CaseAsked, 1))
    assert None is seen(*asked).due_at
    assert seen(*asked, replied()).due_at is not None


def test_a_signature_is_awaited_until_recovery_says_more() -> None:
    """The same refund is signed twice, or never shown to who must sign."""
    waiting = seen(triaged(), recovery(re.RecoveryProposed)).waiting_approvals
    assert [(each.recovery_id, each.version, each.total_minor) for each in waiting] == [
        ("recovery-1", 1, {"NOK": 90_000})
    ]
    signed = seen(triaged(), recovery(re.RecoveryProposed), recovery(re.RecoveryApproved, 2))
    assert signed.waiting_approvals == ()


def test_a_stored_event_comes_back_as_it_was() -> None:
    """The ledger loses an attribute, and the page changes after a restart."""
    events = story(*STORY)
    assert events == [restored(stored(each)) for each in events]


def test_the_view_and_its_row_survive_the_wire() -> None:
    """The command line shows something else than the door sent."""
    found = seen(*STORY)
    assert found == CaseView.model_validate_json(found.model_dump_json())
    assert found.case_id == row(found).case_id
