"""The one rule for commands: what has an effect, what has none and why."""

import pytest
from pydantic import JsonValue

from shared.contracts import cases as ca
from shared.contracts.caserule import NOBODY, CaseState, Refusal, judge
from shared.contracts.contract import Contract
from tests.core.test_desk_examples import (
    AGENT,
    CASE,
    LEAD,
    NOT_UPHELD,
    OTHER,
    POLICY,
    Desk,
    command,
    decided,
    opened,
    taken,
)

ABOUT_HER = command(ca.CaseOverridden, 0, actor=LEAD, field="about", value=AGENT)
CLOSED = (opened(), taken(), command(ca.CaseAnswered, 1), command(ca.CaseClosed, 2))
DECLINED = (opened(), taken(), decided(1, result=NOT_UPHELD), command(ca.CaseClosed, 2))


@pytest.mark.parametrize(
    ("given", "said", "code"),
    [
        ((), taken(), None),
        ((opened(),), taken(), None),
        ((opened(),), taken(7), "stale_version"),
        ((opened(), taken()), taken(0, OTHER), "stale_version"),
        ((opened(), taken()), taken(1, OTHER), "not_owner"),
        ((opened(), taken()), taken(1, LEAD), None),
        ((opened(),), taken(0, "agent-nobody"), "not_allowed"),
        ((opened(),), taken(0, "rule:faulty"), "no_name"),
        ((opened(),), command(ca.CaseAnswered, 0), "not_owner"),
        ((opened(), taken()), command(ca.CaseAnswered, 1), None),
        ((opened(), taken()), command(ca.CaseAnswered, 1, actor=LEAD), "not_owner"),
        ((opened(), taken()), command(ca.CaseAsked, 1), None),
        ((opened(), taken()), decided(1), None),
        ((opened(), taken()), command(ca.CaseHandedOver, 1, owner=OTHER), None),
        ((opened(), taken()), command(ca.CaseHandedOver, 1, actor=OTHER, owner=OTHER), "not_owner"),
        ((opened(), taken()), command(ca.CaseHandedOver, 1, actor=LEAD, owner=OTHER), None),
        ((opened(), taken()), command(ca.CaseHandedOver, 1, owner="someone"), "not_allowed"),
        ((opened(), taken()), command(ca.CaseWithdrawn, 1), None),
        ((opened(), taken()), command(ca.CaseReopened, 1), "not_open"),
        (CLOSED, command(ca.CaseReopened, 3, actor=OTHER), None),
        (CLOSED, command(ca.CaseAnswered, 3), "not_open"),
        (CLOSED, taken(3), "not_open"),
        ((opened(),), command(ca.TaskDone, 0, task_id="t"), "not_open"),
    ],
)
def test_a_command_has_its_effect_or_its_reason(
    given: tuple[Contract, ...], said: ca.CaseCommand, code: str | None
) -> None:
    """Two people act on one case at once, or somebody acts who may not, and nothing says so."""
    assert code == Desk().given(*given).refusal(said)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ((opened(), taken()), "not_allowed"),
        ((opened(), taken(), command(ca.CaseAsked, 1)), "not_allowed"),
        ((opened(), taken(), command(ca.CaseAnswered, 1)), None),
        ((opened(), taken(), decided(1)), None),
        ((opened(), taken(), command(ca.CaseAnswered, 1), opened("reply")), "not_allowed"),
        ((taken(),), None),
    ],
)
def test_no_closing_before_a_person_has_answered(
    given: tuple[Contract, ...], code: str | None
) -> None:
    """A case that needed a person is closed, and the complainant never heard from one."""
    seen = sum(isinstance(each, ca.CaseCommand) for each in given)
    assert code == Desk().given(*given).refusal(command(ca.CaseClosed, seen))


