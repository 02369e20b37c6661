"""Passport identity: who a bank identified, by which document, how surely (design section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from passport.claims.parties import IssuerParty, require_text, shown_or_decoy
from passport.disclosable import ClaimTree, Disclosable
from passport.identifiers import Country


class AssuranceLevel(StrEnum):
    """How surely the person was identified (the three levels of eIDAS, which FATF's guidance knows too)."""

    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"


class DocumentType(StrEnum):
    """By which document."""

    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    RESIDENCE_PERMIT = "residence_permit"


@dataclass(frozen=True, slots=True)
class IdentityDocument:
    """The document that the bank saw; its number is not part of the credential."""

    type: DocumentType
    issuing_country: Country
    expiry: date

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The ``document`` object."""
        return {
            "type": Disclosable(self.type.value),
            "issuing_country": Disclosable(str(self.issuing_country)),
            "expiry": Disclosable(self.expiry.isoformat()),
        }


@dataclass(frozen=True, slots=True)
class PassportIdentity:
    """All claims of an identity except the open ones of a copy."""

    issuer: IssuerParty
    name_latin: str
    birth_date: date
    nationality: Country
    document: IdentityDocument
    assurance_level: AssuranceLevel
    name_chinese: str | None = None

    def __post_init__(self) -> None:
        """Texts are there."""
        require_text("name_latin", self.name_latin)
        require_text("name_chinese", self.name_chinese)

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The claims to sign beside a copy's open ones; every one of them can be shown or hidden."""
        return {
            "issuer": Disclosable(self.issuer.to_sd_claims()),
            "name_latin": Disclosable(self.name_latin),
            "name_chinese": shown_or_decoy(self.name_chinese),
            "birth_date": Disclosable(self.birth_date.isoformat()),
            "nationality": Disclosable(str(self.nationality)),
            "document": Disclosable(self.document.to_sd_claims()),
            "assurance_level": Disclosable(self.assurance_level.value),
        }
