"""What a process must know to reach the ledger: handed in by its ``wiring.py``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import Misconfigured
from passport.identifiers import Address


class ContractName(StrEnum):
    """The five contracts of design section 5, by the names that settings use."""

    DID_REGISTRY = "EthereumDIDRegistry"
    TRUST_REGISTRY = "TrustRegistry"
    ANCHOR_REGISTRY = "AnchorRegistry"
    STATUS_REGISTRY = "StatusRegistry"
    VERIFIER_LENS = "VerifierLens"


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Which network, which contracts on it, and what this reader takes for final.

    ``confirmations`` is the network's finality profile: a block counts once so many blocks, itself included, stand.
    One is right for the embedded chain, which does not reorganise. ``first_block`` is where the contracts begin.
    With ``other_rpc_urls`` several nodes are asked, and must agree.
    """

    rpc_url: str
    chain_id: int
    contracts: Mapping[str, Address]
    other_rpc_urls: tuple[str, ...] = ()
    confirmations: int = 1
    first_block: int = 0
    call_timeout: float = 5.0
    max_fee_per_gas_wei: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work, at the start."""
        missing = [name for name in ContractName if name not in self.contracts]
        if missing:
            raise Misconfigured(f"expected an address for each contract, missing: {', '.join(missing)}")
        given: Mapping[str, object] = self.contracts
        strange = [name for name, at in given.items() if not isinstance(at, Address)]
        if strange:
            raise Misconfigured(f"expected addresses as Address, not as text, for: {', '.join(strange)}")
        if self.confirmations < 1:
            raise Misconfigured(f"expected one confirmation or more, got {self.confirmations}")

    def address_of(self, name: ContractName) -> Address:
        """Where a contract is."""
        return self.contracts[name]
