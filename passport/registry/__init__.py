"""The words in which the ledger answers: participants, grants, keys, anchors, status records.

Values only (design section 5): reading the chain is ``ledger``'s work, judging is the verifier's. The rules that
turn these values into "was this bank allowed to say so, then" are here too, because they are pure.
"""

from passport.registry.facts import (
    AnchorRecord,
    BlockRef,
    Grant,
    ParticipantKey,
    Role,
    StatusRecord,
)
from passport.registry.registrations import (
    WELL_KNOWN_REGISTRATION,
    DataCategory,
    IssuerRegistration,
    Purpose,
    VerifierRegistration,
    Words,
    evidence_hash,
    require_registered_issuer,
)
from passport.registry.schemas import schema_id, schema_ids
from passport.registry.standing import grant_in_force, require_grant_at, require_key_at

__all__ = [
    "WELL_KNOWN_REGISTRATION",
    "AnchorRecord",
    "BlockRef",
    "DataCategory",
    "Grant",
    "IssuerRegistration",
    "ParticipantKey",
    "Purpose",
    "Role",
    "StatusRecord",
    "VerifierRegistration",
    "Words",
    "evidence_hash",
    "grant_in_force",
    "require_grant_at",
    "require_key_at",
    "require_registered_issuer",
    "schema_id",
    "schema_ids",
]
