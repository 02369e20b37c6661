"""OpenID for Verifiable Presentations 1.0: messages, validity rules and the legal order of steps.

Follows the final text of 2025-07-09 with DCQL, response modes ``direct_post`` and ``direct_post.jwt``, request
objects by reference (GET and POST), client identifiers ``x509_hash``. Leaves out: the Digital Credentials API,
``scope``, transaction data, mdoc, unsigned requests.
"""

from passport.openid4vp.claims_path import Place, Pointer, Selected, resolve
from passport.openid4vp.dcql import (
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    DcqlQuery,
    Meta,
    TrustedAuthority,
)
from passport.openid4vp.dcql_check import CheckedAnswer, MissingClaim, Presented, check_answer
from passport.openid4vp.dcql_match import Candidate, Match, Pick, match
from passport.openid4vp.dcql_unmet import Lack, Unmet, unmet
from passport.openid4vp.limits import LIMITS, Limits
from passport.openid4vp.names import ErrorCode, RequestUriMethod, ResponseMode
from passport.openid4vp.request_link import RequestLink, RequestUriPost
from passport.openid4vp.request_object import (
    AuthorizationRequest,
    ClientMetadata,
    EncryptionKeys,
    RequestRefused,
    read_request,
)
from passport.openid4vp.request_signing import (
    VerifiedRequest,
    client_id_of,
    sign_request,
    verify_request,
)
from passport.openid4vp.response import (
    AuthorizationResponse,
    EncryptedResponse,
    ErrorResponse,
    read_response,
    write_response,
)
from passport.openid4vp.verifier_info import (
    ClaimedRegistration,
    VerifiedRegistration,
    VerifierInfo,
    find_registration,
    registration_entry,
    require_registered,
)
from passport.urls import origin_of

__all__ = [
    "LIMITS",
    "AuthorizationRequest",
    "AuthorizationResponse",
    "Candidate",
    "CheckedAnswer",
    "ClaimedRegistration",
    "ClaimsQuery",
    "ClientMetadata",
    "CredentialQuery",
    "CredentialSetQuery",
    "DcqlQuery",
    "EncryptedResponse",
    "EncryptionKeys",
    "ErrorCode",
    "ErrorResponse",
    "Lack",
    "Limits",
    "Match",
    "Meta",
    "MissingClaim",
    "Pick",
    "Place",
    "Pointer",
    "Presented",
    "RequestLink",
    "RequestRefused",
    "RequestUriMethod",
    "RequestUriPost",
    "ResponseMode",
    "Selected",
    "TrustedAuthority",
    "Unmet",
    "VerifiedRegistration",
    "VerifiedRequest",
    "VerifierInfo",
    "check_answer",
    "client_id_of",
    "find_registration",
    "match",
    "origin_of",
    "read_request",
    "read_response",
    "registration_entry",
    "require_registered",
    "resolve",
    "sign_request",
    "unmet",
    "verify_request",
    "write_response",
]
