"""What comes first, and who may take what; in Python and in the ledger alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from services.desk import books, queues, reading
from services.desk.model import QueueRow
from services.desk.projection import row, view
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import Severity
from shared.ledger.engine import sqlite_engine
from shared.ledger.migrate import migrate
from shared.people import Person
from tests.core.test_desk_examples import (
    AGENT,
    CASE,
    COMPLAINT,
    RECOVERY,
    Desk,
    approval,
    command,
    event,
    opened,
    recovery,
    registered,
    replied,
    taken,
    triaged,
)

ME = Person(person=AGENT, role="agent", team="front", never_handles=("threat", "billing"))
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def line(name: str, severity: Severity, *, due_h: int | None, **changed: object) -> QueueRow:
    """A line of a queue, due so many hours from now."""
    plain = QueueRow(
        case_id=name,
        state="open",
        severity=severity,
        needs_person=True,
        due_at=None if due_h is None else NOW + timedelta(hours=due_h),
        owner=None,
        version=0,
        why=("needs_person",),
        category="product",
        updated=NOW,
    )
    return plain.model_copy(update=changed)


ROWS = (
    line("late-low", "low", due_h=-5),
    line("soon-high", "high", due_h=1),
    line("late-high", "high", due_h=-1),
    line("waits-high", "high", due_h=None),
    line("critical", "critical", due_h=3),
    line("mine", "medium", due_h=2, owner=AGENT),
    line("threat", "high", due_h=1, why=("threat",)),
    line("billing", "high", due_h=1, category="billing"),
    line("about-me", "high", due_h=1, about=(AGENT,)),
    line("machine", "low", due_h=None, needs_person=False),
)


def test_severity_comes_first_then_the_deadline() -> None:
    """Somebody hurt waits behind a trifle that is older."""
    expected = ["critical", "late-high", "soon-high", "waits-high", "late-low"]
    assert expected == [each.case_id for each in queues.team(reversed(ROWS), ME)]
    assert [each.case_id for each in queues.mine(ROWS, ME)] == ["mine"]


def test_danger_and_threats_come_before_all_severities() -> None:
    """A threat in a small matter is read last, in three business days."""
    rows = (*ROWS, line("danger", "low", due_h=9, urgent=True))
    assert [each.case_id for each in queues.ordered(rows)][:2] == ["danger", "critical"]
    desk = Desk().given(triaged(needs_person=True, abuse="threat", severity="low"))
    assert row(view([*desk.seen, *desk.emitted], CASE)).urgent
    desk.given(taken(), command(ca.CaseAsked, 1))
    assert not row(view([*desk.seen, *desk.emitted], CASE)).urgent


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("critical", None),
        ("threat", "never_handles"),
        ("billing", "never_handles"),
        ("about-me", "about_the_actor"),
    ],
)
def test_who_may_take_what(name: str, why: str | None) -> None:
    """A complaint about her, or what she never handles, lands with her."""
    assert why == queues.why_not(next(each for each in ROWS if each.case_id == name), ME)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Connection]:
    """The desk's own tables in a SQLite file, made by its migration."""
    engine = sqlite_engine(str(tmp_path / "desk.db"))
    migrate(engine, "desk")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def some_cases() -> list[Event[Contract]]:
    """Eight cases of every severity, some waiting, some about somebody."""
    found: list[Event[Contract]] = []
    severities: tuple[Severity, ...] = ("low", "high", "critical", "medium")
    for number in range(8):
        ids = {"complaint_id": f"c{number}", "case_id": f"k{number}"}
        why = ("about:agent-bjork",) if number == 3 else ("needs_person",)
        danger = number in (4, 5)
        said: tuple[Contract, ...] = (
            registered().model_copy(update={"complaint_id": ids["complaint_id"]}),
            triaged(**ids, severity=severities[number % 4], needs_person=True, safety=danger),
            opened(*why, severity=severities[number % 4], due_h=9 - number).model_copy(update=ids),
        )
        found += [event(each, f"{number}-{n}", after_s=n) for n, each in enumerate(said)]
    return found


def test_the_ledger_gives_the_same_queue_as_the_pure_one(ledger: Connection) -> None:
    """The list and the rule that is tested drift apart."""
    found = some_cases()
    books.keep(ledger, found)
    ids = {each.data.case_id for each in found if hasattr(each.data, "case_id")}
    rows = [row(view([e for e in found if e.id[0] == i[1]], i)) for i in ids]
    expected = [each for each in queues.ordered(rows) if queues.may_see(each, ME)]
    assert expected == list(reading.queue(ledger, reading.Wanted(), person=ME))
    assert [each.case_id for each in expected if each.urgent] == ["k5", "k4"]
    assert [each.case_id for each in expected][:3] == ["k5", "k4", "k6"]
    assert "k3" not in [each.case_id for each in expected]


