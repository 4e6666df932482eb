"""Which matter a complaint belongs to: by order, number or subject; reversible, paid once."""

import json
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cli.chain import World
from services.cli.explaining import received
from services.cli.lines import Line
from services.cli.stages import parts
from shared.contracts.cases import CaseAssigned, CaseLinked, CaseOverridden, CaseUnlinked
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.identity import own_case
from shared.contracts.recoveries import RecoveryApproved, RecoveryEvent
from shared.contracts.submitted import Order
from shared.contracts.triaged import ComplaintTriaged
from shared.stage.decision import Memory
from tests.core.cli_examples import AT, submitted
from tests.core.triage_examples import NOON, POLICY, decision, order, read, registered, remembered

HANDLER = min(POLICY.people.names)
FAULT = "Kjelen virker ikke. Jeg vil ha pengene tilbake."
LATE = "Pakken har ikke kommet."
INVOICE = "Fakturaen INV-20417 er feil."
REGRET = "Jeg angrer på kjøpet{} og vil ha pengene tilbake."
PAID_MINOR = 24900


def _known() -> tuple[Memory, ...]:
    """Six complaints of one person: two on an order, one on another, and three without."""
    told = (
        ("a", FAULT, order("A-1042"), 9),
        ("b", FAULT, order("A-1042"), 8),
        ("c", FAULT, order("B-2001"), 7),
        ("d", FAULT, None, 6),
        ("e", INVOICE, None, 5),
        ("f", "Eg har ikkje fått pakken.", None, 4),
    )
    return tuple(
        remembered(
            registered(text, complaint_id=name, order=bought, at=NOON - timedelta(days=days))
        )
        for name, text, bought, days in told
    )


KNOWN = _known()


@given(st.permutations(KNOWN), st.lists(st.sampled_from(KNOWN), max_size=4))
@settings(max_examples=60, deadline=None)
def test_late_and_repeated_events_tell_the_same(known: list[Memory], again: list[Memory]) -> None:
    """The same complaints would make another case or contact because one came late, or twice."""
    for text, bought in ((FAULT, order("A-1042")), (FAULT, None), (LATE, None), (INVOICE, None)):
        event = registered(text, complaint_id="new", order=bought)
        assert decision(event, *KNOWN) == decision(event, *known, *again)


def test_whatever_comes_first_complaints_on_one_order_are_one_case() -> None:
    """A mail that was delayed would open a second case beside the one it belongs to."""
    for order_of_arrival in permutations(range(3)):
        memories: tuple[Memory, ...] = ()
        for day in order_of_arrival:
            at = NOON + timedelta(days=day)
            event = registered(FAULT, complaint_id=str(day), order=order("A-1042"), at=at)
            memories = (*memories, remembered(event, *memories))
        assert len({memory.data["case_id"] for memory in memories}) == 1
        assert [memory.data["contact"] for memory in memories] == [1, 2, 3]


def test_the_order_counts_more_than_the_subject() -> None:
    """A newer complaint about something alike would take over what belongs to the order."""
    on_order, alike = KNOWN[0], KNOWN[3]
    told = read(FAULT, on_order, alike, complaint_id="new", order=order("A-1042"))
    assert told.case_id == on_order.data["case_id"]


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Hei, det gjelder A-1042: han er borte.", True),
        ("Det gjelder a-1042.", False),
        ("Det gjelder A-10421.", False),
        ("Det gjelder B-1042.", False),
    ],
)
def test_a_text_that_names_the_order_belongs_to_it(text: str, *, linked: bool) -> None:
    """Whoever writes the number of her order again would have to tell it all again."""
    told = read(text, KNOWN[0], complaint_id="new")
    assert linked == (told.case_id == KNOWN[0].data["case_id"])


def test_two_texts_that_name_one_invoice_are_one_matter() -> None:
    """A reminder in other words would be a new case."""
    invoice = KNOWN[4]
    told = read("Purring på INV-20417: jeg krever en forklaring.", invoice, complaint_id="new")
    assert (told.case_id, told.contact) == (invoice.data["case_id"], 2)