def test_no_closing_while_something_promised_is_undone() -> None:
    """A replacement was promised; the case is closed, and it is never sent."""
    desk = Desk().given(opened(), taken(), command(ca.CaseAnswered, 1), task("t1"))
    closing = judge(
        [memory.data for memory in desk.history.memories],
        command(ca.CaseClosed, 2),
        known=POLICY.people.names,
    )
    assert closing.refusal == Refusal("not_allowed", "task_open")
    desk.given(command(ca.TaskDone, 2, task_id="t1"))
    assert None is desk.refusal(command(ca.CaseClosed, 3))


def test_a_machine_cannot_close() -> None:
    """A case is closed in no person's name."""
    desk = Desk().given(opened(), taken(), command(ca.CaseAnswered, 1))
    assert desk.refusal(command(ca.CaseClosed, 2, actor="rule:silence")) == "no_name"


def test_whom_it_is_about_never_owns_it() -> None:
    """She handles the complaint about herself, or it stays in her hands."""
    desk = Desk().given(opened(f"about:{AGENT}"))
    assert desk.refusal(taken()) == "not_allowed"
    assert None is desk.refusal(taken(0, OTHER))
    assert desk.refusal(command(ca.CaseHandedOver, 1, actor=OTHER, owner=AGENT)) == "not_allowed"


def test_a_leaders_word_takes_it_from_whom_it_is_about_and_gives_it_back() -> None:
    """What the machine did not see of the complaint could never be put right."""
    desk = Desk().given(opened(), taken(), ABOUT_HER.model_copy(update={"seen_version": 1}))
    assert (state(desk).owner, state(desk).about) == (None, (AGENT,))
    cleared = command(ca.CaseOverridden, 2, actor=LEAD, field="about", value=NOBODY)
    assert None is desk.refusal(cleared)
    assert state(desk).about == ()


def test_a_second_no_is_another_persons_and_a_yes_is_anyones() -> None:
    """The appeal is heard by the one who said no, or she may not even mend it."""
    again = (*DECLINED, command(ca.CaseReopened, 3))
    no, yes = decided(4, result=NOT_UPHELD), decided(4)
    assert Desk().given(*again).refusal(no) == "not_allowed"
    assert None is Desk().given(*again).refusal(yes)
    other = (*again, command(ca.CaseHandedOver, 4, owner=OTHER))
    assert None is Desk().given(*other).refusal(decided(5, actor=OTHER, result=NOT_UPHELD))


def test_a_task_is_done_once() -> None:
    """Two people deliver the same thing, each thinking that it is open."""
    desk = Desk().given(task("t1"))
    assert None is desk.refusal(command(ca.TaskDone, 0, task_id="t1"))
    assert desk.refusal(command(ca.TaskDone, 1, actor=OTHER, task_id="t1")) == "not_open"


def test_a_refused_command_changes_nothing() -> None:
    """Readers count versions differently, and from then on every command is stale to someone."""
    desk = Desk().given(opened(), taken())
    before = state(desk)
    desk.given(taken(0, OTHER), command(ca.CaseClosed, 1), command(ca.CaseAnswered, 1, actor=LEAD))
    assert before == state(desk)


def test_every_reader_comes_to_the_same_ruling() -> None:
    """Recovery pays what the desk refused: they fold the same topic with other memories."""
    said = (opened(), taken(), taken(0, OTHER), decided(1), command(ca.CaseClosed, 2))
    desk, rulings = Desk(), list[bool]()
    memories: list[dict[str, JsonValue]] = [{"mine": 1}]
    for each in said:
        ruling = judge(memories, each, known=POLICY.people.names)
        memories.append({"mine": 2} | ruling.remembers)
        rulings.append(ruling.effective)
        desk.given(each)
    assert rulings == [True, True, False, True, True]
    assert state(desk) == judge(memories, opened(), known=()).before


def state(desk: Desk) -> CaseState:
    """The case as the rule sees it now."""
    memories = [memory.data for memory in desk.history.memories]
    return judge(memories, opened(), known=()).before


def task(name: str) -> ca.TaskCreated:
    """A replacement is to be sent."""
    return ca.TaskCreated(
        complaint_id="complaint-1",
        case_id=CASE,
        at=opened().at,
        task_id=name,
        what="replacement",
        owner_role="agent",
        due_at=opened().at,
    )
