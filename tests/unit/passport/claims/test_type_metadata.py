from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from passport.claims import (
    ACCOUNT_SLOTS,
    AccountOwnership,
    Averages,
    Money,
    PassportIdentity,
    ProofOfFunds,
    Thresholds,
    type_metadata,
)
from passport.claims.thresholds import AGE_LADDER, USD_LADDER
from passport.disclosable import ClaimPath, ClaimTree, Disclosable
from passport.errors import Reason, Rejected
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Vct

LOCALES = ("en", "zh-TW")
MONEY = Money("TWD", 1)


def disclosable_paths(tree: ClaimTree, path: ClaimPath = ()) -> Iterator[ClaimPath]:
    """Every place at which something can be shown or hidden, with null for a place in an array."""
    match tree:
        case Disclosable(value):
            yield path
            yield from disclosable_paths(value, path)
        case Mapping():
            for name, member in tree.items():
                yield from disclosable_paths(member, (*path, name))
        case list():
            for item in tree:
                yield from disclosable_paths(item, (*path, None))
        case _:
            pass


def require_labels(vct: Vct, claims: dict[str, ClaimTree]) -> None:
    metadata = type_metadata(vct)
    assert metadata.vct == vct
    assert {display.locale for display in metadata.display} == set(LOCALES)
    paths = set(disclosable_paths(claims))
    assert paths
    for path in paths:
        found = metadata.claim(path)
        assert found is not None, path
        assert {display.locale for display in found.display} == set(LOCALES)


def test_every_claim_of_a_proof_of_funds_has_a_name_in_both_languages(funds: ProofOfFunds) -> None:
    full = replace(
        funds,
        accounts=(replace(funds.accounts[0], average_3m=MONEY, average_6m=MONEY, min28d=MONEY),)
        * ACCOUNT_SLOTS,
        holder=replace(funds.holder, name_chinese="林美華"),
        issuer=replace(funds.issuer, officer="Chen"),
        thresholds=Thresholds(frozenset(USD_LADDER), frozenset(USD_LADDER), frozenset(AGE_LADDER)),
        averages=Averages(MONEY, MONEY, MONEY),
        encumbrance="none",
        source_of_funds="salary",
        liabilities=MONEY,
    )
    require_labels(PROOF_OF_FUNDS, full.to_sd_claims())


def test_every_claim_of_an_identity_has_a_name_in_both_languages(identity: PassportIdentity) -> None:
    require_labels(PASSPORT_IDENTITY, identity.to_sd_claims())


def test_every_claim_of_an_account_ownership_has_a_name_in_both_languages(
    ownership: AccountOwnership,
) -> None:
    require_labels(ACCOUNT_OWNERSHIP, ownership.to_sd_claims())


def test_names_are_looked_up_by_place_and_language() -> None:
    metadata = type_metadata(PROOF_OF_FUNDS)
    assert metadata.title("zh-TW") == "財力證明"
    assert metadata.title("nl") == "Proof of funds"
    assert metadata.label(("accounts", 3, "balance"), "en") == "balance of the account"
    assert metadata.label(("accounts", None, "balance"), "zh-TW") == "帳戶餘額"
    assert metadata.label(("birth_date", "x", None), "en") == "birth_date.x.*"
    assert metadata.label(("as_of",), "nl") == metadata.label(("as_of",), "en")


def test_a_foreign_type_has_no_metadata() -> None:
    with pytest.raises(Rejected) as caught:
        type_metadata(Vct("urn:eudi:pid:1"))
    assert caught.value.reason is Reason.SCHEMA_INVALID
