"""What the ledger keeps of a status list."""

from __future__ import annotations

import hashlib

# The trailing zero ends the domain; each part that follows has a fixed width or its length before it.
_DOMAIN = b"financial-passport status list 1\x00"
_LENGTH_SIZE = 4
_VERSION_SIZE = 8


def list_id_of(uri: str) -> bytes:
    """The list's name on the ledger: SHA-256 of its address."""
    return hashlib.sha256(uri.encode()).digest()


def commitment(uri: str, bits: int, version: int, raw: bytes) -> bytes:
    """SHA-256(domain ‖ length of URI ‖ URI ‖ bits ‖ version ‖ uncompressed list); numbers are big-endian."""
    name = uri.encode()
    digest = hashlib.sha256(_DOMAIN)
    digest.update(len(name).to_bytes(_LENGTH_SIZE) + name)
    digest.update(bits.to_bytes(1) + version.to_bytes(_VERSION_SIZE))
    digest.update(raw)
    return digest.digest()
