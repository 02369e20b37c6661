"""Serve the signed request object of an open application, by GET or POST (OpenID4VP 1.0 sections 5 and 5.10).

It carries who asks and why: the registration whose hash is the evidence of this verifier's grant, and one of its
purposes. It may be fetched again while the application is open; nonce and response key stay the same, so an answer to
any copy is an answer to this one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passport.clock import Clock, to_epoch
from passport.errors import Reason, Rejected
from passport.jose import ContentEncryption, DecryptionKey, Signer
from passport.keys import TokenType, sign_token
from passport.openid4vp import (
    AuthorizationRequest,
    ClientMetadata,
    RequestUriPost,
    ResponseMode,
    registration_entry,
)
from passport.openid4vp.names import RESPONSE_TYPE_VP_TOKEN, SD_JWT_VC, STATIC_DISCOVERY_AUDIENCE
from passport.strict_json import JsonObject
from passport.x509 import x5c_to_header
from verifier.application import Application, Phase
from verifier.policies.reader import KnownPolicy
from verifier.ports import ApplicationStore


@dataclass(frozen=True, slots=True)
class RequestDesk:
    """Who asks, and with which key."""

    applications: ApplicationStore
    policies: Mapping[str, KnownPolicy]
    registration: JsonObject
    client_id: str
    certificates: Sequence[bytes]
    signer: Signer
    base_url: str
    clock: Clock


def serve_request(desk: RequestDesk, request_id: str, post: RequestUriPost | None = None) -> str:
    """The signed request object.

    Raises:
        Rejected: TRANSACTION_UNKNOWN, TRANSACTION_CLOSED or EXPIRED.
    """
    application = desk.applications.by_request(request_id)
    if application.phase is not Phase.OPEN:
        raise Rejected(Reason.TRANSACTION_CLOSED, "expected a transaction that nothing has answered yet")
    now = desk.clock.now()
    if now >= application.expires_at:
        raise Rejected(Reason.EXPIRED, "expected a request that has not expired")
    policy = desk.policies[application.policy].policy
    request = AuthorizationRequest(
        client_id=desk.client_id,
        response_type=RESPONSE_TYPE_VP_TOKEN,
        response_mode=application.response_mode,
        response_uri=f"{desk.base_url}/oid4vp/responses/{application.request_id}",
        nonce=application.nonce,
        state=application.state,
        dcql_query=policy.dcql_query,
        client_metadata=_client_metadata(application),
        verifier_info=(registration_entry(desk.registration, purpose=policy.purpose),),
        aud=STATIC_DISCOVERY_AUDIENCE,
        iat=to_epoch(now),
        exp=to_epoch(application.expires_at),
        wallet_nonce=None if post is None else post.wallet_nonce,
    )
    header = {"x5c": x5c_to_header(desk.certificates)}
    return sign_token(kind=TokenType.REQUEST, payload=request.to_object(), signer=desk.signer, header=header)


def _client_metadata(application: Application) -> ClientMetadata:
    """What we can read, and for an encrypted answer the key of this one request."""
    formats: dict[str, JsonObject] = {
        SD_JWT_VC: {"sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"]}
    }
    if application.response_mode is not ResponseMode.DIRECT_POST_JWT or application.response_key is None:
        return ClientMetadata.read({"vp_formats_supported": formats})
    key = DecryptionKey.from_secret(application.request_id, application.response_key)
    jwk = {**key.public_jwk.to_json(), "kid": key.kid, "use": "enc", "alg": "ECDH-ES"}
    return ClientMetadata.read(
        {
            "vp_formats_supported": formats,
            "jwks": {"keys": [jwk]},
            "encrypted_response_enc_values_supported": [each.value for each in ContentEncryption],
        }
    )
