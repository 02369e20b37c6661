"""Makes the world from a seed and a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world import transfers as flows
from sandbox.world.banks import BANK_A, SOURCE_BANKS
from sandbox.world.model import Account, Customer, World
from sandbox.world.people import STORIES, Holding, Story, neighbours

ACCOUNTS = 10_000
TRANSFERS = 100_000
CUSTOMERS = 36
STATEMENT_DAYS = 366
_CHAINS = 12
_PAYERS = 12
_MULES = 3 * _CHAINS
_TAIPEI = ZoneInfo("Asia/Taipei")
_USD_PER_TWD_MICRO = 31_700


SEED = 20260302


def world_of_today(*, accounts: int = ACCOUNTS, transfers: int = TRANSFERS) -> World:
    """The sandbox's own world, as of today in Asia/Taipei."""
    today = datetime.now(_TAIPEI).date()
    return make_world(seed=SEED, today=today, accounts=accounts, transfers=transfers)


def make_world(*, seed: int, today: date, accounts: int = ACCOUNTS, transfers: int = TRANSFERS) -> World:
    """The same world for the same arguments.

    Args:
        seed: decides every choice.
        today: the last day of the statements, in Asia/Taipei; transfers end when it begins.
        accounts: at all three banks together.
        transfers: besides the planted ones.
    """
    random = Random(seed)
    numbers = np.random.default_rng(seed)
    first_day = today - timedelta(days=STATEMENT_DAYS - 1)
    stories = STORIES + neighbours(CUSTOMERS - len(STORIES), random)
    everybody: list[Account] = []
    owners: list[str] = []
    customers = []
    for order, story in enumerate(stories):
        held = _open_accounts(story, order, len(everybody), today, random)
        everybody.extend(held)
        owners.extend(f"SB{order:08d}" for _ in held)
        customers.append(_customer(story, order, today, held))
    special = len(everybody)
    for order, story in enumerate(stories):
        if story.other_bank_account:
            everybody.append(
                _plain_account(len(everybody), SOURCE_BANKS[0].bank_code, f"SB{order:08d}", today, random)
            )
            owners.append(f"SB{order:08d}")
    codes = (BANK_A.bank_code, *(bank.bank_code for bank in SOURCE_BANKS))
    while len(everybody) < accounts:
        # Two accounts a person, at neighbouring banks: a warning at one makes the other derived.
        owner = f"SB{len(everybody) // 2 + 10_000_000:08d}"
        code = codes[len(everybody) % len(codes)]
        everybody.append(_plain_account(len(everybody), code, owner, today, random))
        owners.append(owner)
    bank_of = np.array([codes.index(a.bank_code) for a in everybody], dtype=np.int64)
    ends = [c.accounts[0].index for c, s in zip(customers, stories, strict=True) if s.ends_chain]
    ends += [accounts - 1 - n for n in range(_CHAINS - len(ends))]
    quiet = np.arange(special + 1 + _PAYERS + _MULES + 40, dtype=np.int64)
    payers = quiet[special + 1 : special + 1 + _PAYERS]
    layout = flows.Layout(accounts, np.setdiff1d(quiet, payers), payers, tuple(ends), bank_of)
    end_ms = (
        int(datetime(today.year, today.month, today.day, tzinfo=_TAIPEI).astimezone(UTC).timestamp()) * 1000
    )
    planted, paths, starts = flows.plant(layout, end_ms, numbers)
    merged, place = flows.merge(flows.background(transfers, layout, end_ms, numbers), planted)
    return World(
        seed=seed,
        today=today,
        first_day=first_day,
        customers=tuple(customers),
        accounts=tuple(everybody),
        owners=tuple(owners),
        transfers=merged,
        chains=flows.describe(paths, starts, place),
        usd_per_twd_micro=tuple(
            _USD_PER_TWD_MICRO + round(200 * np.sin(day / 40)) for day in range(STATEMENT_DAYS)
        ),
    )


def _customer(story: Story, order: int, today: date, held: tuple[Account, ...]) -> Customer:
    return Customer(
        key=story.key,
        national_id=f"SB{order:08d}",
        name_latin=story.latin,
        name_zh=story.zh,
        birth_date=date(today.year - story.age, 1 + order % 12, 1 + order % 28) - timedelta(days=365),
        nationality="TW",
        document_number=f"SB{3_000_000 + order}",
        document_expires_on=today + timedelta(days=story.document_days_left),
        customer_since=min(account.opened_on for account in held),
        accounts=held,
    )


def _open_accounts(story: Story, order: int, first: int, today: date, random: Random) -> tuple[Account, ...]:
    opened = []
    for number, holding in enumerate(story.holdings):
        opened.append(
            Account(
                index=first + number,
                bank_code=BANK_A.bank_code,
                branch=f"{1 + order % 9:04d}",
                number=f"{1_000_000 * (order + 11) + 1000 * number + random.randint(0, 999):012d}",
                kind=holding.kind,
                currency=holding.currency,
                ownership=holding.ownership,
                opened_on=today - timedelta(days=random.randint(900, 6000)),
                owner=story.key,
                closing_minor=_closing_balances(holding, random),
            )
        )
    return tuple(opened)


def _closing_balances(holding: Holding, random: Random) -> tuple[int, ...]:
    """A year of closing balances that ends at what is held: salary comes in, life goes out."""
    if holding.kind == "time_deposit":
        return (holding.balance * 100,) * STATEMENT_DAYS
    balance = holding.balance * 100
    days = []
    for day in range(STATEMENT_DAYS):
        if holding.arrived_days_ago is not None and day >= holding.arrived_days_ago:
            days.append(balance // 8 + day)
        else:
            days.append(balance + (random.randint(-balance // 40, balance // 60) if day else 0))
    return tuple(reversed(days))


def _plain_account(index: int, code: str, owner: str, today: date, random: Random) -> Account:
    return Account(
        index=index,
        bank_code=code,
        branch=f"{1 + index % 40:04d}",
        number=f"{900_000_000_000 + index * 7919:012d}",
        kind="demand_deposit",
        currency="TWD",
        ownership="sole",
        opened_on=today - timedelta(days=random.randint(60, 7000)),
        owner=owner,
    )
