"""The recovery phrase, and every key that follows from it.

Follows BIP-39 for the words (24 of them, 256 bits) and for the seed (without the optional passphrase), HKDF
(RFC 5869) for what is derived from the seed, and FIPS 186-5 appendix A.2.1 for the step from 48 bytes to a P-256
secret without measurable bias. BIP-32 is left out: its chain of public keys serves watching wallets, and here no two
keys may be linkable. The derivation is public: phrase and key number give the key, with any HKDF.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from mnemonic import Mnemonic

from holder.errors import BadInput
from passport.clock import Entropy
from passport.jose import PrivateKeySigner, Signer

_WORDS = 24
_WORD = re.compile(r"[^\W\d_]+")
_ENTROPY_BYTES = 32
_SCALAR_BYTES = 48
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CONTEXT = b"financial-passport/1/"


@cache
def _words() -> Mnemonic:
    return Mnemonic("english")


def hkdf(secret: bytes, purpose: bytes, length: int = 32) -> bytes:
    """HKDF-SHA-256 without salt; ``purpose`` separates what is derived from the same secret."""
    return HKDF(hashes.SHA256(), length, salt=None, info=_CONTEXT + purpose).derive(secret)


@dataclass(frozen=True, slots=True)
class RecoveryPhrase:
    """24 words that a person writes down. Never shown by ``repr``."""

    words: str = field(repr=False)

    @classmethod
    def generate(cls, entropy: Entropy) -> Self:
        """A new phrase of 256 bits."""
        return cls(_words().to_mnemonic(entropy.token(_ENTROPY_BYTES)))

    @classmethod
    def read(cls, text: str) -> Self:
        """The phrase that a person typed: any letter case and spacing.

        Raises:
            Malformed: not 24 words of the list, or the checksum does not fit (a word is wrong or misplaced).
        """
        # What is copied from a screen or a sheet has numbers, commas and line breaks between the words.
        words = _WORD.findall(unicodedata.normalize("NFKD", text).lower())
        if len(words) != _WORDS:
            raise BadInput(
                f"expected a recovery phrase of {_WORDS} words, got {len(words)}",
                f"復原短語應為 {_WORDS} 個字詞，輸入了 {len(words)} 個",
            )
        known = set(_words().wordlist)
        unknown = [place for place, word in enumerate(words, 1) if word not in known]
        if unknown:
            raise BadInput(
                f"word {unknown[0]} of the recovery phrase is not in the list",
                f"復原短語的第 {unknown[0]} 個字詞不在字詞表中",
            )
        phrase = " ".join(words)
        if not _words().check(phrase):
            raise BadInput(
                "a word of the recovery phrase is wrong or in the wrong place", "復原短語有字詞錯誤或順序錯誤"
            )
        return cls(phrase)

    def seed(self) -> HolderSeed:
        """The seed that the phrase stands for."""
        return HolderSeed(Mnemonic.to_seed(self.words))


@dataclass(frozen=True, slots=True)
class HolderSeed:
    """The root of every holder key."""

    secret: bytes = field(repr=False)

    def key(self, number: int) -> Signer:
        """Holder key ``number``: the one that all copies in slot ``number`` are bound to."""
        return self._signer(b"holder-key/" + number.to_bytes(8))

    def receipt_key(self) -> Signer:
        """The key that signs consent receipts; nobody else ever sees it."""
        return self._signer(b"consent-receipt")

    def dpop_key(self, issuance: str) -> Signer:
        """The key that one issuance's access token is bound to."""
        return self._signer(b"dpop/" + issuance.encode())

    def wrapping_key(self, file_id: bytes) -> bytes:
        """The key of the file key's second wrap."""
        return hkdf(self.secret, b"file-key-wrap/" + file_id)

    def _signer(self, purpose: bytes) -> Signer:
        wide = int.from_bytes(hkdf(self.secret, purpose, _SCALAR_BYTES))
        return PrivateKeySigner.from_secret(wide % (_P256_ORDER - 1) + 1)
