"""The authorization request as a message (OpenID4VP 1.0 section 5), inside a signed request object or by itself.

What a wallet must refuse is refused at reading, with the protocol's own error code: transaction data of any type
(none is supported), a request that is itself a reference (RFC 9101 section 4), ``redirect_uri`` beside direct_post
and ``scope`` instead of a query. Leaves out the signature: see ``request_verifying``.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from passport.errors import Reason, Rejected
from passport.jose import ContentEncryption, PublicJwk
from passport.messages import AnyObject, Message, NumericDate
from passport.openid4vp import names
from passport.openid4vp.dcql import DcqlQuery, Text
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import ErrorCode, ResponseMode
from passport.openid4vp.response import UrlSafe
from passport.openid4vp.verifier_info import VerifierInfo
from passport.strict_json import JsonObject, JsonValue, as_object

Uri = Annotated[str, StringConstraints(pattern=r"^https?://[^\s#]+\z", max_length=LIMITS.uri)]
MIN_NONCE_CHARACTERS: Final = 22
"""128 bits in base64url, which section 5.2 wants of a nonce."""

_FORBIDDEN: Final = {
    names.TRANSACTION_DATA: ErrorCode.INVALID_TRANSACTION_DATA,
    names.REDIRECT_URI: ErrorCode.INVALID_REQUEST,
    names.SCOPE: ErrorCode.INVALID_REQUEST,
    names.REQUEST: ErrorCode.INVALID_REQUEST,
    names.REQUEST_URI: ErrorCode.INVALID_REQUEST,
}


class RequestRefused(Rejected):
    """A request that the wallet will not answer; ``code`` is what it tells the verifier instead."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(Reason.REQUEST_INVALID, message)
        self.code = code


class EncryptionKeys(Message):
    """``client_metadata.jwks``: keys to encrypt the response to, each with its ``kid`` (section 5.1)."""

    keys: Annotated[tuple[AnyObject, ...], Field(min_length=1, max_length=LIMITS.values)]


class ClientMetadata(Message):
    """What the verifier can read and decrypt (sections 5.1 and 11); other members are ignored, as they must be."""

    vp_formats_supported: AnyObject
    jwks: EncryptionKeys | None = None
    encrypted_response_enc_values_supported: (
        Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.values)] | None
    ) = None

    def encryption(self) -> tuple[PublicJwk, str, ContentEncryption]:
        """The key, its ``kid`` and the content encryption that a response is to use (section 8.3).

        Raises:
            RequestRefused: no P-256 key for ECDH-ES, or no content encryption that we speak.
        """
        offered = self.encrypted_response_enc_values_supported or (ContentEncryption.A128GCM.value,)
        enc = next((each for each in ContentEncryption if each.value in offered), None)
        key = next((key for key in (self.jwks.keys if self.jwks else ()) if _is_for_us(key)), None)
        if enc is None or key is None:
            raise RequestRefused(
                ErrorCode.INVALID_REQUEST, "expected a P-256 ECDH-ES key with kid, and A128GCM or A256GCM"
            )
        return PublicJwk.from_json(key), str(key["kid"]), enc


def _is_for_us(key: JsonObject) -> bool:
    ours = {"kty": "EC", "crv": "P-256", "alg": "ECDH-ES"}
    return (
        all(key.get(name) == value for name, value in ours.items())
        and key.get("use", "enc") == "enc"
        and isinstance(key.get("kid"), str)
    )


class AuthorizationRequest(Message):
    """The parameters of a request (sections 5.1 and 5.2)."""

    client_id: Text
    response_type: Literal["vp_token"]
    response_mode: ResponseMode
    response_uri: Uri
    nonce: Annotated[UrlSafe, Field(min_length=MIN_NONCE_CHARACTERS)]
    state: UrlSafe | None = None
    dcql_query: DcqlQuery
    client_metadata: ClientMetadata | None = None
    verifier_info: (
        Annotated[tuple[VerifierInfo, ...], Field(min_length=1, max_length=LIMITS.values)] | None
    ) = None
    aud: Text | None = None
    iat: NumericDate | None = None
    exp: NumericDate | None = None
    wallet_nonce: Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.text)] | None = None


def read_request(parameters: JsonValue) -> AuthorizationRequest:
    """The request in a request object's payload.

    Raises:
        RequestRefused: it carries a parameter that must be refused.
        Malformed: a parameter is missing or not of its form.
    """
    members = as_object(parameters, "authorization request")
    for name, code in _FORBIDDEN.items():
        if name in members:
            raise RequestRefused(code, f"expected a request without {name}")
    return AuthorizationRequest.read(members)
