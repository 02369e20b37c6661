"""Token request and response with a pre-authorised code (OpenID4VCI 1.0 section 6).

Leaves out judging a code: five tries, single use and constant time are the issuer's.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from passport import forms, strict_json
from passport.messages import Message
from passport.openid4vci import names
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import ErrorCode
from passport.openid4vci.parts import Ascii, Text, Token
from passport.strict_json import JsonObject, JsonValue


class AuthorizationDetail(Message):
    """One configuration that a token is for, and, in a response, its data sets (section 6.2)."""

    type: Literal["openid_credential"]
    credential_configuration_id: Text
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
    client_id: Text | None = None
    authorization_details: AuthorizationDetails | None = None

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the form.

        Raises:
            Malformed: not a form, or a field is not of its form (``invalid_request``).
        """
        fields: dict[str, JsonValue] = {**forms.read_form(body, max_bytes=LIMITS.form_bytes)}
        details = fields.get(names.AUTHORIZATION_DETAILS)
        if isinstance(details, str):
            fields[names.AUTHORIZATION_DETAILS] = strict_json.loads(details)
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
