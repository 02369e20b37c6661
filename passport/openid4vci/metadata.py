"""What an issuer and its authorization server publish (OpenID4VCI 1.0 section 12, RFC 8414, SD-JWT VC section 5).

Metadata say what is offered now; they prove nothing about a credential that was issued (design section 3). Leaves
out signed metadata and encryption of credential requests.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field

from passport.errors import Malformed, Reason, Rejected
from passport.messages import AnyObject, Message
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.parts import IssuerIdentifier, Text, Uri

Algorithms = Annotated[tuple[Text | int, ...], Field(min_length=1, max_length=LIMITS.configurations)]


class Display(Message):
    """A name in one language."""

    name: Text | None = None
    locale: Text | None = None
    description: Text | None = None


Displays = Annotated[tuple[Display, ...], Field(min_length=1, max_length=LIMITS.languages)]


class ClaimDescription(Message):
    """How one claim is called on a screen (appendix C.2)."""

    path: Annotated[tuple[Text | int | None, ...], Field(min_length=1, max_length=LIMITS.claims)]
    mandatory: bool = False
    display: Displays | None = None


class ProofTypeMetadata(Message):
    """Which key proofs the issuer takes."""

    proof_signing_alg_values_supported: Algorithms
    key_attestations_required: AnyObject | None = None


class CredentialMetadata(Message):
    """Names for people."""

    display: Displays | None = None
    claims: Annotated[tuple[ClaimDescription, ...], Field(min_length=1, max_length=LIMITS.claims)] | None = (
        None
    )


class CredentialConfiguration(Message):
    """One kind of credential that can be issued (section 12.2.4; appendix A)."""

    format: Text
    scope: Text | None = None
    vct: Text | None = None
    credential_definition: AnyObject | None = None
    credential_signing_alg_values_supported: Algorithms | None = None
    cryptographic_binding_methods_supported: (
        Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.configurations)] | None
    ) = None
    proof_types_supported: dict[Text, ProofTypeMetadata] | None = None
    credential_metadata: CredentialMetadata | None = None


class BatchIssuance(Message):
    """How many key proofs one request may carry."""

    batch_size: Annotated[int, Field(ge=2)]


class IssuerMetadata(Message):
    """``/.well-known/openid-credential-issuer`` (section 12.2.4)."""

    credential_issuer: IssuerIdentifier
    authorization_servers: (
        Annotated[tuple[IssuerIdentifier, ...], Field(min_length=1, max_length=LIMITS.configurations)] | None
    ) = None
    credential_endpoint: Uri
    nonce_endpoint: Uri | None = None
    deferred_credential_endpoint: Uri | None = None
    notification_endpoint: Uri | None = None
    batch_credential_issuance: BatchIssuance | None = None
    display: Displays | None = None
    credential_configurations_supported: dict[Text, CredentialConfiguration]

    @property
    def batch_size(self) -> int:
        """How many copies one request may ask for."""
        return self.batch_credential_issuance.batch_size if self.batch_credential_issuance else 1

    def configuration(self, configuration_id: str) -> CredentialConfiguration:
        """The configuration that an offer names.

        Raises:
            Rejected: NOT_FOUND.
        """
        found = self.credential_configurations_supported.get(configuration_id)
        if found is None:
            raise Rejected(Reason.NOT_FOUND, "expected a credential configuration that the issuer publishes")
        return found


class AuthorizationServerMetadata(Message):
    """``/.well-known/oauth-authorization-server`` (RFC 8414, section 12.3)."""

    issuer: IssuerIdentifier
    token_endpoint: Uri
    grant_types_supported: Annotated[tuple[Text, ...], Field(max_length=LIMITS.configurations)] | None = None
    token_endpoint_auth_methods_supported: (
        Annotated[tuple[Text, ...], Field(max_length=LIMITS.configurations)] | None
    ) = None
    dpop_signing_alg_values_supported: Algorithms | None = None
    authorization_details_types_supported: (
        Annotated[tuple[Text, ...], Field(max_length=LIMITS.configurations)] | None
    ) = None
    anonymous_access_supported: Annotated[
        bool, Field(alias="pre-authorized_grant_anonymous_access_supported")
    ] = False


class JwtVcIssuerMetadata(Message):
    """``/.well-known/jwt-vc-issuer`` (SD-JWT VC section 5): the issuer's keys of today, for strangers."""

    issuer: IssuerIdentifier
    jwks: AnyObject


def require_issuer(received: str, expected: str) -> None:
    """Metadata are of use only for the identifier they were fetched with, compared as plain text (section 12.2.4).

    Raises:
        Rejected: ISSUER_MISMATCH.
    """
    if received != expected:
        raise Rejected(Reason.ISSUER_MISMATCH, "expected metadata of the issuer that was asked")


def well_known_url(issuer: str, name: str) -> str:
    """Where an issuer publishes: the name goes between host and path (section 12.2.2, RFC 8414 section 3.1).

    Raises:
        Malformed: the identifier is not an http(s) URL without query and fragment.
    """
    try:
        parts = urlsplit(issuer)
    except ValueError as error:
        raise Malformed("expected an issuer identifier: an https URL") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise Malformed("expected an issuer identifier: an https URL without query and fragment")
    # Of a path that ends in a slash, the slash goes (RFC 8414 section 3.1, SD-JWT VC section 3.5).
    path = parts.path.removesuffix("/")
    return urlunsplit((parts.scheme, parts.netloc, f"/.well-known/{name}{path}", "", ""))
