"""What the law wants told to an authority: promised in a colleague's name, on the wall's clock."""

from datetime import timedelta

import pytest

from services.triage.duties import owner_of
from shared.contracts.cases import CaseAssigned, CaseClosed, CaseReopened
from shared.contracts.promises import PromiseKept, PromiseMade
from shared.stage.decision import Memory
from tests.core.test_triage_decide import HANDLER, command
from tests.core.test_triage_unheard import UNHEARD
from tests.core.triage_examples import NOON, POLICY, decision, read, registered, remembered

FIRE = "Ovnen tok fyr i natt."
REPORTS = [
    (FIRE, "safety-rogn", timedelta(days=3)),
    ("Omnen tok fyr i natt.", "safety-rogn", timedelta(days=3)),
    ("The heater caught fire last night.", "safety-rogn", timedelta(days=3)),
    ("Vi ble matforgiftet av rekesalaten deres.", "safety-rogn", timedelta(days=1)),
    ("Dere sendte meg en annens opplysninger.", "manager-eik", timedelta(hours=72)),
]


def _reports(text: str, *, automatic: bool = False) -> list[PromiseMade]:
    emits = decision(registered(text, automatic=automatic)).emits
    return [one for one in emits if isinstance(one, PromiseMade) and one.kind == "report"]


@pytest.mark.parametrize(("text", "owner", "within"), REPORTS)
def test_a_report_is_promised_to_a_named_colleague(
    text: str, owner: str, within: timedelta
) -> None:
    """The authority would hear of it too late, and nobody would have been asked to tell it."""
    (report,) = _reports(text)
    assert (report.owner, report.due_at) == (owner, NOON + within)
    assert report.owner in POLICY.people.names


def test_an_ordinary_fault_and_a_robot_owe_no_report() -> None:
    """The authorities would be told of every late parcel."""
    assert _reports("Kjelen lekker og jeg vil ha pengene tilbake.") == []
    assert _reports(FIRE, automatic=True) == []


@pytest.mark.parametrize("text", [text for text, _ in UNHEARD])
def test_words_alone_owe_no_report(text: str) -> None:
    """The law's promise would be made in a colleague's name on a guess."""
    assert read(text).severity == "critical"
    assert _reports(text) == []


@pytest.mark.parametrize(("days", "kept"), [(2, 1), (4, 0)])
def test_closing_the_case_keeps_a_report_in_time_once(days: int, kept: int) -> None:
    """Every report would be told broken, or one that came too late would be told kept."""
    fire = remembered(registered(FIRE))
    known: tuple[Memory, ...] = (fire, remembered(command(CaseAssigned, 0, owner=HANDLER), fire))
    closing = command(CaseClosed, 1, at=NOON + timedelta(days=days))
    told = decision(closing, *known)
    promises = [one for one in told.emits if isinstance(one, PromiseKept)]
    assert [one.kind for one in promises] == ["report"] * kept
    known = (*known, remembered(closing, *known))
    reopened = command(CaseReopened, 2, at=NOON + timedelta(days=days))
    known = (*known, remembered(reopened, *known))
    again = command(CaseClosed, 3, at=NOON + timedelta(days=days))
    assert decision(again, *known).emits == ()


def test_a_duty_lands_with_one_who_may_handle_it() -> None:
    """A promise would be owned by one whom the rules keep away from it, or by nobody."""
    assert owner_of("nobody", category="safety", people=POLICY.people) == "nobody"
    first = next(POLICY.people.with_role("safety_officer"))
    shy = first.model_copy(update={"never_handles": ("safety",)})
    others = tuple(each for each in POLICY.people.people if each.person != first.person)
    people = POLICY.people.model_copy(update={"people": (shy, *others)})
    assert owner_of("safety_officer", category="safety", people=people) == "safety-hegg"


def test_every_duty_says_where_it_was_read() -> None:
    """A deadline would be taken for law because somebody once wrote it here."""
    told = [(d.paragraph, d.source, d.to) for d in POLICY.duties.reports]
    assert all(all(each) for each in told)
