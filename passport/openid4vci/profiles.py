"""What a profile asks of issuing, as an object one can read (design section 3).

HAIP 1.0 (OpenID4VC High Assurance Interoperability Profile) narrows OpenID4VCI; the baseline is what OpenID4VCI leaves
open, as this project uses it. Only what differs between the two here is a field: ES256, ``x5c`` without its root and
the nonce endpoint hold in both. Of HAIP this leaves out the authorisation code flow with its client and key
attestations, since the pre-authorised code is this project's flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class IssuanceProfile:
    """The rules that an issuer follows beyond the protocol."""

    name: str
    sender_constrained_tokens: bool
    """Every access token is bound to a key by DPoP (RFC 9449), as HAIP asks; else bearers of five minutes pass, too."""


BASELINE: Final = IssuanceProfile(name="OpenID4VCI 1.0", sender_constrained_tokens=False)
HAIP: Final = IssuanceProfile(name="HAIP 1.0", sender_constrained_tokens=True)
