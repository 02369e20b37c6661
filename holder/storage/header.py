"""The first bytes of a wallet file: who may open it (design section 9, threat T25).

::

    magic 8 · version 2 · file id 16 · argon2id memory KiB 4, passes 4, lanes 4, salt 16
    · wrap by passphrase 60 · wrap by recovery phrase 60 · SHA-256 of all that 32 · HMAC of all that 32

The file key is random. Each wrap is AES-256-GCM under a key of its own, with everything before it as associated
data. The plain SHA-256 tells damage from a wrong passphrase without any key; the HMAC, under the file key, tells
tampering by somebody who could repair the SHA-256.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Self

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holder.errors import WalletDamaged, WalletNewer, WrongPassphrase, WrongRecoveryPhrase
from holder.recovery import HolderSeed, hkdf
from passport.clock import Entropy
from passport.errors import Malformed

MAGIC: Final = b"FPWALLET"
VERSION: Final = 1
_FIXED: Final = struct.Struct(">8sH16sIII16s")
_KEY: Final = 32
_NONCE: Final = 12
_WRAP: Final = _NONCE + _KEY + 16
_DIGEST: Final = 32
_MEMORY_KIB: Final = range(64 * 1024, 1024 * 1024 + 1)
_PASSES: Final = range(3, 17)
_LANES: Final = range(1, 17)
_BODY: Final = _FIXED.size + 2 * _WRAP
HEADER_SIZE: Final = _BODY + 2 * _DIGEST


@dataclass(frozen=True, slots=True)
class Stretching:
    """How much work a guess costs (RFC 9106): argon2id with at least 64 MiB and three passes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 1

    def __post_init__(self) -> None:
        """Refuse less than the floor, and more than an honest wallet ever asks (the header is not yet trusted)."""
        fits = self.memory_kib in _MEMORY_KIB and self.passes in _PASSES and self.lanes in _LANES
        if not fits:
            raise Malformed("expected argon2id with 64 MiB to 1 GiB, 3 to 16 passes and 1 to 16 lanes")

    def key(self, passphrase: str, salt: bytes) -> bytes:
        """The key that the passphrase gives; equal characters in different encodings give the same."""
        return hash_secret_raw(
            unicodedata.normalize("NFKC", passphrase).encode(),
            salt,
            time_cost=self.passes,
            memory_cost=self.memory_kib,
            parallelism=self.lanes,
            hash_len=_KEY,
            type=Type.ID,
        )


@dataclass(frozen=True, slots=True)
class Header:
    """A header that is whole; whether a key opens it is the next question."""

    file_id: bytes
    stretching: Stretching
    salt: bytes
    raw: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a header and check its digest.

        Raises:
            WalletDamaged: not a wallet file, or a changed byte. WalletNewer: a version that comes after this one.
        """
        if len(raw) < HEADER_SIZE:
            raise WalletDamaged("expected a wallet file, got one that is too short", offset=len(raw))
        raw = raw[:HEADER_SIZE]
        magic, version, file_id, memory, passes, lanes, salt = _FIXED.unpack_from(raw)
        if magic != MAGIC:
            raise WalletDamaged("expected a wallet file, got something else", offset=0)
        if hashlib.sha256(raw[:_BODY]).digest() != raw[_BODY : _BODY + _DIGEST]:
            # A newer version may write another header; its number can also be one changed byte of this one.
            newer = ", or a newer version of this program wrote it" if version > VERSION else ""
            raise WalletDamaged(f"its header was changed after it was written{newer}", offset=0)
        if version != VERSION:
            raise WalletNewer
        try:
            stretching = Stretching(memory, passes, lanes)
        except Malformed as error:
            raise WalletDamaged(str(error), offset=len(MAGIC)) from error
        return cls(file_id, stretching, salt, raw)

    def open_with_passphrase(self, passphrase: str) -> bytes:
        """The file key.

        Raises:
            WrongPassphrase: it does not open this file.
            WalletDamaged: the header was tampered with.
        """
        key = self.stretching.key(passphrase, self.salt)
        # Only the header was looked at: what follows it may still be cut short or damaged.
        refusal = "this passphrase does not open the wallet"
        return self._open(key, 0, WrongPassphrase(refusal))

    def open_with_seed(self, seed: HolderSeed) -> bytes:
        """The file key, by the recovery phrase.

        Raises:
            WrongRecoveryPhrase: the phrase belongs to another wallet.
            WalletDamaged: the header was tampered with.
        """
        return self._open(seed.wrapping_key(self.file_id), 1, WrongRecoveryPhrase())

    def _open(self, key: bytes, wrap: int, refusal: WrongPassphrase) -> bytes:
        start = _FIXED.size + wrap * _WRAP
        nonce, sealed = self.raw[start : start + _NONCE], self.raw[start + _NONCE : start + _WRAP]
        try:
            file_key = AESGCM(key).decrypt(nonce, sealed, self.raw[: _FIXED.size])
        except InvalidTag as error:
            raise refusal from error
        if not hmac.compare_digest(_mac(file_key, self.raw[:-_DIGEST]), self.raw[-_DIGEST:]):
            raise WalletDamaged("somebody changed its header", offset=0)
        return file_key


def make_header(
    file_id: bytes,
    file_key: bytes,
    *,
    passphrase: str,
    seed: HolderSeed,
    stretching: Stretching,
    entropy: Entropy,
) -> bytes:
    """The header's bytes for a file key."""
    salt = entropy.token(16)
    fixed = _FIXED.pack(
        MAGIC, VERSION, file_id, stretching.memory_kib, stretching.passes, stretching.lanes, salt
    )
    body = fixed
    for key in (stretching.key(passphrase, salt), seed.wrapping_key(file_id)):
        nonce = entropy.token(_NONCE)
        body += nonce + AESGCM(key).encrypt(nonce, file_key, fixed)
    body += hashlib.sha256(body).digest()
    return body + _mac(file_key, body)


def _mac(file_key: bytes, content: bytes) -> bytes:
    return hmac.digest(hkdf(file_key, b"header-mac"), content, "sha256")
