"""Who signs what, in a real browser over a real broker: one, another, two at once, a second."""

from playwright.sync_api import Page, expect

from tests.browser.world import AGENT, LEAD, MANAGER, SECOND, WAIT_MS, Desk, said, took
from tests.people import within

TAKEN_UP_S_MAX = 60.0


def test_signed_and_refused(desk: Desk) -> None:
    """A recovery cannot be signed here, or refused without a word."""
    signed, refused = desk.case("d07").case_id[:8], desk.case("d43").case_id[:8]
    with desk.at(MANAGER) as eik:
        eik.goto("/approvals")
        eik.get_by_role("button", name=f"Sign {signed}").click()
        said(eik, "Signed")
        card = eik.locator("li", has_text=refused)
        card.locator("summary").click()
        card.get_by_label("Why not?").fill("Angrefristen var ute da varen ble sendt.")
        card.get_by_role("button", name="Do not sign").click()
        said(eik, "Not signed")
        eik.goto("/approvals")
        assert eik.get_by_text(signed).count() == 0


def test_of_two_who_sign_at_once_one_is_told(desk: Desk) -> None:
    """The money goes twice, or the slower one believes that it was she."""
    case = desk.case("d08").case_id[:8]
    with desk.at(MANAGER) as one, desk.at(SECOND) as two:
        for page in (one, two):
            page.goto("/approvals")
        for page in (one, two):
            # Pressed and not waited for: both words are on their way before either is answered.
            page.get_by_role("button", name=f"Sign {case}").evaluate("button => button.click()")
        for page in (one, two):
            page.locator(".flash").wait_for()
        told = {page.locator(".flash").inner_text() for page in (one, two)}
    assert {words.partition(".")[0] for words in told} == {"Signed", "Somebody was faster"}
    approvals = desk.case("d08").approvals
    assert sorted(each.refused == "" for each in approvals) == [False, True]
    assert {each.by for each in approvals} == {MANAGER, SECOND}


def test_another_sum_is_signed_by_a_second(desk: Desk) -> None:
    """Who decides a sum above her limit pays it out alone, or nobody gets it to sign."""
    case = desk.case("d06").case_id[:8]
    with desk.at(AGENT) as me, desk.at(LEAD) as lead:
        me.goto("/approvals")
        card = me.locator(".cards > li", has_text=case)
        expect(card).to_contain_text("above what your signature is good for")
        card.get_by_role("link", name="Decide otherwise").click()
        took(me)
        form = me.locator("details#decide")
        form.locator("summary").click()
        form.get_by_label("Partly right").check()
        form.locator("#relief").select_option("monetary")
        form.locator("#gesture1").select_option("price_reduction")
        form.locator("#amount1").fill("600")
        form.locator("textarea").fill("Halve prisen: den virker, men bare med kabel.")
        form.get_by_role("button", name="Decide and send").click()
        me.locator(".flash.good").wait_for()
        for page, answer in ((me, "another person must sign"), (lead, "Signed")):
            offered(page, case, worth="NOK600.00")
            page.get_by_role("button", name=f"Sign {case}").click()
            expect(page.locator(".flash")).to_contain_text(answer, timeout=WAIT_MS)
    now = desk.case("d06").recoveries[-1].now
    assert (now.decided_by, now.approved_by) == (f"person:{AGENT}", f"person:{LEAD}")
    assert [(each.kind, each.amount_minor) for each in now.gestures] == [
        ("price_reduction", 60_000)
    ]


def offered(page: Page, case: str, *, worth: str) -> None:
    """Look at what waits for a signature until this is there: recovery has taken the word up."""

    def there() -> bool:
        page.goto("/approvals")
        return page.locator(".cards > li", has_text=case).filter(has_text=worth).count() == 1

    assert within(TAKEN_UP_S_MAX, there, wanted=True)
