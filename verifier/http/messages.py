"""What the bank's own system posts to the applications API."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from passport.openid4vp import ResponseMode


class NewApplication(BaseModel):
    """One application. ``applicant_name`` is the name that the person gave to the bank, compared and then dropped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    reference: Annotated[str, StringConstraints(max_length=128)] = ""
    applicant_name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    amount_usd_minor: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    """What is at stake, where the bank knows: above the policy's limit a review takes two officers."""
    response_mode: ResponseMode = ResponseMode.DIRECT_POST_JWT
