"""The issuer's metadata documents, made once from its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from issuer.claims_of import VCT_OF
from issuer.customer import Bank
from issuer.http.wallet import CREDENTIAL_PATH, DEFERRED_PATH, NONCE_PATH, NOTIFICATION_PATH, TOKEN_PATH
from issuer.offer import Configuration
from passport.jose import PublicJwk, b64u_encode
from passport.openid4vci.metadata import (
    AuthorizationServerMetadata,
    BatchIssuance,
    CredentialConfiguration,
    CredentialMetadata,
    Display,
    IssuerMetadata,
    JwtVcIssuerMetadata,
    ProofTypeMetadata,
)
from passport.openid4vci.names import (
    BINDING_JWK,
    GRANT_PRE_AUTHORIZED,
    LDP_VC,
    OPENID_CREDENTIAL,
    PROOF_TYPE_JWT,
    SD_JWT_VC,
)
from passport.vcdm.proof_of_funds_v1 import CONTEXT, PROOF_TYPE, TYPES

_ALGORITHMS: Final = ("ES256",)
_NAMES: Final[Mapping[Configuration, tuple[str, str]]] = {
    Configuration.PROOF_OF_FUNDS: ("Proof of funds", "財力證明"),
    Configuration.IDENTITY: ("Identity", "身分證明"),
    Configuration.ACCOUNT_OWNERSHIP: ("Account ownership", "帳戶持有證明"),
    Configuration.PROOF_OF_FUNDS_VC11: ("Proof of funds (W3C)", "財力證明(W3C)"),
}
_DEFINITION: Final[dict[str, Any]] = {"@context": CONTEXT, "type": list(TYPES)}


@dataclass(frozen=True, slots=True)
class Published:
    """What the metadata say."""

    base_url: str
    bank: Bank
    configurations: Iterable[Configuration]
    copies: int


def issuer_metadata(published: Published) -> IssuerMetadata:
    """``openid-credential-issuer``."""
    base = published.base_url
    return IssuerMetadata(
        credential_issuer=base,
        credential_endpoint=f"{base}{CREDENTIAL_PATH}",
        nonce_endpoint=f"{base}{NONCE_PATH}",
        deferred_credential_endpoint=f"{base}{DEFERRED_PATH}",
        notification_endpoint=f"{base}{NOTIFICATION_PATH}",
        batch_credential_issuance=BatchIssuance(batch_size=published.copies)
        if published.copies > 1
        else None,
        display=(
            Display(name=published.bank.name_en, locale="en"),
            Display(name=published.bank.name_zh, locale="zh-TW"),
        ),
        credential_configurations_supported={
            one.value: _configuration(one) for one in sorted(published.configurations)
        },
    )


def _configuration(one: Configuration) -> CredentialConfiguration:
    english, chinese = _NAMES[one]
    document = one.is_document
    return CredentialConfiguration(
        format=LDP_VC if document else SD_JWT_VC,
        scope=one.value,
        vct=None if document else VCT_OF[one],
        credential_definition=_DEFINITION if document else None,
        credential_signing_alg_values_supported=(PROOF_TYPE,) if document else _ALGORITHMS,
        cryptographic_binding_methods_supported=(BINDING_JWK,),
        proof_types_supported={
            PROOF_TYPE_JWT: ProofTypeMetadata(proof_signing_alg_values_supported=_ALGORITHMS)
        },
        credential_metadata=CredentialMetadata(
            display=(Display(name=english, locale="en"), Display(name=chinese, locale="zh-TW"))
        ),
    )


def authorization_server_metadata(base_url: str) -> AuthorizationServerMetadata:
    """``oauth-authorization-server``: the issuer is its own."""
    return AuthorizationServerMetadata(
        issuer=base_url,
        token_endpoint=f"{base_url}{TOKEN_PATH}",
        grant_types_supported=(GRANT_PRE_AUTHORIZED,),
        token_endpoint_auth_methods_supported=("none",),
        dpop_signing_alg_values_supported=_ALGORITHMS,
        authorization_details_types_supported=(OPENID_CREDENTIAL,),
        anonymous_access_supported=True,
    )


def jwt_vc_issuer_metadata(base_url: str, key: PublicJwk) -> JwtVcIssuerMetadata:
    """``jwt-vc-issuer``: today's key, for strangers."""
    jwk = {**key.to_json(), "kid": b64u_encode(key.thumbprint()), "alg": "ES256", "use": "sig"}
    return JwtVcIssuerMetadata.read({"issuer": base_url, "jwks": {"keys": [jwk]}})
