"""Type metadata (SD-JWT VC section 6): how credentials and their claims are called, in English and zh-TW.

Our types are URNs, so the metadata ship with the program; the JSON files beside this module are part of it. What a
wallet writes on its consent screen comes from here and never from an issuer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from passport import strict_json
from passport.disclosable import ClaimPath, ClaimTree, marked, within
from passport.errors import Misconfigured, Reason, Rejected
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


class SdRule(StrEnum):
    """Whether a claim can be hidden (SD-JWT VC section 6: the claim's ``sd``)."""

    ALWAYS = "always"
    ALLOWED = "allowed"
    NEVER = "never"


class ClaimMetadata(Message):
    """One claim: where it is, how it is called, and whether it can be hidden."""

    path: Annotated[tuple[str | int | None, ...], Field(min_length=1)]
    display: Annotated[tuple[ClaimDisplay, ...], Field(min_length=1)]
    sd: SdRule = SdRule.ALLOWED

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

    def never_hidden(self, path: ClaimPath) -> bool:
        """Whether a claim, or one that it lies inside, may never be disclosed selectively."""
        return any(each.sd is SdRule.NEVER and within(path, each.path) for each in self.claims)

    def require_open(self, disclosed: Iterable[ClaimPath]) -> None:
        """Nothing was disclosed that is never hidden, and nothing inside it: else one holder shows what another cannot hide.

        Raises:
            Rejected: DISCLOSURE_INVALID.
        """
        if any(self.never_hidden(path) for path in disclosed):
            raise Rejected(Reason.DISCLOSURE_INVALID, "expected what this type never hides as open claims")

    def require_signable(self, claims: Mapping[str, ClaimTree]) -> None:
        """No marker stands at, or inside, a claim that is never hidden.

        Raises:
            Misconfigured: one does; the verifier would refuse every presentation of it.
        """
        hidden = [path for path in marked(claims) if self.never_hidden(path)]
        if hidden:
            names = ", ".join(
                ".".join("*" if part is None else str(part) for part in path) for path in hidden
            )
            raise Misconfigured(f"expected {names} as open claims: {self.vct} never hides them")

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