def test_a_reference_is_kept_as_a_mark() -> None:
    """A number that tells who someone is would live on in a history that cannot be forgotten."""
    assert "20417" not in json.dumps(KNOWN[4].data)


def test_another_order_is_another_matter_even_if_alike() -> None:
    """Two purchases would be settled as one."""
    told = read(FAULT, *KNOWN[:2], complaint_id="new", order=order("B-2001"))
    assert (told.case_id, told.contact) == (own_case("new"), 1)


def _command(kind: type[Contract], version: int, **fields: object) -> Event[Contract]:
    """A colleague's command on the case that the complaint "a" opened."""
    said = {"complaint_id": "a", "case_id": own_case("a"), "at": NOON, "actor": HANDLER}
    known = {**said, "role": "case_handler", "seen_version": version, **fields}
    data = kind.model_validate(known)
    return Event(id=f"command-{version}", source="kulanse/desk", key="k", time=NOON, data=data)


def _obeyed(*commands: Event[Contract], known: tuple[Memory, ...]) -> tuple[Memory, ...]:
    for each in (_command(CaseAssigned, 0, owner=HANDLER), *commands):
        known = (*known, remembered(each, *known))
    return known


def test_what_a_colleague_parts_stays_apart_and_what_she_joins_is_one() -> None:
    """The machine would link again what a person has just taken apart, or count it as a contact."""
    first = KNOWN[0]
    both = (first, remembered(registered(FAULT, complaint_id="b", order=order("A-1042")), first))
    assert both[1].data["case_id"] == own_case("a")
    part = _command(CaseUnlinked, 1, other_case_id=own_case("b"))
    join = _command(CaseLinked, 2, other_case_id=own_case("b"))
    for commands, case_id, contact in (
        ((part,), own_case("b"), 2),
        ((part, join), own_case("a"), 3),
    ):
        known = _obeyed(*commands, known=both)
        told = read(FAULT, *known, complaint_id="new", order=order("A-1042"))
        assert (told.case_id, told.contact) == (case_id, contact)


def test_a_corrected_subject_is_the_one_that_links() -> None:
    """A handler would correct what it is about, and the machine go on as if she had not."""
    change = _command(CaseOverridden, 1, field="category", value="delivery")
    first = remembered(registered(FAULT, complaint_id="a"))
    known = _obeyed(change, known=(first,))
    assert read(LATE, *known, complaint_id="new").case_id == first.data["case_id"]
    assert read(FAULT, *known, complaint_id="new").case_id == own_case("new")


@pytest.mark.parametrize("again", ["with its order", "naming its order", "in other words"])
def test_one_matter_told_twice_is_paid_once(again: str) -> None:
    """The complainant who reminds us would be paid for it."""
    bought = Order(
        id="A-1042",
        amount_minor=PAID_MINOR,
        currency="NOK",
        sold="distance",
        kind="goods",
        purchased_at=AT - timedelta(days=4),
        delivered_at=AT - timedelta(days=2),
    )
    second = {
        "with its order": (REGRET.format(""), bought),
        "naming its order": (REGRET.format(" i A-1042"), None),
        "in other words": ("Jeg ombestemte meg og ønsker å returnere koppen.", bought),
    }[again]
    said = _chain((REGRET.format(" av koppen"), bought), second)
    paid = [
        gesture.amount_minor
        for data in said
        if isinstance(data, RecoveryApproved)
        for gesture in data.gestures
    ]
    assert paid == [PAID_MINOR]
    cases = {data.case_id for data in said if isinstance(data, ComplaintTriaged | RecoveryEvent)}
    assert len(cases) == 1


def _chain(*told: tuple[str, Order | None]) -> list[Contract]:
    """All that comes of these complaints of one person, a day apart."""
    world = World(parts())
    for day, (text, bought) in enumerate(told):
        at = AT + timedelta(days=day)
        fields = submitted(text).model_dump()
        line = fields | {"order": bought, "channel_message_id": f"m-{day}", "received_at": at}
        world.submit(received(Line.model_validate(line), at))
    return [event.data for event in world.events]
