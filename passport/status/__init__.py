"""Whether a credential still holds: Token Status List (draft-ietf-oauth-status-list), as JWT.

The list is read whole, so its host learns nothing about whom one asks. What the ledger keeps of a list is
:func:`commitment`, which binds content and version and not the signature, so that renewing a signature costs no
transaction. Leaves out the CBOR form, the aggregation endpoint, and fetching; whether a list is the ledger's newest
is the verifier's to judge.
"""

from passport.status.commitment import commitment, list_id_of
from passport.status.statuses import MAX_SIZE, StatusList, StatusValue
from passport.status.token import (
    TOKEN_LIMITS,
    StatusReference,
    VerifiedStatusList,
    sign_status_list,
    verify_status_list,
)

__all__ = [
    "MAX_SIZE",
    "TOKEN_LIMITS",
    "StatusList",
    "StatusReference",
    "StatusValue",
    "VerifiedStatusList",
    "commitment",
    "list_id_of",
    "sign_status_list",
    "verify_status_list",
]
