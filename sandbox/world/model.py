"""What the world is made of. Money is in minor units; days are in Asia/Taipei, instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``closing_minor`` holds the closing balance of each day, oldest first, up to ``World.today``."""

    index: int
    bank_code: str
    branch: str
    number: str
    kind: str
    currency: str
    ownership: str
    opened_on: date
    owner: str
    closing_minor: tuple[int, ...] = ()

    @property
    def canonical(self) -> str:
        """The text a bank turns into a token: ``TW:<bank>:<branch>:<number>``."""
        return f"TW:{self.bank_code}:{self.branch}:{self.number}"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer of bank A. ``key`` is the short name that the command line takes."""

    key: str
    national_id: str
    name_latin: str
    name_zh: str
    birth_date: date
    nationality: str
    document_number: str
    document_expires_on: date
    customer_since: date
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Transfers:
    """Columns of equal length, ordered by time. ``source`` and ``target`` are account indexes."""

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    amount_minor: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class PlantedChain:
    """A mule chain: from a warned account through ``hops`` (row numbers of the transfers) to the last account."""

    case: str
    warned: int
    last: int
    hops: tuple[int, ...]
    taint_from_ms: int


@dataclass(frozen=True, slots=True)
class World:
    """Everything, as of the close of ``today``."""

    seed: int
    today: date
    first_day: date
    customers: tuple[Customer, ...]
    accounts: tuple[Account, ...]
    owners: tuple[str, ...]
    transfers: Transfers
    chains: tuple[PlantedChain, ...]
    usd_per_twd_micro: tuple[int, ...]

    def customer(self, key: str) -> Customer:
        """The customer of that short name.

        Raises:
            KeyError: nobody has it.
        """
        for customer in self.customers:
            if customer.key == key:
                return customer
        raise KeyError(key)
