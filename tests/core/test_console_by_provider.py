"""Signing in by the company's own provider: over real HTTP, with real keys, and each refusal."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from structlog.testing import capture_logs

from services.desk.web import bindings
from services.desk.web.by_provider import COOKIE as TRIP
from services.desk.web.by_provider import PATH
from services.desk.web.console import COOKIE
from services.desk.web.provider import BACK, Provider, opened
from shared.settings import Settings
from tests.core.console_world import CONSOLE, URL, Browser, Room
from tests.core.forged_tokens import by_a_stranger, by_public_key, changed_after, unsigned
from tests.core.test_desk_examples import AGENT, CASE, OTHER
from tests.fake_provider import (
    CLIENT,
    SECRET,
    SUBJECT,
    Claims,
    Fake,
    Signer,
    key_of,
    provider,
    public,
    signed,
)

OUTSIDE = httpx.Client(verify=False)  # noqa: S501 -- loopback, without TLS


@pytest.fixture(scope="module")
def serving() -> Iterator[Fake]:
    """One provider for all: its keys are costly."""
    with provider() as fake:
        yield fake


@pytest.fixture
def fake(serving: Fake) -> Fake:
    """The provider, as it is of its own."""
    serving.twist, serving.sign, serving.document, serving.down = {}, signed, {}, False
    serving.keys = [public(key_of("ours"))]
    serving.journal.clear()
    return serving


@pytest.fixture
def room(tmp_path: Path, fake: Fake) -> Room:
    """A desk that lets this provider vouch; the agent's account there is bound."""
    made = Room(tmp_path)
    made.lets_in(ours(fake))
    fake.now = made.now
    bound(made, fake, person=AGENT)
    return made


def ours(fake: Fake) -> Provider:
    """As the settings would have it."""
    settings = Settings(
        desk_url=URL, oidc_issuer=fake.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET
    )
    found = opened(settings)
    assert found is not None
    return found


def bound(room: Room, fake: Fake, *, person: str) -> None:
    """Whose the account is."""
    with room.keeping.engine.begin() as connection:
        bindings.bind(connection, person, issuer=fake.url, subject=SUBJECT)


def there(browser: Browser, *, then: str = "") -> str:
    """She goes to the provider and signs in; the address to which it sends her back."""
    left = browser.http.get(f"{PATH}?{urlencode({'next': then})}")
    assert left.status_code == 303, left.text
    return OUTSIDE.get(left.headers["location"]).headers["location"]


def test_whom_the_provider_vouches_for_is_signed_in(room: Room, fake: Fake) -> None:
    """Nobody gets in, or in another's name, or the code can be used by whoever saw it (PKCE)."""
    browser = room.browser()
    assert "company's account" in browser.sees("/sign-in")
    page = browser.sees(there(browser, then=f"/cases/{CASE}"))
    assert f'content="0; url=/cases/{CASE}"' in page
    assert AGENT in browser.sees("/cases")
    asked = next(said for path, said in fake.journal if path == "/authorize")
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")
    exchanged = next(said for path, said in fake.journal if path == "/token")
    assert exchanged["code_verifier"] not in str(asked)
    browser.fills("/cases", "/sign-out")
    assert "Sign in" in browser.sees("/cases")


def test_the_session_is_a_new_one(room: Room) -> None:
    """A session that somebody planted before is hers afterwards (fixation)."""
    browser = room.browser()
    browser.http.cookies.set(COOKIE, "planted")
    said = browser.http.get(there(browser)).headers.get_list("set-cookie")
    session = next(each for each in said if each.startswith(COOKIE)).lower()
    assert "planted" not in session
    assert [w for w in ("httponly", "samesite=strict", "path=/") if w not in session] == []
    assert any(each.startswith(f'{TRIP}=""') for each in said)


@pytest.mark.parametrize(
    "sign",
    [unsigned, by_public_key, by_a_stranger, changed_after, lambda _: "no.token.at-all"],
    ids=["none", "hs256-with-public-key", "foreign-key", "changed", "garbage"],
)
def test_a_token_that_is_not_the_providers_opens_nothing(
    room: Room, fake: Fake, sign: Signer
) -> None:
    """Whoever writes a token is whoever they like."""
    fake.sign = sign
    assert refused(room, room.browser(), code="token_bad")


HOUR = 3600


@pytest.mark.parametrize(
    "twist",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://evil.example.com"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
    ],
    ids=lambda twist: json.dumps(twist)[:40],
)
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    room: Room, fake: Fake, twist: Claims
) -> None:
    """A token for another, of another, of yesterday, or of another browser's sign-in signs in."""
    fake.twist = twist
    assert refused(room, room.browser(), code="token_bad")


def refused(room: Room, browser: Browser, *, code: str, back: str = "", status: int = 401) -> str:
    """Nobody is signed in, it says what to do, and the log says which; the page."""
    with capture_logs() as logs:
        page = browser.sees(back or there(browser))
    assert (browser.answer.status_code, [each["code"] for each in logs]) == (status, [code])
    assert SUBJECT not in str(logs)
    assert CONSOLE.words["en"]["sign_in"][code] in page
    assert "kulanse console link" in page
    assert COOKIE not in browser.http.cookies
    return page


