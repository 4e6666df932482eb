"""Tokens as somebody would write them who is not the provider."""

import base64
import hmac
import json

from joserfc import jwt

from tests.fake_provider import Claims, key_of, signed


def unsigned(claims: Claims) -> str:
    """Signed by nobody."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def _part(said: Claims) -> str:
    return _encoded(json.dumps(said).encode())


def _encoded(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


def by_public_key(claims: Claims) -> str:
    """The old trick: the key that all may know, as if it were a secret that two share."""
    said = f"{_part({'alg': 'HS256', 'kid': 'ours'})}.{_part(claims)}"
    secret = key_of("ours").as_pem(private=False)
    return f"{said}.{_encoded(hmac.digest(secret, said.encode(), 'sha256'))}"


def by_a_stranger(claims: Claims) -> str:
    """By another key of the same name, with a hint where to find it."""
    header = {"alg": "RS256", "kid": "ours", "jku": "http://127.0.0.1:9/keys"}
    return jwt.encode(header, claims, key_of("strange"))


def changed_after(claims: Claims) -> str:
    """Of the provider, for somebody else."""
    head, _, rest = signed(claims).partition(".")
    return f"{head}.{_part({**claims, 'sub': 'another'})}.{rest.partition('.')[2]}"
