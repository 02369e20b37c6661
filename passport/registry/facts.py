"""What the five contracts can be asked, as values that are valid from birth.

The words of TrustRegistry, AnchorRegistry and StatusRegistry (design section 5). Times are block times: aware,
UTC, whole seconds. Leaves out transactions, events and storage layout, which only ``ledger`` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.errors import Malformed
from passport.identifiers import Address

HASH_BYTES = 32


class Role(StrEnum):
    """What a participant may be accredited as."""

    ISSUER = "issuer"
    VERIFIER = "verifier"
    HUB = "hub"
    MEMBER = "member"
    POLICE = "police"


def _require_hash(name: str, value: bytes) -> None:
    if len(value) != HASH_BYTES:
        raise Malformed(f"{name}: expected {HASH_BYTES} bytes, got {len(value)}")


def _require_aware(name: str, value: datetime | None) -> None:
    if value is not None and value.tzinfo is None:
        raise Malformed(f"{name}: expected a time with a timezone")


def _require_natural(name: str, value: int) -> None:
    if value < 0:
        raise Malformed(f"{name}: expected zero or more, got {value}")


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block that something was read at or recorded in."""

    number: int
    hash: bytes
    time: datetime

    def __post_init__(self) -> None:
        """Check the shape; that the chain has this block is the reader's to know."""
        _require_natural("block number", self.number)
        _require_hash("block hash", self.hash)
        _require_aware("block time", self.time)


@dataclass(frozen=True, slots=True)
class Grant:
    """One numbered accreditation, never overwritten: ``participant`` may act as ``role`` for ``schema``.

    ``valid_until`` is exclusive. ``withdrawn_from`` may lie before the withdrawal itself (a back-dated effect).
    ``schema`` is the keccak-256 of a vct, or 32 zero bytes where a role has no schema (verifier, hub, police).
    """

    number: int
    participant: Address
    role: Role
    schema: bytes
    valid_from: datetime
    valid_until: datetime
    evidence_hash: bytes
    suspended: bool = False
    withdrawn_from: datetime | None = None

    def __post_init__(self) -> None:
        """Check the shape."""
        _require_natural("grant number", self.number)
        _require_hash("schema", self.schema)
        _require_hash("evidence hash", self.evidence_hash)
        for name, value in (
            ("valid from", self.valid_from),
            ("valid until", self.valid_until),
            ("withdrawn from", self.withdrawn_from),
        ):
            _require_aware(name, value)


@dataclass(frozen=True, slots=True)
class ParticipantKey:
    """A P-256 signing key that a participant wrote into the TrustRegistry, named by RFC 7638 SHA-256 thumbprint.

    ``valid_until`` is exclusive and absent while the key is in use. ``stolen_since`` may lie in the past.
    """

    thumbprint: bytes
    valid_from: datetime
    valid_until: datetime | None = None
    stolen_since: datetime | None = None

    def __post_init__(self) -> None:
        """Check the shape."""
        _require_hash("thumbprint", self.thumbprint)
        for name, value in (
            ("valid from", self.valid_from),
            ("valid until", self.valid_until),
            ("stolen since", self.stolen_since),
        ):
            _require_aware(name, value)


@dataclass(frozen=True, slots=True)
class AnchorRecord:
    """A batch's root on the ledger, under the grant that its issuer used. ``block.time`` is the issue time."""

    issuer: Address
    schema: bytes
    grant_number: int
    root: bytes
    size: int
    block: BlockRef

    def __post_init__(self) -> None:
        """Check the shape."""
        _require_hash("schema", self.schema)
        _require_hash("root", self.root)
        _require_natural("grant number", self.grant_number)
        if self.size < 1:
            raise Malformed(f"anchored size: expected one leaf or more, got {self.size}")


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """The newest published version of a status list: what ``commitment`` the served list must have."""

    issuer: Address
    list_id: bytes
    commitment: bytes
    version: int
    fresh_until: datetime
    block: BlockRef

    def __post_init__(self) -> None:
        """Check the shape."""
        _require_hash("list id", self.list_id)
        _require_hash("commitment", self.commitment)
        _require_aware("fresh until", self.fresh_until)
        if self.version < 1:
            raise Malformed(f"status list version: expected one or more, got {self.version}")
