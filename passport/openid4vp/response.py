"""The wallet's answer: vp_token or error, posted as a form or as a JWE (OpenID4VP 1.0 sections 8.1 to 8.5).

Encryption says nothing about who sent it, so the state is inside and every presentation is bound by its own
signature (T14). ``anchor_proofs`` is ours; a receiver that does not know it ignores it (section 8.1). Leaves out
what a presentation says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from passport import forms, strict_json
from passport.errors import Malformed
from passport.jose import (
    ContentEncryption,
    DecryptionKey,
    PublicJwk,
    decrypt_jwe,
    encrypt_jwe,
)
from passport.messages import AnyObject, Message
from passport.openid4vp import names
from passport.openid4vp.dcql import Identifier, Text
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import ErrorCode
from passport.strict_json import JsonObject, JsonValue, as_object

Presentation = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.response_bytes)]
UrlSafe = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~-]+\z", max_length=LIMITS.text)]
_NOT_IN_A_CODE = re.compile(r"[^\x20\x21\x23-\x5B\x5D-\x7E]")
_JSON_LIMITS = strict_json.Limits(size=LIMITS.response_bytes)


class AuthorizationResponse(Message):
    """Presentations by credential query id (section 8.1)."""

    vp_token: Annotated[
        dict[
            Identifier,
            Annotated[tuple[Presentation, ...], Field(min_length=1, max_length=LIMITS.presentations)],
        ],
        Field(min_length=1, max_length=LIMITS.credentials),
    ]
    state: UrlSafe | None = None
    anchor_proofs: Annotated[tuple[AnyObject, ...], Field(max_length=LIMITS.presentations)] | None = None


class ErrorResponse(Message):
    """Why there is no presentation (section 8.5). A code that is not ours is kept as text.

    A description is written and never read: it is a stranger's text of any length, and says what the code says.
    """

    error: Text
    error_description: Text | None = None
    state: UrlSafe | None = None

    @property
    def shown_code(self) -> str:
        """The code as a record may hold it: in the characters of RFC 6749 section 4.1.2.1, and cut where it is long."""
        return _NOT_IN_A_CODE.sub("?", self.error)[: LIMITS.error_code]

    @classmethod
    def receive(cls, members: JsonObject) -> Self:
        """What a wallet sent, without its description.

        Raises:
            Malformed: no code, or a state that is none.
        """
        return cls.read({name: members[name] for name in (names.ERROR, names.STATE) if name in members})

    @property
    def code(self) -> ErrorCode | None:
        """The error as one of the codes that the specification names."""
        return ErrorCode(self.error) if self.error in set(ErrorCode) else None


@dataclass(frozen=True, slots=True)
class EncryptedResponse:
    """A ``response`` parameter that nobody has opened yet."""

    jwe: str

    def decrypt(self, key: DecryptionKey) -> AuthorizationResponse | ErrorResponse:
        """What is inside, for the key that this one request offered; an error is encrypted, too (section 8.3.1).

        Raises:
            Malformed: not a JWE of our kind, or not one of an authorization response and an error inside.
            Rejected: another key, algorithm or header (see ``passport.jose.decrypt_jwe``).
        """
        opened = decrypt_jwe(self.jwe, key=key)
        members = as_object(strict_json.loads(opened.plaintext, _JSON_LIMITS), "authorization response")
        kinds = members.keys() & {names.VP_TOKEN, names.ERROR}
        if len(kinds) != 1:
            raise Malformed("authorization response: expected one of vp_token and error inside the JWE")
        return ErrorResponse.receive(members) if names.ERROR in kinds else AuthorizationResponse.read(members)

    @classmethod
    def encrypt(
        cls,
        response: AuthorizationResponse | ErrorResponse,
        *,
        recipient: PublicJwk,
        kid: str,
        enc: ContentEncryption,
    ) -> Self:
        """The response or the error, for the holder of one key only (section 8.3)."""
        return cls(
            encrypt_jwe(strict_json.dumps(response.to_object()), recipient=recipient, kid=kid, enc=enc)
        )

    def to_form(self) -> bytes:
        """The body to post with response mode ``direct_post.jwt``."""
        return forms.write_form({names.RESPONSE: self.jwe})


def write_response(response: AuthorizationResponse | ErrorResponse) -> bytes:
    """The body to post with response mode ``direct_post``.

    An error may go so with either mode, but with ``direct_post.jwt`` only from a wallet that cannot encrypt
    (section 8.3.1).
    """
    written: JsonObject = response.to_object()
    return forms.write_form({name: _field(value) for name, value in written.items()})


def read_response(body: bytes) -> AuthorizationResponse | ErrorResponse | EncryptedResponse:
    """What a wallet posted to ``response_uri``; unknown parameters are ignored (section 8.1).

    Raises:
        Malformed: not a form, or none or more than one of vp_token, response and error.
    """
    fields = forms.read_form(body, max_bytes=LIMITS.response_bytes)
    kinds = fields.keys() & {names.VP_TOKEN, names.RESPONSE, names.ERROR}
    if len(kinds) != 1:
        raise Malformed("authorization response: expected one of vp_token, response and error")
    if names.RESPONSE in kinds:
        return EncryptedResponse(fields[names.RESPONSE])
    if names.ERROR in kinds:
        return ErrorResponse.receive(dict(fields))
    return AuthorizationResponse.read(_with_json(fields))


def _with_json(fields: Mapping[str, str]) -> JsonObject:
    """The form's fields, with those that hold JSON read strictly."""
    return {
        name: strict_json.loads(text, _JSON_LIMITS) if name in {names.VP_TOKEN, names.ANCHOR_PROOFS} else text
        for name, text in fields.items()
    }


def _field(value: JsonValue) -> str:
    return value if isinstance(value, str) else strict_json.dumps(value).decode()
