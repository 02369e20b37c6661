"""Calling an issuer: OpenID4VCI 1.0 with the pre-authorised code.

One method a request, each answer read strictly, each of the issuer's errors an ``IssuerRefused`` with its code. Every
endpoint must stay at the origin that the trust gate let through. Leaves out the order of steps and trying again,
which are the use case's.
"""

from __future__ import annotations

from dataclasses import dataclass

from holder.ports import Web
from holder.remote.dpop import DpopKey
from holder.trust_gate import require_same_origin
from outbound import FetchLimits, HttpAnswer, parse_url
from passport import strict_json
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.openid4vci import (
    LIMITS,
    AuthorizationServerMetadata,
    CredentialResponse,
    DeferredCredentialRequest,
    ErrorAnswer,
    ErrorCode,
    IssuerMetadata,
    NonceResponse,
    NotificationRequest,
    TokenRequest,
    TokenResponse,
    names,
    require_issuer,
    well_known_url,
)
from passport.strict_json import JsonValue, Limits

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_READ = Limits(size=LIMITS.message_bytes * 4)
_FETCH = FetchLimits(max_bytes=LIMITS.message_bytes * 4, seconds=15.0)
_SERVER_FAULT = 500
_TOO_MANY = 429


class IssuerRefused(Rejected):
    """The issuer said no; ``code`` is its word for why, where it is one that the specifications name."""

    def __init__(self, code: ErrorCode | None, reason: Reason, message: str) -> None:
        super().__init__(reason, message)
        self.code = code


@dataclass(frozen=True, slots=True)
class IssuerServices:
    """What an issuer and its authorization server publish, read and found to stay at one origin."""

    issuer: IssuerMetadata
    authorization: AuthorizationServerMetadata

    @property
    def speaks_dpop(self) -> bool:
        """Whether access tokens can be bound to a key."""
        return "ES256" in (self.authorization.dpop_signing_alg_values_supported or ())


class IssuerClient:
    """One issuer."""

    def __init__(self, web: Web, credential_issuer: str) -> None:
        """``credential_issuer`` has passed the trust gate."""
        self._web = web
        self._issuer = credential_issuer
        self._origin = parse_url(credential_issuer).origin

    def services(self) -> IssuerServices:
        """Fetch the metadata.

        Raises:
            Malformed, Rejected, Unavailable: unreadable, another issuer's or leading elsewhere, unreachable.
        """
        issuer = IssuerMetadata.read(self._get(well_known_url(self._issuer, names.WELL_KNOWN_ISSUER)))
        require_issuer(issuer.credential_issuer, self._issuer)
        server = issuer.authorization_servers[0] if issuer.authorization_servers else self._issuer
        require_same_origin(server, self._origin, "authorization server")
        authorization = AuthorizationServerMetadata.read(
            self._get(well_known_url(server, names.WELL_KNOWN_AUTHORIZATION_SERVER))
        )
        require_issuer(authorization.issuer, server)
        for url in (
            issuer.credential_endpoint,
            issuer.nonce_endpoint,
            issuer.deferred_credential_endpoint,
            issuer.notification_endpoint,
            authorization.token_endpoint,
        ):
            if url is not None:
                require_same_origin(url, self._origin, "issuer's endpoint")
        return IssuerServices(issuer, authorization)

    def token(
        self, services: IssuerServices, *, code: str, transaction_code: str | None, dpop: DpopKey | None
    ) -> TokenResponse:
        """Exchange the pre-authorised code (section 6)."""
        request = TokenRequest(
            grant_type=names.GRANT_PRE_AUTHORIZED, pre_authorized_code=code, tx_code=transaction_code
        )
        url = services.authorization.token_endpoint
        return TokenResponse.read(
            self._post(url, request.to_form(), content_type=_FORM, token=None, dpop=dpop)
        )

    def nonce(self, services: IssuerServices) -> str | None:
        """A fresh challenge, where the issuer has a nonce endpoint (section 7)."""
        url = services.issuer.nonce_endpoint
        if url is None:
            return None
        return NonceResponse.read(self._post(url, b"", content_type=_JSON, token=None, dpop=None)).c_nonce

    def credential(
        self, services: IssuerServices, body: bytes, *, token: str, dpop: DpopKey | None
    ) -> CredentialResponse:
        """Ask for a credential (section 8)."""
        url = services.issuer.credential_endpoint
        return CredentialResponse.read(self._post(url, body, content_type=_JSON, token=token, dpop=dpop))

    def deferred(
        self, services: IssuerServices, transaction_id: str, *, token: str, dpop: DpopKey | None
    ) -> CredentialResponse:
        """Ask again for a credential that was promised (section 9)."""
        url = services.issuer.deferred_credential_endpoint
        if url is None:
            raise Malformed("expected the issuer to say where a deferred credential can be fetched")
        body = strict_json.dumps(DeferredCredentialRequest(transaction_id=transaction_id).to_object())
        return CredentialResponse.read(self._post(url, body, content_type=_JSON, token=token, dpop=dpop))

    def notify(
        self, services: IssuerServices, request: NotificationRequest, *, token: str, dpop: DpopKey | None
    ) -> None:
        """Say what became of a credential (section 11)."""
        url = services.issuer.notification_endpoint
        if url is not None:
            body = strict_json.dumps(request.to_object())
            self._post(url, body, content_type=_JSON, token=token, dpop=dpop)

    def _get(self, url: str) -> JsonValue:
        require_same_origin(url, self._origin, "issuer's metadata")
        return _read(self._web.get(url, limits=_FETCH))

    def _post(
        self, url: str, body: bytes, *, content_type: str, token: str | None, dpop: DpopKey | None
    ) -> JsonValue:
        try:
            return self._post_once(url, body, content_type=content_type, token=token, dpop=dpop)
        except IssuerRefused as refused:
            if refused.code is not ErrorCode.USE_DPOP_NONCE:
                raise
        return self._post_once(url, body, content_type=content_type, token=token, dpop=dpop)

    def _post_once(
        self, url: str, body: bytes, *, content_type: str, token: str | None, dpop: DpopKey | None
    ) -> JsonValue:
        headers: dict[str, str] = {}
        if dpop is not None:
            headers[names.DPOP_HEADER] = dpop.proof("POST", url, token)
        if token is not None:
            scheme = names.TOKEN_TYPE_BEARER if dpop is None else names.TOKEN_TYPE_DPOP
            headers["Authorization"] = f"{scheme} {token}"
        answer = self._web.post(url, body=body, content_type=content_type, headers=headers, limits=_FETCH)
        fresh = answer.headers.get(names.DPOP_NONCE_HEADER.lower())
        if dpop is not None and fresh is not None:
            dpop.nonce = fresh
        return _read(answer)


