"""Certificates under the consortium's roots: who signed, as strangers can check it.

Follows RFC 5280 (path validation), RFC 7515 section 4.1.6 (``x5c``), HAIP 1.0 (the root is left out, the leaf is
not self-signed) and OpenID4VP 1.0 section 5.9.3 (``x509_hash``). Leaves out revocation lists and OCSP: whether a
key may still be used is the ledger's to say. Whether a root belongs to the consortium is the ledger's too: here,
roots are handed in.
"""

from passport.x509.authority import authority_key_ids
from passport.x509.chain import VerifiedChain, claimed_participant, verify_x5c
from passport.x509.encoding import (
    certificates_from_pem,
    certificates_to_pem,
    root_hash,
    x5c_from_header,
    x5c_to_header,
    x509_hash,
)
from passport.x509.make import (
    LEAF_LIFETIME,
    ROOT_LIFETIME,
    SIGNING_PERIOD,
    CertificateAuthority,
    make_intermediate,
    make_leaf,
    make_root,
)
from passport.x509.reading import ChainLimits

__all__ = [
    "LEAF_LIFETIME",
    "ROOT_LIFETIME",
    "SIGNING_PERIOD",
    "CertificateAuthority",
    "ChainLimits",
    "VerifiedChain",
    "authority_key_ids",
    "certificates_from_pem",
    "certificates_to_pem",
    "claimed_participant",
    "make_intermediate",
    "make_leaf",
    "make_root",
    "root_hash",
    "verify_x5c",
    "x5c_from_header",
    "x5c_to_header",
    "x509_hash",
]
