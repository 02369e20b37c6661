"""OpenID for Verifiable Credential Issuance 1.0: messages, validity rules and key proofs.

Follows the final text of 2025-09-16: pre-authorised code with transaction code, nonce endpoint, batch, deferred,
notification, DPoP (RFC 9449). Leaves out: signed metadata, encrypted requests, key attestations.
"""

from passport.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    DeferredCredentialRequest,
    IssuedCredential,
    NonceResponse,
    NotificationRequest,
    Proofs,
)
from passport.openid4vci.dpop import VerifiedDpop, sign_dpop, verify_dpop
from passport.openid4vci.key_proof import (
    ProofRefused,
    VerifiedKeyProof,
    VerifiedKeyProofs,
    sign_key_proof,
    verify_key_proofs,
)
from passport.openid4vci.limits import LIMITS, Limits
from passport.openid4vci.metadata import (
    AuthorizationServerMetadata,
    BatchIssuance,
    ClaimDescription,
    CredentialConfiguration,
    CredentialMetadata,
    Display,
    IssuerMetadata,
    JwtVcIssuerMetadata,
    ProofTypeMetadata,
    require_issuer,
    well_known_url,
)
from passport.openid4vci.names import ErrorCode, InputMode, NotificationEvent
from passport.openid4vci.offer import (
    AuthorizationCodeGrant,
    CredentialOffer,
    Grants,
    OfferLink,
    PreAuthorizedGrant,
    TransactionCodeRule,
)
from passport.openid4vci.profiles import BASELINE, HAIP, IssuanceProfile
from passport.openid4vci.token import (
    AuthorizationDetail,
    DetailsMalformed,
    ErrorAnswer,
    TokenRequest,
    TokenResponse,
)

__all__ = [
    "BASELINE",
    "HAIP",
    "LIMITS",
    "AuthorizationCodeGrant",
    "AuthorizationDetail",
    "AuthorizationServerMetadata",
    "BatchIssuance",
    "ClaimDescription",
    "CredentialConfiguration",
    "CredentialMetadata",
    "CredentialOffer",
    "CredentialRequest",
    "CredentialResponse",
    "DeferredCredentialRequest",
    "DetailsMalformed",
    "Display",
    "ErrorAnswer",
    "ErrorCode",
    "Grants",
    "InputMode",
    "IssuanceProfile",
    "IssuedCredential",
    "IssuerMetadata",
    "JwtVcIssuerMetadata",
    "Limits",
    "NonceResponse",
    "NotificationEvent",
    "NotificationRequest",
    "OfferLink",
    "PreAuthorizedGrant",
    "ProofRefused",
    "ProofTypeMetadata",
    "Proofs",
    "TokenRequest",
    "TokenResponse",
    "TransactionCodeRule",
    "VerifiedDpop",
    "VerifiedKeyProof",
    "VerifiedKeyProofs",
    "require_issuer",
    "sign_dpop",
    "sign_key_proof",
    "verify_dpop",
    "verify_key_proofs",
    "well_known_url",
]
