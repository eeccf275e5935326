"""What leaves for Redis and decides something when it comes back: closed, and bound to its place.

XChaCha20-Poly1305 with a key that is not in Redis: whoever reads it learns nothing of a plan,
and whoever writes to it can neither make a record nor put one in another's place.
https://libsodium.gitbook.io/doc/secret-key_cryptography/aead
"""

from __future__ import annotations

import hashlib
import json
import secrets
from binascii import Error as NotBase64
from typing import Any

from nacl.encoding import URLSafeBase64Encoder
from nacl.exceptions import CryptoError
from nacl.secret import Aead

JSON = Any


class Broken(Exception):  # noqa: N818 - how the world is
    """A text that this seal has not closed, or that stands where it was not put."""


class Seal:
    """Closes and opens JSON with one key; safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        self._box = Aead(key)

    @classmethod
    def of(cls, secret: str | None) -> Seal:
        """Return the seal of all processes that know *secret*; without one, a seal of our own.

        *secret* is long and random already (a token), so one hash makes the key.
        """
        known = secret or secrets.token_hex()
        return cls(hashlib.blake2b(known.encode(), digest_size=32, person=b"ecs-pull").digest())

    def close(self, value: JSON, place: str) -> str:
        """Return *value*, as text that opens at *place* only."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=dict).encode()
        return self._box.encrypt(plain, place.encode(), encoder=URLSafeBase64Encoder).decode()

    def open(self, text: str, place: str) -> JSON:
        """Return what was closed for *place*; raises Broken."""
        try:
            plain = self._box.decrypt(text.encode(), place.encode(), encoder=URLSafeBase64Encoder)
        except (CryptoError, NotBase64, ValueError) as error:
            raise Broken(place) from error
        return json.loads(plain)
