"""Every wire name of OpenID4VP 1.0 that this project writes or reads, spelled once."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

REQUEST_OBJECT_TYP: Final = "oauth-authz-req+jwt"
REQUEST_OBJECT_MEDIA_TYPE: Final = "application/oauth-authz-req+jwt"
FORM_MEDIA_TYPE: Final = "application/x-www-form-urlencoded"
SCHEME: Final = "openid4vp"
RESPONSE_TYPE_VP_TOKEN: Final = "vp_token"  # noqa: S105 - a wire name
STATIC_DISCOVERY_AUDIENCE: Final = "https://self-issued.me/v2"
X509_HASH_PREFIX: Final = "x509_hash:"
SD_JWT_VC: Final = "dc+sd-jwt"

CLIENT_ID: Final = "client_id"
REQUEST: Final = "request"
REQUEST_URI: Final = "request_uri"
REQUEST_URI_METHOD: Final = "request_uri_method"
WALLET_NONCE: Final = "wallet_nonce"
WALLET_METADATA: Final = "wallet_metadata"
TRANSACTION_DATA: Final = "transaction_data"
REDIRECT_URI: Final = "redirect_uri"
SCOPE: Final = "scope"

VP_TOKEN: Final = "vp_token"  # noqa: S105 - a wire name
STATE: Final = "state"
RESPONSE: Final = "response"
ERROR: Final = "error"
ERROR_DESCRIPTION: Final = "error_description"
ANCHOR_PROOFS: Final = "anchor_proofs"
"""Ours: an additional response parameter (section 8.1), which strangers ignore."""

REGISTRATION_FORMAT: Final = "urn:financial-passport:verifier-registration:1"
"""Ours: the ``format`` of the ``verifier_info`` entry that carries a verifier's registration."""


class ResponseMode(StrEnum):
    """How the wallet answers (sections 8.2 and 8.3.1)."""

    DIRECT_POST = "direct_post"
    DIRECT_POST_JWT = "direct_post.jwt"


class RequestUriMethod(StrEnum):
    """How the wallet fetches the request object (section 5.1)."""

    GET = "get"
    POST = "post"


class ErrorCode(StrEnum):
    """What a wallet may answer instead of a presentation (section 8.5, RFC 6749 section 4.1.2.1)."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_SCOPE = "invalid_scope"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    ACCESS_DENIED = "access_denied"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    VP_FORMATS_NOT_SUPPORTED = "vp_formats_not_supported"
    INVALID_REQUEST_URI_METHOD = "invalid_request_uri_method"
    INVALID_TRANSACTION_DATA = "invalid_transaction_data"
    WALLET_UNAVAILABLE = "wallet_unavailable"
    SERVER_ERROR = "server_error"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
