"""The leaf of one credential (design section 5).

SHA-256(0x00 ‖ domain ‖ chain id ‖ registry ‖ issuer ‖ schema ‖ salt ‖ credential hash), all of fixed width, so that
no two different inputs are the same bytes. 0x00 makes it an RFC 9162 leaf hash: no inner node can pass for one. The
salt of 32 bytes keeps an observer from guessing what was anchored (T44).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from passport.errors import Malformed
from passport.identifiers import Address

DOMAIN: Final = b"financial-passport/anchor/leaf/1"
HASH_BYTES: Final = 32
CHAIN_ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class AnchorScope:
    """Where leaves count: the same credential elsewhere has another leaf."""

    chain_id: int
    registry: Address
    issuer: Address
    schema: bytes

    def __post_init__(self) -> None:
        """Fixed widths."""
        if not 0 < self.chain_id < 1 << (8 * CHAIN_ID_BYTES):
            raise Malformed(f"expected a chain id of at most {CHAIN_ID_BYTES} bytes")
        require_hash("schema", self.schema)


def leaf_hash(scope: AnchorScope, *, salt: bytes, credential_hash: bytes) -> bytes:
    """The leaf of a credential, given the SHA-256 of its JWS signing input (or of its unsecured document's JCS).

    Raises:
        Malformed: the salt or the hash is not of 32 bytes.
    """
    require_hash("salt", salt)
    require_hash("credential hash", credential_hash)
    entry = b"".join(
        (
            DOMAIN,
            scope.chain_id.to_bytes(CHAIN_ID_BYTES),
            scope.registry.raw,
            scope.issuer.raw,
            scope.schema,
            salt,
            credential_hash,
        )
    )
    return hash_leaf(entry)


def hash_leaf(entry: bytes) -> bytes:
    """RFC 9162 section 2.1.1: the hash of a list entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """RFC 9162 section 2.1.1: the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def require_hash(name: str, value: bytes) -> None:
    """Refuse what is not a SHA-256.

    Raises:
        Malformed: it is not of 32 bytes.
    """
    if len(value) != HASH_BYTES:
        raise Malformed(f"{name}: expected {HASH_BYTES} bytes, got {len(value)}")
