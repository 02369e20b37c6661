"""An account on the ledger: the secp256k1 key that owns a ``did:ethr`` and only sends transactions.

eth-account encodes and signs transactions, by libsecp256k1 through coincurve; it takes a second to import and is
imported when first used. Leaves out key stores other than a file of mode 0600.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from coincurve import PrivateKey

from ledger.interfaces import keccak
from passport.clock import Entropy
from passport.errors import Misconfigured
from passport.identifiers import Address, DidEthr

if TYPE_CHECKING:
    from web3.types import TxParams

_KEY_BYTES: Final = 32
_ADDRESS_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """The bytes to send, and the hash by which the chain names them."""

    raw: bytes
    hash: bytes


class AccountKey:
    """A secp256k1 private key. Its representation shows the address only."""

    def __init__(self, secret: bytes) -> None:
        """Take 32 bytes that are a valid private key."""
        if len(secret) != _KEY_BYTES:  # libsecp256k1's binding would fill up a shorter one.
            raise Misconfigured(f"expected a secp256k1 private key of 32 bytes, got {len(secret)}")
        try:
            self._key = PrivateKey(secret)
        except ValueError:
            raise Misconfigured("expected a secp256k1 private key, got bytes that are none") from None
        public = self._key.public_key.format(compressed=False)[1:]
        self.address = Address(f"0x{keccak(public)[-_ADDRESS_BYTES:].hex()}")

    def __repr__(self) -> str:
        return f"AccountKey({self.address})"

    @classmethod
    def generate(cls, entropy: Entropy) -> Self:
        """A new key."""
        return cls(entropy.token(_KEY_BYTES))

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The key in a file of hexadecimal digits that only its owner may read.

        Raises:
            Misconfigured: no such file, readable by others, or no key in it.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(256)
        except OSError as failed:
            raise Misconfigured(f"{path}: expected an account's key file: {failed.strerror}") from failed
        if stat.S_IMODE(mode) & 0o077:
            raise Misconfigured(
                f"{path}: expected mode 0600, got {stat.S_IMODE(mode):04o}: others may read the key"
            )
        try:
            secret = bytes.fromhex(text.decode("ascii").strip().removeprefix("0x"))
        except (ValueError, UnicodeDecodeError):
            raise Misconfigured(f"{path}: expected 64 hexadecimal digits") from None
        return cls(secret)

    def to_file(self, path: Path) -> None:
        """Write the key to a new file that only its owner may read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._key.secret.hex() + "\n")

    def did(self, chain_id: int) -> DidEthr:
        """The identity that the account owns until it says otherwise."""
        return DidEthr(chain_id, self.address)

    def sign(self, transaction: TxParams) -> SignedTransaction:
        """Sign a transaction as web3's contracts build it."""
        from eth_account import Account  # noqa: PLC0415 - a second, when first used

        signed = Account.sign_transaction(dict(transaction), self._key.secret)
        return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))
