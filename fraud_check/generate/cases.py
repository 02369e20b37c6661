"""Planted cases and their innocent twins.

A case: victims pay a collector (the warning account); its money moves on through 2 to 5 layers of mules, split and
gathered again, structured below a limit, and ends in cash-out sinks. Some mules sleep for days before they pass it on, some
serve several cases. A twin has the same shape and amounts of the same distribution, and nobody in it did anything wrong:
a club collects fees, a firm pays its suppliers and they pay theirs, friends share a bill.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from fraud_check.generate import rhythm
from passport.errors import Malformed

MINUTE = 60_000
LAYERS = (2, 3, 4, 5)
#: Payments are kept below what is looked at; in minor units, NT$30,000 and NT$500,000.
LIMITS = (3_000_000, 50_000_000)
SLEEPERS = 0.1
SHARED = 0.15
STRUCTURED = 0.5


class Role(StrEnum):
    """What an account does in a case."""

    VICTIM = "victim"
    COLLECTOR = "collector"
    MULE = "mule"
    SLEEPER = "sleeper"
    SINK = "sink"


class Shape(StrEnum):
    """How the money moves between two layers."""

    FAN_OUT = "fan_out"
    SCATTER_GATHER = "scatter_gather"
    STACK = "stack"
    CYCLE = "cycle"


@dataclass(slots=True)
class Case:
    """Who takes part, and which transfers are the case's; of a twin nobody is guilty."""

    guilty: bool
    shape: Shape
    layers: int
    collector: int
    roles: dict[int, Role] = field(default_factory=dict)
    taint_from: int = 0
    transfers: list[tuple[int, int, int, int]] = field(default_factory=list)


def plant(
    rng: np.random.Generator, accounts: int, count: int, start: int, end: int, *, guilty: bool
) -> list[Case]:
    """Cases whose collectors are all different and whose mules are sometimes shared."""
    fresh = iter(rng.permutation(accounts).tolist())
    mules: list[int] = []
    return [_case(rng, fresh, mules, (start, end), guilty=guilty) for _ in range(count)]


def _case(
    rng: np.random.Generator,
    fresh: Iterator[int],
    mules: list[int],
    window: tuple[int, int],
    *,
    guilty: bool,
) -> Case:
    draw = _Draw(rng, fresh, mules)
    start, end = window
    layers = int(rng.choice(LAYERS))
    case = Case(guilty, Shape(str(rng.choice([str(one) for one in Shape]))), layers, draw.account())
    case.roles[case.collector] = Role.COLLECTOR
    case.taint_from = begun = int(rng.integers(start, start + (end - start) * 3 // 5))
    held = 0
    for _ in range(int(rng.integers(2, 7))):
        victim, at = draw.account(), begun + int(rng.integers(1, 12 * rhythm.HOUR))
        amount = int(rhythm.amounts(rng, 1)[0]) + 1_000_000
        case.roles.setdefault(victim, Role.VICTIM)
        case.transfers.append((victim, case.collector, at, amount))
        held += amount
    now = max(at for _, _, at, _ in case.transfers)
    holders = {case.collector: held}
    for layer in range(layers):
        last = layer == layers - 1
        receivers = [
            draw.sink(case) if last else draw.mule(case) for _ in range(_width(rng, case.shape, layer))
        ]
        if case.shape is Shape.CYCLE and last:
            receivers = [case.collector]
        holders, now = _pass_on(rng, case, holders, receivers, now)
        if now > end:
            break
    case.transfers = [row for row in case.transfers if row[2] <= end]
    return case


def _width(rng: np.random.Generator, shape: Shape, layer: int) -> int:
    """How many accounts the next layer has."""
    match shape:
        case Shape.FAN_OUT:
            return int(rng.integers(2, 6))
        case Shape.SCATTER_GATHER:
            return int(rng.integers(3, 7)) if layer % 2 == 0 else 1
        case Shape.STACK:
            return 3
        case Shape.CYCLE:
            return 1


def _pass_on(
    rng: np.random.Generator, case: Case, holders: dict[int, int], receivers: list[int], now: int
) -> tuple[dict[int, int], int]:
    """Money moves from one layer to the next within hours, or after days where a mule sleeps."""
    received: dict[int, int] = {}
    latest = now
    for holder, held in holders.items():
        asleep = case.roles.get(holder) is Role.SLEEPER
        left = held - held // 20 if case.guilty else held - held // 10
        parts = max(1, min(len(receivers), 1 + int(rng.integers(0, len(receivers) + 1))))
        chosen = rng.choice(receivers, size=parts, replace=False).tolist()
        for place, receiver in enumerate(chosen):
            share = left // (parts - place)
            below = int(rng.choice(LIMITS)) - int(rng.integers(1, 50)) * 1_000
            amount = min(share, below) if rng.random() < STRUCTURED else share
            nap, sleep = rng.integers(2 * MINUTE, 8 * rhythm.HOUR), rng.integers(4, 12) * rhythm.DAY
            rest = int(sleep if asleep else nap)
            at = now + rest
            if amount <= 0 or receiver == holder:
                continue
            case.roles.setdefault(receiver, Role.MULE)
            case.transfers.append((holder, receiver, at, amount))
            received[receiver] = received.get(receiver, 0) + amount
            left -= amount
            latest = max(latest, at)
    return received, latest


@dataclass(slots=True)
class _Draw:
    """Accounts for a case: fresh ones, and now and then a mule that others used before."""

    rng: np.random.Generator
    fresh: Iterator[int]
    mules: list[int]

    def account(self) -> int:
        account = next(self.fresh, None)
        if account is None:
            raise Malformed("warnings: expected fewer, or more accounts: each case needs some of its own")
        return account

    def mule(self, case: Case) -> int:
        if self.mules and self.rng.random() < SHARED:
            chosen = self.mules[int(self.rng.integers(len(self.mules)))]
        else:
            chosen = self.account()
            self.mules.append(chosen)
        role = Role.SLEEPER if self.rng.random() < SLEEPERS else Role.MULE
        case.roles.setdefault(chosen, role)
        return chosen

    def sink(self, case: Case) -> int:
        chosen = self.account()
        case.roles.setdefault(chosen, Role.SINK)
        return chosen
