"""Whatever the demo leaves to people is taken, answered and closed, by the command line alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from services.desk.model import CaseView, QueueRow
from tests.people import ROOT, Person, up, within, written

DEMO = 50
WITH_PEOPLE_MIN = 20  # the demo's own count lies above 30; fewer would prove little
ROUNDS_MAX = 10
QUIET_S = 10.0  # longer than an order is looked up: what then comes back to the queue has come
SENT_S_MAX = 60.0
CLOSED, OPENED = "kulanse.case.closed.v1", "kulanse.case.opened.v1"


@dataclass
class Shift:
    """Two managers' day. `wrote`: by case, the words that its complainant must read."""

    eik: Person
    alm: Person
    needing: tuple[QueueRow, ...] = ()
    refused_early: list[str] = field(default_factory=list)
    wrote: dict[str, str] = field(default_factory=dict)
    signed: list[str] = field(default_factory=list)

    def work(self) -> None:
        """Until nothing waits, and nothing has come back."""
        self.needing = self.eik.cases()
        for _ in range(ROUNDS_MAX):
            if not self._round():
                time.sleep(QUIET_S)
                if not self._round():
                    return

    def _round(self) -> int:
        waiting, rows = self.eik.approvals(), self.eik.cases()
        for each in waiting:
            seen = str(each.version)
            sign = ("approve", each.recovery_id, "--reason", "Read it.", "--seen-version", seen)
            self.eik.does("approvals", *sign)
            self.signed.append(each.recovery_id)
        for row in rows:
            self._finish(row)
        return len(waiting) + len(rows)

    def _finish(self, row: QueueRow) -> None:
        """A case that came back is the other manager's: a second no is never the first one's."""
        case_id, who = row.case_id, self.eik
        if case_id in self.wrote:
            self.eik.does("cases", "hand-over", case_id, "manager-alm")
            who = self.alm
        else:
            who.does("cases", "take", case_id)
        if any(not why.startswith("task:") for why in row.why):
            self._refused_unanswered(who, case_id)
            self._answer(who, who.case(case_id))
        for task in who.case(case_id).tasks:
            if task.done_by is None:
                who.does("cases", "done", task.task_id)
        said = who.says("cases", "close", case_id, "--reason", "Everything is done.")
        # What was not sent, or promised meanwhile, keeps it open: the next round has it again.
        assert not said.code or said.error["code"] == "not_allowed", said

    def _refused_unanswered(self, who: Person, case_id: str) -> None:
        said = who.says("cases", "close", case_id)
        assert (said.code, said.out, said.error["code"]) == (1, "", "not_allowed"), said
        assert "reply or decide first" in said.error["hint"]
        self.refused_early.append(case_id)

    def _answer(self, who: Person, case: CaseView) -> None:
        """What the machine proposed to pay is paid; of the rest, every other is told no."""
        case_id, number = case.case_id, len(self.wrote)
        text = f"Vi har lest alt i sak nummer {number:03}."
        payable = () if case_id in self.wrote else _payable(case)
        self.wrote[case_id] = text
        if payable:
            options = [part for each in payable for part in ("--gesture", each)]
            granted = ("--result", "upheld", "--basis", "statutory", *options)
            said = who.says("cases", "decide", case_id, *granted, "--text", text)
            if not said.code:
                return
            # The books said no: then nothing was paid, and she is told at once.
            assert "open again" in said.error["hint"], said
        elif number % 2:
            who.does("cases", "decide", case_id, "--result", "not_upheld", "--text", text)
            return
        who.does("cases", "reply", case_id, "--text", text)


def _payable(case: CaseView) -> tuple[str, ...]:
    """Refunds that only wait for a person's word, as options of `decide`."""
    return tuple(
        f"refund:{g.amount_minor}:{g.currency}:{g.payment_reference}"
        for recovery in case.recoveries
        for g in recovery.now.gestures
        if g.kind == "refund" and g.state == "proposed" and g.payment_reference
    )


@pytest.fixture(scope="module")
def shift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shift]:
    """The demo, and then the people's day after it."""
    with up(tmp_path_factory.mktemp("people") / "state", "--demo", str(DEMO)) as eik:
        day = Shift(eik, eik.colleague("manager-alm"))
        day.work()
        yield day


@pytest.fixture(scope="module")
def cases(shift: Shift) -> dict[str, CaseView]:
    """Every case that ever needed a person, whole, by id."""
    needed = {row.case_id for row in shift.needing}
    whole = [shift.eik.case(row.case_id) for row in shift.eik.cases("--all")]
    return {
        case.case_id: case
        for case in whole
        if case.case_id in needed or any(line.type == OPENED for line in case.timeline)
    }


def _people() -> set[str]:
    path: Path = ROOT / "deploy" / "policy" / "people.yaml"
    return {each["person"] for each in yaml.safe_load(path.read_text("utf-8"))["people"]}


def test_nothing_is_left(shift: Shift) -> None:
    """A case that needs a person could not be finished from the command line."""
    assert len(shift.needing) >= WITH_PEOPLE_MIN
    assert (shift.eik.cases(), shift.eik.approvals()) == ((), ())
    assert shift.signed


def test_every_case_that_needed_a_person_is_closed_by_one(
    shift: Shift, cases: dict[str, CaseView]
) -> None:
    """A machine, or nobody, could close what a person must answer for."""
    closers = {
        id_: {line.by for line in case.timeline if line.type == CLOSED and line.effect}
        for id_, case in cases.items()
    }
    assert len(cases) >= len(shift.needing)
    assert {case.state for case in cases.values()} == {"closed"}
    assert [id_ for id_, by in closers.items() if not by or not by <= _people()] == []


def test_none_was_closed_before_it_was_answered(shift: Shift) -> None:
    """A complainant would wait for ever for the answer to a closed case."""
    assert set(shift.wrote) <= set(shift.refused_early)
    assert len(shift.refused_early) >= WITH_PEOPLE_MIN


def test_whoever_was_answered_has_the_words(shift: Shift, cases: dict[str, CaseView]) -> None:
    """The desk would say "answered" and the complainant have heard nothing."""
    private = {id_: text for id_, text in shift.wrote.items() if not _public(cases[id_])}
    none: list[str] = []

    def unread() -> list[str]:
        out = written(shift.eik.state_dir)
        return [id_ for id_, text in private.items() if text not in out]

    assert within(SENT_S_MAX, unread, wanted=none) == none
    assert len(private) >= WITH_PEOPLE_MIN


def test_a_public_post_gets_no_private_words(shift: Shift, cases: dict[str, CaseView]) -> None:
    """What a handler writes to one would be read by all; or nobody would know it is unsent."""
    public = [case for id_, case in cases.items() if id_ in shift.wrote and _public(case)]
    told = [{m.audience for m in case.messages if m.who == "machine"} for case in public]
    assert public
    assert all("supervisor" in audiences for audiences in told)
    assert [c for c in public if shift.wrote[c.case_id] in _mailed(c)] == []


def _public(case: CaseView) -> bool:
    """A public post: what is in a case is never told there; a colleague finds a private way."""
    return any(c.registered and c.registered.channel == "social" for c in case.complaints)


def _mailed(case: CaseView) -> str:
    return "\n".join(m.body for m in case.messages if m.who == "machine")