def test_a_key_that_the_provider_changed_holds_at_once(room: Room, fake: Fake) -> None:
    """After the provider's keys rotate nobody gets in until somebody restarts the door."""
    new = ECKey.generate_key("P-256", {"kid": "new", "use": "sig"})
    shared_secret: Claims = {"kty": "oct", "k": "c2VjcmV0", "kid": "new"}
    fake.keys = [shared_secret, public(key_of("ours")), public(new)]
    fake.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "new"}, claims, new)
    browser = room.browser()
    browser.sees(there(browser))
    assert AGENT in browser.sees("/cases")


def test_who_comes_back_twice_or_late_or_elsewhere_begins_again(room: Room, fake: Fake) -> None:
    """A link back, caught or sent to somebody else, signs in who opens it (replay, login CSRF)."""
    first, second = room.browser(), room.browser()
    back = there(first)
    refused(room, second, code="trip_over", back=back)
    first.sees(back)
    thief = room.browser()
    thief.http.cookies = first.http.cookies
    thief.http.cookies.delete(COOKIE)
    refused(room, thief, code="trip_over", back=back)
    late = room.browser()
    back = there(late)
    room.now += timedelta(minutes=CONSOLE.rules.link_minutes, seconds=1)
    refused(room, late, code="trip_over", back=back)
    refused(room, room.browser(), code="trip_over", back=BACK)
    assert [path for path, _ in fake.journal].count("/token") == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "another"}, "trip_over"),
        ({"iss": "https://evil.example.com"}, "token_bad"),
        ({"code": "another"}, "provider_refused"),
        ({"code": "", "error": "access_denied"}, "provider_refused"),
    ],
    ids=lambda change: str(change)[:30],
)
def test_what_came_back_otherwise_opens_nothing(
    room: Room, change: dict[str, str], code: str
) -> None:
    """A page that leads her browser here chooses who she is."""
    browser = room.browser()
    query = {name: said[0] for name, said in parse_qs(urlsplit(there(browser)).query).items()}
    assert refused(room, browser, code=code, back=f"{BACK}?{urlencode(query | change)}")


def test_a_code_that_was_used_is_refused_there(room: Room, fake: Fake) -> None:
    """The fake gives two tokens for one code, and the tests before prove nothing."""
    browser = room.browser()
    back = there(browser)
    fake.codes.clear()
    assert refused(room, browser, code="provider_refused", back=back)


@pytest.mark.parametrize("then", ["//evil.example.com", "https://evil.example.com", "/\\evil"])
def test_it_leads_nowhere_else(room: Room, then: str) -> None:
    """A link to our own sign-in ends on another's page."""
    browser = room.browser()
    assert 'content="0; url=/cases?view=mine"' in browser.sees(there(browser, then=then))


def test_whom_nobody_here_was_told_of_does_not_get_in(room: Room, fake: Fake) -> None:
    """Everybody in the company reads the complaints, or nobody learns what to do."""
    fake.twist = {"sub": "somebody-else"}
    page = refused(room, room.browser(), code="unbound")
    assert "kulanse console bind YOUR-NAME-HERE somebody-else" in page
    fake.twist = {}
    bound(room, fake, person="left-the-company")
    refused(room, room.browser(), code="unbound")


def test_an_account_is_one_persons_and_a_change_ends_sessions(room: Room, fake: Fake) -> None:
    """Two colleagues act in one name, or who was unbound stays in."""
    browser = room.browser()
    browser.sees(there(browser))
    bound(room, fake, person=OTHER)
    assert "Sign in" in browser.sees("/cases")
    again = room.browser()
    again.sees(there(again))
    assert OTHER in again.sees("/cases")
    with room.keeping.engine.begin() as connection:
        bindings.unbind(connection, OTHER)
    assert "Sign in" in again.sees("/cases")


@pytest.mark.parametrize("form", ["nb", "nn", "en"])
def test_with_the_provider_down_the_other_ways_stand_open(
    room: Room, fake: Fake, form: str
) -> None:
    """Nobody can work while somebody else's server is away, or nobody is told what to do."""
    fake.down = True
    browser = room.browser(form=form)
    page = browser.sees(PATH)
    assert browser.answer.status_code == 503
    assert CONSOLE.words[form]["sign_in"]["provider_away"] in page
    assert 'name="password"' in page
    browser.sends(room.link(AGENT), {})
    assert AGENT in browser.sees("/cases")


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example.com"},
        {"token_endpoint": "http://provider.example.com/token"},
        {"jwks_uri": None},
    ],
    ids=["foreign-issuer", "in-the-open", "half"],
)
def test_a_document_that_is_not_the_providers_is_not_followed(
    room: Room, fake: Fake, document: dict[str, object]
) -> None:
    """The client's secret, or her code, goes to somebody else."""
    fake.document = document
    refused(room, room.browser(), code="provider_away", back=PATH, status=503)
    assert [path for path, _ in fake.journal if path in ("/token", "/keys")] == []


def test_passwords_can_be_turned_off_and_links_stay(room: Room, fake: Fake) -> None:
    """Who left the company comes in by an old password, or nobody comes in at all."""
    room.account(AGENT, "regn på taket i november")
    room.lets_in(ours(fake), passwords=False)
    browser = room.browser()
    assert 'name="password"' not in browser.sees("/sign-in")
    right = {"person": AGENT, "password": "regn på taket i november"}
    assert "turned off" in browser.sends("/sign-in", right)
    browser.sends(room.link(AGENT), {})
    assert AGENT in browser.sees("/cases")
