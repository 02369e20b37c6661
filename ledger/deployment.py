"""Creates the five contracts on a network. No proxies: an upgrade key could rewrite history (design section 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ledger.account import AccountKey
from ledger.blocks import quantity
from ledger.interfaces import AbiValue, interface
from ledger.rpc import Rpc, unavailable
from ledger.sending import Sender
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
    rpc = Rpc(rpc_url)
    found = quantity(rpc.call("eth_chainId"))
    if found != chain_id:
        raise Rejected(Reason.WRONG_CHAIN, f"expected chain {chain_id}, got {found}")
    sender = Sender(rpc, account, chain_id, max_fee_per_gas_wei)

    def create(name: ContractName, *arguments: AbiValue) -> Address:
        address = sender.send(None, interface(name).creation(*arguments)).created
        if address is None:
            raise unavailable(f"expected the address of a new {name} from the ledger's node")
        return address

    authority = str(account.address)
    seconds = int(admin_delay.total_seconds())
    did = create(ContractName.DID_REGISTRY)
    trust = create(ContractName.TRUST_REGISTRY, str(did), authority, str(guardian or authority), seconds)
    anchors = create(ContractName.ANCHOR_REGISTRY, str(trust))
    status = create(ContractName.STATUS_REGISTRY, str(did))
    lens = create(ContractName.VERIFIER_LENS, str(anchors), str(status))
    return {
        ContractName.DID_REGISTRY.value: did,
        ContractName.TRUST_REGISTRY.value: trust,
        ContractName.ANCHOR_REGISTRY.value: anchors,
        ContractName.STATUS_REGISTRY.value: status,
        ContractName.VERIFIER_LENS.value: lens,
    }
