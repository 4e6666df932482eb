"""The door without a broker: what it publishes is run through the desk's own stage."""

from pathlib import Path

import pytest

from services.cli.approvals import one_waiting
from services.cli.failures import BadInput
from services.desk.tokens import mint_token
from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.cases import GestureWanted
from shared.contracts.recoveries import Result
from shared.errors import Refused
from tests.core.test_desk_door_world import Here
from tests.core.test_desk_examples import (
    AGENT,
    CASE,
    COMPLAINT,
    KEY,
    LEAD,
    OTHER,
    RECOVERY,
    approval,
    event,
    gesture,
    recovery,
    triaged,
)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    """A desk with one case."""
    return Here(tmp_path)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    """The door says no, with this code."""
    return pytest.raises(Refused, check=lambda error: error.code == code)


def test_a_case_is_taken_answered_and_closed(here: Here) -> None:
    """What goes to a person cannot be finished by one."""
    with here.person() as me:
        assert [each.case_id for each in me.list_cases(needs_person=True)] == [CASE]
        assert (
            (took := me.take(CASE)).state,
            took.version,
            took.owner,
        ) == ("done", 1, AGENT)
        assert me.ask(CASE, "Kva tid kom ho?").case_state == "waiting_for_complainant"
        upheld = Result(category="upheld", relief="non_monetary")
        assert me.decide(CASE, result=upheld, text="Du får rett.").case_state == "decided"
        assert me.close(COMPLAINT).case_state == "closed"
        assert ((shown := me.show(CASE)).state, shown.version) == ("closed", 4)
        assert list(me.list_cases(needs_person=True)) == []
    assert [each.key for each in here.loop.published] == [KEY] * 4


def test_what_has_no_effect_says_why(here: Here) -> None:
    """She believes it done; or she is told no, and not what to do."""
    with here.person() as me, here.person(OTHER) as other:
        me.take(CASE, seen_version=0)
        with refused("stale_version"):
            other.take(CASE, seen_version=0)
        with refused("not_owner"):
            other.reply(CASE, "Hei!")
        with pytest.raises(Refused, match="reply or decide first"):
            me.close(CASE)
        with refused("no_such_case"):
            me.take("nothing")
        with refused("no_such_case"):
            me.take("K-00000000")
        with refused("not_allowed"):
            me.hand_over(CASE, "agent-nobody")
        assert me.hand_over(CASE, OTHER).state == "done"


def test_a_case_is_found_by_the_reference_in_our_mails(here: Here) -> None:
    """She rings with the reference that we wrote to her, and nobody finds her case."""
    ids = {"complaint_id": "13f527e2-0000-4000-8000-000000000001", "case_id": "k-first"}
    again = {"complaint_id": "13f527e2-0000-4000-8000-000000000002", "case_id": "k-second"}
    here.loop.happens(event(triaged(needs_person=True, **ids), "first"))
    with here.person() as me:
        assert {me.show(n).case_id for n in ("K-13F527E2", "13f527e2")} == {"k-first"}
        here.loop.happens(event(triaged(needs_person=True, **again), "second"))
        with pytest.raises(Refused, match="k-first, k-second") as several:
            me.show("K-13F527E2")
        assert several.value.code == "ambiguous"
        assert me.show(ids["complaint_id"]).case_id == "k-first"


def test_a_signature_waits_for_recoverys_word(here: Here) -> None:
    """The team lead is told "signed" before anything was, or cannot find what to sign."""
    here.loop.happens(event(recovery(re.RecoveryProposed), "p"))
    with here.person(LEAD, simulated=True) as lead:
        assert [each.recovery_id for each in lead.list_approvals()] == [RECOVERY]
        assert lead.approve(RECOVERY).state == "accepted"
        with pytest.raises(Refused, match="reason"):
            lead.reject(RECOVERY, "")
    words = here.loop.published[-1].data
    assert isinstance(words, ap.ApprovalGiven)
    assert (
        words.actor,
        words.role,
        words.seen_version,
        words.simulated,
    ) == (LEAD, "team_lead", 1, True)


