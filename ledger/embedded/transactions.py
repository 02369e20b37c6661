"""What a signed transaction says, and whether a block of the embedded chain can hold it.

The node takes transactions into its pool that it then puts into no block. What the gateway has journaled it must be
able to replay, so each rule that decides this is checked here, before anything is written down: the rules of Prague
(yellow paper section 6.2, EIP-2, 155, 170, 2028, 2681, 2718, 2929, 2930, 1559, 3860, 7623). Only live transactions are
checked: what a journal holds already is replayed as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coincurve import PublicKey

from ledger.interfaces import keccak
from ledger.rlp import Decoded, Encodable, decode, encode
from passport.errors import Malformed

MOST_GAS: Final = 4_000_000
"""What a transaction may have, and a call: about twice the largest of the house (TrustRegistry's creation uses 1,719,184 gas
and is sent with 2,063,020; an anchor or a grant uses less than 300,000). Gas is free here, so that this alone bounds
what a stranger's transaction costs. An empty LOG0 is the densest that a receipt can hold: 379 gas with its two operands,
about 360 bytes of JSON and 400 at most. So a block's receipts, and its logs, have at most 4.2 MB, which fits four
times into an answer (a byte of a log's data costs 8 gas and has 2 digits; a topic costs 375 and has 69 characters: less
for the gas, both). The slowest precompile runs half a second on it. At a block's 30,000,000 nobody could read the receipts,
and the lock of writes was held for ten seconds."""
_TRANSACTION_GAS: Final = 21_000
_CREATION_GAS: Final = 32_000
_GAS_OF_ZERO: Final = 4
_GAS_OF_BYTE: Final = 16
_TOKENS_OF_BYTE: Final = 4
_FLOOR_OF_TOKEN: Final = 10
_GAS_OF_LISTED_ADDRESS: Final = 2_400
_GAS_OF_LISTED_SLOT: Final = 1_900
_GAS_OF_INITCODE_WORD: Final = 2
_LONGEST_INITCODE: Final = 49_152
_LARGEST_NONCE: Final = (1 << 64) - 2
_WORD: Final = 32
_ADDRESS: Final = 20
_CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_UNPROTECTED: Final = (27, 28)
_ACCESS_LIST_TYPE: Final = 1
_DYNAMIC_FEE_TYPE: Final = 2
_FIELDS_AFTER_TYPE: Final = {_ACCESS_LIST_TYPE: 11, _DYNAMIC_FEE_TYPE: 12}
_LEGACY_FIELDS: Final = 9
_RLP_LIST: Final = 0xC0
_PAIR: Final = 2


class Unmineable(Exception):
    """No block of this chain can hold the transaction; the message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A transaction whose own bytes break no rule; nonce and funds are for the chain's state to judge."""

    sender: bytes
    nonce: int
    most_cost: int
    """What it may cost the sender at most: gas, at the highest fee that it allows, and the value it carries."""


@dataclass(frozen=True, slots=True)
class _Fields:
    chain_id: int | None
    nonce: int
    priority_fee: int
    max_fee: int
    gas: int
    to: bytes
    value: int
    data: bytes
    access_list: Decoded
    parity: int
    r: int
    s: int
    digest: bytes


def read_transaction(raw: bytes, chain_id: int) -> Offered:
    """What ``raw`` offers to a chain.

    Raises:
        Malformed: these bytes are no legacy, EIP-2930 or EIP-1559 transaction.
        Unmineable: a rule that needs nothing but the transaction itself keeps it out of every block.
    """
    fields = _legacy(raw) if raw[:1] >= bytes([_RLP_LIST]) else _typed(raw)
    if fields.chain_id not in {None, chain_id}:
        raise Unmineable(f"expected a transaction for chain {chain_id}, got one for another chain")
    if len(fields.to) not in {0, _ADDRESS}:
        raise Malformed(f"expected the recipient to be {_ADDRESS} bytes or none, got {len(fields.to)}")
    if fields.nonce > _LARGEST_NONCE:
        raise Unmineable("nonce too high: no account ever has this one (EIP-2681)")
    if fields.priority_fee > fields.max_fee:
        raise Unmineable("max priority fee per gas higher than max fee per gas (EIP-1559)")
    _require_gas(fields)
    return Offered(_sender(fields), fields.nonce, fields.gas * fields.max_fee + fields.value)