def test_pages_and_filters(ledger: Connection) -> None:
    """A case falls between two pages, or a filter shows what it should hide."""
    taken_one = event(taken().model_copy(update={"case_id": "k1", "complaint_id": "c1"}), "t")
    books.keep(ledger, [*some_cases(), taken_one])

    def ask(**how: object) -> list[str]:
        wanted = reading.Wanted(**how)  # type: ignore[arg-type]  # each test names its own
        return [each.case_id for each in reading.queue(ledger, wanted, person=ME)]

    assert ask() == ask(limit=3) + ask(limit=3, offset=3) + ask(limit=3, offset=6)
    places = {
        each.case_id: queues.place(each)
        for each in reading.queue(ledger, reading.Wanted(), person=ME)
    }
    third, fourth = (places[each] for each in ask()[2:4])
    assert ask(limit=3, after=third) == ask(limit=3, offset=3)
    assert ask(limit=2, before=fourth) == ask(limit=2, offset=1)
    assert ask(mine=True) == ["k1"]
    assert ask(needs_person=False) == []
    assert len(ask(state="open")) == 7


def test_batches_in_any_order_leave_the_same_rows(ledger: Connection) -> None:
    """A worker that reads the topics in another order shows another queue."""
    desk = Desk().given(registered(), triaged(needs_person=True), taken())
    whole = {each.id: each for each in (*desk.seen, *desk.emitted)}
    for each in reversed(whole.values()):
        books.keep(ledger, [each, each])
    found = reading.case_named(ledger, CASE)
    assert found is not None
    assert found.case == view(list(whole.values()), CASE)
    assert found == reading.case_named(ledger, COMPLAINT)
    assert [row(found.case)] == list(reading.queue(ledger, reading.Wanted(), person=ME))


def test_a_reply_goes_by_its_complaint(ledger: Connection) -> None:
    """Intake guesses the case: the reply lies in a case of its own, and nobody sees it."""
    books.keep(ledger, [event(registered(), "r"), event(triaged(needs_person=True), "t")])
    guessed = replied(COMPLAINT).model_copy(update={"case_id": "guessed"})
    books.keep(ledger, [event(guessed, "p", after_s=9)])
    found = reading.case_named(ledger, COMPLAINT)
    assert found is not None
    assert [(found.case.case_id, each.kind) for each in found.case.messages] == [(CASE, "reply")]
    assert reading.case_named(ledger, "guessed") is None
    assert [e.case_id for e in reading.queue(ledger, reading.Wanted(), person=ME)] == [CASE]


def test_a_recovery_waits_for_its_signature_in_the_ledger(ledger: Connection) -> None:
    """A team lead does not find what waits for her, or finds it again after she signed."""
    first = [registered(), triaged(), recovery(re.RecoveryProposed)]
    books.keep(ledger, [event(each, f"e{n}", after_s=n) for n, each in enumerate(first)])
    waits = reading.approvals(ledger, ME, limit=9, offset=0)
    assert [each.recovery_id for each in waits] == [RECOVERY]
    signed = [approval(ap.ApprovalGiven), recovery(re.RecoveryApproved, 2)]
    books.keep(ledger, [event(each, f"s{n}", after_s=9 + n) for n, each in enumerate(signed)])
    assert reading.approvals(ledger, ME, limit=9, offset=0) == ()
    assert reading.case_of(ledger, "approval", name=RECOVERY) == CASE


def test_the_migration_makes_the_tables_of_the_ledger(ledger: Connection) -> None:
    """A column exists in the code and not in the database, or the other way round."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 -- slow, and only here
    from alembic.migration import MigrationContext  # noqa: PLC0415 -- see the line above

    from services.desk.ledger import metadata  # noqa: PLC0415 -- beside its comparison

    differences = compare_metadata(MigrationContext.configure(ledger), metadata)
    assert [each for each in differences if each[0] not in ("remove_table", "remove_index")] == []


@pytest.mark.parametrize("severity", ["low", "medium", "high", "critical"])
def test_a_severity_is_found_by_its_ranks(severity: Severity) -> None:
    """A filter by severity shows another severity, or forgets what is urgent."""
    both = (line("x", severity, due_h=1, urgent=urgent) for urgent in (True, False))
    assert tuple(queues.rank(each) for each in both) == queues.ranks_of(severity)
    assert queues.ranks_of("none") == ()
