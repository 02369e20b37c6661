"""W3C verifiable credentials: the VCDM 1.1 form of a proof of funds, and Data Integrity ``eddsa-jcs-2022``.

The 1.1 form is for didkit, in a worker process of its own: it is signed and checked there. Leaves out
``eddsa-rdfc-2022`` and VCDM 2.0 credentials, which come with the VC-API.
"""

from passport.vcdm.eddsa_jcs import Ed25519Signer, VerifiedDocument, sign_jcs, verify_jcs
from passport.vcdm.proof_of_funds_v1 import (
    UnverifiedVc11,
    document_hash,
    proof_of_funds_vc11,
    read_vc11,
    unsecured,
)

__all__ = [
    "Ed25519Signer",
    "UnverifiedVc11",
    "VerifiedDocument",
    "document_hash",
    "proof_of_funds_vc11",
    "read_vc11",
    "sign_jcs",
    "unsecured",
    "verify_jcs",
]
