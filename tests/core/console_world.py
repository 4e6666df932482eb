"""A console without a network: a browser that keeps cookies and sends forms."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import httpx

from services.desk.acting import Acting
from services.desk.door import Door
from services.desk.effect import Ledger
from services.desk.rehearsal import Rehearsal
from services.desk.serving import application
from services.desk.tokens import Tokens
from services.desk.web import accounts
from services.desk.web.console import Console, Fallen, Measured, Shelf, Vouching
from services.desk.web.forms import FORM
from services.desk.web.keeping import Keeping
from services.desk.web.policy import FILES, ConsolePolicy
from shared.policy import load_policy
from tests.core.test_desk_door_world import Here, Through
from tests.core.test_desk_examples import AGENT, MONDAY, POLICY

URL = "http://127.0.0.1"
_GIVEN, _ = load_policy(ConsolePolicy, **FILES)
# Nobody waits in a test for the second look.
_HURRIED = _GIVEN.rules.model_copy(update={"live_every_s": 0.01, "live_looks": 2})
CONSOLE = _GIVEN.model_copy(update={"rules": _HURRIED})
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Room:
    """A desk with one case, its console, and a browser for each who wants one."""

    def __init__(
        self,
        folder: Path,
        shelf: Shelf | None = None,
        *,
        fallen: Fallen | None = None,
        measured: Measured | None = None,
        rehearsal: Rehearsal | None = None,
    ) -> None:
        """Nobody is signed in. `shelf`: files of messages; `fallen`: dead letters."""
        self.here = Here(folder)
        self.now = MONDAY
        self.keeping = Keeping(self.here.loop.engine)
        acting = Acting(
            Ledger(self.here.loop.engine),
            self.here.loop,
            POLICY,
            now=lambda: self.now,
            effect_s_max=0,
        )
        self.door = Door(acting, Tokens(folder))
        self.console = Console(acting, self.keeping, CONSOLE, shelf, fallen, measured, rehearsal)
        self.app = application(self.door, self.console)
        self.way = Through(self.app)

    def lets_in(self, provider: Vouching | None, *, passwords: bool = True) -> None:
        """Who may vouch for people from now on."""
        self.console = replace(self.console, provider=provider, passwords=passwords)
        self.app = application(self.door, self.console)
        self.way = Through(self.app)

    def link(self, person: str) -> str:
        """The path of a new sign-in link."""
        with self.keeping.engine.begin() as connection:
            secret = accounts.make_link(connection, person, now=self.now, rules=CONSOLE.rules)
        return f"/sign-in/{secret}"

    def account(self, person: str, password: str) -> None:
        """A local account."""
        with self.keeping.engine.begin() as connection:
            accounts.set_password(connection, person, password=password, now=self.now)

    def browser(self, person: str = "", *, form: str = "en") -> "Browser":
        """A browser; signed in, when a person is named."""
        found = Browser(self, form)
        if person:
            found.sends(self.link(person), {})
            found.fills("/cases", "/language", form=form)
        return found

    def agent(self) -> "Browser":
        """The first agent, signed in, in English."""
        return self.browser(AGENT)


class Browser:
    """What a person does: looks at pages, and sends the forms on them."""

    def __init__(self, room: Room, form: str) -> None:
        """`form`: what it says it would like to read."""
        self.room = room
        self.http = httpx.Client(
            base_url=URL, transport=room.way, headers={"Accept-Language": form}
        )
        self.answer = httpx.Response(0)

    def sees(self, path: str) -> str:
        """The page there, with its redirects followed; as text that can be searched."""
        self.answer = self.http.get(path, follow_redirects=True)
        return html.unescape(self.answer.text)

    def sends(
        self, path: str, fields: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> str:
        """A form to there; what she sees then."""
        self.answer = self.http.post(
            path,
            content=urlencode(fields),
            headers={"Origin": URL, "Content-Type": FORM, **(headers or {})},
            follow_redirects=True,
        )
        return html.unescape(self.answer.text)

    def chooses(self, page: str, path: str, **files: bytes) -> str:
        """The form on a page that leads there, with these files; what she sees then."""
        self.answer = self.http.post(
            html.unescape(path),
            data=self._hidden(page, path),
            files={field: (f"{field}.yaml", content) for field, content in files.items()},
            headers={"Origin": URL},
            follow_redirects=True,
        )
        return html.unescape(self.answer.text)

    def fills(self, page: str, path: str, **fields: str) -> str:
        """The form on a page that leads there, with these fields; what she sees then."""
        return self.sends(path, {**self._hidden(page, path), **fields})

    def _hidden(self, page: str, path: str) -> dict[str, str]:
        """What the form on a page that leads there sends by itself."""
        text = self.http.get(page, follow_redirects=True).text
        _, found, rest = text.partition(f'action="{path}"')
        assert found, f"{page} has no form for {path}"
        return dict(_FIELD.findall(rest.partition("</form>")[0]))
