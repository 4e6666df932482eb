"""What people do in the console: find, take, answer, decide, sign, and see who looked."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.desk.model import CaseView
from services.desk.web.texts import minor
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.triaged import TriagePersonal
from tests.core.console_world import Room
from tests.core.test_desk_examples import (
    AGENT,
    CASE,
    LEAD,
    OTHER,
    RECOVERY,
    event,
    gesture,
    recovery,
    registered,
    triaged,
)

AUDITOR, MANAGER = "auditor-barlind", "manager-eik"
PAGE = f"/cases/{CASE}"


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A desk with one case, and its console."""
    return Room(tmp_path)


def now(room: Room) -> CaseView:
    """The case as it stands."""
    with room.here.person(OTHER) as someone:
        return someone.show(CASE)


def test_a_case_is_found_taken_answered_and_closed(room: Room) -> None:
    """What goes to a person cannot be finished by one."""
    me = room.agent()
    assert CASE[:8] in me.sees("/cases?view=free")
    assert "The case is yours" in me.fills(PAGE, f"{PAGE}/take")
    assert "Reply or decide first" in me.sees(PAGE)
    assert "on its way" in me.fills(PAGE, f"{PAGE}/reply", text="Vi sender\nein ny.")
    assert "in your name" in me.fills(PAGE, f"{PAGE}/close")
    assert (now(room).state, now(room).owner) == ("closed", AGENT)
    assert CASE[:8] not in me.sees("/cases?view=mine")
    assert "<td>closed</td>" in me.sees("/cases?view=all&state=closed")


def test_a_decision_carries_all_that_the_form_says(room: Room) -> None:
    """A refund goes out with another sum, or the reasons are lost."""
    me = room.agent()
    me.fills(PAGE, f"{PAGE}/take")
    me.fills(
        PAGE,
        f"{PAGE}/decide",
        category="partly_upheld",
        relief="monetary",
        basis="ex_gratia",
        gesture1="refund",
        amount1="1 249,50",
        currency="NOK",
        payment1="pay-1",
        gesture3="apology",
        text="Fordi det var éin dag for seint.",
    )
    said = room.here.loop.published[-1].data
    assert isinstance(said, ca.CaseDecided)
    assert said.result == re.Result(category="partly_upheld", relief="monetary")
    assert said.basis == "ex_gratia"
    assert said.gestures == (
        ca.GestureWanted(
            kind="refund", amount_minor=124_950, currency="NOK", payment_reference="pay-1"
        ),
        ca.GestureWanted(kind="apology"),
    )
    assert said.personal == ca.Words(text="Fordi det var éin dag for seint.")


def test_what_is_missing_is_named_and_what_she_wrote_is_kept(room: Room) -> None:
    """She writes twenty lines, forgets a field, and writes them again."""
    me = room.agent()
    me.fills(PAGE, f"{PAGE}/take")
    page = me.fills(PAGE, f"{PAGE}/decide", relief="monetary", text="Tjue <liner> & eit par")
    assert me.answer.status_code == 422
    assert "result.category" in page
    assert "Tjue <liner> & eit par</textarea>" in page
    page = me.fills(PAGE, f"{PAGE}/decide", category="upheld", gesture1="refund", amount1="mykje")
    assert "amount1" in page
    assert len(room.here.loop.published) == 1


def test_who_was_slower_is_told_and_keeps_her_words(room: Room) -> None:
    """Two people answer the same complainant, or the second loses what she wrote."""
    me, lead = room.agent(), room.browser(LEAD)
    me.fills(PAGE, f"{PAGE}/take")
    stale = {"seen_version": "1", "text": "Frå den eine"}
    room.now += timedelta(minutes=1)
    me.fills(PAGE, f"{PAGE}/reply", **stale)
    room.now += timedelta(minutes=1)
    lead.fills(PAGE, f"{PAGE}/take")
    page = lead.fills(PAGE, f"{PAGE}/reply", seen_version="1", text="Frå den andre")
    assert lead.answer.status_code == 409
    assert "Somebody was faster" in page
    assert f"{AGENT}: Replied" in page
    assert "Frå den andre</textarea>" in page


def test_pressed_twice_is_one_command(room: Room) -> None:
    """A double click sends two letters."""
    me = room.agent()
    me.fills(PAGE, f"{PAGE}/take")
    token = me.http.get(PAGE).text.partition('name="csrf" value="')[2].partition('"')[0]
    once = {"csrf": token, "key": "k1", "seen_version": "1", "text": "Hei"}
    me.sends(f"{PAGE}/reply", once)
    assert me.answer.status_code == 200
    me.sends(f"{PAGE}/reply", once)
    assert me.answer.status_code == 200
    assert len(room.here.loop.published) == 2


def test_a_handlers_correction_is_shown_as_hers(room: Room) -> None:
    """The machine's reading stands, or the correction looks like a machine's."""
    lead = room.browser(LEAD)
    page = lead.fills(PAGE, f"{PAGE}/override", correction="severity:critical", reason="Det brann")
    assert f"says {LEAD}" in page
    assert now(room).severity == "critical"


def test_handing_over_asking_withdrawing_and_reopening(room: Room) -> None:
    """A verb of the door has no form, or one that says something else."""
    me, other = room.agent(), room.browser(OTHER)
    me.fills(PAGE, f"{PAGE}/take")
    me.fills(PAGE, f"{PAGE}/ask", text="Kva tid kom ho?")
    assert now(room).state == "waiting_for_complainant"
    me.fills(PAGE, f"{PAGE}/hand-over", owner=OTHER, reason="Ferie")
    assert now(room).owner == OTHER
    other.fills(PAGE, f"{PAGE}/withdraw", reason="Ho ringde")
    assert now(room).state == "closed"
    other.fills(PAGE, f"{PAGE}/reopen")
    assert now(room).state == "open"


