"""What needs a person is opened, whatever order it comes in; tasks are made once."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.triaged import ComplaintTriaged
from tests.core.test_desk_examples import (
    AGENT,
    COMPLAINT,
    NOT_UPHELD,
    POLICY,
    Desk,
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
    unspoken,
)


def whys(emits: tuple[Contract, ...]) -> list[tuple[str, ...]]:
    """Why cases were opened."""
    return [each.why for each in emits if isinstance(each, ca.CaseOpened)]


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (triaged(), []),
        (triaged(needs_person=True), [("needs_person",)]),
        (triaged(needs_person=True, safety=True, severity="critical"), [("safety",)]),
        (triaged(needs_person=True, legal=True, abuse="threat"), [("legal", "threat")]),
        (triaged(kind="question"), [("question",)]),
        (triaged(kind="request"), [("request",)]),
        (triaged(kind="praise"), []),
        (triaged(kind="question", automatic=True), []),
    ],
)
def test_triage_opens_what_a_person_must_see(
    read: ComplaintTriaged, why: list[tuple[str, ...]]
) -> None:
    """A case that needs a person lies in no queue, or a robot's mail in somebody's."""
    assert why == whys(Desk().says(read))


def _raised(**fields: object) -> ComplaintTriaged:
    return triaged(needs_person=True, reasons=("reply_read", "severity.x"), **fields)


def test_what_a_reply_raised_is_opened_with_the_nearer_deadline() -> None:
    """A case that lies in the queue for Thursday would stay there with a fire in it."""
    desk = Desk().given(triaged(needs_person=True))
    first = desk.says(_raised(severity="high"))
    assert whys(first) == [("raised:high",)]
    assert whys(desk.says(_raised(severity="high"))) == []
    (opened,) = [
        each
        for each in desk.says(_raised(severity="critical", safety=True))
        if isinstance(each, ca.CaseOpened)
    ]
    assert (opened.why, opened.severity) == (("safety", "raised:critical"), "critical")
    before = next(each for each in first if isinstance(each, ca.CaseOpened))
    assert opened.due_at < before.due_at


def test_a_reply_outweighs_what_a_colleague_said_before_it() -> None:
    """Her "low" of yesterday would hide what came in the night; what she says next holds."""
    low = command(ca.CaseOverridden, 1, field="severity", value="low")
    desk = Desk().given(triaged(needs_person=True), taken(), low)
    (opened,) = desk.says(_raised(severity="critical", safety=True))
    assert isinstance(opened, ca.CaseOpened)
    assert opened.severity == "critical"
    desk.given(command(ca.CaseOverridden, 2, field="severity", value="medium"))
    (again,) = desk.says(recovery(re.RecoveryFailed, 3))
    assert isinstance(again, ca.CaseOpened)
    assert again.severity == "medium"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            recovery(re.RecoveryProposed, outcome="with_person", approval="person", gestures=()),
            [("recovery_with_person",)],
        ),
        (recovery(re.RecoveryProposed), []),
        (recovery(re.RecoveryProposed, outcome="with_person"), []),
        (recovery(re.RecoveryProposed, approval="automatic"), []),
        (recovery(re.RecoveryFailed, 3), [("recovery_failed",)]),
        (recovery(re.RecoveryReversed, 4), [("recovery_reversed",)]),
        (recovery(re.RecoveryRejected, 2), [("recovery_rejected",)]),
        (recovery(re.RecoverySettled, 3), []),
        (unsent("failed"), [("notification_failed",)]),
        (unsent("unknown"), [("notification_unknown",)]),
        (replied(), [("reply",)]),
        (unspoken("answer"), [("not_sent",)]),
        (unspoken("decision"), [("not_sent",)]),
        (unspoken("question"), []),
        (unspoken("answer", code="no_address"), []),
    ],
)
def test_what_follows_opens_the_case(told: Contract, why: list[tuple[str, ...]]) -> None:
    """A failed refund, an unsent mail or a reply is seen by nobody."""
    assert why == whys(Desk().given(triaged()).says(told))


def test_a_recovery_before_its_triage_waits_for_severity() -> None:
    """It would be opened with a severity and a deadline that nobody has read, or not at all."""
    early = recovery(re.RecoveryFailed, 3)
    desk = Desk().given(early)
    assert desk.emitted == []
    assert whys(desk.says(triaged(severity="high"))) == [("recovery_failed",)]


def test_the_same_reason_opens_a_case_once_until_a_person_has_dealt_with_it() -> None:
    """Every retry of a failing payment would put the case on top again, or the second be lost."""
    failed = recovery(re.RecoveryFailed, 3)
    desk = Desk().given(triaged(), failed)
    assert whys(desk.says(failed)) == []
    desk.given(taken(), command(ca.CaseAnswered, 1))
    assert whys(desk.says(failed)) == [("recovery_failed",)]


def test_a_reply_resumes_the_clock_of_a_case_that_waits() -> None:
    """The complainant answers, and the case goes on waiting for her."""
    desk = Desk().given(triaged(needs_person=True), taken(), command(ca.CaseAsked, 1))
    assert whys(desk.says(replied())) == [("reply",)]


def test_what_was_opened_while_she_closed_is_opened_again() -> None:
    """A failed refund that she had not seen would be closed with the case."""
    desk = Desk().given(triaged(needs_person=True), taken(), command(ca.CaseAnswered, 1))
    desk.reads_back = False
    desk.given(recovery(re.RecoveryFailed, 3))
    assert whys(desk.says(command(ca.CaseClosed, 2))) == [("recovery_failed",)]


@pytest.mark.parametrize(
    ("severity", "kind", "due"),
    [
        ("critical", "complaint", datetime(2026, 11, 23, 9, 15, tzinfo=UTC)),
        ("high", "complaint", datetime(2026, 11, 23, 13, 0, tzinfo=UTC)),
        ("medium", "complaint", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
        ("low", "complaint", datetime(2026, 11, 26, 9, 0, tzinfo=UTC)),
        ("low", "question", datetime(2026, 11, 24, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_deadline_is_the_first_human_touch(severity: str, kind: str, due: datetime) -> None:
    """Somebody with a burnt hand waits as long as somebody with a trifle."""
    emits = Desk().says(triaged(needs_person=True, severity=severity, kind=kind))
    assert [due] == [each.due_at for each in emits if isinstance(each, ca.CaseOpened)]


@pytest.mark.parametrize("read", [{"safety": True}, {"abuse": "threat"}])
def test_danger_and_threats_are_due_in_minutes(read: dict[str, object]) -> None:
    """Whoever is threatened or in danger waits three business days: the trifle was small."""
    desk = Desk()
    emits = (
        *desk.says(triaged(needs_person=True, severity="low", **read)),
        *desk.given(taken(), command(ca.CaseAnswered, 1)).says(replied()),
    )
    due = [each.due_at - each.at for each in emits if isinstance(each, ca.CaseOpened)]
    assert [timedelta(minutes=15)] * 2 == due


def test_nobody_counts_as_answered_whose_answer_was_not_sent() -> None:
    """A public post gives no way to write back: the case would be closed, and she heard nothing."""
    desk = Desk().given(triaged(needs_person=True), taken(), command(ca.CaseAnswered, 1))
    desk.given(unspoken("answer"))
    assert desk.refusal(command(ca.CaseClosed, 2)) == "not_allowed"
    # She was told; what she does about it is hers to answer for.
    desk.given(command(ca.CaseAnswered, 2), unspoken("answer"))
    assert None is desk.refusal(command(ca.CaseClosed, 3))


def test_an_answer_that_was_not_sent_may_be_read_after_its_suppression() -> None:
    """Cases and notifications are two topics: read the other way round, she counts as answered."""
    desk = Desk().given(triaged(needs_person=True), taken())
    desk.reads_back = False
    desk.given(unspoken("answer"))
    assert whys(desk.says(command(ca.CaseAnswered, 1))) == [("not_sent",)]


def test_approved_gestures_of_the_hand_become_tasks_once() -> None:
    """A promised replacement that nobody is told to send, or that two people send."""
    gestures = (gesture("refund", amount_minor=1, currency="NOK"), gesture("replacement"))
    approved = recovery(re.RecoveryApproved, 2, gestures=gestures)
    desk = Desk()
    tasks = [each for each in desk.says(approved) if isinstance(each, ca.TaskCreated)]
    assert [(task.task_id, task.what, task.owner_role) for task in tasks] == [
        ("gesture-replacement", "replacement", "agent")
    ]
    assert desk.says(approved.model_copy(update={"version": 3})) == ()


def test_a_complaint_that_names_somebody_says_so_when_it_opens() -> None:
    """She would own, sign or read first a complaint about herself."""
    rules = POLICY.rules.model_copy(update={"known_as": {"Kari i kassa": AGENT}})
    policy = POLICY.model_copy(update={"rules": rules})
    desk = Desk(policy=policy).given(registered("Ho Kari i kassa, var ufin."))
    assert [("needs_person", f"about:{AGENT}")] == whys(desk.says(triaged(needs_person=True)))


def test_a_name_that_comes_after_the_opening_is_added() -> None:
    """Registered and triaged come by two topics; the later one must not be lost."""
    rules = POLICY.rules.model_copy(update={"known_as": {"kari": AGENT}})
    policy = POLICY.model_copy(update={"rules": rules})
    desk = Desk(policy=policy).given(triaged(needs_person=True))
    assert [(f"about:{AGENT}",)] == whys(desk.says(registered("KARI!")))


def test_the_same_event_history_and_policy_give_the_same_decision() -> None:
    """A replay after a crash would tell people something else."""
    one, other = Desk().given(triaged()), Desk().given(triaged())
    said = event(opened(), "x")
    assert one.read(said) == other.read(said)
    assert triaged().complaint_id == COMPLAINT


def test_a_no_in_the_case_is_an_answer() -> None:
    """Her own no would open the case again, and only a colleague could repeat it."""
    no = {"decided_by": f"person:{AGENT}", "outcome": "no_action"}
    desk = Desk().given(triaged(needs_person=True), taken(), decided(1, result=NOT_UPHELD))
    own = recovery(re.RecoveryRejected, 2, reasons=("decided_by_person",), **no)
    assert whys(desk.says(own)) == []
    unsigned = recovery(re.RecoveryRejected, 2, **no)
    assert whys(desk.says(unsigned)) == [("recovery_rejected",)]


def test_a_decision_that_came_to_nothing_opens_the_case_again() -> None:
    """Her refund is not paid, and the case stands as decided; read in any order."""
    failed = recovery(re.RecoveryFailed, 3, decided_by=f"person:{AGENT}", approval="person")
    first = Desk().given(triaged(needs_person=True), taken(), decided(1))
    assert whys(first.says(failed)) == [("recovery_failed",)]
    again = Desk().given(triaged(needs_person=True), failed, taken(), failed)
    assert whys(again.says(decided(1))) == [("recovery_failed",)]
    assert (first.known.needs_person, again.known.needs_person) == (True, True)
    assert whys(again.says(command(ca.CaseAnswered, 2))) == []
