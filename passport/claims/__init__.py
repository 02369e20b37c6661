"""What credentials say: proof of funds, identity, account ownership (domain section 5, design section 9).

Values to issue (``to_sd_claims``), forms to read (``Shown…``), and names for people (``type_metadata``).
"""

from passport.claims.account_ownership import AccountOwnership
from passport.claims.accounts import Account, AccountScheme, Ownership
from passport.claims.identity import AssuranceLevel, DocumentType, IdentityDocument, PassportIdentity
from passport.claims.money import EXPONENTS, Money
from passport.claims.parties import HolderParty, IssuerParty
from passport.claims.proof_of_funds import ACCOUNT_SLOTS, Averages, Equivalent, FundsKind, ProofOfFunds
from passport.claims.shown import (
    SHOWN,
    ShownAccount,
    ShownAccountOwnership,
    ShownIdentity,
    ShownMoney,
    ShownProofOfFunds,
)
from passport.claims.thresholds import AGE_LADDER, USD_LADDER, Thresholds
from passport.claims.times import read_date, read_rfc3339, rfc3339
from passport.claims.type_metadata import ClaimMetadata, TypeMetadata, type_metadata

__all__ = [
    "ACCOUNT_SLOTS",
    "AGE_LADDER",
    "EXPONENTS",
    "SHOWN",
    "USD_LADDER",
    "Account",
    "AccountOwnership",
    "AccountScheme",
    "AssuranceLevel",
    "Averages",
    "ClaimMetadata",
    "DocumentType",
    "Equivalent",
    "FundsKind",
    "HolderParty",
    "IdentityDocument",
    "IssuerParty",
    "Money",
    "Ownership",
    "PassportIdentity",
    "ProofOfFunds",
    "ShownAccount",
    "ShownAccountOwnership",
    "ShownIdentity",
    "ShownMoney",
    "ShownProofOfFunds",
    "Thresholds",
    "TypeMetadata",
    "read_date",
    "read_rfc3339",
    "rfc3339",
    "type_metadata",
]
