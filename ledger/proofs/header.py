"""A block's header, checked against the block's hash: what makes its state root worth something."""

from __future__ import annotations

from typing import Final

from ledger.blocks import fields, octets, quantity, read_header
from ledger.interfaces import keccak
from ledger.rlp import Encodable, encode
from ledger.rpc import Json, unavailable
from passport.registry import BlockRef

# In the order of the encoding; the later ones came with London, Shanghai, Cancun and Prague, each if all before it.
_BYTES: Final = frozenset(
    {
        *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
        *("extraData", "mixHash", "nonce", "withdrawalsRoot", "parentBeaconBlockRoot", "requestsHash"),
    }
)
_FIELDS: Final = (
    *("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom"),
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce"),
    *(
        "baseFeePerGas",
        "withdrawalsRoot",
        "blobGasUsed",
        "excessBlobGas",
        "parentBeaconBlockRoot",
        "requestsHash",
    ),
)


def proven_state_root(value: Json, block_hash: bytes) -> tuple[BlockRef, bytes]:
    """The block and its state root, from a header that hashes to ``block_hash``.

    Raises:
        Unavailable: it does not.
    """
    content = fields(value)
    header: list[Encodable] = [
        octets(content[name]) if name in _BYTES else quantity(content[name])
        for name in _FIELDS
        if content.get(name) is not None
    ]
    if keccak(encode(header)) != block_hash:
        raise unavailable("expected a block header that hashes to the block asked for")
    block = read_header({**content, "hash": f"0x{block_hash.hex()}"}).block
    return block, octets(content.get("stateRoot"))
