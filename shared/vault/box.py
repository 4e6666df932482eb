"""AES-256-GCM around a few bytes: values sealed by a complainant's key, keys wrapped by a master.

A value's nonce is made of the key and the value, so that a decision made again has the same bytes
(a random one would not); two values meet on a nonce only when they are the same. A wrapped key's
nonce is drawn. Both are bound to the key's id. NIST SP 800-38D is the mode.
"""

import hashlib
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12
_NONCE_OF = b"kulanse-nonce"


class NotOurs(Exception):
    """It was sealed or wrapped by another key, or changed since."""


def new_key() -> bytes:
    """A key, drawn."""
    return AESGCM.generate_key(bit_length=8 * KEY_BYTES)


def master_of(secret: bytes) -> bytes:
    """The key that wraps keys, of a secret that is long and random already."""
    return hashlib.blake2b(secret, digest_size=KEY_BYTES, person=b"kulanse-master").digest()


def seal(key: bytes, value: bytes, *, key_id: str) -> str:
    """The value, sealed: nonce and ciphertext as base64."""
    return b64encode(seal_file(key, value, key_id=key_id)).decode()


def unseal(key: bytes, sealed: str, *, key_id: str) -> bytes:
    """What `seal` was given; raises `NotOurs`."""
    try:
        raw = b64decode(sealed, validate=True)
    except ValueError:
        raise NotOurs from None
    return _opened(key, raw, key_id=key_id)


def seal_file(key: bytes, value: bytes, *, key_id: str) -> bytes:
    """The value, sealed: nonce and ciphertext. `key_id` may name the file beside the key."""
    nonce = hashlib.blake2b(value, key=key, digest_size=NONCE_BYTES, person=_NONCE_OF).digest()
    return nonce + AESGCM(key).encrypt(nonce, value, key_id.encode())


def unseal_file(key: bytes, raw: bytes, *, key_id: str) -> bytes:
    """What `seal_file` was given; raises `NotOurs`."""
    return _opened(key, raw, key_id=key_id)


def wrap(master: bytes, key: bytes, *, key_id: str) -> bytes:
    """The key as the vault's table holds it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, key, key_id.encode())


def unwrap(master: bytes, wrapped: bytes, *, key_id: str) -> bytes:
    """The key again; raises `NotOurs`."""
    return _opened(master, wrapped, key_id=key_id)


def _opened(key: bytes, raw: bytes, *, key_id: str) -> bytes:
    try:
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], key_id.encode())
    except (InvalidTag, ValueError):
        raise NotOurs from None