def test_a_signature_is_given_or_refused_with_a_reason(room: Room) -> None:
    """A recovery waits for ever, or is refused without a word."""
    room.here.loop.happens(event(recovery(re.RecoveryProposed), "p"))
    lead = room.browser(LEAD)
    page = lead.sees("/approvals")
    assert "NOK" in page
    reject = f"/approvals/{RECOVERY}/reject"
    lead.fills("/approvals", reject, reason="")
    assert lead.answer.status_code == 422
    lead.fills("/approvals", f"/approvals/{RECOVERY}/approve")
    said = room.here.loop.published[-1].data
    assert (said.TYPE, getattr(said, "actor", "")) == ("kulanse.approval.given.v1", LEAD)
    agent = room.agent().sees("/approvals")
    assert "above what your signature" in agent


def test_a_task_is_done_from_the_list_and_from_the_case(room: Room) -> None:
    """A promised replacement cannot be ticked off."""
    approved = recovery(re.RecoveryApproved, 2, gestures=(gesture("replacement"), gesture("visit")))
    room.here.loop.happens(event(approved, "a"))
    me = room.agent()
    assert "replacement" in me.sees("/tasks")
    me.fills("/tasks", "/tasks/gesture-replacement/done")
    assert me.answer.url.path == "/tasks"
    me.fills(PAGE, "/tasks/gesture-visit/done")
    assert me.answer.url.path == PAGE
    assert [task.done_by for task in now(room).tasks] == [AGENT, AGENT]


def test_an_auditor_reads_everything_and_acts_on_nothing(room: Room) -> None:
    """Whoever checks the work can change it."""
    auditor = room.browser(AUDITOR)
    page = auditor.sees(PAGE)
    assert "Kaffetraktaren" in page
    assert f'action="{PAGE}/take"' not in page
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    auditor.sends(f"{PAGE}/take", {"csrf": token, "seen_version": "0"})
    assert auditor.answer.status_code == 403
    assert room.here.loop.published == []
    with room.here.person(AUDITOR) as auditor_, pytest.raises(Exception, match="acts on nothing"):
        auditor_.take(CASE)


def test_every_look_at_somebodys_words_is_noted(room: Room) -> None:
    """Someone reads an acquaintance's complaint, and nobody will ever know."""
    room.agent().sees(PAGE)
    auditor = room.browser(AUDITOR)
    rows = auditor.sees(f"/log?person={AGENT}")
    assert "opened a case" in rows
    assert CASE in rows
    assert "signed in" in rows
    assert "opened a case" not in auditor.sees(f"/log?person={OTHER}")
    assert room.browser(MANAGER).sees("/log").count("<tr>") > 2
    agent = room.agent()
    agent.sees("/log")
    assert agent.answer.status_code == 403


def test_whom_it_is_about_finds_and_reads_nothing(room: Room) -> None:
    """A complaint about her is read first by her."""
    room.browser(LEAD).fills(PAGE, f"{PAGE}/override", correction=f"about:{AGENT}")
    me = room.agent()
    assert CASE[:8] not in me.sees("/cases?view=all")
    page = me.sees(PAGE)
    assert me.answer.status_code == 403
    assert "Kaffetraktaren" not in page


def test_the_words_that_fired_are_marked(room: Room) -> None:
    """She must believe the machine, or read everything herself."""
    evidence = TriagePersonal(evidence={"category.product": ("lek",), "kind.complaint": ("LEK",)})
    again = triaged(needs_person=True, personal=evidence, case_id="case-2", complaint_id="c-2")
    said = registered("Han lek, og <b>lek</b>.")
    room.here.loop.happens(
        event(said.model_copy(update={"complaint_id": "c-2"}), "2"),
        event(again, "3"),
    )
    room.agent().sees("/cases/case-2")
    page = room.agent().http.get("/cases/case-2").text
    assert page.count('<mark title="about: Product, kind: complaint">lek</mark>') == 2
    assert "&lt;b&gt;" in page


def test_hurtful_words_are_covered_until_asked_for(room: Room) -> None:
    """She is abused by everyone who writes so."""
    rude = registered("Du er ein idiot").model_copy(update={"complaint_id": "c-3"})
    read = triaged(abuse="hostile", needs_person=True, case_id="case-3", complaint_id="c-3")
    room.here.loop.happens(event(rude, "r3"), event(read, "t3"))
    page = room.agent().sees("/cases/case-3")
    covered = page.partition('<details class="cover">')[2].partition("</details>")[0]
    assert "idiot" in covered
    assert page.count("idiot") == 1


def test_a_reference_finds_its_case(room: Room) -> None:
    """She rings with the reference in our mail, and nobody finds her case."""
    me = room.agent()
    me.sees(f"/find?q=+{CASE}+")
    assert me.answer.url.path == PAGE
    assert "No case has this number" in me.sees("/find?q=K-00000000")


def test_a_broker_that_is_away_is_told_and_nothing_is_lost(room: Room) -> None:
    """A letter is lost and looks sent."""
    me = room.agent()
    me.fills(PAGE, f"{PAGE}/take")
    room.here.loop.down = True
    page = me.fills(PAGE, f"{PAGE}/reply", text="Hei på deg")
    assert me.answer.status_code == 503
    assert "Hei på deg</textarea>" in page


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("249", 24_900),
        ("249,5", 24_950),
        ("1 249.50", 124_950),
        ("249,505", None),
        ("-3", None),
        ("1e3", None),
        ("٣", None),
        ("", None),
    ],
)
def test_a_sum_is_read_or_refused_never_guessed(words: str, expected: int | None) -> None:
    """A comma costs a hundred times the money."""
    assert minor(words, "NOK") == expected