def test_what_is_proposed_may_be_decided_otherwise(here: Here) -> None:
    """A leader could sign or refuse, and not give what she finds right."""
    here.loop.happens(event(recovery(re.RecoveryProposed), "p"))
    wanted = GestureWanted(kind="refund", amount_minor=10000, currency="NOK")
    upheld = Result(category="upheld", relief="monetary")
    with here.person(LEAD) as lead:
        found = one_waiting(lead, RECOVERY[:8])
        lead.take(found.case_id)
        lead.decide(
            found.case_id,
            result=upheld,
            text="Ja.",
            gestures=(wanted,),
            complaint_id=found.complaint_id,
        )
        with pytest.raises(BadInput, match="no_such_approval"):
            one_waiting(lead, "f" * 8)
    words = here.loop.published[-1].data
    assert isinstance(words, ca.CaseDecided)
    assert (words.actor, words.complaint_id, words.gestures) == (LEAD, COMPLAINT, (wanted,))


def test_a_decision_that_cannot_be_paid_says_what_to_do(here: Here) -> None:
    """She believes the refund on its way; nobody pays, and nobody tells her."""
    upheld = Result(category="upheld", relief="monetary")
    wanted = (GestureWanted(kind="refund", amount_minor=24900, currency="NOK"),)
    by_her = {"decided_by": f"person:{AGENT}", "approval": "person", "outcome": "with_person"}
    failed = recovery(re.RecoveryFailed, 2, reasons=("payment_unknown",), **by_her)
    with here.person() as me:
        me.take(CASE)
        said = me.decide(CASE, result=upheld, text="Ja.", gestures=wanted, command_id="k")
        assert said.state == "accepted"
        here.loop.happens(event(failed, "f"))
        with pytest.raises(Refused, match="name the payment") as answered:
            me.decide(CASE, result=upheld, text="Ja.", gestures=wanted, command_id="k")
        assert answered.value.code == "payment_unknown"
        shown = me.show(CASE)
        assert (shown.state, shown.needs) == ("open", ("recovery_failed",))
        assert any("name the payment" in line.said for line in shown.timeline)
        with refused("not_allowed"):
            me.close(CASE)


def test_a_decision_is_done_when_recovery_has_taken_it_up(here: Here) -> None:
    """She waits for an answer that has come."""
    upheld = Result(category="upheld", relief="monetary")
    wanted = (GestureWanted(kind="refund", amount_minor=24900, currency="NOK"),)
    by_her = {"decided_by": f"person:{AGENT}", "approval": "person"}
    adjusted = recovery(re.RecoveryAdjusted, 2, **by_her)
    with here.person() as me:
        me.take(CASE)
        me.decide(CASE, result=upheld, text="Ja.", gestures=wanted, command_id="k")
        here.loop.happens(event(adjusted, "a"))
        again = me.decide(CASE, result=upheld, text="Ja.", gestures=wanted, command_id="k")
        assert (again.state, again.case_state) == ("done", "decided")


def test_whoever_refused_to_sign_does_not_say_the_second_no(here: Here) -> None:
    """The appeal is turned down, in writing, by the one who turned it down before."""
    here.loop.happens(event(recovery(re.RecoveryProposed), "p"))
    here.loop.happens(event(approval(ap.ApprovalDeclined), "d"))
    no = Result(category="not_upheld", relief="explanation")
    upheld = Result(category="upheld", relief="non_monetary")
    with here.person(LEAD) as lead, here.person() as me:
        lead.take(CASE)
        with pytest.raises(Refused, match="another person's"):
            lead.decide(CASE, result=no, text="Nei.")
        assert lead.decide(CASE, result=upheld, text="Likevel ja.").state == "done"
        lead.hand_over(CASE, AGENT)
        assert me.decide(CASE, result=no, text="Nei.").state == "done"


def test_a_task_is_found_and_done(here: Here) -> None:
    """A promised replacement lies nowhere, or cannot be ticked off."""
    approved = recovery(re.RecoveryApproved, 2, gestures=(gesture("replacement"),))
    here.loop.happens(event(approved, "a"))
    with here.person() as me:
        task = me.list_tasks()[0]
        me.take(CASE)
        me.reply(CASE, "Ei ny er på veg.")
        with pytest.raises(Refused, match="kulanse cases done TASK"):
            me.close(CASE)
        assert me.task_done(task.task_id).state == "done"
        assert me.list_tasks() == ()
        with refused("not_open"):
            me.task_done(task.task_id)