def _read(answer: HttpAnswer) -> JsonValue:
    """The JSON of a success; an issuer's error as an error of ours."""
    if answer.ok:
        return strict_json.loads(answer.body, _READ) if answer.body else None
    if answer.status >= _SERVER_FAULT or answer.status == _TOO_MANY:
        raise Unavailable(
            Reason.UPSTREAM_UNAVAILABLE, f"the bank cannot answer now ({answer.status}): try again"
        )
    try:
        error = ErrorAnswer.read(strict_json.loads(answer.body, _READ))
    except Malformed:
        raise IssuerRefused(
            None, Reason.REQUEST_INVALID, f"the bank refused without saying why ({answer.status})"
        ) from None
    # Of the issuer's own text only the code is repeated: a description may hold anything.
    reason = Reason.NOT_AUTHORISED if error.code in _NOT_AUTHORISED else Reason.REQUEST_INVALID
    said = error.code.value if error.code is not None else "an error that OpenID4VCI does not name"
    raise IssuerRefused(error.code, reason, f"the bank refused: {_MEANING.get(error.code, said)} ({said})")


_NOT_AUTHORISED = frozenset(
    {ErrorCode.INVALID_GRANT, ErrorCode.INVALID_TOKEN, ErrorCode.INVALID_CLIENT, ErrorCode.INSUFFICIENT_SCOPE}
)
_MEANING: dict[ErrorCode | None, str] = {
    ErrorCode.INVALID_GRANT: "the transaction code is wrong (an offer ends after five wrong ones), or the offer was "
    "used or has expired; check the code, or ask for a new offer",
    ErrorCode.INVALID_TOKEN: "the permission has expired; ask for a new offer",
    ErrorCode.CREDENTIAL_REQUEST_DENIED: "it does not issue this credential now; ask your bank",
    ErrorCode.INVALID_PROOF: "it did not accept this wallet's keys",
    ErrorCode.INVALID_NONCE: "the challenge was used already",
}
