"""Nonce, credential, deferred credential and notification messages (OpenID4VCI 1.0 sections 7 to 9 and 11).

Leaves out encryption of requests and responses, and the contents of a credential.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from passport.messages import AnyObject, Message
from passport.openid4vci.limits import LIMITS
from passport.openid4vci.names import NotificationEvent
from passport.openid4vci.parts import Ascii, Text

KeyProof = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.token)]
CredentialText = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.credential)]


class NonceResponse(Message):
    """A challenge for key proofs (section 7.2)."""

    c_nonce: Text


class Proofs(Message):
    """Key proofs of one type; ``jwt`` is the one that is spoken here (section 8.2, appendix F.1)."""

    jwt: Annotated[tuple[KeyProof, ...], Field(min_length=1, max_length=LIMITS.batch)]


class CredentialRequest(Message):
    """Which credential, for which keys (section 8.2)."""

    credential_identifier: Text | None = None
    credential_configuration_id: Text | None = None
    proofs: Proofs | None = None
    credential_response_encryption: AnyObject | None = None

    @model_validator(mode="after")
    def _follow_section_8(self) -> Self:
        """One way of saying which credential."""
        if (self.credential_identifier is None) == (self.credential_configuration_id is None):
            raise ValueError("expected either credential_identifier or credential_configuration_id")
        return self


class IssuedCredential(Message):
    """One credential: text for ``dc+sd-jwt``, an object for ``ldp_vc``."""

    credential: CredentialText | AnyObject


class CredentialResponse(Message):
    """Credentials now, or where to ask later (sections 8.3 and 9.2)."""

    credentials: (
        Annotated[tuple[IssuedCredential, ...], Field(min_length=1, max_length=LIMITS.batch)] | None
    ) = None
    transaction_id: Text | None = None
    interval: Annotated[int, Field(ge=1)] | None = None
    notification_id: Text | None = None

    @model_validator(mode="after")
    def _follow_section_8(self) -> Self:
        """Either credentials, or a transaction id with an interval."""
        if (self.credentials is None) == (self.transaction_id is None):
            raise ValueError("expected either credentials or transaction_id")
        if (self.transaction_id is None) != (self.interval is None):
            raise ValueError("expected interval with transaction_id, and only there")
        if self.credentials is None and self.notification_id is not None:
            raise ValueError("expected notification_id only with credentials")
        return self


class DeferredCredentialRequest(Message):
    """Asking again (section 9.1)."""

    transaction_id: Text
    credential_response_encryption: AnyObject | None = None


class NotificationRequest(Message):
    """What became of what was issued (section 11.1)."""

    notification_id: Text
    event: NotificationEvent
    event_description: Ascii | None = None
