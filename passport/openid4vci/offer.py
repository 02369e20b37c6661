"""The credential offer and the link that carries it (OpenID4VCI 1.0 section 4).

An offer is not signed: whoever reads it must establish trust in ``credential_issuer`` before asking a person for a
transaction code (T03). Leaves out fetching an offer by reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from passport import forms, strict_json
from passport.errors import Malformed
from passport.messages import Message
from passport.openid4vci import names
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import InputMode
from passport.openid4vci.parts import IssuerIdentifier, Text, Token, Uri


class TransactionCodeRule(Message):
    """What a transaction code looks like; its presence says that one is needed (section 4.1.1)."""

    input_mode: InputMode = InputMode.NUMERIC
    length: Annotated[int, Field(ge=1, le=LIMITS.tx_code)] | None = None
    description: Annotated[str, StringConstraints(max_length=300)] | None = None


class PreAuthorizedGrant(Message):
    """The pre-authorised code, and whether a transaction code goes with it."""

    pre_authorized_code: Annotated[Token, Field(alias=names.PRE_AUTHORIZED_CODE)]
    tx_code: TransactionCodeRule | None = None
    authorization_server: Uri | None = None


class AuthorizationCodeGrant(Message):
    """Read so that an offer with both grants is understood; this project's banks do not offer it yet."""

    issuer_state: Text | None = None
    authorization_server: Uri | None = None


class Grants(Message):
    """The ways to a token that an offer names; others are ignored."""

    pre_authorized: Annotated[PreAuthorizedGrant | None, Field(alias=names.GRANT_PRE_AUTHORIZED)] = None
    authorization_code: AuthorizationCodeGrant | None = None


class CredentialOffer(Message):
    """What a bank offers to put into a wallet (section 4.1.1)."""

    credential_issuer: IssuerIdentifier
    credential_configuration_ids: Annotated[
        tuple[Text, ...], Field(min_length=1, max_length=LIMITS.configurations)
    ]
    grants: Grants | None = None

    @model_validator(mode="after")
    def _follow_section_4(self) -> Self:
        """Identifiers are unique."""
        if len(set(self.credential_configuration_ids)) != len(self.credential_configuration_ids):
            raise ValueError("expected each credential_configuration_id once")
        return self


@dataclass(frozen=True, slots=True)
class OfferLink:
    """A link to a wallet: an offer by value, or where to fetch it (sections 4.1.2 and 4.1.3)."""

    offer: CredentialOffer | None = None
    offer_uri: str | None = None

    def __post_init__(self) -> None:
        """Exactly one of the two."""
        if (self.offer is None) == (self.offer_uri is None):
            raise Malformed("offer link: expected either credential_offer or credential_offer_uri")

    @classmethod
    def parse(cls, link: str) -> Self:
        """Read ``openid-credential-offer://?…``.

        Raises:
            Malformed: another scheme, none or both of the two parameters, or an offer that is not one.
        """
        fields = forms.read_link(link, scheme=names.OFFER_SCHEME)
        by_value = fields.get(names.CREDENTIAL_OFFER)
        by_reference = fields.get(names.CREDENTIAL_OFFER_URI)
        if by_reference is not None and not 0 < len(by_reference) <= LIMITS.uri:
            raise Malformed(f"offer link: expected a credential_offer_uri of 1 to {LIMITS.uri} characters")
        offer = None if by_value is None else CredentialOffer.read(strict_json.loads(by_value))
        return cls(offer, by_reference)

    def to_uri(self) -> str:
        """The link."""
        fields: dict[str, str] = {}
        if self.offer is not None:
            fields[names.CREDENTIAL_OFFER] = strict_json.dumps(self.offer.to_object()).decode()
        if self.offer_uri is not None:
            fields[names.CREDENTIAL_OFFER_URI] = self.offer_uri
        return forms.write_link(names.OFFER_SCHEME, fields)
