"""What a wallet calls: token, nonce, credential, deferred, notification (OpenID4VCI 1.0 sections 6 to 11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from issuer.codes import Codes
from issuer.errors import AccessRefused, CredentialRefused, TokenRefused
from issuer.http.access import DpopGate, WalletAccess
from issuer.offer import Configuration
from issuer.storage.journal import Journal
from issuer.storage.offers import TokenGrant
from issuer.use_cases.issue_credential import IssueCredential, Issued
from issuer.use_cases.redeem_code import RedeemCode
from passport import strict_json
from passport.clock import Clock
from passport.errors import Malformed
from passport.messages import Message
from passport.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    DeferredCredentialRequest,
    IssuedCredential,
    NonceResponse,
    NotificationRequest,
)
from passport.openid4vci.key_proof import ProofRefused
from passport.openid4vci.names import ErrorCode, NotificationEvent
from passport.openid4vci.token import DetailsMalformed, TokenRequest
from passport.strict_json import Limits
from service.access import OpenTo
from service.admission_walls import begin_journey, end_journey

TOKEN_PATH: Final = "/oid4vci/token"  # noqa: S105 - a path
NONCE_PATH: Final = "/oid4vci/nonce"
CREDENTIAL_PATH: Final = "/oid4vci/credential"
DEFERRED_PATH: Final = "/oid4vci/deferred"
NOTIFICATION_PATH: Final = "/oid4vci/notification"

_NO_STORE: Final[Mapping[str, str]] = {"Cache-Control": "no-store"}
_LIMITS: Final = Limits(size=192 * 1024, depth=12)
_INTERVAL_SECONDS: Final = 2
M = TypeVar("M", bound=Message)


async def raw_body(request: Request) -> bytes:
    """The body as it came; the body gate has limited it."""
    return await request.body()


async def granted(request: Request) -> TokenGrant:
    """What ``WalletAccess`` found."""
    grant: TokenGrant = request.state.grant
    return grant


Body = Annotated[bytes, Depends(raw_body)]
Grant = Annotated[TokenGrant, Depends(granted)]


@dataclass(frozen=True, slots=True)
class WalletRoutes:
    """What the routes call."""

    redeem: RedeemCode
    issue: IssueCredential
    journal: Journal
    codes: Codes
    clock: Clock
    dpop: DpopGate
    access: WalletAccess


def wallet_routes(parts: WalletRoutes) -> APIRouter:
    """The router."""
    router = APIRouter()
    by_token = [Depends(parts.access)]

    @router.post(TOKEN_PATH, dependencies=[Depends(OpenTo("the code and transaction code are in the form"))])
    def token(request: Request, body: Body) -> JSONResponse:
        try:
            wanted = TokenRequest.parse(body)
            proof = parts.dpop.read(request)
        except DetailsMalformed:
            raise
        except Malformed as error:
            raise TokenRefused(ErrorCode.INVALID_REQUEST, str(error)) from error
        except (ProofRefused, AccessRefused) as error:
            raise TokenRefused(ErrorCode.INVALID_DPOP_PROOF, str(error)) from error
        answer = (
            parts.redeem(wanted, None)
            if proof is None
            else parts.redeem(wanted, proof.key.thumbprint(), parts.dpop.mark_of(proof))
        )
        begin_journey(request, answer.access_token)
        return JSONResponse(answer.to_object(), headers=_NO_STORE)

    @router.post(NONCE_PATH, dependencies=[Depends(OpenTo("a nonce opens nothing by itself (section 7)"))])
    def nonce() -> JSONResponse:
        made = NonceResponse(c_nonce=parts.codes.new_nonce(parts.clock.now()))
        return JSONResponse(made.to_object(), headers=_NO_STORE)

    @router.post(CREDENTIAL_PATH, dependencies=by_token)
    def credential(request: Request, body: Body, grant: Grant) -> JSONResponse:
        asked = _read(CredentialRequest, body, ErrorCode.INVALID_CREDENTIAL_REQUEST)
        answer = _answer(parts.issue(grant, asked))
        end_journey(request)
        return answer

    @router.post(DEFERRED_PATH, dependencies=by_token)
    def deferred(body: Body, grant: Grant) -> JSONResponse:
        request = _read(DeferredCredentialRequest, body, ErrorCode.INVALID_CREDENTIAL_REQUEST)
        return _answer(parts.issue.deferred(grant, request.transaction_id))

    @router.post(NOTIFICATION_PATH, dependencies=by_token)
    def notification(body: Body, grant: Grant) -> Response:
        request = _read(NotificationRequest, body, ErrorCode.INVALID_NOTIFICATION_REQUEST)
        # A failure keeps the bytes, since the wallet may try again within the ten minutes.
        keeps = request.event is NotificationEvent.FAILURE
        if not parts.journal.knows(grant.offer_id, request.notification_id) or not (
            keeps or parts.journal.deliver(grant.offer_id, request.notification_id)
        ):
            raise CredentialRefused(
                ErrorCode.INVALID_NOTIFICATION_ID, "expected a notification_id of this access token"
            )
        return Response(status_code=204)

    return router


def _read(kind: type[M], body: bytes, code: ErrorCode) -> M:
    try:
        return kind.read(strict_json.loads(body, _LIMITS))
    except Malformed as error:
        raise CredentialRefused(code, str(error)) from error


def _answer(issued: Issued) -> JSONResponse:
    if issued.transaction_id:
        waiting = CredentialResponse(transaction_id=issued.transaction_id, interval=_INTERVAL_SECONDS)
        return JSONResponse(waiting.to_object(), 202, _NO_STORE)
    made = CredentialResponse(
        credentials=tuple(_credential(text, issued.configuration) for text in issued.texts),
        notification_id=issued.notification_id,
    )
    return JSONResponse(made.to_object(), headers=_NO_STORE)


def _credential(text: str, configuration: Configuration) -> IssuedCredential:
    """Text for an SD-JWT, an object for a document (OpenID4VCI 1.0 appendix A)."""
    if configuration.is_document:
        return IssuedCredential.read({"credential": strict_json.loads(text)})
    return IssuedCredential(credential=text)
