"""A provider of sign-ins of our own, over real HTTP, with real keys; it notes what it was asked.

It keeps to OpenID Connect where a test does not tell it otherwise: a code is good once, for the
client and the verifier that it was made for.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import SecretStr

CLIENT, SECRET = "kulanse-console", SecretStr("hemmelig:ord %")
SUBJECT = "8f14e45f-ea2a"
Claims = dict[str, object]
Signer = Callable[[Claims], str]


@cache
def key_of(name: str) -> RSAKey:
    """A real key, made once: by another name another."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


def signed(claims: Claims, *, alg: str = "RS256") -> str:
    """As the provider signs."""
    return jwt.encode({"alg": alg, "kid": "ours"}, claims, key_of("ours"), algorithms=[alg])


@dataclass
class Fake:
    """`twist` changes claims before they are signed; `sign` signs them.

    `asks`: it shows a page of its own first, with a link back, and what follows is its doing.
    """

    url: str = ""
    now: datetime = field(default_factory=datetime.now)
    twist: Claims = field(default_factory=dict)
    sign: Signer = signed
    document: dict[str, object] = field(default_factory=dict)
    keys: list[dict[str, object]] = field(default_factory=list)
    down: bool = False
    asks: bool = False
    journal: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def metadata(self) -> dict[str, object]:
        """Its document."""
        usual: dict[str, object] = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return usual | self.document

    def authorized(self, asked: dict[str, str]) -> str:
        """Somebody signed in: where her browser goes."""
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        said = {"code": code, "state": asked["state"], "iss": self.url}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """A token for a code; each code once."""
        basic = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        good = (
            asked is not None
            and asked["code_challenge"] == challenge
            and asked["redirect_uri"] == form["redirect_uri"]
            and basic == "kulanse-console:hemmelig%3Aord%20%25"
        )
        if asked is None or not good:
            return 400, {"error": "invalid_grant"}
        at = int(self.now.timestamp())
        claims: Claims = {"iss": self.url, "aud": CLIENT, "sub": SUBJECT, "iat": at}
        claims |= {"exp": at + 300, "nonce": asked["nonce"]} | self.twist
        given = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(given)}


def public(key: RSAKey | ECKey) -> dict[str, object]:
    """The half of a key that everybody may know."""
    return dict(key.as_dict(private=False))


@contextmanager
def provider() -> Iterator[Fake]:
    """One that listens on this machine."""
    fake = Fake(keys=[public(key_of("ours"))])

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
            fake.journal.append((path, query))
            if path == "/authorize" and fake.asks:
                self._page(f'<a href="{escape(fake.authorized(query))}">I am she</a>')
                return
            if path == "/authorize":
                self.send_response(302)
                self.send_header("Location", fake.authorized(query))
                self.end_headers()
                return
            found = {"/keys": {"keys": fake.keys}}.get(path, fake.metadata())
            self._say(200, found)

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = dict(parse_qsl(text))
            fake.journal.append((self.path, form))
            self._say(*fake.token(form, self.headers.get("Authorization", "")))

        def _page(self, body: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def _say(self, status: int, said: object) -> None:
            body = json.dumps(said).encode()
            self.send_response(503 if fake.down else status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- theirs
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
