"""The issuer's rows of the error table: protocol errors under their protocol's code and status."""

from __future__ import annotations

from typing import Final

from issuer.errors import AccessRefused, CredentialRefused, OfferDeclined, TokenRefused
from passport.errors import PassportError
from passport.openid4vci.key_proof import ProofRefused
from passport.openid4vci.names import ErrorCode
from passport.openid4vci.token import DetailsMalformed
from service.error_answers import BASE_TABLE, INTERNAL_ERROR, Answer, ErrorTable


def _token_refused(error: PassportError) -> Answer:
    return Answer(400, error.code, str(error)) if isinstance(error, TokenRefused) else INTERNAL_ERROR


def _access_refused(error: PassportError) -> Answer:
    if not isinstance(error, AccessRefused):
        return INTERNAL_ERROR
    challenge = f'{error.scheme} error="{error.code}"'
    return Answer(401, error.code, str(error), {"WWW-Authenticate": challenge})


def _credential_refused(error: PassportError) -> Answer:
    return Answer(400, error.code, str(error)) if isinstance(error, CredentialRefused) else INTERNAL_ERROR


def _proof_refused(error: PassportError) -> Answer:
    """A key proof is a matter of the credential request (400), a DPoP proof one of access (RFC 9449 section 7.1)."""
    if not isinstance(error, ProofRefused):
        return INTERNAL_ERROR
    if error.code in {ErrorCode.INVALID_DPOP_PROOF, ErrorCode.USE_DPOP_NONCE}:
        return Answer(401, error.code, str(error), {"WWW-Authenticate": f'DPoP error="{error.code}"'})
    return Answer(400, error.code, str(error))


def _details_malformed(error: PassportError) -> Answer:
    return Answer(400, ErrorCode.INVALID_AUTHORIZATION_DETAILS, str(error))


def _offer_declined(error: PassportError) -> Answer:
    return Answer(409, "offer_declined", str(error))


ERROR_TABLE: Final[ErrorTable] = {
    **BASE_TABLE,
    TokenRefused: _token_refused,
    AccessRefused: _access_refused,
    CredentialRefused: _credential_refused,
    ProofRefused: _proof_refused,
    OfferDeclined: _offer_declined,
    DetailsMalformed: _details_malformed,
}
