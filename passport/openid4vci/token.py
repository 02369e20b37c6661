"""Token request and response with a pre-authorised code (OpenID4VCI 1.0 section 6).

Leaves out judging a code: five tries, single use and constant time are the issuer's.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from passport import forms, strict_json
from passport.errors import Malformed
from passport.messages import Message
from passport.openid4vci import names
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import ErrorCode
from passport.openid4vci.parts import Ascii, ClientId, Text, Token
from passport.strict_json import JsonObject, JsonValue


class DetailsMalformed(Malformed):
    """``authorization_details`` of another type or form (RFC 9396 section 5: ``invalid_authorization_details``)."""


class AuthorizationDetail(Message):
    """One configuration that a token is for, and, in a response, its data sets (sections 5.1.1 and 6.2).

    Fields that nobody here knows are ignored: this type is never invalid because of them (section 5.1.1).
    """

    type: Literal["openid_credential"]
    credential_configuration_id: Text
    locations: Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.configurations)] | None = (
        None
    )
    credential_identifiers: (
        Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.configurations)] | None
    ) = None


AuthorizationDetails = Annotated[
    tuple[AuthorizationDetail, ...], Field(min_length=1, max_length=LIMITS.configurations)
]


class TokenRequest(Message):
    """The form that a wallet posts (section 6.1). ``grant_type`` is judged by the issuer."""

    grant_type: Text
    pre_authorized_code: Annotated[Token | None, Field(alias=names.PRE_AUTHORIZED_CODE)] = None
    tx_code: Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.tx_code)] | None = None
    client_id: ClientId | None = None
    authorization_details: AuthorizationDetails | None = None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the form.

        Raises:
            DetailsMalformed: the authorization details are not of a type and form that we know.
            Malformed: not a form, or a field is not of its form (``invalid_request``).
        """
        # A parameter without a value is one that was left out (RFC 6749 section 3.2).
        sent = forms.read_form(body, max_bytes=LIMITS.form_bytes)
        fields: dict[str, JsonValue] = {name: value for name, value in sent.items() if value}
        details = fields.get(names.AUTHORIZATION_DETAILS)
        if isinstance(details, str):
            fields[names.AUTHORIZATION_DETAILS] = _read_details(details)
        return cls.read(fields)

    def to_form(self) -> bytes:
        """The body to post."""
        written: JsonObject = self.to_object()
        return forms.write_form(
            {
                name: value if isinstance(value, str) else strict_json.dumps(value).decode()
                for name, value in written.items()
            }
        )


class _Details(Message):
    """To read the parameter by itself, since its faults have a code of their own."""

    authorization_details: AuthorizationDetails


def _read_details(text: str) -> JsonValue:
    try:
        found: JsonValue = strict_json.loads(text)
    except Malformed as error:
        raise DetailsMalformed(f"{names.AUTHORIZATION_DETAILS}: {error}") from error
    try:
        _Details.read({names.AUTHORIZATION_DETAILS: found})
    except Malformed as error:
        raise DetailsMalformed(str(error)) from error
    return found


class TokenResponse(Message):
    """The access token (section 6.2)."""

    access_token: Token
    token_type: Text
    expires_in: Annotated[int, Field(ge=0)] | None = None
    authorization_details: AuthorizationDetails | None = None

    def credential_identifier(self, configuration_id: str) -> str | None:
        """The first data set of a configuration, where the server named any."""
        for detail in self.authorization_details or ():
            if detail.credential_configuration_id == configuration_id and detail.credential_identifiers:
                return detail.credential_identifiers[0]
        return None


class ErrorAnswer(Message):
    """Why not, at any endpoint (sections 6.3, 8.3.1.2, 9.3, 11.3). A code that is not ours is kept as text."""

    error: Text
    error_description: Ascii | None = None

    @property
    def code(self) -> ErrorCode | None:
        """The error as one of the codes that the specifications name."""
        return ErrorCode(self.error) if self.error in set(ErrorCode) else None
