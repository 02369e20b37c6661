"""What can go wrong, by what the reader can do about it.

::

    PassportError
    ├── Malformed       unreadable: the bytes are not what they claim to be
    ├── Rejected        readable, but untrue or unacceptable; carries a stable Reason
    ├── Unavailable     could not find out; carries a stable Reason, and is never a yes
    └── Misconfigured   ours to fix: settings, keys, a missing tool

"Invalid" and "could not check" differ, and both refuse. Messages say what was expected and what came,
and hold no claim, key or token: they may reach a log or a person.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Stable reason codes, part of the public interface: a code is added, never renamed."""

    # Envelope: is this presentation authentic and meant for us?
    TRANSACTION_UNKNOWN = "transaction_unknown"
    TRANSACTION_CLOSED = "transaction_closed"
    ALREADY_RECEIVED = "already_received"
    NONCE_MISMATCH = "nonce_mismatch"
    AUDIENCE_MISMATCH = "audience_mismatch"
    HOLDER_BINDING_INVALID = "holder_binding_invalid"
    HOLDER_BINDING_STALE = "holder_binding_stale"
    SIGNATURE_INVALID = "signature_invalid"
    ALGORITHM_NOT_ALLOWED = "algorithm_not_allowed"
    HEADER_NOT_ALLOWED = "header_not_allowed"
    DECRYPTION_FAILED = "decryption_failed"
    TOKEN_TYPE_MISMATCH = "token_type_mismatch"  # noqa: S105 - a code, not a secret
    KEY_UNKNOWN = "key_unknown"
    CERTIFICATE_INVALID = "certificate_invalid"
    CERTIFICATE_NOT_TRUSTED = "certificate_not_trusted"
    DISCLOSURE_NOT_SIGNED = "disclosure_not_signed"
    DISCLOSURE_INVALID = "disclosure_invalid"
    CREDENTIAL_MISSING = "credential_missing"
    CREDENTIAL_NOT_REQUESTED = "credential_not_requested"
    CLAIM_MISSING = "claim_missing"
    CLAIM_NOT_REQUESTED = "claim_not_requested"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    HOLDER_DECLINED = "holder_declined"
    WALLET_UNAVAILABLE = "wallet_unavailable"
    WALLET_REFUSED_REQUEST = "wallet_refused_request"
    WALLET_ERROR = "wallet_error"
    NOT_YET_VALID = "not_yet_valid"
    CHECK_FAILED = "check_failed"
    # Fraud check: what the hub says, or that it could not be asked.
    FRAUD_BLOCK = "fraud_block"
    FRAUD_REVIEW = "fraud_review"
    FRAUD_UNKNOWN = "fraud_unknown"
    # Standing: may this bank say so, and does it still?
    ISSUER_NOT_ACCREDITED = "issuer_not_accredited"
    ISSUER_SUSPENDED = "issuer_suspended"
    ISSUER_NO_LONGER_ACCREDITED = "issuer_no_longer_accredited"
    ISSUER_KEY_UNKNOWN = "issuer_key_unknown"
    ISSUER_KEY_STOLEN = "issuer_key_stolen"
    ISSUER_MISMATCH = "issuer_mismatch"
    ISSUER_NAME_UNCHECKED = "issuer_name_unchecked"
    LEDGER_UNAVAILABLE = "ledger_unavailable"
    LEDGER_REFUSED = "ledger_refused"
    WRONG_CHAIN = "wrong_chain"
    ANCHOR_PENDING = "anchor_pending"
    ANCHOR_MISSING = "anchor_missing"
    ISSUED_OUTSIDE_PROMISED_DELAY = "issued_outside_promised_delay"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    STATUS_UNAVAILABLE = "status_unavailable"
    STATUS_STALE = "status_stale"
    STATUS_ROLLED_BACK = "status_rolled_back"
    STATUS_INVALID = "status_invalid"
    # Policy: does it say enough, recently enough, about the same person?
    SCHEMA_INVALID = "schema_invalid"
    AS_OF_TOO_OLD = "as_of_too_old"
    THRESHOLD_NOT_MET = "threshold_not_met"
    DOCUMENT_EXPIRED = "document_expired"
    HOLDER_UNDER_AGE = "holder_under_age"
    SAME_PERSON_UNCLEAR = "same_person_unclear"
    NAMES_DIFFER = "names_differ"
    ACCOUNT_COUNTED_TWICE = "account_counted_twice"
    JOINT_ACCOUNT = "joint_account"
    JOINT_ACCOUNT_NOT_ALLOWED = "joint_account_not_allowed"
    HOLD_ENDED = "hold_ended"
    DESTINATION_RESTRICTED = "destination_restricted"
    # The holder's side.
    VERIFIER_NOT_ACCREDITED = "verifier_not_accredited"
    REQUEST_INVALID = "request_invalid"
    NOTHING_TO_SHOW = "nothing_to_show"
    CONSENT_NEEDED = "consent_needed"
    NO_FREE_SLOT = "no_free_slot"
    # Elsewhere.
    LIMIT_EXCEEDED = "limit_exceeded"
    NOT_FOUND = "not_found"
    NOT_AUTHORISED = "not_authorised"
    EPOCH_UNKNOWN = "epoch_unknown"
    CONFLICT = "conflict"
    UPSTREAM_UNAVAILABLE = "upstream_unavailable"
    DESTINATION_NOT_ALLOWED = "destination_not_allowed"
    STORAGE_UNAVAILABLE = "storage_unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"


class PassportError(Exception):
    """The root of every error that this project raises on purpose."""


class Malformed(PassportError):
    """Unreadable: the bytes are not what they claim to be."""


class Rejected(PassportError):
    """Readable, but untrue or unacceptable. ``reason`` is stable; the message is for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Unavailable(PassportError):
    """Could not find out. Never a yes, never a no: a person decides, or one tries again."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Misconfigured(PassportError):
    """Ours to fix: settings, keys, files or a missing tool. The message says how."""
