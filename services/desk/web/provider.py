"""The company's own provider of sign-ins (OpenID Connect), and how far its word is believed.

Its documents are read anew at each sign-in: sign-ins are rare, and a key that was changed holds at
once. Keys come from the issuer that the settings name alone: a token's own header names none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from ssl import SSLContext
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from services.desk.web.console import is_loopback
from services.desk.web.trips import Trip
from shared.errors import Refused
from shared.settings import Settings

BACK = "/sign-in/provider/back"
DOCUMENT = "/.well-known/openid-configuration"
# Signed with a key that only the provider has: neither "none" nor a secret that two know (HS…).
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_S = 60  # two clocks
TIMEOUT_S = 5.0
SUBJECT_CHARS_MAX = 255  # OpenID Connect Core, section 2
OK, BAD_REQUEST, SERVER_ERROR = 200, 400, 500


class Denied(Exception):
    """Nobody is signed in. `code`: what she is told; `why`: for the log, nothing personal."""

    def __init__(self, code: str, why: str) -> None:
        """`code` is a word of the console's section `sign_in`."""
        super().__init__(code)
        self.code, self.why = code, why


class Metadata(BaseModel):
    """What of a provider's document is of use."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True, slots=True)
class Provider:
    """As the settings name it. `back`: where it sends browsers, as people reach the console."""

    issuer: str
    client_id: str
    secret: SecretStr
    back: str

    async def way_to(self, trip: Trip) -> str:
        """Where a browser signs in for this trip; raises `Denied`."""
        async with _client() as client:
            found = await self._metadata(client)
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self.client_id,
            "redirect_uri": self.back,
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": trip.challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(found.authorization_endpoint).query else "?"
        return f"{found.authorization_endpoint}{joint}{urlencode(asked)}"

    async def who(self, code: str, trip: Trip, *, now: datetime) -> str:
        """The subject that came back with this code; raises `Denied`."""
        async with _client() as client:
            found = await self._metadata(client)
            said = await self._token(client, found, code=code, trip=trip)
            keys = await _json(client, found.jwks_uri)
        return self.subject(said, keys, nonce=trip.nonce, now=now)

    def subject(self, token: str, keys: Mapping[str, object], *, nonce: str, now: datetime) -> str:
        """Whom a token names, if all of it holds; raises `Denied`."""
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, _public(keys), algorithms=ALGORITHMS).claims
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, LookupError) as error:
            raise Denied("token_bad", type(error).__name__) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if not isinstance(claims["nonce"], str) or (
            (several or "azp" in claims) and claims.get("azp") != self.client_id
        ):
            raise Denied("token_bad", "for_others")
        subject = str(claims["sub"])
        if not is_subject(subject):
            raise Denied("token_bad", "subject")
        return subject

    async def _metadata(self, client: httpx.AsyncClient) -> Metadata:
        said = await _json(client, self.issuer.rstrip("/") + DOCUMENT)
        try:
            found = Metadata.model_validate(said)
        except ValidationError:
            raise Denied("provider_away", "document") from None
        places = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        if found.issuer != self.issuer or not all(is_private(place) for place in places):
            raise Denied("provider_away", "document")
        return found

    async def _token(
        self, client: httpx.AsyncClient, found: Metadata, *, code: str, trip: Trip
    ) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "code_verifier": trip.verifier,
        }
        secret, basic = self.secret.get_secret_value(), None
        if secret and "client_secret_basic" in found.token_endpoint_auth_methods_supported:
            basic = httpx.BasicAuth(quote(self.client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": self.client_id} | ({"client_secret": secret} if secret else {})
        said = await _json(client, found.token_endpoint, form=form, auth=basic)
        token = said.get("id_token")
        if not isinstance(token, str):
            raise Denied("token_bad", "no_token")
        return token


def opened(settings: Settings) -> Provider | None:
    """The provider of the settings; None: there is none. Raises `Refused` for half of one."""
    issuer, url = settings.oidc_issuer, settings.desk_url.rstrip("/")
    if not issuer:
        return None
    if not (settings.oidc_client_id and is_private(issuer) and is_private(url)):
        raise Refused(
            "oidc_incomplete",
            "Signing in by a provider needs its issuer, our name there and the console's address.",
            "Set KULANSE_OIDC_ISSUER (https), KULANSE_OIDC_CLIENT_ID and KULANSE_DESK_URL (https).",
        )
    return Provider(issuer, settings.oidc_client_id, settings.oidc_client_secret, url + BACK)


def is_subject(text: str) -> bool:
    """Whether a provider may call somebody so."""
    fits = 0 < len(text) <= SUBJECT_CHARS_MAX
    return fits and text.isascii() and text.isprintable()


def is_private(address: str) -> bool:
    """Whether nobody reads along on the way there: https, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def _public(keys: Mapping[str, object]) -> KeySet:
    """The keys that a token may be signed with; a secret that a provider published is none."""
    said = keys.get("keys")
    listed = [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []
    found = [import_key(each) for each in listed if each.get("kty") in ("RSA", "EC")]
    return KeySet([key for key in found if isinstance(key, RSAKey | ECKey)])


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, verify=_authorities())


@cache
def _authorities() -> SSLContext:
    """Who may vouch for the provider's certificate: read once, it takes a while."""
    return httpx.create_ssl_context()


async def _json(
    client: httpx.AsyncClient,
    url: str,
    *,
    form: dict[str, str] | None = None,
    auth: httpx.BasicAuth | None = None,
) -> Mapping[str, object]:
    try:
        answer = await client.request("POST" if form else "GET", url, data=form, auth=auth)
        said = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Denied("provider_away", type(error).__name__) from None
    if form and BAD_REQUEST <= answer.status_code < SERVER_ERROR:
        raise Denied("provider_refused", str(answer.status_code))
    if answer.status_code != OK or not isinstance(said, dict):
        raise Denied("provider_away", str(answer.status_code))
    return said
