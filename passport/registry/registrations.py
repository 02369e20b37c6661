"""What a participant registered: the document whose SHA-256 is its grant's evidence hash (design section 3).

The ledger vouches for the hash, so the document needs no signature of its own. The hash is taken over the RFC 8785
form of the object as received, unknown members included. Texts follow what Taiwan's PDPA Art. 8 wants a person
told (domain section 9). Leaves out how a document reaches its reader, but for where a bank shows its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from passport import strict_json
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Bic, Country, DidEthr, Lei
from passport.messages import DidText, Message
from passport.registry.facts import Grant, Role
from passport.registry.standing import grant_in_force
from passport.strict_json import JsonObject

MAX_ENTRIES: Final = 32
WELL_KNOWN_REGISTRATION: Final = "issuer-registration"
"""Under which well-known name a bank shows its own registration; whoever reads it holds it against the ledger's hash."""
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*\z", max_length=64)]
Url = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*\z", max_length=256),
]
"""Where a bank issues; it may have a path, and no slash at its end."""


class Words(Message):
    """The same sentence in the languages the wallet speaks."""

    en: Sentence
    zh_tw: Annotated[Sentence, Field(alias="zh-TW")]


class Purpose(Message):
    """One registered purpose; a request names its ``id``."""

    id: Identifier
    words: Words


class DataCategory(Message):
    """One registered category of data."""

    id: Identifier
    words: Words


class VerifierRegistration(Message):
    """Who asks, why, for what, how long it is kept, where, and what a person may do about it."""

    did: DidText
    legal_name: Words
    lei: str
    country: str
    contact: Sentence
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=MAX_ENTRIES)]
    data_categories: Annotated[tuple[DataCategory, ...], Field(min_length=1, max_length=MAX_ENTRIES)]
    retention_days: Annotated[int, Field(ge=0, le=36_525)]
    retention: Words
    recipients: Words
    rights: Words
    if_refused: Words
    asks_hub: bool
    hub: DidText | None = None

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        """Identifiers are identifiers; the hub is named where it is asked."""
        _require(Lei, self.lei)
        _require(Country, self.country)
        if self.asks_hub != (self.hub is not None):
            raise ValueError("expected hub where asks_hub is true, and only there")
        if len({each.id for each in self.purposes}) != len(self.purposes):
            raise ValueError("expected each purpose once")
        return self

    def purpose(self, purpose_id: str) -> Purpose | None:
        """The registered purpose with this id, if there is one."""
        return next((each for each in self.purposes if each.id == purpose_id), None)


class IssuerRegistration(Message):
    """The bank that a grant accredits: what it may call itself in a credential."""

    did: DidText
    legal_name: Words
    lei: str
    bic: str
    bank_code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,12}\z")]
    country: str
    licence: Sentence
    contact: Sentence
    base_url: Url

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        """Identifiers are identifiers."""
        _require(Lei, self.lei)
        _require(Country, self.country)
        _require(Bic, self.bic)
        return self


def evidence_hash(registration: Message | JsonObject) -> bytes:
    """SHA-256 of the RFC 8785 form: what the registrar writes into the grant."""
    value = registration.to_object() if isinstance(registration, Message) else registration
    return hashlib.sha256(strict_json.canonical(value)).digest()


def require_registered_issuer(
    document: JsonObject, *, issuer: DidEthr, grants: Iterable[Grant], at: datetime
) -> IssuerRegistration:
    """The registration of a bank, if the ledger vouches for it now.

    Raises:
        Malformed: it is no registration. Rejected: ISSUER_NOT_ACCREDITED, not this bank's, or of no grant in force.
    """
    registration = IssuerRegistration.read(document)
    if registration.did != str(issuer):
        raise Rejected(Reason.ISSUER_NOT_ACCREDITED, "expected the registration of the bank itself")
    evidence = evidence_hash(document)
    vouched = any(
        each.role is Role.ISSUER
        and each.participant == issuer.address
        and each.evidence_hash == evidence
        and not each.suspended
        and grant_in_force(each, at=at)
        for each in grants
    )
    if not vouched:
        raise Rejected(Reason.ISSUER_NOT_ACCREDITED, "expected a grant in force for this registration")
    return registration


def _require(read: Callable[[str], object], text: str) -> None:
    """Read an identifier; Pydantic turns a ValueError, and no other error, into one that names the place."""
    try:
        read(text)
    except Malformed as error:
        raise ValueError(str(error)) from error
