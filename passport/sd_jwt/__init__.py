"""Credentials whose claims are shown one by one: SD-JWT (RFC 9901) with key binding, as SD-JWT VC uses it.

Issue: :func:`issue`. Hold: :func:`present`. Verify, each step needing the one before: :func:`parse` →
:func:`verify_issuer` → :func:`verify_key_binding`, and :func:`check_validity` for times. The hub, which sees no
disclosure, uses :func:`verify_issuer_jwt` and :func:`verify_key_binding_without_disclosures`.

Leaves out the JSON serialisation (RFC 9901 section 8), hash algorithms other than SHA-256, and type metadata.
"""

from passport.sd_jwt.hashing import credential_hash
from passport.sd_jwt.issue import IssuedSdJwt, confirmation, issue
from passport.sd_jwt.key_binding import (
    KeyBinding,
    VerifiedPresentation,
    verify_key_binding,
    verify_key_binding_without_disclosures,
)
from passport.sd_jwt.present import present, select
from passport.sd_jwt.receive import ReceivedSdJwt, SdJwtLimits, parse
from passport.sd_jwt.unfold import Unfolded, unfold
from passport.sd_jwt.validity import check_validity
from passport.sd_jwt.verify import (
    IssuerVerifiedSdJwt,
    VerifiedIssuerJwt,
    verify_issuer,
    verify_issuer_jwt,
)

__all__ = [
    "IssuedSdJwt",
    "IssuerVerifiedSdJwt",
    "KeyBinding",
    "ReceivedSdJwt",
    "SdJwtLimits",
    "Unfolded",
    "VerifiedIssuerJwt",
    "VerifiedPresentation",
    "check_validity",
    "confirmation",
    "credential_hash",
    "issue",
    "parse",
    "present",
    "select",
    "unfold",
    "verify_issuer",
    "verify_issuer_jwt",
    "verify_key_binding",
    "verify_key_binding_without_disclosures",
]
