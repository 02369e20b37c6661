"""A policy: what is asked, and what the answer must meet (design section 9).

Leaves out judging: ``use_cases/apply_policy`` does that.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from passport.claims import USD_LADDER
from passport.messages import Message
from passport.openid4vp import DcqlQuery

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}\z")]
QueryId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
ClaimPath = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1)], ...], Field(min_length=1, max_length=8)
]
Days = Annotated[int, Field(ge=0, le=366)]


class _Written(Message):
    """A part of a policy file. It is ours, so that a name that nobody knows is a slip, and would leave a rule out in silence."""

    model_config = ConfigDict(extra="forbid")


class FraudCheckRule(StrEnum):
    """Whether a hub must be asked."""

    REQUIRED = "required"
    IF_CONFIGURED = "if_configured"
    """For a world without a hub: the step is then recorded as not configured."""


class JointRule(StrEnum):
    """What is said to money that somebody else may dispose of, too."""

    REVIEW = "review"
    """A person decides: whose share it is cannot be read from a total."""
    REFUSE = "refuse"


class IdentityRule(_Written):
    """Where the person is found, and what the document must be."""

    query: QueryId
    name: ClaimPath
    birth_date: ClaimPath
    document_expiry: ClaimPath
    minimum_age_years: Annotated[int, Field(ge=0, le=120)]


class FundsRule(_Written):
    """Where the proof of funds is found, how old its figures may be, and which thresholds must be true."""

    query: QueryId
    holder_name: ClaimPath
    as_of: ClaimPath
    as_of_max_age_days: Days
    thresholds: Annotated[tuple[ClaimPath, ...], Field(max_length=16)] = ()
    any_joint: ClaimPath | None = None
    """Where the proof says whether an account is joint; without it the policy does not ask."""
    joint_accounts: JointRule = JointRule.REVIEW

    @property
    def least_usd_minor(self) -> int:
        """The greatest rung that must be met, in US cents; 0 where none is of the ladder."""
        return max((USD_LADDER.get(path[-1], 0) for path in self.thresholds), default=0)

    @property
    def as_of_max_age(self) -> timedelta:
        """The greatest age of the figures."""
        return timedelta(days=self.as_of_max_age_days)


class SettlementRule(_Written):
    """How officers settle a review."""

    second_officer_above_usd_minor: Annotated[int, Field(ge=0)] = 50_000_000
    """Above this amount, as stated by the bank's own system or as the policy itself asks for, two people must agree."""


class Rules(_Written):
    """Everything that policy decides, once authenticity and standing are known."""

    fraud_check: FraudCheckRule
    anchored: bool
    identity: IdentityRule
    funds: FundsRule
    settlement: SettlementRule = SettlementRule()

    @property
    def queries(self) -> frozenset[str]:
        """The credential queries that the rules speak of."""
        return frozenset({self.identity.query, self.funds.query})


class Policy(_Written):
    """One policy file."""

    name: Name
    version: Annotated[int, Field(ge=1)]
    purpose: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    dcql_query: DcqlQuery
    rules: Rules

    @model_validator(mode="after")
    def _rules_speak_of_what_is_asked(self) -> Self:
        """A rule about a claim that nobody is asked for could never be met."""
        for query in self.rules.queries:
            if self.dcql_query.credential(query) is None:
                raise ValueError(f"expected the query to ask for {query}, which a rule needs")
        # The fraud check, the rules and the follow-up know one credential by its query.
        if any(each.multiple for each in self.dcql_query.credentials):
            raise ValueError("expected the query to ask for one presentation of each credential")
        identity, funds = self.rules.identity, self.rules.funds
        wanted = {
            identity.query: {identity.name, identity.birth_date, identity.document_expiry},
            funds.query: {
                funds.holder_name,
                funds.as_of,
                *funds.thresholds,
                *([funds.any_joint] if funds.any_joint is not None else []),
            },
        }
        for query, paths in wanted.items():
            found = self.dcql_query.credential(query)
            asked = {claim.path for claim in (found.claims if found else None) or ()}
            if not paths <= asked:
                raise ValueError(f"expected the query to ask {query} for every claim that a rule needs")
        return self
