"""Every wire name of OpenID4VCI 1.0 that this project writes or reads, spelled once."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

OFFER_SCHEME: Final = "openid-credential-offer"
CREDENTIAL_OFFER: Final = "credential_offer"
CREDENTIAL_OFFER_URI: Final = "credential_offer_uri"

WELL_KNOWN_ISSUER: Final = "openid-credential-issuer"
WELL_KNOWN_AUTHORIZATION_SERVER: Final = "oauth-authorization-server"
WELL_KNOWN_JWT_VC_ISSUER: Final = "jwt-vc-issuer"

GRANT_TYPE: Final = "grant_type"
GRANT_PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
GRANT_AUTHORIZATION_CODE: Final = "authorization_code"
PRE_AUTHORIZED_CODE: Final = "pre-authorized_code"
TX_CODE: Final = "tx_code"
CLIENT_ID: Final = "client_id"
AUTHORIZATION_DETAILS: Final = "authorization_details"
OPENID_CREDENTIAL: Final = "openid_credential"

TOKEN_TYPE_BEARER: Final = "Bearer"  # noqa: S105 - a wire name
TOKEN_TYPE_DPOP: Final = "DPoP"  # noqa: S105 - a wire name
DPOP_HEADER: Final = "DPoP"
DPOP_NONCE_HEADER: Final = "DPoP-Nonce"

SD_JWT_VC: Final = "dc+sd-jwt"
LDP_VC: Final = "ldp_vc"
PROOF_TYPE_JWT: Final = "jwt"
BINDING_JWK: Final = "jwk"


class InputMode(StrEnum):
    """Which characters a transaction code has (section 4.1.1)."""

    NUMERIC = "numeric"
    TEXT = "text"


class NotificationEvent(StrEnum):
    """What became of the credentials (section 11.1)."""

    ACCEPTED = "credential_accepted"
    FAILURE = "credential_failure"
    DELETED = "credential_deleted"


class ErrorCode(StrEnum):
    """What an endpoint answers instead (sections 6.3, 8.3.1, 9.3, 11.3; RFC 6749 5.2; RFC 6750 3.1; RFC 9396 5; RFC 9449 12.2)."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    INVALID_AUTHORIZATION_DETAILS = "invalid_authorization_details"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a wire name
    INSUFFICIENT_SCOPE = "insufficient_scope"
    INVALID_DPOP_PROOF = "invalid_dpop_proof"
    USE_DPOP_NONCE = "use_dpop_nonce"
    INVALID_CREDENTIAL_REQUEST = "invalid_credential_request"
    UNKNOWN_CREDENTIAL_CONFIGURATION = "unknown_credential_configuration"
    UNKNOWN_CREDENTIAL_IDENTIFIER = "unknown_credential_identifier"
    INVALID_PROOF = "invalid_proof"
    INVALID_NONCE = "invalid_nonce"
    INVALID_ENCRYPTION_PARAMETERS = "invalid_encryption_parameters"
    CREDENTIAL_REQUEST_DENIED = "credential_request_denied"
    INVALID_TRANSACTION_ID = "invalid_transaction_id"
    INVALID_NOTIFICATION_ID = "invalid_notification_id"
    INVALID_NOTIFICATION_REQUEST = "invalid_notification_request"
