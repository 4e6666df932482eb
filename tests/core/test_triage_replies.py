"""A reply that tells of danger, threats, a hard place or the law raises its matter; none lowers."""

from datetime import timedelta
from functools import lru_cache
from itertools import pairwise, permutations
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from shared.contracts.cases import CaseAnswered, CaseAssigned, CaseClosed, CaseOverridden, Words
from shared.contracts.contract import Contract, Sealed
from shared.contracts.envelope import Event
from shared.contracts.promises import PromiseMade
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.triaged import ABUSES, SEVERITIES, ComplaintTriaged
from shared.stage.decision import Decision, Memory
from tests.core.test_triage_decide import HANDLER, command
from tests.core.triage_examples import NOON, decision, order, registered, remembered


class Example(BaseModel):
    """A reply, and what it raises."""

    form: str
    text: str
    raises: dict[str, bool | str]
    free: tuple[str, ...] = ()


EXAMPLES = TypeAdapter(tuple[Example, ...]).validate_python(
    yaml.safe_load(Path(__file__).with_name("triage_replies.yaml").read_text("utf-8"))
)
LEAKS = {
    "nb": "Kjelen jeg kjøpte for 499 kr, lekker. Jeg vil ha pengene tilbake.",
    "nn": "Kjelen eg kjøpte for 499 kr, lek. Eg vil ha pengane att.",
    "en": "The kettle I bought for 499 kr leaks. I want my money back.",
}
FIRE = "I går kveld tok den fyr på benken."
THREAT = "Får jeg ikke pengene i dag, kommer jeg ned og banker opp den første jeg ser."
LAWYER = "Da har jeg snakket med advokaten min."
YES = "Ja takk, det passer fint."
FLAGS = ("safety", "legal", "privacy", "press", "vulnerable", "needs_person")
LATER = NOON + timedelta(hours=3)


def complaint(form: str = "nb", text: str = "") -> Event[Contract]:
    """A kettle that leaks: low, and no person is needed."""
    bought = order("A-1042")
    return registered(text or LEAKS[form], order=bought, order_state="confirmed")


def reply(text: str, name: str = "reply-1") -> Event[Contract]:
    """More on it, three hours later."""
    said = Personal(subject="Re: Brann i kjelen [K-1]", text=text)
    return _replied(said, name)


def _replied(said: Personal | Sealed, name: str) -> Event[Contract]:
    case_id = _first("nb").case_id
    data = ComplaintReplied(
        complaint_id="complaint-1",
        case_id=case_id,
        channel="email",
        received_at=LATER,
        personal=said,
    )
    return Event(id=name, source="kulanse/intake", key="k", time=LATER, data=data)


@lru_cache
def _first(form: str) -> ComplaintTriaged:
    return stated(decision(complaint(form)))[0]


def stated(decided: Decision) -> list[ComplaintTriaged]:
    """The statements of a decision."""
    return [each for each in decided.emits if isinstance(each, ComplaintTriaged)]


def told(*events: Event[Contract]) -> tuple[list[ComplaintTriaged], list[Memory]]:
    """All that is stated as the events come, and what is remembered."""
    said, known = list[ComplaintTriaged](), list[Memory]()
    for event in events:
        said += stated(decision(event, *known))
        known.append(remembered(event, *known))
    return said, known


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.text[:30])
def test_what_a_reply_tells_is_heard(example: Example) -> None:
    """A fire told in the second mail would wait for three days, or every thanks wake somebody."""
    raises = example.raises
    before, *anew = told(complaint(example.form), reply(example.text))[0]
    assert [{name: getattr(one, name) for name in raises} for one in anew] == [raises] * bool(
        raises
    )
    free = {*raises, *example.free}
    kept = [name for name in (*FLAGS, "severity", "abuse") if name not in free]
    for one in anew:
        assert {n: getattr(one, n) for n in kept} == {n: getattr(before, n) for n in kept}


def test_a_danger_in_a_reply_is_promised_a_person_at_once() -> None:
    """The touch that was promised for the complaint is days away."""
    known = remembered(complaint())
    touch, *reports = [
        one for one in decision(reply(FIRE), known).emits if isinstance(one, PromiseMade)
    ]
    assert (touch.kind, touch.due_at - LATER) == ("first_touch", timedelta(minutes=15))
    # The law wants to know of a dangerous thing, in whichever mail it was told.
    assert [one.kind for one in reports] == ["report"]