def _require_gas(fields: _Fields) -> None:
    if fields.gas > MOST_GAS:
        raise Unmineable(f"expected at most {MOST_GAS} gas, what this ledger lets a transaction have")
    creates = not fields.to
    if creates and len(fields.data) > _LONGEST_INITCODE:
        raise Unmineable(f"max initcode size exceeded: {_LONGEST_INITCODE} bytes (EIP-3860)")
    zeros = fields.data.count(0)
    others = len(fields.data) - zeros
    addresses, slots = _listed(fields.access_list)
    needed = (
        _TRANSACTION_GAS
        + zeros * _GAS_OF_ZERO
        + others * _GAS_OF_BYTE
        + addresses * _GAS_OF_LISTED_ADDRESS
        + slots * _GAS_OF_LISTED_SLOT
    )
    if creates:
        needed += _CREATION_GAS + _GAS_OF_INITCODE_WORD * -(-len(fields.data) // _WORD)
    floor = _TRANSACTION_GAS + _FLOOR_OF_TOKEN * (zeros + _TOKENS_OF_BYTE * others)
    if fields.gas < max(needed, floor):
        raise Unmineable(
            f"intrinsic gas too low: expected at least {max(needed, floor)} (EIP-2930, EIP-7623), got {fields.gas}"
        )


def _legacy(raw: bytes) -> _Fields:
    items = _items(decode(raw), _LEGACY_FIELDS)
    nonce, price, gas, to, value, data = items[:6]
    v, r, s = _integer(items[6]), _word(items[7]), _word(items[8])
    signed: list[Encodable] = list(map(_encodable, items[:6]))
    if v in _UNPROTECTED:
        chain_id, parity = None, v - _UNPROTECTED[0]
    elif v >= 35:  # noqa: PLR2004 - EIP-155: v is 35 + 2 * chain id + parity
        chain_id, parity = divmod(v - 35, 2)
        signed += [chain_id, 0, 0]
    else:
        raise Malformed("expected v of a legacy transaction to be 27, 28 or at least 35")
    fee = _word(price)
    return _Fields(
        chain_id, _integer(nonce), fee, fee, _integer(gas), _octets(to), _word(value), _octets(data),
        [], parity, r, s, keccak(encode(signed)),
    )  # fmt: skip


def _typed(raw: bytes) -> _Fields:
    kind = raw[0] if raw else -1
    expected = _FIELDS_AFTER_TYPE.get(kind)
    if expected is None:
        raise Malformed("expected a legacy, EIP-2930 or EIP-1559 transaction")
    items = _items(decode(raw[1:]), expected)
    fees = 2 if kind == _DYNAMIC_FEE_TYPE else 1
    chain_id, nonce = _integer(items[0]), _integer(items[1])
    priority, most = _word(items[2]), _word(items[1 + fees])
    gas, to, value, data, access_list, parity, r, s = items[2 + fees :]
    if _integer(parity) not in {0, 1}:
        raise Malformed("expected the parity of a signature to be 0 or 1")
    digest = keccak(raw[:1] + encode([_encodable(item) for item in items[:-3]]))
    return _Fields(
        chain_id, nonce, priority, most, _integer(gas), _octets(to), _word(value), _octets(data),
        access_list, _integer(parity), _word(r), _word(s), digest,
    )  # fmt: skip


def _sender(fields: _Fields) -> bytes:
    # EIP-2: of the two values of s one counts, so that nobody can make a second transaction of somebody's first.
    if not 0 < fields.r < _CURVE_ORDER or not 0 < fields.s <= _CURVE_ORDER // 2:
        raise Unmineable("expected a signature with r and the lower s within the curve's order (EIP-2)")
    signature = fields.r.to_bytes(_WORD) + fields.s.to_bytes(_WORD) + bytes([fields.parity])
    try:
        key = PublicKey.from_signature_and_message(signature, fields.digest, hasher=None)
    except Exception as failed:  # the binding raises a plain Exception for a point that is not on the curve
        raise Unmineable("expected a signature of some key, got one of none") from failed
    return keccak(key.format(compressed=False)[1:])[-_ADDRESS:]


def _listed(access_list: Decoded) -> tuple[int, int]:
    """How many addresses and storage slots an access list names."""
    if not isinstance(access_list, list):
        raise Malformed("expected an access list")
    slots = 0
    for entry in access_list:
        address, keys = _items(entry, _PAIR)
        if len(_octets(address)) != _ADDRESS or not isinstance(keys, list):
            raise Malformed("expected an address and a list of slots in an access list")
        if any(len(_octets(key)) != _WORD for key in keys):
            raise Malformed(f"expected slots of {_WORD} bytes in an access list")
        slots += len(keys)
    return len(access_list), slots


def _items(value: Decoded, count: int) -> list[Decoded]:
    if not isinstance(value, list) or len(value) != count:
        raise Malformed(f"expected a list of {count} items in a transaction")
    return value


def _octets(value: Decoded) -> bytes:
    if not isinstance(value, bytes):
        raise Malformed("expected bytes in a transaction, got a list")
    return value


def _number(value: Decoded, size: int) -> int:
    octets = _octets(value)
    if len(octets) > size or octets[:1] == b"\0":
        raise Malformed(f"expected a number of at most {size} bytes without leading zeros in a transaction")
    return int.from_bytes(octets)


def _integer(value: Decoded) -> int:
    """A number of 64 bits: nonces, gas, chain ids."""
    return _number(value, 8)


def _word(value: Decoded) -> int:
    return _number(value, _WORD)


def _encodable(value: Decoded) -> Encodable:
    return value if isinstance(value, bytes) else [_encodable(item) for item in value]
