"""Signing in: by a link that is good once, by a password, and by nothing else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Request
from sqlalchemy import select
from starlette.types import Message

from services.desk.answers import Problem
from services.desk.web import tables
from services.desk.web.console import COOKIE
from services.desk.web.forms import FORM, form_of
from services.desk.web.pages import HEADERS
from tests.core.console_world import CONSOLE, URL, Room
from tests.core.test_desk_examples import AGENT, CASE, OTHER

PASSWORD = "regn på taket i november"
PAGES = ("/cases", f"/cases/{CASE}", "/approvals", "/tasks", "/log", "/find?q=x")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A desk with one case, and its console."""
    return Room(tmp_path)


@pytest.mark.parametrize("path", PAGES)
def test_nobody_sees_a_page_without_signing_in(room: Room, path: str) -> None:
    """Anyone on the network reads the complaints."""
    browser = room.browser()
    page = browser.sees(path)
    assert "Sign in" in page
    assert "Kaffetraktaren" not in page
    assert browser.answer.url.path == "/sign-in"


def test_a_link_signs_in_once(room: Room) -> None:
    """A link in a scrollback, a log or a mail scanner's cache opens the desk again."""
    link, first, second = room.link(AGENT), room.browser(), room.browser()
    assert "once" in first.sees(link)
    assert "once" in second.sees(link)
    first.sends(link, {})
    assert first.answer.url.path == "/cases"
    assert AGENT in first.sees("/cases")
    assert "used already" in second.sends(link, {})
    assert "Sign in" in second.sees("/cases")


def test_a_link_is_good_for_a_short_while(room: Room) -> None:
    """A link from last week opens the desk."""
    link, browser = room.link(AGENT), room.browser()
    room.now += timedelta(minutes=CONSOLE.rules.link_minutes, seconds=1)
    assert "too old" in browser.sends(link, {})


def test_a_password_signs_in_and_a_wrong_one_does_not(room: Room) -> None:
    """A local account opens for anything, or for nothing."""
    room.account(AGENT, PASSWORD)
    browser = room.browser()
    assert "do not fit" in browser.sends("/sign-in", {"person": AGENT, "password": "feil"})
    assert "do not fit" in browser.sends("/sign-in", {"person": OTHER, "password": PASSWORD})
    assert "do not fit" in browser.sends("/sign-in", {"person": "nobody", "password": PASSWORD})
    fields = {"person": AGENT, "password": PASSWORD, "next": f"/cases/{CASE}"}
    browser.sends("/sign-in", fields)
    assert browser.answer.url.path == f"/cases/{CASE}"


def test_after_some_wrong_passwords_nobody_may_try(room: Room) -> None:
    """Whoever has time finds the password."""
    room.account(AGENT, PASSWORD)
    browser = room.browser()
    for _ in range(CONSOLE.rules.attempts_per_person):
        browser.sends("/sign-in", {"person": AGENT, "password": "feil"})
        assert browser.answer.status_code == 403
    right = {"person": AGENT, "password": PASSWORD}
    assert "Too many" in browser.sends("/sign-in", right)
    assert browser.answer.status_code == 429
    room.now += timedelta(minutes=CONSOLE.rules.attempts_within_minutes, seconds=1)
    browser.sends("/sign-in", right)
    assert browser.answer.url.path == "/cases"


def test_a_new_password_ends_her_sessions(room: Room) -> None:
    """Whoever had the old password stays in."""
    browser = room.agent()
    room.account(AGENT, PASSWORD)
    assert "Sign in" in browser.sees("/cases")


