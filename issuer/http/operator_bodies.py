"""What the bank's own people send."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from issuer.acts import BANK_SYSTEM, NO_REASON
from issuer.customer import Ownership
from issuer.offer import BY_OPERATOR
from passport.errors import Malformed
from service.reasons import MAX_CODE, MAX_NOTE, ReasonBody, Why

Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Reason = Annotated[str, Field(min_length=1, max_length=MAX_CODE)]
Note = Annotated[str, Field(max_length=MAX_NOTE)]


class AccountBody(BaseModel):
    """The account that an account-ownership credential is about."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[str, Field(min_length=4, max_length=64)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    ownership: Ownership = Ownership.SOLE
    opened_on: date


class MayReasonBody(BaseModel):
    """Which officer acts, where the caller says so; and why, where there is something to say."""

    model_config = ConfigDict(extra="forbid")

    officer: Word | None = None
    reason: Reason | None = None
    note: Note = ""

    @property
    def why(self) -> Why:
        """The reason as it is recorded."""
        return Why(self.reason or NO_REASON.code, self.note)


class OfferBody(MayReasonBody):
    """An offer for a customer; ``config`` replaces the one credential's usual configuration."""

    customer: Word
    credentials: Annotated[list[str], Field(min_length=1, max_length=4)]
    as_of: date | None = None
    config: str | None = None
    account: AccountBody | None = None
    deferred: bool = False


class OfficerBody(ReasonBody):
    """Which officer acts, where the caller says so; and why."""

    officer: Word | None = None


class CustomerBody(OfficerBody):
    """Which customer."""

    customer: Word


class SuspensionBody(MayReasonBody):
    """Which customer; an officer says why, the bank's own system need not."""

    customer: Word

    def why_of(self, caller: str) -> Why:
        """The reason as it is recorded.

        Raises:
            Malformed: an officer gives none.
        """
        if caller == BY_OPERATOR:
            return Why(self.reason or BANK_SYSTEM, self.note)
        if self.reason is None:
            raise Malformed("body.reason: expected an officer's reason, got none")
        return self.why


class RevokeBody(OfficerBody):
    """Whose credentials, or which one."""

    customer: Word | None = None
    credential_id: Word | None = None
