"""Records, sealed one by one, each bound to its place and to the one before.

A frame is ``length 4 · nonce 12 · AES-256-GCM ciphertext``; its associated data is the file's id, the record's
number and the hash of the chain so far. Moving, dropping, repeating or exchanging a record breaks the chain there.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holder.errors import WalletDamaged
from holder.recovery import hkdf

_LENGTH: Final = struct.Struct(">I")
_NONCE: Final = 12
_TAG: Final = 16
MAX_RECORD: Final = 4 << 20


class FrameCipher:
    """Seals and opens the records of one file."""

    def __init__(self, file_key: bytes, file_id: bytes) -> None:
        self._aead = AESGCM(hkdf(file_key, b"record"))
        self._file_id = file_id

    def start(self) -> bytes:
        """The chain's hash before the first record."""
        return hashlib.sha256(b"start" + self._file_id).digest()

    def seal(self, payload: bytes, *, number: int, chain: bytes, nonce: bytes) -> tuple[bytes, bytes]:
        """The frame of record ``number``, and the chain's hash after it."""
        sealed = nonce + self._aead.encrypt(nonce, payload, self._place(number, chain))
        frame = _LENGTH.pack(len(sealed)) + sealed
        return frame, hashlib.sha256(chain + frame).digest()

    def open(
        self, content: bytes, offset: int, limit: int, *, number: int, chain: bytes
    ) -> tuple[bytes, int, bytes]:
        """The record at ``offset``, the offset after it, and the chain's hash after it.

        Raises:
            WalletDamaged: no whole record lies between ``offset`` and ``limit``, or it is not as it was written.
        """
        body = offset + _LENGTH.size
        if body > limit:
            raise WalletDamaged(f"record {number} is cut off", offset=offset)
        (length,) = _LENGTH.unpack_from(content, offset)
        end = body + length
        if not _NONCE + _TAG <= length <= MAX_RECORD + _NONCE + _TAG or end > limit:
            raise WalletDamaged(f"record {number} is cut off or its length was changed", offset=offset)
        nonce, sealed = content[body : body + _NONCE], content[body + _NONCE : end]
        try:
            payload = self._aead.decrypt(nonce, sealed, self._place(number, chain))
        except InvalidTag as error:
            raise WalletDamaged(f"record {number} is not as it was written", offset=offset) from error
        return payload, end, hashlib.sha256(chain + content[offset:end]).digest()

    def _place(self, number: int, chain: bytes) -> bytes:
        return b"record" + self._file_id + number.to_bytes(8) + chain
