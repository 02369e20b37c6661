"""Type metadata (SD-JWT VC section 6): how credentials and their claims are called, in English and zh-TW.

Our types are URNs, so the metadata ship with the program; the JSON files beside this module are part of it. What a
wallet writes on its consent screen comes from here and never from an issuer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from passport import strict_json
from passport.disclosable import ClaimPath
from passport.errors import Reason, Rejected
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Vct
from passport.messages import Message

_FILES: Final[Mapping[Vct, str]] = MappingProxyType(
    {
        PROOF_OF_FUNDS: "proof_of_funds.json",
        PASSPORT_IDENTITY: "identity.json",
        ACCOUNT_OWNERSHIP: "account_ownership.json",
    }
)


class TypeDisplay(Message):
    """The type's name in one language."""

    locale: str
    name: str
    description: str | None = None


class ClaimDisplay(Message):
    """A claim's name in one language."""

    locale: str
    label: str
    description: str | None = None


class ClaimMetadata(Message):
    """One claim: where it is, how it is called, and that it can be hidden."""

    path: Annotated[tuple[str | int | None, ...], Field(min_length=1)]
    display: Annotated[tuple[ClaimDisplay, ...], Field(min_length=1)]
    sd: str

    def label(self, locale: str) -> str:
        """The name in a language, or in the first one where that is missing."""
        return next((each.label for each in self.display if each.locale == locale), self.display[0].label)


class TypeMetadata(Message):
    """Everything a wallet needs to name a credential."""

    vct: str
    name: str
    display: Annotated[tuple[TypeDisplay, ...], Field(min_length=1)]
    claims: tuple[ClaimMetadata, ...]

    def title(self, locale: str) -> str:
        """The type's name in a language, or in the first one where that is missing."""
        return next((each.name for each in self.display if each.locale == locale), self.display[0].name)

    def claim(self, path: ClaimPath) -> ClaimMetadata | None:
        """The metadata of the claim at a place or pointer; an index is described by the null of its array."""
        pattern = tuple(None if isinstance(part, int) else part for part in path)
        return next((each for each in self.claims if each.path == pattern), None)

    def label(self, path: ClaimPath, locale: str) -> str:
        """What to call a claim; one that has no name of its own is called by its path."""
        found = self.claim(path)
        return (
            ".".join("*" if part is None else str(part) for part in path)
            if found is None
            else found.label(locale)
        )


@cache
def type_metadata(vct: Vct) -> TypeMetadata:
    """The metadata of one of our types.

    Raises:
        Rejected: SCHEMA_INVALID, the type is not one of ours.
    """
    if vct not in _FILES:
        raise Rejected(Reason.SCHEMA_INVALID, "expected a credential type of this project")
    raw = files("passport.claims").joinpath(_FILES[vct]).read_bytes()
    return TypeMetadata.read(strict_json.loads(raw))
