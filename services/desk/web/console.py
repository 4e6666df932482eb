"""Who is in front of the console, and what every room needs to answer her."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from services.desk.acting import Acting, By
from services.desk.answers import Problem
from services.desk.lived import Board
from services.desk.lying import Newest
from services.desk.rehearsal import Rehearsal
from services.desk.web import looks, sessions
from services.desk.web.forms import form_of
from services.desk.web.keeping import Keeping
from services.desk.web.looks import Look
from services.desk.web.pages import page
from services.desk.web.policy import FORMS, ConsolePolicy, Words, form_for, words_in
from services.desk.web.sessions import Session
from services.desk.web.texts import Writing
from services.desk.web.trips import Trip
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.people import Person
from shared.stage.letter import DeadLetter

COOKIE = "kulanse_session"
KEY_BYTES, KEY_CHARS_MAX = 12, 100
OUR_FAULT = 500


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in, and her session."""

    person: Person
    session: Session
    words: Words

    @property
    def name(self) -> str:
        """Her pseudonym."""
        return self.person.person


class Shelf(Protocol):
    """Where the files of messages lie; see `shared.vault.files.Files`."""

    def get(self, record_key: str, reference: str) -> bytes | None:
        """The file of this complainant; None: there is none, or it was forgotten."""


class Fallen(Protocol):
    """Where dead letters lie; see `services.desk.lying.Lying`."""

    async def newest(self, most: int) -> Newest:
        """The newest of each partition, without what was written."""

    async def one(self, partition: int, offset: int) -> DeadLetter | None:
        """The letter there, open; None: none lies there."""

    async def send(self, output: Outgoing, *, null: bool) -> None:
        """Produce it."""


class Measured(Protocol):
    """Where measures against causes lie; see `services.desk.lying.Lying`."""

    async def measures(self) -> tuple[Event[Contract], ...]:
        """Every word on one."""


class Vouching(Protocol):
    """Who signs people in beside us; see `services.desk.web.provider.Provider`."""

    @property
    def issuer(self) -> str:
        """Its name, an address."""

    async def way_to(self, trip: Trip) -> str:
        """Where a browser signs in for this trip; raises `Denied`."""

    async def who(self, code: str, trip: Trip, *, now: datetime) -> str:
        """The subject that came back with this code; raises `Denied`."""


