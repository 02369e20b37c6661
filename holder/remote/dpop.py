"""DPoP (RFC 9449): the access token is worth nothing without this issuance's own key (threat T07).

A fresh proof for every request; the server's nonce is taken up when it gives one. Leaves out refresh tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.clock import Clock, Entropy
from passport.jose import Signer
from passport.openid4vci import sign_dpop


@dataclass(slots=True)
class DpopKey:
    """Signs proofs for one issuance."""

    signer: Signer
    clock: Clock
    entropy: Entropy
    nonce: str | None = None
    """What the server gave last, to be in the next proof."""

    def proof(self, method: str, url: str, access_token: str | None = None) -> str:
        """A proof for one request (section 4.2)."""
        return sign_dpop(
            signer=self.signer,
            method=method,
            url=url,
            issued_at=self.clock.now(),
            entropy=self.entropy,
            access_token=access_token,
            nonce=self.nonce,
        )
