"""Step 1: envelope (design section 4). Is this an answer to this request, by the holder of what issuers signed?

1. What was kept is an answer to this very transaction: opened by its key, and with its state.
2. Every presentation is read within its limits.
3. Its issuer: the DID that the certificate names is an issuer on the ledger's list; the chain leads to a root that the
   ledger trusts; ``iss`` is in the certificate and has the origin that the ledger names, and so has the status list.
4. The issuer's signature, over every disclosure (RFC 9901 section 7.1).
5. The holder's signature over nonce, audience and time (RFC 9901 section 7.3).
6. The credential's own times.
7. It answers the query, with nothing more than was asked for (OpenID4VP 1.0 section 8.6).

Only the local follower is read. Times are judged as of when the answer came, so that the step can be done again later
with the same result. Authenticity alone comes before the fraud check: else the hub could be used as an oracle by naming
somebody else's account.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport import strict_json
from passport.claims import type_metadata
from passport.credential import OpenClaims, require_open
from passport.disclosable import ClaimPath
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Vct
from passport.openid4vp import AuthorizationResponse, ErrorResponse, Presented, check_answer
from passport.openid4vp.names import ERROR, SD_JWT_VC
from passport.registry import Role
from passport.sd_jwt import (
    ReceivedSdJwt,
    VerifiedPresentation,
    check_validity,
    parse,
    verify_issuer,
    verify_key_binding,
)
from passport.strict_json import JsonObject, as_object
from passport.x509 import authority_key_ids, x5c_from_header
from verifier.answers import Step, accepted_or_unknown
from verifier.application import Application, ReceivedResponse
from verifier.evidence import AuthenticCredential, AuthenticPresentation
from verifier.policies.reader import KnownPolicy
from verifier.use_cases.know_issuer import IssuerDesk, KnownIssuer, know_issuer
from verifier.wallet_errors import refusal_of


@dataclass(frozen=True, slots=True)
class EnvelopeDesk:
    """What step 1 needs: whom the answer must be for, and how issuers are known."""

    client_id: str
    issuers: IssuerDesk


def check_envelope(
    application: Application, policy: KnownPolicy, desk: EnvelopeDesk
) -> AuthenticPresentation:
    """The presentation, if it is authentic and meant for this transaction.

    Raises:
        Malformed: something in it cannot be read.
        Rejected: the first reason found.
    """
    received = application.received
    if received is None:
        raise Rejected(Reason.TRANSACTION_UNKNOWN, "expected an application that was answered")
    # 1. This transaction.
    response = _read_kept(application, received)
    credentials: list[AuthenticCredential] = []
    presented: dict[str, list[Presented]] = {}
    for query_id, texts in response.vp_token.items():
        for text in texts:
            # 2. to 6. Each presentation by itself.
            verified, issuer, claims = _verify(parse(text), application, desk, received.at)
            credentials.append(_credential(query_id, verified, issuer, claims))
            presented.setdefault(query_id, []).append(
                Presented(
                    format=SD_JWT_VC,
                    vct=claims.vct,
                    claims=verified.claims,
                    disclosed=frozenset(_place(path) for path in verified.disclosed),
                    authorities=authority_key_ids(x5c_from_header(verified.header)),
                )
            )
    # 7. Together they answer the query.
    answer = check_answer(policy.policy.dcql_query, presented)
    return AuthenticPresentation(
        application=application,
        policy=policy,
        presented_at=received.at,
        response_sha256=received.body_sha256,
        credentials=tuple(credentials),
        missing=frozenset(
            (each.query_id, tuple(part for part in each.pointer if isinstance(part, str)))
            for each in answer.missing
        ),
        anchor_proofs=tuple(response.anchor_proofs or ()),
        report=accepted_or_unknown(Step.ENVELOPE, (), facts={"presentations": len(credentials)}),
    )


def _read_kept(application: Application, received: ReceivedResponse) -> AuthorizationResponse:
    content = None if received.content is None else strict_json.loads(received.content)
    if not content:
        raise Rejected(
            Reason.NONCE_MISMATCH, "expected an answer encrypted to this request's key, got another's"
        )
    members = as_object(content, "what was kept")
    # An error is the wallet's whole answer; its state was compared before it was kept.
    if ERROR in members:
        raise refusal_of(ErrorResponse.receive(members))
    response = AuthorizationResponse.read(members)
    if not hmac.compare_digest((response.state or "").encode(), application.state.encode()):
        raise Rejected(Reason.NONCE_MISMATCH, "expected this request's state, got another's")
    return response


def _verify(
    received: ReceivedSdJwt, application: Application, desk: EnvelopeDesk, at: datetime
) -> tuple[VerifiedPresentation, KnownIssuer, OpenClaims]:
    # 3. The issuer, by its certificate.
    issuer = know_issuer(received.unverified_header, desk.issuers, role=Role.ISSUER, at=at)
    # 4. The issuer's signature.
    signed = verify_issuer(received, issuer.key)
    require_open(signed.disclosed)
    claims = OpenClaims.read(signed.claims)
    _require_type_open(claims.vct, signed.disclosed)
    issuer.require_iss(claims.issuer)
    issuer.chain.check_signed_at(claims.issued_at)
    issuer.require_origin(claims.status.uri)
    # 5. The holder's signature.
    verified = verify_key_binding(signed, nonce=application.nonce, aud=desk.client_id, now=at)
    # 6. Times.
    check_validity(verified.claims, at)
    return verified, issuer, claims


def _require_type_open(vct: Vct, disclosed: Iterable[ClaimPath]) -> None:
    """What the type never hides was not hidden; a type that nobody here knows is refused with the query."""
    try:
        known = type_metadata(vct)
    except Rejected:
        return
    known.require_open(disclosed)


def _credential(
    query_id: str, verified: VerifiedPresentation, issuer: KnownIssuer, claims: OpenClaims
) -> AuthenticCredential:
    return AuthenticCredential(
        query_id=query_id,
        vct=claims.vct,
        issuer=issuer.did,
        issuer_key=issuer.key.thumbprint(),
        holder_key=verified.holder_key.thumbprint(),
        credential_hash=verified.credential_hash,
        issuer_jwt=verified.issuer_jwt_text,
        kb_jwt=verified.key_binding_jwt,
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
        status=claims.status,
        anchor=claims.anchor,
        fraud=claims.fraud,
        claims=verified.claims,
        disclosed=_disclosed_only(verified),
    )


def _disclosed_only(verified: VerifiedPresentation) -> JsonObject:
    """The top-level claims of which something was disclosed: what an officer is shown."""
    names = {path[0] for path in verified.disclosed}
    return {name: value for name, value in verified.claims.items() if name in names}


def _place(path: tuple[str | int | None, ...]) -> tuple[str | int, ...]:
    if any(part is None for part in path):
        raise Malformed("expected a disclosure at one place")
    return tuple(part for part in path if part is not None)