def test_the_same_key_is_the_same_command(here: Here) -> None:
    """A retry after a lost answer is a second command; or one key hides two commands."""
    with here.person() as me:
        first = me.take(CASE, command_id="k1")
        assert first == me.take(CASE, command_id="k1")
        assert len(here.loop.published) == 1
        with refused("idempotency_key_reused"):
            me.reply(CASE, "Hei", command_id="k1")


def test_a_broker_that_is_away_is_said_so(here: Here) -> None:
    """A command is lost and looks done, or the answer is a traceback."""
    here.loop.down = True
    answer = here.said("POST", f"/v1/cases/{CASE}/take")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_whom_it_is_about_does_not_read_it(tmp_path: Path) -> None:
    """A complaint about her is read first by her."""
    here = Here(tmp_path)
    with here.person(LEAD) as lead, here.person() as me:
        lead.override(CASE, field="about", value=AGENT)
        assert me.list_cases() == ()
        with refused("not_allowed"):
            me.show(CASE)


@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_nobody_enters_without_a_token(here: Here, token: str) -> None:
    """Anyone reads the complaints."""
    answer = here.said("GET", "/v1/cases", token=token)
    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ((("POST", f"/v1/cases/{CASE}/shout", {})), 404, "unknown_verb"),
        ((("GET", "/v2", {})), 404, "no_such_path"),
        ((("DELETE", "/v1/cases", {})), 405, "method_not_allowed"),
        ((("GET", "/v1/cases?limit=0", {})), 422, "greater_than_equal"),
        ((("GET", "/v1/cases?colour=red", {})), 422, "extra_forbidden"),
        ((("POST", f"/v1/cases/{CASE}/ask", {"content": b"{"})), 422, "json_invalid"),
        ((("POST", f"/v1/cases/{CASE}/ask", {"content": b"[" * 60_000})), 422, "json_invalid"),
        ((("POST", f"/v1/cases/{CASE}/ask", {"content": b" " * 70_000})), 413, "too_large"),
        (
            (("POST", f"/v1/cases/{CASE}/ask", {"json": {"text": " "}})),
            422,
            "string_pattern_mismatch",
        ),
        (
            (("POST", f"/v1/cases/{CASE}/ask", {"json": {"text": "a", "x": 1}})),
            422,
            "extra_forbidden",
        ),
        ((("POST", f"/v1/cases/{CASE}/take", {"json": {"seen_version": True}})), 422, "int_type"),
        ((("POST", f"/v1/cases/{CASE}/take", {"data": {"a": "b"}})), 415, "not_json"),
        (
            (("POST", f"/v1/cases/{CASE}/take", {"json": {"complaint_id": "another"}})),
            422,
            "not_of_this_case",
        ),
        (
            (("POST", f"/v1/cases/{CASE}/take", {"headers": {"Idempotency-Key": "a b"}})),
            422,
            "bad_key",
        ),
        ((("POST", "/v1/tasks/none/done", {})), 404, "no_such_task"),
        ((("POST", "/v1/approvals/none/approve", {})), 404, "no_such_approval"),
    ],
)
def test_bad_requests_are_answered_with_code_and_hint(
    here: Here, request_: tuple[str, str, dict[str, object]], status: int, code: str
) -> None:
    """A mistake at the door is answered with a traceback, or with nothing to go by."""
    method, path, more = request_
    answer = here.said(method, path, sent=more)
    said = answer.json()
    assert (status, code, "application/problem+json") == (
        answer.status_code,
        said["code"],
        answer.headers["content-type"],
    )
    assert said["hint"]
    assert not here.loop.published


def test_only_hashes_of_tokens_lie_on_disk(here: Here) -> None:
    """A copy of the file opens the door."""
    token = mint_token(here.state_dir, AGENT)
    path = here.state_dir / "people-tokens.json"
    assert token not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "kulanse" not in here.said("GET", "/v1/cases").headers.get("server", "")
