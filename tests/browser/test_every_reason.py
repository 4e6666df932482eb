"""Whatever the desk calls a person for is found, taken, answered and closed in the browser."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.triaged import REPLY_READ, ComplaintTriaged
from tests.browser.served import served, signed_in
from tests.browser.world import act, said
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import (
    LEAD,
    event,
    gesture,
    recovery,
    registered,
    replied,
    triaged,
    unsent,
    unspoken,
)

VISIT = (gesture("visit", state="pending"),)
# What each reason comes of: how the complaint was read, and what was told then.
READ: Mapping[str, ComplaintTriaged] = {
    "needs_person": triaged(needs_person=True),
    "safety": triaged(needs_person=True, safety=True, severity="critical"),
    "legal": triaged(needs_person=True, legal=True),
    "privacy": triaged(needs_person=True, privacy=True),
    "press": triaged(needs_person=True, press=True),
    "vulnerable": triaged(needs_person=True, vulnerable=True),
    "threat": triaged(needs_person=True, abuse="threat"),
    "question": triaged(kind="question"),
    "request": triaged(kind="request"),
    "raised:high": triaged(needs_person=True, severity="high", reasons=(REPLY_READ,)),
}
TOLD: Mapping[str, Contract] = {
    "recovery_with_person": recovery(
        re.RecoveryProposed, outcome="with_person", approval="person", gestures=()
    ),
    "recovery_failed": recovery(re.RecoveryFailed, 3),
    "recovery_reversed": recovery(re.RecoveryReversed, 4),
    "recovery_rejected": recovery(re.RecoveryRejected, 2),
    "notification_failed": unsent("failed"),
    "notification_unknown": unsent("unknown"),
    "not_sent": unspoken("answer"),
    "reply": replied(),
    "task:visit": recovery(re.RecoveryApproved, 2, gestures=VISIT, approval="automatic"),
}
# A word of the complaint's own heading, and what lies in the approval queue instead.
NO_CASE = {"passed_around", "approval"}


def events_of(code: str, number: int) -> Iterator[Event[Contract]]:
    """A case of a complainant of its own, that needs a person for this reason."""
    name = f"{number:08x}"
    told = (registered(), READ.get(code, triaged()), *((TOLD[code],) if code in TOLD else ()))
    for at, data in enumerate(told):
        ids = {"complaint_id": name, "case_id": name, "recovery_id": name}
        ours = {field: id_ for field, id_ in ids.items() if field in type(data).model_fields}
        one = event(data.model_copy(update=ours), f"{name}-{at}", after_s=at)
        yield replace(one, key=name)


def finished(page: Page, code: str) -> None:
    """She finds the one case that waits for this, and works it to its end."""
    page.goto(f"/cases?view=needs&why={code}")
    page.locator("table.cases th a").click()
    close = page.get_by_role("button", name="Close the case")
    expect(close).to_have_count(0)
    page.get_by_role("button", name="Take the case").click()
    said(page, "The case is yours")
    if code != "task:visit":
        expect(close).to_have_count(0)
    act(page, "reply", text="Vi har sett på dette sammen, og det er ordnet.")
    said(page, "on its way")
    while page.get_by_role("button", name="Done").count():
        expect(close).to_have_count(0)
        page.get_by_role("button", name="Done").first.click()
        said(page, "Done")
    close.click()
    said(page, "Closed, in your name")


def test_there_is_a_case_for_every_reason() -> None:
    """A new reason calls people to a case that nobody has tried to finish."""
    tried = {code.partition(":")[0] for code in (*READ, *TOLD)}
    assert tried | NO_CASE == set(CONSOLE.words["en"]["why"])


def test_every_reason_is_found_taken_answered_and_closed(tmp_path: Path, chrome: Browser) -> None:
    """Some kind of case can be opened here and never finished, or closes in nobody's name."""
    room = Room(tmp_path)
    # The room has a case that just needs a person already.
    codes = [code for code in (*READ, *TOLD) if code != "needs_person"]
    room.here.loop.happens(*(each for n, code in enumerate(codes) for each in events_of(code, n)))
    with served(room) as url:
        context, page = signed_in(chrome, room, url=url, person=LEAD)
        page.get_by_role("button", name="English").click()
        for code in ("needs_person", *codes):
            finished(page, code)
        page.goto("/cases?view=needs")
        expect(page.get_by_text("No case needs a person")).to_be_visible()
        context.close()
    closed = [e.data for e in room.here.loop.published if isinstance(e.data, ca.CaseClosed)]
    assert [each.actor for each in closed] == [LEAD] * (len(codes) + 1)
