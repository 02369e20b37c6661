"""The believable world, made from a seed: banks, people, accounts, statements and transfers.

Nothing in it is a real person, bank, account or figure. The same seed and day give the same world, so that a
test can name what it expects; keys are not part of it (they are random per installation).
"""

from sandbox.world.banks import BANK_A, BANK_X, HUB_OPERATOR, SOURCE_BANKS, Institution
from sandbox.world.making import ACCOUNTS, TRANSFERS, make_world, world_of_today
from sandbox.world.model import Account, Customer, PlantedChain, Transfers, World

__all__ = [
    "ACCOUNTS",
    "BANK_A",
    "BANK_X",
    "HUB_OPERATOR",
    "SOURCE_BANKS",
    "TRANSFERS",
    "Account",
    "Customer",
    "Institution",
    "PlantedChain",
    "Transfers",
    "World",
    "make_world",
    "world_of_today",
]
