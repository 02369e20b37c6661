"""What every copy of a credential carries in the open, whatever it is about (design section 9).

``iss iat exp vct cnf status``, ``fraud`` where accounts are proven, ``anchor``. Everything else is selectively
disclosable and belongs to ``passport.claims``. Leaves out signing.
"""

from passport.credential.open_claims import (
    AnchorTerms,
    FraudReference,
    OpenClaims,
    StatusReference,
    claims_to_sign,
    require_open,
)

__all__ = ["AnchorTerms", "FraudReference", "OpenClaims", "StatusReference", "claims_to_sign", "require_open"]
