"""Secrets that travel: codes, tokens and nonces, and the keyed hashes under which they are stored.

A database dump holds no usable code: a 6-digit transaction code or a token can be tried against a plain hash, not
against one keyed with the pepper, a file beside the database. The access token is derived from the code, so that the
same DPoP key may be given the same token again (threats.md F01) without the token being stored.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

from passport.clock import Entropy, from_epoch, to_epoch
from passport.errors import Malformed
from passport.jose import b64u_decode, b64u_encode

CODE_BYTES: Final = 32
TX_CODE_DIGITS: Final = 6
NONCE_LIFETIME: Final = timedelta(minutes=5)
_RANDOM: Final = 16
_MAC: Final = 16
_TIME: Final = 8


class StaleNonce(Exception):
    """A nonce that this issuer did not make, or no longer accepts."""


class Codes:
    """Makes and recognises codes; holds the pepper."""

    def __init__(self, pepper: bytes, entropy: Entropy) -> None:
        self._pepper = pepper
        self._entropy = entropy

    def new_secret(self) -> str:
        """256 random bits in base64url: a pre-authorised code, a session, an id nobody may guess."""
        return b64u_encode(self._entropy.token(CODE_BYTES))

    def new_id(self) -> str:
        """128 random bits in hexadecimal."""
        return self._entropy.token(16).hex()

    def new_tx_code(self) -> str:
        """Six digits without bias: 64 bits are reduced, which favours no code measurably."""
        number = int.from_bytes(self._entropy.token(_TIME)) % 10**TX_CODE_DIGITS
        return f"{number:0{TX_CODE_DIGITS}d}"

    def hashed(self, kind: str, *parts: str) -> bytes:
        """The keyed hash of a secret, apart for each kind."""
        message = b"\0".join(part.encode() for part in (kind, *parts))
        return hmac.digest(self._pepper, message, hashlib.sha256)

    def access_token(self, code: str) -> str:
        """The access token of a pre-authorised code."""
        return b64u_encode(self.hashed("derive-access-token", code))

    def credential_identifier(self, offer_id: str, configuration: str) -> str:
        """How a token request's ``authorization_details`` are answered for one configuration: the offer's data set."""
        return b64u_encode(self.hashed("credential-identifier", offer_id, configuration))

    def new_nonce(self, now: datetime) -> str:
        """A credential nonce: random, with its end and a MAC, so that making one stores nothing."""
        body = self._entropy.token(_RANDOM) + to_epoch(now + NONCE_LIFETIME).to_bytes(_TIME)
        return b64u_encode(body + self._nonce_mac(body))

    def nonce_end(self, nonce: str, now: datetime) -> datetime:
        """When a nonce of ours ends.

        Raises:
            StaleNonce: it is not ours, or it has ended.
        """
        try:
            raw = b64u_decode(nonce)
        except Malformed as error:
            raise StaleNonce from error
        body, mac = raw[: _RANDOM + _TIME], raw[_RANDOM + _TIME :]
        if not hmac.compare_digest(mac, self._nonce_mac(body)):
            raise StaleNonce
        end = from_epoch(int.from_bytes(body[_RANDOM:]))
        if end <= now:
            raise StaleNonce
        return end

    def _nonce_mac(self, body: bytes) -> bytes:
        return hmac.digest(self._pepper, b"credential-nonce\0" + body, hashlib.sha256)[:_MAC]


class SeededEntropy:
    """The same bytes again for the same seed: a copy whose signing was interrupted is rebuilt exactly."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0

    def token(self, size: int) -> bytes:
        """The next ``size`` bytes: HMAC-SHA-256 of the seed over a counter."""
        out = b""
        while len(out) < size:
            out += hmac.digest(self._seed, self._count.to_bytes(_TIME), hashlib.sha256)
            self._count += 1
        return out[:size]
