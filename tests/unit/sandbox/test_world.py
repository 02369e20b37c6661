from datetime import date

import numpy as np
import pytest

from sandbox.world import World, make_world
from sandbox.world.banks import BANK_A, BANK_X, SOURCE_BANKS

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=7, today=TODAY)


def test_same_seed_and_day_make_the_same_world(world: World) -> None:
    again = make_world(seed=7, today=TODAY)
    assert again.customers == world.customers
    assert np.array_equal(again.transfers.target, world.transfers.target)
    other = make_world(seed=8, today=TODAY)
    assert not np.array_equal(other.transfers.target, world.transfers.target)


def test_world_has_the_promised_size(world: World) -> None:
    assert len(world.accounts) == 10_000
    assert len(world.customers) == 36
    assert len(world.transfers) >= 100_000
    assert len({account.canonical for account in world.accounts}) == 10_000
    assert {account.bank_code for account in world.accounts} == {
        BANK_A.bank_code,
        *(bank.bank_code for bank in SOURCE_BANKS),
    }


def test_transfers_are_in_order_of_time_and_never_to_oneself(world: World) -> None:
    assert np.all(np.diff(world.transfers.time_ms) >= 0)
    assert np.all(world.transfers.source != world.transfers.target)
    assert np.all(world.transfers.amount_minor > 0)


def test_planted_chain_leads_from_the_warned_account_through_three_banks_to_chiu(world: World) -> None:
    chain = world.chains[0]
    assert chain.last == world.customer("chiu").accounts[0].index
    at = chain.warned
    previous = 0
    banks = [world.accounts[at].bank_code]
    for row in chain.hops:
        assert world.transfers.source[row] == at
        assert world.transfers.time_ms[row] > previous
        previous = int(world.transfers.time_ms[row])
        at = int(world.transfers.target[row])
        banks.append(world.accounts[at].bank_code)
    assert at == chain.last
    assert len(set(banks)) == 3
    assert chain.taint_from_ms < world.transfers.time_ms[chain.hops[0]]


def test_no_customer_of_bank_a_owns_a_warned_account_or_a_mule(world: World) -> None:
    customers = {customer.national_id for customer in world.customers}
    for chain in world.chains:
        assert world.owners[chain.warned] not in customers
        assert {world.owners[int(world.transfers.source[row])] for row in chain.hops}.isdisjoint(customers)


def test_nobody_pays_lin_who_is_himself_paid(world: World) -> None:
    accounts = [account.index for account in world.customer("lin").accounts]
    payers = set(world.transfers.source[np.isin(world.transfers.target, accounts)].tolist())
    assert payers
    assert not np.any(np.isin(world.transfers.target, list(payers)))


def test_statements_cover_a_year_and_end_today(world: World) -> None:
    for customer in world.customers:
        for account in customer.accounts:
            assert len(account.closing_minor) == 366
            assert min(account.closing_minor) >= 0
    assert world.customer("lin").accounts[0].closing_minor[-1] == 325_000_000


def test_lin_exceeds_the_threshold_and_chen_does_not(world: World) -> None:
    def usd(key: str) -> float:
        rate = world.usd_per_twd_micro[-1] / 1e6
        return sum(
            a.closing_minor[-1] / 100 * (1 if a.currency == "USD" else rate)
            for a in world.customer(key).accounts
        )

    assert usd("lin") > 100_000
    assert usd("chen") < 25_000


def test_unknown_customer_is_a_key_error(world: World) -> None:
    with pytest.raises(KeyError):
        world.customer("nobody")


def test_institutions_have_valid_and_distinct_identifiers() -> None:
    banks = (BANK_A, BANK_X, *SOURCE_BANKS)
    assert len({bank.lei for bank in banks}) == len(banks)
    assert len({bank.bic for bank in banks}) == len(banks)
