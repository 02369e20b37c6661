"""The signed request object: who asks, authenticated by ``x509_hash`` (OpenID4VP 1.0 sections 5, 5.8, 5.9.3, 5.10.1).

Request objects live for minutes and are verified before anything in them is shown to a person (T13). That the
verifier's DID holds a grant now, and that its ledger entry names the same origin, is for the wallet to ask of the
ledger (``require_registered``). Leaves out other client identifier prefixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.clock import from_epoch
from passport.errors import Misconfigured, Reason, Rejected
from passport.identifiers import DidEthr
from passport.jose import Signer, parse_compact
from passport.keys import TokenType, sign_token, verify_token
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import STATIC_DISCOVERY_AUDIENCE, X509_HASH_PREFIX, ErrorCode
from passport.openid4vp.request_object import AuthorizationRequest, RequestRefused, read_request
from passport.strict_json import Limits
from passport.urls import origin_of
from passport.x509 import VerifiedChain, verify_x5c, x5c_from_header, x5c_to_header, x509_hash

_TOKEN_LIMITS: Final = Limits(size=LIMITS.request_object_bytes)


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """A request whose signer, form and freshness were checked; only ``verify_request`` makes one."""

    request: AuthorizationRequest
    verifier: DidEthr
    chain: VerifiedChain


def client_id_of(leaf: bytes) -> str:
    """The ``x509_hash`` client identifier of a leaf certificate (DER)."""
    return X509_HASH_PREFIX + x509_hash(leaf)


def sign_request(request: AuthorizationRequest, *, signer: Signer, chain: Sequence[bytes]) -> str:
    """The request object, with its certificate chain (leaf first, no root) in ``x5c``.

    Raises:
        Misconfigured: the client_id is not that of the leaf; no wallet could accept it.
    """
    if not chain or request.client_id != client_id_of(chain[0]):
        raise Misconfigured("expected the client_id of the certificate that signs")
    return sign_token(
        kind=TokenType.REQUEST,
        payload=request.to_object(),
        signer=signer,
        header={"x5c": x5c_to_header(chain)},
    )


def verify_request(
    token: str, *, roots: Sequence[bytes], now: datetime, client_id: str, wallet_nonce: str | None = None
) -> VerifiedRequest:
    """The request, if it may be shown to a person.

    ``client_id`` is that of the link which led here; ``wallet_nonce`` what the wallet posted, if it did.

    Raises:
        Malformed: unreadable. RequestRefused: a rule of the protocol is broken.
        Rejected: signature, certificate or algorithm (see ``passport.x509`` and ``passport.keys``).
    """
    # 1. The certificate chain leads to a root of the consortium, now (section 5.9.3).
    unverified = parse_compact(token, _TOKEN_LIMITS)
    x5c = x5c_from_header(unverified.unverified_header)
    chain = verify_x5c(x5c, roots=roots, at=now)
    chain.check_signed_at(now)
    # 2. The leaf's key signed it; `typ` is oauth-authz-req+jwt (section 5).
    payload = verify_token(
        unverified, kind=TokenType.REQUEST, key=chain.leaf_jwk, limits=_TOKEN_LIMITS
    ).payload
    request = read_request(payload)
    # 3. The client is that leaf, in the request and in the link alike (sections 5.9.3 and 5.10.1).
    if request.client_id != client_id_of(chain.leaf) or request.client_id != client_id:
        raise _refused("expected the client_id of the certificate, in the link and in the request")
    # 4. For a wallet, fresh, and with the nonce that this wallet gave (sections 5.8 and 5.10.1).
    if request.aud is not None and request.aud != STATIC_DISCOVERY_AUDIENCE:
        raise _refused(f"expected audience {STATIC_DISCOVERY_AUDIENCE}")
    _require_fresh(request, now)
    if request.wallet_nonce != wallet_nonce:
        raise _refused("expected the wallet_nonce that was posted, and none otherwise")
    # 5. The answer goes to the one who asks (section 14.3.1; T13): same origin as a URI of the certificate.
    if origin_of(request.response_uri) not in {
        origin for origin in map(_web_origin, chain.san_uris) if origin
    }:
        raise _refused("expected a response_uri of the verifier's own origin")
    # 6. The certificate names one participant of the ledger.
    return VerifiedRequest(request, chain.participant(), chain)


def _web_origin(uri: str) -> str | None:
    return origin_of(uri) if uri.lower().startswith(("http://", "https://")) else None


def _require_fresh(request: AuthorizationRequest, now: datetime) -> None:
    """A request ages by ``iat``, else by an ``exp`` that is near, else by a nonce that this wallet has just made.

    The specification requires none of the three. A signed question that is good for ever would be asked again whenever
    it suits whoever kept it, so one without any is refused.
    """
    if request.exp is not None and now >= from_epoch(request.exp):
        raise _expired("expected a request that has not expired")
    if request.iat is not None:
        issued_at = from_epoch(request.iat)
        if issued_at > now + LIMITS.clock_skew:
            raise _refused("expected a request that was made before now")
        if now - issued_at > LIMITS.request_lifetime:
            raise _expired("expected a request of the last hour")
    elif request.exp is not None:
        if from_epoch(request.exp) - now > LIMITS.request_lifetime:
            raise _refused("expected a request with iat, or one that expires within the hour")
    elif request.wallet_nonce is None:
        raise _refused("expected a request with iat, with exp, or with a nonce of this wallet")


def _refused(message: str) -> RequestRefused:
    return RequestRefused(ErrorCode.INVALID_REQUEST, message)


def _expired(message: str) -> Rejected:
    return Rejected(Reason.EXPIRED, message)