def _rank(one: ComplaintTriaged) -> tuple[int, ...]:
    flags = (int(getattr(one, name)) for name in FLAGS)
    return (SEVERITIES.index(one.severity), ABUSES.index(one.abuse), *flags)


REPLIES = [reply(text, f"r-{i}") for i, text in enumerate((FIRE, THREAT, LAWYER, YES, FIRE))]


@given(st.lists(st.sampled_from(REPLIES), max_size=6))
@settings(max_examples=12, deadline=None)
def test_no_reply_lowers_anything_and_what_is_known_is_not_news(
    came: list[Event[Contract]],
) -> None:
    """A thanks would call the fire brigade back, or the same fire be told again and again."""
    said, _ = told(complaint(), *came)
    ranks = [_rank(one) for one in said]
    for before, after in pairwise(ranks):
        assert all(a <= b for a, b in zip(before, after, strict=True))
        assert before != after


def test_a_reply_before_its_complaint_ends_the_same() -> None:
    """What came first would be lost, since there was nothing yet to raise."""
    events = (complaint(), reply(FIRE, "a"), reply(LAWYER, "b"))
    ends = {_rank(told(*each)[0][-1]) for each in permutations(events)}
    assert len(ends) == 1


def test_a_replay_gives_the_same_bytes() -> None:
    """A stage that reads again would tell another story."""
    known = remembered(complaint())
    once, again = (
        [one.model_dump_json() for one in decision(reply(FIRE), known).emits] for _ in range(2)
    )
    assert once == again


def test_nobodys_words_are_remembered_of_a_reply() -> None:
    """What she wrote would live on in a history that cannot be forgotten."""
    kept = str(remembered(reply(FIRE), remembered(complaint())).data)
    assert [word for word in ("fyr", "benken", "kveld") if word in kept] == []


def test_a_sealed_reply_is_left() -> None:
    """Whoever was forgotten would be read again."""
    sealed = Sealed.model_validate({"sealed": "x", "key_id": "k"})
    decided = decision(_replied(sealed, "r"), remembered(complaint()))
    assert (decided.emits, (decided.remembers or {})["what"]) == ((), "replied")


def test_a_robots_mail_is_not_raised() -> None:
    """A robot's mail would start a clock after all."""
    early = remembered(reply(FIRE))
    (statement,) = stated(decision(registered("Auto", automatic=True), early))
    assert (statement.severity, statement.needs_person) == ("low", False)


def _handled(*commands: Event[Contract], text: str = "") -> list[Memory]:
    """A complaint with a colleague's commands."""
    return told(complaint(text=text), *commands)[1]


def test_danger_told_again_after_the_case_was_closed_calls_again() -> None:
    """The second fire would find nobody, since the first one is known."""
    closed = (
        command(CaseAssigned, 0, owner=HANDLER),
        command(CaseAnswered, 1, personal=Words(text="Kast den.")),
        command(CaseClosed, 2),
    )
    known = _handled(*closed[:1], text="Kjelen tok fyr.")
    assert stated(decision(reply(FIRE), *known)) == []
    known = _handled(*closed, text="Kjelen tok fyr.")
    (statement,) = stated(decision(reply(FIRE), *known))
    assert statement.reasons[0] == "reply_read"
    assert "person.safety" in statement.reasons
    assert stated(decision(reply(YES), *known)) == []


def test_a_colleagues_correction_stands_until_a_reply_tells_more() -> None:
    """Her no to a danger would hide the one that came after it, or be undone by a thanks."""
    known = _handled(
        command(CaseAssigned, 0, owner=HANDLER),
        command(CaseOverridden, 1, field="severity", value="medium"),
    )
    assert stated(decision(reply(YES), *known)) == []
    (statement,) = stated(decision(reply(LAWYER), *known))
    assert (statement.severity, statement.legal) == ("medium", True)
    known.append(remembered(reply(LAWYER), *known))
    (corrected,) = stated(
        decision(command(CaseOverridden, 2, field="legal", value="false"), *known)
    )
    assert (corrected.severity, corrected.legal) == ("medium", False)
