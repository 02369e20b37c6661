"""Redeem a pre-authorised code and its transaction code for an access token (OpenID4VCI 1.0 section 6).

The code is 256 bits, five minutes and single use; five wrong transaction codes from anywhere end it, even for the
right one after (threats.md T01, T02). Of many at once one wins. After a lost answer the same DPoP key may have the same
token again for a minute (F01); a bearer of nothing asks for a new offer. The token remembers its client, whose key proofs
then say so, and what ``authorization_details`` it was asked with; details that the offer cannot answer spend nothing.
"""

from __future__ import annotations

from issuer.codes import Codes
from issuer.errors import TokenRefused
from issuer.issuing import NonceSpent, Spending
from issuer.offer import TOKEN_LIFETIME
from issuer.storage.offers import Attempt, OfferStore, Redemption
from passport.clock import Clock
from passport.openid4vci.names import (
    GRANT_PRE_AUTHORIZED,
    OPENID_CREDENTIAL,
    TOKEN_TYPE_BEARER,
    TOKEN_TYPE_DPOP,
    ErrorCode,
)
from passport.openid4vci.profiles import IssuanceProfile
from passport.openid4vci.token import AuthorizationDetail, TokenRequest, TokenResponse
from service import faults


class RedeemCode:
    """The use case."""

    def __init__(
        self, *, offers: OfferStore, codes: Codes, clock: Clock, profile: IssuanceProfile, issuer: str
    ) -> None:
        """``issuer`` is the Credential Issuer Identifier, which ``locations`` may name."""
        self._offers = offers
        self._codes = codes
        self._clock = clock
        self._profile = profile
        self._issuer = issuer

    def __call__(
        self, request: TokenRequest, token_key: bytes | None, proof: Spending | None = None
    ) -> TokenResponse:
        """A token, bound to ``token_key`` (the thumbprint that a DPoP proof verified with) if there is one.

        ``proof`` is that proof's mark, spent together with the code.

        Raises:
            TokenRefused: with the protocol's code.
        """
        # 1. The one grant that this server gives.
        if request.grant_type != GRANT_PRE_AUTHORIZED:
            raise TokenRefused(
                ErrorCode.UNSUPPORTED_GRANT_TYPE, f"expected grant_type {GRANT_PRE_AUTHORIZED}"
            )
        if request.pre_authorized_code is None or request.tx_code is None:
            raise TokenRefused(ErrorCode.INVALID_REQUEST, "expected pre-authorized_code and tx_code")
        # 2. The profile may want a token that only its key's holder can use.
        if self._profile.sender_constrained_tokens and token_key is None:
            raise TokenRefused(ErrorCode.INVALID_DPOP_PROOF, "expected a DPoP proof with the token request")
        details = self._details(request)
        # 3. Spend the code, or count the wrong try, in one transaction.
        code, tx_code = request.pre_authorized_code, request.tx_code
        token = self._codes.access_token(code)
        attempt = Attempt(
            code_hash=self._codes.hashed("code", code),
            tx_code_hash=lambda offer_id: self._codes.hashed("tx-code", offer_id, tx_code),
            token_hash=self._codes.hashed("access-token", token),
            token_key=token_key,
            client_id=request.client_id,
            details=details,
            proof=proof,
        )
        try:
            outcome = self._offers.redeem(attempt, self._clock.now())
        except NonceSpent as error:
            raise TokenRefused(
                ErrorCode.INVALID_DPOP_PROOF, "expected a DPoP proof that was not used before"
            ) from error
        faults.hit("token.after_commit")
        # 4. Every refusal is invalid_grant (section 6.3), in the same words, but for one that only who has both codes hears.
        if outcome is Redemption.NOT_OFFERED:
            raise _details_refused("expected authorization_details for configurations of this offer")
        if outcome is not Redemption.DONE:
            raise TokenRefused(
                ErrorCode.INVALID_GRANT,
                "expected an unused code with its transaction code within five minutes and five tries; "
                "ask the bank for a new offer",
            )
        return TokenResponse(
            access_token=token,
            token_type=TOKEN_TYPE_DPOP if token_key is not None else TOKEN_TYPE_BEARER,
            expires_in=int(TOKEN_LIFETIME.total_seconds()),
            authorization_details=None if details is None else self._answered(details, attempt),
        )

    def _details(self, request: TokenRequest) -> tuple[str, ...] | None:
        """The configurations that the authorization details name, each once (section 5.1.1)."""
        asked = request.authorization_details
        if asked is None:
            return None
        if any(one.locations is not None and self._issuer not in one.locations for one in asked):
            raise _details_refused("expected locations with the identifier of this issuer")
        return tuple(dict.fromkeys(one.credential_configuration_id for one in asked))

    def _answered(self, details: tuple[str, ...], attempt: Attempt) -> tuple[AuthorizationDetail, ...] | None:
        """The details with the identifiers to ask by (section 6.2); an offer has one data set of each configuration."""
        grant = self._offers.token(attempt.token_hash)
        if grant is None:  # Only a database that lost what it acknowledged.
            return None
        return tuple(
            AuthorizationDetail(
                type=OPENID_CREDENTIAL,
                credential_configuration_id=one,
                credential_identifiers=(self._codes.credential_identifier(grant.offer_id, one),),
            )
            for one in details
        )


def _details_refused(message: str) -> TokenRefused:
    return TokenRefused(ErrorCode.INVALID_AUTHORIZATION_DETAILS, message)
