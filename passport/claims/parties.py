"""Who says it and about whom: the bank and the holder as they stand in a credential (domain section 5).

Every member is disclosable by itself; one that is absent is replaced by a decoy. Names follow ISO 20022 in meaning
(party, financial institution), not in spelling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from passport.disclosable import DECOY, ClaimTree, Disclosable
from passport.errors import Malformed
from passport.identifiers import Bic, Country, Lei

MAX_TEXT = 300


def require_text(name: str, value: str | None) -> None:
    """Refuse empty or over-long text.

    Raises:
        Malformed: it is.
    """
    if value is not None and not 0 < len(value.strip()) <= len(value) <= MAX_TEXT:
        raise Malformed(f"{name}: expected text of 1 to {MAX_TEXT} characters")


def shown_or_decoy(value: ClaimTree | None) -> ClaimTree:
    """A disclosable claim, or a decoy where there is none."""
    return DECOY if value is None else Disclosable(value)


@dataclass(frozen=True, slots=True)
class IssuerParty:
    """The bank, as the registrar accredited it."""

    legal_name_en: str
    legal_name_zh: str
    lei: Lei
    bic: Bic
    bank_code: str
    country: Country
    licence: str
    contact: str
    officer: str | None = None

    def __post_init__(self) -> None:
        """Texts are there."""
        for name in ("legal_name_en", "legal_name_zh", "bank_code", "licence", "contact", "officer"):
            require_text(name, getattr(self, name))

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The ``issuer`` object."""
        return {
            "legal_name_en": Disclosable(self.legal_name_en),
            "legal_name_zh": Disclosable(self.legal_name_zh),
            "lei": Disclosable(str(self.lei)),
            "bic": Disclosable(str(self.bic)),
            "bank_code": Disclosable(self.bank_code),
            "country": Disclosable(str(self.country)),
            "licence": Disclosable(self.licence),
            "contact": Disclosable(self.contact),
            "officer": shown_or_decoy(self.officer),
        }


@dataclass(frozen=True, slots=True)
class HolderParty:
    """The customer. ``name_latin`` is spelled as in the passport."""

    name_latin: str
    birth_date: date
    nationality: Country
    customer_since: date
    name_chinese: str | None = None

    def __post_init__(self) -> None:
        """Texts are there."""
        require_text("name_latin", self.name_latin)
        require_text("name_chinese", self.name_chinese)

    def to_sd_claims(self) -> dict[str, ClaimTree]:
        """The ``holder`` object."""
        return {
            "name_latin": Disclosable(self.name_latin),
            "name_chinese": shown_or_decoy(self.name_chinese),
            "birth_date": Disclosable(self.birth_date.isoformat()),
            "nationality": Disclosable(str(self.nationality)),
            "customer_since": Disclosable(self.customer_since.isoformat()),
        }
