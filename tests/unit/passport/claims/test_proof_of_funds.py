from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.claims import (
    ACCOUNT_SLOTS,
    Account,
    Averages,
    FundsKind,
    Money,
    Ownership,
    ProofOfFunds,
    Thresholds,
)
from passport.disclosable import ClaimTree, Decoy, Disclosable
from passport.errors import Malformed

TWD = Money("TWD", 100)
AVERAGES = Averages(TWD, TWD, TWD)
Spoil = Callable[[ProofOfFunds], ProofOfFunds]


def shape(tree: ClaimTree) -> object:
    """What the number of digests tells: decoys and disclosures look alike, and hide what is inside."""
    match tree:
        case Disclosable() | Decoy():
            return "digest"
        case Mapping():
            return {name: shape(value) for name, value in tree.items()}
        case str() | bool() | int() | float() | None:
            return tree
        case _:
            return [shape(value) for value in tree]


def inner(tree: ClaimTree, *path: str) -> ClaimTree:
    for name in path:
        assert isinstance(tree, Mapping)
        member = tree[name]
        assert isinstance(member, Disclosable)
        tree = member.value
    return tree


def test_nothing_is_open(funds: ProofOfFunds) -> None:
    assert all(isinstance(claim, Disclosable | Decoy) for claim in funds.to_sd_claims().values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    accounts=st.integers(1, ACCOUNT_SLOTS),
    cents=st.integers(0, 10**9),
    historical=st.booleans(),
    chinese=st.sampled_from([None, "林美華"]),
    liabilities=st.sampled_from([None, TWD]),
)
def test_the_number_of_digests_is_the_same_whoever_the_holder_is(
    funds: ProofOfFunds,
    *,
    accounts: int,
    cents: int,
    historical: bool,
    chinese: str | None,
    liabilities: Money | None,
) -> None:
    other = replace(
        funds,
        accounts=funds.accounts * accounts,
        holder=replace(funds.holder, name_chinese=chinese),
        thresholds=Thresholds.met_by(
            total_usd_minor=cents,
            min28d_usd_minor=cents if historical else None,
            oldest_opened_on=date(2020, 1, 1),
            as_of=date(2026, 1, 1),
        ),
        kind=FundsKind.HISTORICAL if historical else FundsKind.POINT_IN_TIME,
        averages=AVERAGES if historical else None,
        liabilities=liabilities,
    ).to_sd_claims()
    plain = funds.to_sd_claims()
    assert shape(other) == shape(plain)
    for path in (
        ("accounts",),
        ("issuer",),
        ("holder",),
        ("thresholds",),
        ("thresholds", "total"),
        ("thresholds", "min28d"),
        ("thresholds", "account_age"),
    ):
        assert shape(inner(other, *path)) == shape(inner(plain, *path))


def test_an_account_has_the_same_number_of_digests_with_and_without_figures_over_time(
    account: Account,
) -> None:
    full = replace(account, average_3m=TWD, average_6m=TWD, min28d=TWD)
    assert shape(full.to_sd_claims()) == shape(account.to_sd_claims())


def test_a_joint_account_says_so(funds: ProofOfFunds, account: Account) -> None:
    assert not funds.any_joint
    joint = replace(funds, accounts=(account, replace(account, ownership=Ownership.JOINT)))
    assert joint.to_sd_claims()["any_joint"] == Disclosable(value=True)


def test_held_money_says_until_when(funds: ProofOfFunds) -> None:
    held = replace(funds, kind=FundsKind.HELD, held_until=funds.as_of + timedelta(days=30))
    assert held.to_sd_claims()["held_until"] == Disclosable("2026-06-30T16:00:00Z")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda funds: replace(funds, accounts=()),
        lambda funds: replace(funds, accounts=funds.accounts * (ACCOUNT_SLOTS + 1)),
        lambda funds: replace(funds, totals=()),
        lambda funds: replace(funds, totals=(Money("USD", 1),)),
        lambda funds: replace(funds, totals=(TWD, TWD)),
        lambda funds: replace(funds, kind=FundsKind.HELD),
        lambda funds: replace(funds, held_until=funds.as_of + timedelta(days=1)),
        lambda funds: replace(funds, kind=FundsKind.HELD, held_until=funds.as_of),
        lambda funds: replace(funds, kind=FundsKind.HISTORICAL),
        lambda funds: replace(funds, encumbrance=" "),
        lambda funds: replace(funds, source_of_funds="x" * 301),
        lambda funds: replace(funds, holder=replace(funds.holder, name_latin="")),
        lambda funds: replace(funds, issuer=replace(funds.issuer, licence="")),
    ],
)
def test_a_proof_with_one_part_spoiled_is_malformed(funds: ProofOfFunds, spoil: Spoil) -> None:
    with pytest.raises(Malformed):
        spoil(funds)


@pytest.mark.parametrize("masked", ["000012345678", "", "****", "***12345", "*1*2345678"])
def test_a_number_in_clear_never_enters_a_credential(account: Account, masked: str) -> None:
    with pytest.raises(Malformed, match="masked"):
        replace(account, masked_number=masked)


def test_figures_are_in_the_account_s_currency(account: Account) -> None:
    with pytest.raises(Malformed, match="currency"):
        replace(account, available=Money("USD", 1))
