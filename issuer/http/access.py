"""Who may call: wallets by access token (with DPoP where it is bound), customers by session, the bank's staff by token.

Of the staff, each officer has a token of their own, so that who approves is who called and nobody names themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from issuer.codes import Codes
from issuer.errors import AccessRefused
from issuer.issuing import NonceSpent, Spending
from issuer.offer import BY_OPERATOR
from issuer.storage.journal import Journal
from issuer.storage.offers import OfferStore, TokenGrant
from issuer.use_cases.sign_in import SignIn
from passport.clock import Clock
from passport.errors import Reason, Rejected
from passport.jose import b64u_encode
from passport.openid4vci.dpop import VerifiedDpop, verify_dpop
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import DPOP_HEADER, TOKEN_TYPE_BEARER, TOKEN_TYPE_DPOP, ErrorCode
from passport.urls import path_of
from service.access import AccessRule, bearer_of
from service.officers import OfficerAccess

_MAX_TOKEN: Final = 512


class DpopGate:
    """Checks a request's DPoP proof and spends its ``jti`` (threats.md T07).

    A proof is anybody's to make, so its ``jti`` is stored only once what came with it is known to be good: a token that
    was looked up before, or a code, in the transaction that spends the code.
    """

    def __init__(self, *, journal: Journal, codes: Codes, clock: Clock, base_url: str) -> None:
        self._journal = journal
        self._codes = codes
        self._clock = clock
        self._host = base_url.removesuffix(path_of(base_url))

    def read(
        self, request: Request, *, access_token: str | None = None, thumbprint: bytes | None = None
    ) -> VerifiedDpop | None:
        """The proof in the request, or None when there is no such header; whether it was used before is not known yet.

        Raises:
            ProofRefused: the proof is not one for this request. AccessRefused: there are several.
        """
        proofs = request.headers.getlist(DPOP_HEADER)
        if not proofs:
            return None
        if len(proofs) != 1:
            raise AccessRefused("expected one DPoP proof", code=ErrorCode.INVALID_DPOP_PROOF, scheme="DPoP")
        return verify_dpop(
            proofs[0],
            method=request.method,
            url=f"{self._host}{request.url.path}",
            now=self._clock.now(),
            access_token=access_token,
            thumbprint=thumbprint,
        )

    def mark_of(self, proof: VerifiedDpop) -> Spending:
        """What is stored of a proof that was used, until it would be too old anyway."""
        mark = self._codes.hashed("dpop", b64u_encode(proof.key.thumbprint()), proof.jti)
        return Spending(mark, proof.issued_at + LIMITS.proof_age + LIMITS.clock_skew + timedelta(seconds=1))

    def check(self, request: Request, *, access_token: str, thumbprint: bytes) -> VerifiedDpop | None:
        """The proof in a request with a good access token, spent; or None when there is no such header.

        Raises:
            ProofRefused: the proof is not one for this request. AccessRefused: it was used before.
        """
        proof = self.read(request, access_token=access_token, thumbprint=thumbprint)
        if proof is None:
            return None
        try:
            self._journal.spend(self.mark_of(proof))
        except NonceSpent as error:
            raise AccessRefused(
                "expected a DPoP proof that was not used before",
                code=ErrorCode.INVALID_DPOP_PROOF,
                scheme="DPoP",
            ) from error
        return proof


class WalletAccess(AccessRule):
    """An access token of ours; the grant is then ``request.state.grant``. Its expiry is the use case's to judge."""

    described = "access token of the token endpoint, with DPoP when it is bound to a key"

    def __init__(self, offers: OfferStore, codes: Codes, dpop: DpopGate) -> None:
        self._offers = offers
        self._codes = codes
        self._dpop = dpop

    async def __call__(self, request: Request) -> None:
        """Look the token up, off the event loop.

        Raises:
            AccessRefused, ProofRefused: it opens nothing.
        """
        request.state.grant = await run_in_threadpool(self._check, request)

    def _check(self, request: Request) -> TokenGrant:
        values = request.headers.getlist("authorization")
        scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
        if not token or len(token) > _MAX_TOKEN or not token.isascii():
            raise AccessRefused("expected one Authorization header with an access token")
        grant = self._offers.token(self._codes.hashed("access-token", token))
        if grant is None:
            raise AccessRefused("expected an access token of this server")
        if grant.token_key is None:
            if scheme.lower() != TOKEN_TYPE_BEARER.lower():
                raise AccessRefused("expected this token as a bearer token")
            return grant
        if scheme.lower() != TOKEN_TYPE_DPOP.lower():
            raise AccessRefused("expected this token with the DPoP scheme", scheme="DPoP")
        if self._dpop.check(request, access_token=token, thumbprint=grant.token_key) is None:
            raise AccessRefused("expected a DPoP proof", code=ErrorCode.INVALID_DPOP_PROOF, scheme="DPoP")
        return grant


class SessionAccess(AccessRule):
    """A customer's session; the customer is then ``request.state.customer``."""

    described = "session of a signed-in customer"

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    async def __call__(self, request: Request) -> None:
        """Look the session up.

        Raises:
            Rejected: NOT_AUTHORISED.
        """
        token = bearer_of(request)
        request.state.customer = await run_in_threadpool(self._sign_in.customer_of, token)


class StaffAccess(OfficerAccess):
    """The operator's token or an officer's; ``request.state.officer`` is then ``BY_OPERATOR`` or the officer's id."""

    described = "bearer token of the bank's operator or of one of its officers"

    def __init__(self, operator_token: str, officer_tokens: Mapping[str, str]) -> None:
        super().__init__({BY_OPERATOR: operator_token, **officer_tokens})


def agree(named: str | None, caller: str) -> None:
    """Refuse a caller who acts in somebody else's name.

    Raises:
        Rejected: NOT_AUTHORISED.
    """
    if named is not None and named != caller:
        raise Rejected(Reason.NOT_AUTHORISED, f"expected the token of officer {named}, got another's")