@dataclass(frozen=True)
class Console:
    """What the rooms need. `shelf` None: no files are kept here; `fallen`: nor dead letters;
    `measured`: nor measures; `rehearsal`: nothing is decided anew; `provider`: nobody else signs
    people in. `passwords` False: no local account opens.
    """

    acting: Acting
    keeping: Keeping
    policy: ConsolePolicy
    shelf: Shelf | None = None
    fallen: Fallen | None = None
    measured: Measured | None = None
    rehearsal: Rehearsal | None = None
    board: Board = field(default_factory=Board)
    provider: Vouching | None = None
    passwords: bool = True

    async def visitor(self, request: Request, *, works: bool = True) -> Visitor | None:
        """Whose session the cookie holds; None: nobody is signed in.

        `works` False: her browser asks by itself, which does not keep a session alive.
        """
        secret, now = request.cookies.get(COOKIE, ""), self.acting.now()
        if not secret:
            return None
        rules = self.policy.rules
        session = await self.keeping.read(lambda c: sessions.found(c, secret, now=now, rules=rules))
        person = self.acting.policy.people.named(session.person) if session else None
        if session is None or person is None:
            return None
        if works and await self.keeping.read(lambda c: sessions.is_stale(c, secret, now=now)):
            await self.keeping.write(lambda c: sessions.was_seen(c, secret, now=now))
        return Visitor(person, session, self.words(request, person, chosen=session.form))

    def words(self, request: Request, person: Person | None, *, chosen: str = "") -> Words:
        """In which written form she is spoken to."""
        accepted = request.headers.get("accept-language", "")
        asked = chosen or request.query_params.get("form", "")
        return words_in(self.policy, form_for(asked, person=person, accepted=accepted))

    def writing(self, form: str) -> Writing:
        """Times and sums as of now."""
        zone = ZoneInfo(self.acting.policy.deadlines.calendar.zone)
        return Writing(form, zone, self.acting.now())

    def shown(
        self,
        request: Request,
        visitor: Visitor | None,
        *,
        name: str,
        values: Mapping[str, object],
        status: int = 200,
    ) -> Response:
        """A page, with what every page has."""
        words = visitor.words if visitor else self.words(request, None)
        common = {
            "t": words.said,
            "code": words.code,
            "reason_in": words.reason,
            "because_in": words.because,
            "why_in": words.why,
            "form": words.form,
            "forms": {form: self.policy.words[form]["page"]["language"] for form in FORMS},
            "write": self.writing(words.form),
            "visitor": visitor,
            "key": fresh_key,
            "csrf": visitor.session.csrf if visitor else "",
            "here": request.url.path,
            "back": _path_of(request),
            "reads_log": self._role_of(visitor) in self.policy.rules.reads_the_log,
            "mends_letters": self._role_of(visitor) in self.policy.rules.mends_letters,
        }
        return page(name, {**common, **values}, status=status)

    @staticmethod
    def _role_of(visitor: Visitor | None) -> str:
        return visitor.person.role if visitor else ""

    def sorry(self, request: Request, visitor: Visitor | None, *, problem: Problem) -> Response:
        """A page that says what went wrong, and what to do."""
        words = visitor.words if visitor else self.words(request, None)
        ours = problem.status >= OUR_FAULT
        values = {"said": hint_of(problem, words), "status": problem.status}
        # A form's own key makes it one command, however often her browser sends it.
        values["posted"] = ours and request.method == "POST"
        return self.shown(request, visitor, name="error.html", values=values, status=problem.status)


@dataclass(frozen=True, slots=True)
class Visit:
    """A person in a room: who she is, and what her browser asks for."""

    console: Console
    visitor: Visitor
    request: Request

    def asked(self, name: str) -> str:
        """A part of the address after the question mark; "" where it is not."""
        return self.request.query_params.get(name, "")

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    async def form(self) -> Mapping[str, str]:
        """The fields of a form of hers; raises `Problem`."""
        return await form_of(self.request, csrf=self.visitor.session.csrf)

    def by(self, fields: Mapping[str, str]) -> By:
        """She, with the form's own key: pressed twice is one command."""
        simulated = self.visitor.name.startswith("simulated-")
        speaker = self.console.acting.speaker(self.visitor.person, simulated=simulated)
        return By(speaker, fields.get("key", "")[:KEY_CHARS_MAX])

    def writing(self) -> Writing:
        """Times and sums in her written form."""
        return self.console.writing(self.visitor.words.form)

    async def looked(self, what: str, *, case_id: str = "") -> None:
        """Note that she looks at this, before she does."""
        look = Look(self.console.acting.now(), self.visitor.name, what, case_id)
        await self.console.keeping.write(lambda c: looks.note(c, look))

    def shown(self, name: str, values: Mapping[str, object], *, status: int = 200) -> Response:
        """A page, with what every page has."""
        shown = self.console.shown
        return shown(self.request, self.visitor, name=name, values=values, status=status)


def hint_of(problem: Problem, words: Words) -> str:
    """What to do about a problem, in her written form; the door's own words where ours end."""
    ours = words.sections["refusal"]
    known = next((ours[code] for code in (problem.why, problem.code) if code in ours), None)
    faults = ", ".join(sorted({fault.field for fault in problem.faults if fault.field}))
    if problem.faults:
        return words.said("error.fields", fields=faults)
    return known or problem.hint


Room = Callable[[Visit], Awaitable[Response]]


def fresh_key() -> str:
    """A form's own key: sent twice, it is one command."""
    return secrets.token_urlsafe(KEY_BYTES)


def is_loopback(host: str | None) -> bool:
    """Whether a name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address((host or "").strip("[]")).is_loopback
    except ValueError:
        return False


def _path_of(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