@pytest.mark.parametrize(
    ("step", "steps", "inside"),
    [
        (timedelta(minutes=CONSOLE.rules.idle_minutes - 1), 3, True),
        (timedelta(minutes=CONSOLE.rules.idle_minutes, seconds=1), 1, False),
        (timedelta(minutes=45), CONSOLE.rules.session_hours * 60 // 45 + 1, False),
    ],
    ids=["at-work", "idle", "too-long"],
)
def test_a_session_ends_by_itself(room: Room, step: timedelta, steps: int, *, inside: bool) -> None:
    """A screen left open in a meeting room is the desk's for whoever sits down."""
    browser = room.agent()
    for _ in range(steps):
        room.now += step
        page = browser.sees("/cases")
    assert ("Sign out" in page) is inside


def test_signing_out_ends_the_session_on_the_server(room: Room) -> None:
    """A cookie that somebody copied is good after she left."""
    browser = room.agent()
    secret = browser.http.cookies[COOKIE]
    browser.fills("/cases", "/sign-out")
    thief = room.browser()
    thief.http.cookies.set(COOKIE, secret)
    assert "Sign in" in thief.sees("/cases")


def test_what_is_kept_opens_nothing(room: Room) -> None:
    """A copy of the database signs in."""
    room.account(AGENT, PASSWORD)
    link, browser = room.link(OTHER), room.agent()
    with room.keeping.engine.begin() as connection:
        kept = [
            str(connection.execute(select(table)).all())
            for table in (tables.sessions, tables.links, tables.accounts)
        ]
    secrets = (browser.http.cookies[COOKIE], link.rpartition("/")[2], PASSWORD)
    assert [secret for secret in secrets for text in kept if secret in text] == []
    assert "$argon2id$" in kept[2]


def test_the_cookie_is_for_us_alone(room: Room) -> None:
    """A script reads it, another site's form brings it, or it crosses the network in the open."""
    browser = room.browser()
    link = room.link(AGENT)
    answer = browser.http.post(link, headers={"Origin": URL, "Content-Type": FORM_TYPE})
    said = answer.headers["set-cookie"].lower()
    assert [w for w in ("httponly", "samesite=strict", "path=/") if w not in said] == []
    far = browser.http.post(
        f"http://desk.example.com{room.link(AGENT)}",
        headers={"Origin": "http://desk.example.com", "Content-Type": FORM_TYPE},
    )
    assert "secure" in far.headers["set-cookie"].lower()
    assert "not encrypted" in browser.sees("http://desk.example.com/sign-in")


FORM_TYPE = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=lambda h: next(iter(h.items()))[1],
)
def test_a_form_from_elsewhere_is_refused(room: Room, headers: dict[str, str]) -> None:
    """A page that she visits takes, approves or closes in her name (CSRF)."""
    browser = room.agent()
    for path in (f"/cases/{CASE}/take", "/sign-out", "/approvals/x/approve", room.link(OTHER)):
        browser.sends(path, {}, headers=headers)
        assert (path, browser.answer.status_code) == (path, 403)
    assert room.here.loop.published == []


@pytest.mark.parametrize("token", [None, "", "0" * 64, "å"])
def test_a_form_without_her_token_is_refused(room: Room, token: str | None) -> None:
    """The Origin header alone stands between another page and her name."""
    browser = room.agent()
    fields = {} if token is None else {"csrf": token}
    for path in (f"/cases/{CASE}/take", "/language", "/tasks/x/done"):
        browser.sends(path, {"seen_version": "0", **fields})
        assert (path, browser.answer.status_code) == (path, 403)
    assert room.here.loop.published == []


@pytest.mark.parametrize(
    "then", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "javascript:"]
)
def test_signing_in_leads_nowhere_else(room: Room, then: str) -> None:
    """A link to our own sign-in page ends on another's."""
    room.account(AGENT, PASSWORD)
    browser = room.browser()
    browser.sends("/sign-in", {"person": AGENT, "password": PASSWORD, "next": then})
    assert str(browser.answer.url).startswith(f"{URL}/cases")


@pytest.mark.parametrize("path", [*PAGES, "/sign-in", "/sign-in/x", "/nowhere", "/cases/unknown"])
def test_every_page_keeps_scripts_of_others_out(room: Room, path: str) -> None:
    """What slips through the escaping runs, or the page is kept in a cache or shown in a frame."""
    browser = room.agent()
    page = browser.sees(path)
    missing = {n: v for n, v in HEADERS.items() if browser.answer.headers.get(n) != v}
    assert missing == {}
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick=" not in page


def test_who_went_on_meanwhile_is_no_bug_of_ours() -> None:
    """A page left while it asked how a letter sounds is logged as a failure of the console."""
    headers = [(b"content-type", FORM.encode()), (b"host", b"127.0.0.1")]

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "method": "POST", "headers": headers}, gone)
    with pytest.raises(Problem) as told:
        asyncio.run(form_of(request, csrf=""))
    assert told.value.code == "bad_form"
