"""Creates the five contracts on a network. No proxies: an upgrade key could rewrite history (design section 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ledger.account import AccountKey
from ledger.blocks import quantity
from ledger.rpc import Rpc
from ledger.settings import ContractName
from passport.errors import Reason, Rejected
from passport.identifiers import Address

ADMIN_DELAY: Final = timedelta(days=2)


def deploy(
    rpc_url: str,
    account: AccountKey,
    chain_id: int,
    *,
    guardian: Address | None = None,
    admin_delay: timedelta = ADMIN_DELAY,
    max_fee_per_gas_wei: int = 0,
) -> dict[str, Address]:
    """Create the contracts, with ``account`` as the authority and (unless another is named) the guardian.

    Returns:
        Each contract's address by its name.

    Raises:
        Rejected: WRONG_CHAIN, or a constructor refused.
        Unavailable: the node cannot be reached.
    """
    from ledger.sending import Sender  # noqa: PLC0415 - imports web3, which only writers wait for

    rpc = Rpc(rpc_url)
    found = quantity(rpc.call("eth_chainId"))
    if found != chain_id:
        raise Rejected(Reason.WRONG_CHAIN, f"expected chain {chain_id}, got {found}")
    sender = Sender(rpc, account, chain_id, max_fee_per_gas_wei)

    authority = account.address
    seconds = int(admin_delay.total_seconds())
    did = sender.create(ContractName.DID_REGISTRY)
    trust = sender.create(ContractName.TRUST_REGISTRY, did, authority, guardian or authority, seconds)
    anchors = sender.create(ContractName.ANCHOR_REGISTRY, trust)
    status = sender.create(ContractName.STATUS_REGISTRY, did)
    lens = sender.create(ContractName.VERIFIER_LENS, anchors, status)
    return {
        ContractName.DID_REGISTRY.value: did,
        ContractName.TRUST_REGISTRY.value: trust,
        ContractName.ANCHOR_REGISTRY.value: anchors,
        ContractName.STATUS_REGISTRY.value: status,
        ContractName.VERIFIER_LENS.value: lens,
    }
