"""Identifiers as distinct types, each valid from birth.

Follows ERC-1056 and the did:ethr method (method-specific id with a hexadecimal chain id), ISO 17442 (LEI),
ISO 9362 (BIC), ISO 3166-1 alpha-2 and ISO 4217. Leaves out did:ethr forms that carry a public key instead of
an address: this project's participants are accounts on the ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NewType, Self

from passport.errors import Malformed

Vct = NewType("Vct", str)
"""A verifiable credential type (SD-JWT VC section 3.2.2.1): a URN such as urn:financial-passport:…:1."""

Handle = NewType("Handle", str)
"""A random name of an account at the hub, base64url of 16 bytes or more; only the hub can resolve it."""

PROOF_OF_FUNDS = Vct("urn:financial-passport:proof-of-funds:1")
PASSPORT_IDENTITY = Vct("urn:financial-passport:identity:1")
ACCOUNT_OWNERSHIP = Vct("urn:financial-passport:account-ownership:1")

# keccak-256 of each vct: a schema's id on the ledger. Pinned, because no library of this room has keccak-256.
SCHEMA_IDS: Final[Mapping[Vct, bytes]] = {
    PROOF_OF_FUNDS: bytes.fromhex("98ec73b8ee2d39d2719c782866e3847c4946fcfcf38d550a1f9dc7f2adc82562"),
    PASSPORT_IDENTITY: bytes.fromhex("69adfea2b0040708f98e05189e4464319e95d8252d6150f0e59bb4407ec5952c"),
    ACCOUNT_OWNERSHIP: bytes.fromhex("769682d9c48155665c5360bac44dc76f90787931a8f1fe01c0b4ad2cfe5dad5e"),
}

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DID_ETHR = re.compile(r"did:ethr:0x([0-9a-fA-F]{1,16}):(0x[0-9a-fA-F]{40})")
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_LEI_MODULUS = 97


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A 20-byte account or contract on the ledger, kept in lower case (the checksum is for people)."""

    value: str

    def __post_init__(self) -> None:
        """Accept any letter case, keep lower case."""
        if not _ADDRESS.fullmatch(self.value):
            raise Malformed("expected a ledger address: 0x and 40 hexadecimal digits")
        object.__setattr__(self, "value", self.value.lower())

    def __str__(self) -> str:
        return self.value

    @property
    def raw(self) -> bytes:
        """The 20 bytes."""
        return bytes.fromhex(self.value[2:])


@dataclass(frozen=True, slots=True, order=True)
class DidEthr:
    """``did:ethr:<chain id, hexadecimal>:<address>``."""

    chain_id: int
    address: Address

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a DID.

        Raises:
            Malformed: it is not a did:ethr with chain id and address.
        """
        match = _DID_ETHR.fullmatch(text)
        if match is None or (match[1] != "0" and match[1].startswith("0")):
            raise Malformed("expected did:ethr:<0x chain id>:<0x address>")
        return cls(int(match[1], 16), Address(match[2]))

    def __str__(self) -> str:
        return f"did:ethr:{self.chain_id:#x}:{self.address}"


@dataclass(frozen=True, slots=True, order=True)
class Lei:
    """Legal entity identifier, ISO 17442: 18 characters and two check digits (ISO 7064 MOD 97-10)."""

    value: str

    def __post_init__(self) -> None:
        """Check form and check digits."""
        if (
            not _LEI.fullmatch(self.value)
            or int("".join(str(int(c, 36)) for c in self.value)) % _LEI_MODULUS != 1
        ):
            raise Malformed("expected an LEI: 20 characters of ISO 17442 with valid check digits")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class Bic:
    """Business identifier code, ISO 9362: 8 or 11 characters."""

    value: str

    def __post_init__(self) -> None:
        """Check the form; whether the code is assigned is not ours to know."""
        if not _BIC.fullmatch(self.value):
            raise Malformed("expected a BIC: 8 or 11 characters of ISO 9362")

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True, order=True)
class Country:
    """ISO 3166-1 alpha-2, upper case."""

    value: str

    def __post_init__(self) -> None:
        """Check the form."""
        if not re.fullmatch(r"[A-Z]{2}", self.value):
            raise Malformed("expected a country: two capital letters of ISO 3166-1")

    def __str__(self) -> str:
        return self.value
