"""Signed transactions of every kind, made byte by byte: what a library would refuse to sign is here, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from coincurve import PrivateKey

from ledger.interfaces import keccak
from ledger.rlp import encode

CHAIN_ID: Final = 31337
SOMEBODY: Final = b"\x11" * 20
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SLOT: Final = bytes(32)


@dataclass(frozen=True)
class Draft:
    """A transaction before it is signed; ``kind`` 0 is a legacy one."""

    kind: int = 2
    chain_id: int | None = CHAIN_ID
    nonce: int = 0
    tip: int = 0
    fee: int = 0
    gas: int = 100_000
    to: bytes = SOMEBODY
    value: int = 0
    data: bytes = b""
    access_list: Sequence[Any] = field(default_factory=tuple)
    key: bytes = b"\x07" * 32
    high_s: bool = False
    parity: int | None = None
    signature: tuple[int, int] | None = None
    more: tuple[bytes, ...] = ()
    after: bytes = b""

    def raw(self) -> bytes:
        """The signed bytes."""
        plain: list[Any] = [self.nonce, self.fee, self.gas, self.to, self.value, self.data]
        if self.kind == 0:
            tail = [] if self.chain_id is None else [self.chain_id, 0, 0]
            r, s, parity = self._sign(encode([*plain, *tail]))
            v = 27 + parity if self.chain_id is None else 35 + 2 * self.chain_id + parity
            return encode([*plain, v if self.parity is None else self.parity, r, s, *self.more]) + self.after
        fees = [self.fee] if self.kind == 1 else [self.tip, self.fee]
        body: list[Any] = [self.chain_id or 0, self.nonce, *fees, *plain[2:], list(self.access_list)]
        first = bytes([self.kind])
        r, s, parity = self._sign(first + encode(body))
        parity = parity if self.parity is None else self.parity
        return first + encode([*body, parity, r, s, *self.more]) + self.after

    def _sign(self, content: bytes) -> tuple[int, int, int]:
        made = PrivateKey(self.key).sign_recoverable(keccak(content), hasher=None)
        r, s, parity = int.from_bytes(made[:32]), int.from_bytes(made[32:64]), made[64]
        if self.signature is not None:
            return *self.signature, 0
        return (r, ORDER - s, parity ^ 1) if self.high_s else (r, s, parity)


OF_THE_REPORT: Final = bytes.fromhex(
    "f84b808082ea6080808025a070dcf276f6a244311e7305204432075fe1a777b047780809e5bb0873c672040ba021a0"
    "c06d622e8a7e62cb598582b48e9c1d5e74a6848723cae20978358fc935e8"
)

POOLED_AND_NEVER_MINED: Final[dict[str, bytes]] = {
    "a report's, legacy for chain 1": OF_THE_REPORT,
    "legacy for another chain": Draft(kind=0, chain_id=1).raw(),
    "legacy for chain 0": Draft(kind=0, chain_id=0).raw(),
    "legacy for a chain of 62 bits": Draft(kind=0, chain_id=1 << 62).raw(),
    "legacy with the largest v": Draft(kind=0, parity=(1 << 64) - 1).raw(),
    "legacy v past 64 bits": Draft(kind=0, parity=1 << 64).raw(),
    "creation with a call's gas": Draft(to=b"", gas=52_999).raw(),
    "a byte of data without its gas": Draft(gas=21_015, data=b"\x01").raw(),
    "below the floor of EIP-7623": Draft(gas=21_000 + 16 * 100, data=b"\x01" * 100).raw(),
    "one below the floor of EIP-7623": Draft(gas=21_000 + 40 * 100 - 1, data=b"\x01" * 100).raw(),
    "legacy below the floor": Draft(kind=0, gas=21_000 + 16 * 100, data=b"\x01" * 100).raw(),
    "zeros below the floor": Draft(gas=21_000 + 4 * 100, data=bytes(100)).raw(),
    "one below an access list's cost": Draft(gas=25_299, access_list=[[SOMEBODY, [SLOT]]]).raw(),
    "EIP-2930 below its access list": Draft(kind=1, gas=21_000, access_list=[[SOMEBODY, []]]).raw(),
    "one below the cost of init code": Draft(to=b"", gas=53_000 + 16 * 32 + 1, data=b"\x5b" * 32).raw(),
}

REFUSED_BY_THE_NODE: Final[dict[str, bytes]] = {
    "EIP-2930 for another chain": Draft(kind=1, chain_id=1).raw(),
    "EIP-1559 for another chain": Draft(chain_id=1).raw(),
    "EIP-1559 for chain 0": Draft(chain_id=0).raw(),
    "EIP-1559 for a chain past 64 bits": Draft(chain_id=1 << 64).raw(),
    "no gas": Draft(gas=0).raw(),
    "one below a call's gas": Draft(gas=20_999).raw(),
    "init code one byte too long": Draft(to=b"", gas=4_000_000, data=bytes(49_153)).raw(),
    "a block's gas and one": Draft(gas=30_000_001).raw(),
    "gas of 64 bits": Draft(gas=(1 << 64) - 1).raw(),
    "gas past 64 bits": Draft(gas=1 << 64).raw(),
    "value without funds": Draft(value=1).raw(),
    "value past 256 bits": Draft(value=1 << 256).raw(),
    "a fee without funds": Draft(fee=1).raw(),
    "a legacy fee without funds": Draft(kind=0, fee=1).raw(),
    "a fee past 128 bits": Draft(fee=1 << 128).raw(),
    "a tip above the fee": Draft(tip=1).raw(),
    "nonce from the future": Draft(nonce=1).raw(),
    "nonce that no account has": Draft(nonce=(1 << 64) - 1).raw(),
    "nonce past 64 bits": Draft(nonce=1 << 64).raw(),
    "r of zero": Draft(signature=(0, 1)).raw(),
    "s of zero": Draft(signature=(1, 0)).raw(),
    "r of no point": Draft(signature=(5, 1)).raw(),
    "r of the order": Draft(signature=(ORDER, 1)).raw(),
    "parity of two": Draft(parity=2).raw(),
    "legacy v of 26": Draft(kind=0, parity=26).raw(),
    "legacy v of 34": Draft(kind=0, parity=34).raw(),
    "recipient of 19 bytes": Draft(to=SOMEBODY[1:]).raw(),
    "recipient of 21 bytes": Draft(to=SOMEBODY + b"\x11").raw(),
    "a field too many": Draft(more=(b"x",)).raw(),
    "blob": b"\x03" + Draft().raw()[1:],
    "set code": b"\x04" + Draft().raw()[1:],
    "deposit": b"\x7e" + Draft().raw()[1:],
    "access list entry of one item": Draft(access_list=[[SOMEBODY]]).raw(),
    "access list slot of 31 bytes": Draft(access_list=[[SOMEBODY, [SLOT[1:]]]]).raw(),
    "cut short": Draft().raw()[:-1],
    "nothing but a type": b"\x02",
}

REFUSED_BY_US: Final[dict[str, bytes]] = {
    "the higher s": Draft(high_s=True).raw(),
    "the higher s, legacy": Draft(kind=0, high_s=True).raw(),
    "bytes after the end": Draft(after=b"\x00").raw(),
    "the most gas and one": Draft(gas=4_000_001).raw(),
    "a block's gas": Draft(gas=30_000_000).raw(),
}

MINED: Final[dict[str, Draft]] = {
    "EIP-1559": Draft(),
    "EIP-2930": Draft(kind=1),
    "legacy": Draft(kind=0),
    "legacy for any chain": Draft(kind=0, chain_id=None),
    "creation with its gas": Draft(to=b"", gas=53_000),
    "a call's gas": Draft(gas=21_000),
    "the floor of EIP-7623": Draft(gas=21_000 + 40 * 100, data=b"\x01" * 100),
    "zeros at the floor": Draft(gas=21_000 + 10 * 100, data=bytes(100)),
    "an access list's cost": Draft(gas=25_300, access_list=[[SOMEBODY, [SLOT]]]),
    "an address listed twice": Draft(gas=29_600, access_list=[[SOMEBODY, [SLOT]]] * 2),
    "the cost of init code": Draft(to=b"", gas=53_000 + 40 * 32 + 2, data=b"\x5b" * 32),
    "init code of the limit": Draft(to=b"", gas=4_000_000, data=bytes(49_152)),
    "the most gas": Draft(gas=4_000_000),
    "a precompile that fails": Draft(to=bytes(19) + b"\x09", data=b"x"),
}
