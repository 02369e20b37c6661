"""Account ownership: an account is this person's (design section 9; journey step 14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from passport.claims.accounts import AccountScheme, Ownership, require_masked
from passport.claims.money import require_currency
from passport.claims.parties import IssuerParty
from passport.disclosable import ClaimTree, Disclosable


@dataclass(frozen=True, slots=True)
class AccountOwnership:
    """All claims of an account ownership except the open ones of a copy."""

    issuer: IssuerParty
    scheme: AccountScheme
    masked_number: str
    currency: str
    ownership: Ownership
    opened_on: date

    def __post_init__(self) -> None:
        """Masked, in a currency."""
        require_masked(self.masked_number)
        require_currency(self.currency)

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The claims to sign beside a copy's open ones; every one of them can be shown or hidden."""
        return {
            "issuer": Disclosable(self.issuer.to_sd_claims()),
            "account": Disclosable(
                {
                    "scheme": Disclosable(self.scheme.value),
                    "masked_number": Disclosable(self.masked_number),
                    "currency": Disclosable(self.currency),
                    "ownership": Disclosable(self.ownership.value),
                    "opened_on": Disclosable(self.opened_on.isoformat()),
                }
            ),
        }
