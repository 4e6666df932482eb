"""People at their browsers: each signs in by a link of her own and does what she sees."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from services.desk.model import CaseView
from tests.people import Person

# Complaints of the demo, each of which waits for a person, and what for.
DEMO = {
    "d04": "to be asked about",
    "d06": "to be signed: another sum, and by a second",
    "d07": "to be signed",
    "d08": "to be signed by one of two",
    "d13": "to be handed over",
    "d18": "danger: to be corrected",
    "d24": "a threat, covered",
    "d28": "a question, answered with the keyboard",
    "d36": "a bereavement, answered without scripts",
    "d39": "a lawyer: not upheld, with reasons",
    "d43": "to be refused a signature",
    "d50": "something to do in the world",
}
AGENT, OTHER, LEAD, MANAGER, SECOND = (
    "agent-bjork",
    "agent-hassel",
    "lead-gran",
    "manager-eik",
    "manager-alm",
)
AUDITOR = "auditor-barlind"
WAIT_MS = 20_000  # a command's effect goes over Kafka and back, on a machine with other work


@dataclass(frozen=True)
class Desk:
    """The installation (`eik`: whoever runs it), a browser, the complaints by the demo's ids."""

    eik: Person
    chrome: Browser
    complaints: Mapping[str, str]
    # The sign-ins so far: a person's next window has her session already.
    sessions: dict[str, StorageState] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The console's address."""
        told = json.loads((self.eik.state_dir / "running.json").read_bytes())
        return str(told["desk_url"])

    def link(self, person: str) -> str:
        """A new sign-in link."""
        return str(json.loads(self.eik.does("console", "link", person))["link"])

    def case(self, named: str) -> CaseView:
        """A case of the demo as it stands."""
        return self.eik.case(self.complaints[named])

    @contextmanager
    def window(self, *, scripts: bool = True, **options: object) -> Iterator[BrowserContext]:
        """A browser with no cookie, of its own."""
        context = self.chrome.new_context(
            base_url=self.url,
            java_script_enabled=scripts,
            locale="en-GB",
            **options,  # type: ignore[arg-type] # Playwright's own options, by name
        )
        context.set_default_timeout(WAIT_MS)
        try:
            yield context
        finally:
            context.close()

    @contextmanager
    def at(self, person: str, *, scripts: bool = True, **options: object) -> Iterator[Page]:
        """A person signed in, reading English; by a link the first time, then as she was."""
        known = self.sessions.get(person)
        with self.window(scripts=scripts, storage_state=known, **options) as window:
            page = window.new_page()
            if known is None:
                page.goto(self.link(person))
                page.get_by_role("main").get_by_role("button").click()
                page.get_by_role("button", name="English").click()
                self.sessions[person] = window.storage_state()
            yield page

    def opens(self, page: Page, named: str) -> None:
        """She goes to a case of the demo."""
        page.goto(f"/cases/{self.case(named).case_id}")


def said(page: Page, words: str) -> None:
    """Wait until the page says so, as somebody who cannot see would hear it."""
    page.get_by_role("status").filter(has_text=words).wait_for()


def warned(page: Page, words: str) -> None:
    """Wait until the page warns so."""
    page.get_by_role("alert").filter(has_text=words).wait_for()


def act(page: Page, verb: str, *, text: str = "", button: str = "Send") -> None:
    """Open a form of the case page, write, and send it."""
    form = page.locator(f"details#{verb}")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    if text:
        form.locator("textarea").fill(text)
    form.get_by_role("button", name=button).click()


def took(page: Page) -> None:
    """She takes the case that is open."""
    page.get_by_role("button", name=re.compile("^Take")).click()
    said(page, "The case is yours")
