"""The Digital Credentials Query Language as messages (OpenID4VP 1.0 section 6), with strict limits.

Unknown members are ignored, as section 6 requires; everything it forbids is refused at reading. Selecting what a
wallet sends is in ``dcql_match``, judging an answer in ``dcql_check``. ``trusted_authorities`` of any type are
read; matching knows ``aki``. Leaves out the meta parameters of formats that this project does not speak.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from passport.messages import Message
from passport.openid4vp.claims_path import Pointer
from passport.openid4vp.limits import LIMITS
from passport.openid4vp.names import SD_JWT_VC
from passport.strict_json import JsonValue

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\z", max_length=128)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LIMITS.text)]
Index = Annotated[int, Field(ge=0, lt=2**31)]
ExpectedValue = bool | int | Annotated[str, StringConstraints(max_length=LIMITS.text)]


def _require_unique(what: str, items: Sequence[Hashable]) -> None:
    if len(set(items)) != len(items):
        raise ValueError(f"expected each {what} once")


class ClaimsQuery(Message):
    """One requested claim (section 6.3)."""

    id: Identifier | None = None
    path: Annotated[tuple[Text | Index | None, ...], Field(min_length=1, max_length=LIMITS.path)]
    values: Annotated[tuple[ExpectedValue, ...], Field(min_length=1, max_length=LIMITS.values)] | None = None

    @property
    def pointer(self) -> Pointer:
        """The claims path pointer."""
        return self.path

    def accepts(self, value: JsonValue) -> bool:
        """Whether type and value match one of ``values`` exactly; without ``values`` everything does."""
        if self.values is None:
            return True
        return any(type(value) is type(expected) and value == expected for expected in self.values)


class TrustedAuthority(Message):
    """One way of saying which authority certifies the issuer (section 6.1.1); types are open."""

    type: Text
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.values)]


class Meta(Message):
    """Constraints on metadata; ``vct_values`` is the one of ``dc+sd-jwt`` (appendix B.3.5)."""

    vct_values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=LIMITS.values)] | None = None


class CredentialQuery(Message):
    """A request for presentations of one kind of credential (section 6.1)."""

    id: Identifier
    format: Text
    multiple: bool = False
    meta: Meta
    trusted_authorities: (
        Annotated[tuple[TrustedAuthority, ...], Field(min_length=1, max_length=LIMITS.authorities)] | None
    ) = None
    require_cryptographic_holder_binding: bool = True
    claims: Annotated[tuple[ClaimsQuery, ...], Field(min_length=1, max_length=LIMITS.claims)] | None = None
    claim_sets: (
        Annotated[
            tuple[Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=LIMITS.claims)], ...],
            Field(min_length=1, max_length=LIMITS.claim_sets),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _follow_section_6(self) -> Self:
        """Check what no single member can check alone."""
        claims = self.claims or ()
        ids = [claim.id for claim in claims if claim.id is not None]
        _require_unique("claim id", ids)
        if self.format == SD_JWT_VC and self.meta.vct_values is None:
            raise ValueError("expected meta.vct_values with dc+sd-jwt")
        if self.claim_sets is not None:
            if len(ids) != len(claims) or not claims:
                raise ValueError("expected claims, each with an id, where claim_sets is present")
            if not {name for option in self.claim_sets for name in option} <= set(ids):
                raise ValueError("expected claim_sets to name ids of claims")
        return self

    def claim_options(self) -> tuple[tuple[ClaimsQuery, ...], ...]:
        """The combinations of claims that satisfy this query, preferred first (section 6.4.1)."""
        if self.claims is None:
            return ((),)
        if self.claim_sets is None:
            return (self.claims,)
        by_id = {claim.id: claim for claim in self.claims}
        return tuple(tuple(by_id[name] for name in option) for option in self.claim_sets)


class CredentialSetQuery(Message):
    """Alternatives, one of which serves a use case (section 6.2)."""

    options: Annotated[
        tuple[Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=LIMITS.credentials)], ...],
        Field(min_length=1, max_length=LIMITS.options),
    ]
    required: bool = True


class DcqlQuery(Message):
    """The whole query (section 6)."""

    credentials: Annotated[tuple[CredentialQuery, ...], Field(min_length=1, max_length=LIMITS.credentials)]
    credential_sets: (
        Annotated[tuple[CredentialSetQuery, ...], Field(min_length=1, max_length=LIMITS.credential_sets)]
        | None
    ) = None

    @model_validator(mode="after")
    def _follow_section_6(self) -> Self:
        """Ids once; sets name only credentials of this query."""
        ids = [credential.id for credential in self.credentials]
        _require_unique("credential id", ids)
        named = {name for each in self.credential_sets or () for option in each.options for name in option}
        if not named <= set(ids):
            raise ValueError("expected credential_sets to name ids of credentials")
        return self

    def credential(self, query_id: str) -> CredentialQuery | None:
        """The credential query with this id, if there is one."""
        return next((each for each in self.credentials if each.id == query_id), None)
