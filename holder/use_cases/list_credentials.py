"""List what the wallet holds, for its owner's eyes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from holder.copies import open_copy
from holder.credentials import HeldCredential, Presentation
from holder.labels import type_label, words
from passport.errors import Malformed
from passport.identifiers import PROOF_OF_FUNDS
from passport.openid4vci import names
from passport.registry import Words
from passport.strict_json import JsonObject, as_object, loads
from passport.vcdm.proof_of_funds_v1 import TYPE as W3C_PROOF_OF_FUNDS

_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class CopySummary:
    """One copy: which slot it is in, who has seen that slot, and a hash that names its bytes."""

    slot: int
    shown_to: str | None
    """The verifier that saw this very copy."""
    sha256: str
    key_known_to: str | None = None
    """The verifier that knows the key of its slot, from this copy or another credential's; it would know it again."""


@dataclass(frozen=True, slots=True)
class CredentialSummary:
    """One credential, with everything it says."""

    reference: str
    format: str
    type: str
    title: Words
    issuer_url: str
    issuer_did: str
    saved_at: datetime
    issued_at: datetime | None
    expires_at: datetime | None
    expired: bool
    signature_checked: bool
    """Not so for a W3C credential: its signature is for a verifier with didkit."""
    copies: tuple[CopySummary, ...]
    claims: JsonObject = field(repr=False)
    issuer_name: Words | None = None
    """The bank's legal name, verified on the ledger when the credential was accepted; None where it could not be had."""

    @property
    def issuer_words(self) -> Words:
        """What the bank is called in a list: its name, else its address."""
        if self.issuer_name is not None:
            return self.issuer_name
        return words(self.issuer_url[:_LONGEST_NAME], self.issuer_url[:_LONGEST_NAME])

    @property
    def free_copies(self) -> int:
        """How many verifiers can still see one that nobody else has seen."""
        return sum(copy.shown_to is None and copy.key_known_to is None for copy in self.copies)


def summarise(
    credential: HeldCredential,
    owners: Mapping[int, str],
    presentations: Iterable[Presentation],
    at: datetime,
) -> CredentialSummary:
    """One line of the list, and what is behind it."""
    seen = _seen(credential, presentations)
    issued_at = expires_at = None
    title = type_label(credential.type)
    if credential.format == names.SD_JWT_VC:
        opened = open_copy(next(iter(credential.copies.values())))
        issued_at, expires_at, claims = opened.issued_at, opened.expires_at, opened.content
    else:
        claims = as_object(loads(next(iter(credential.copies.values()))))
        if credential.type == W3C_PROOF_OF_FUNDS:
            title = type_label(PROOF_OF_FUNDS)
        title = words(f"{title.en} (W3C)", f"{title.zh_tw}（W3C）")
        issued_at = _moment(claims, "issuanceDate", "validFrom")
        expires_at = _moment(claims, "expirationDate", "validUntil")
    return CredentialSummary(
        reference=credential.reference,
        format=credential.format,
        type=credential.type,
        title=title,
        issuer_url=credential.issuer,
        issuer_did=credential.issuer_did,
        saved_at=credential.saved_at,
        issued_at=issued_at,
        expires_at=expires_at,
        expired=expires_at is not None and expires_at <= at,
        signature_checked=credential.format == names.SD_JWT_VC,
        copies=tuple(
            # A W3C credential is carried, and this wallet shows it to nobody: its key may be known, the copy is not.
            CopySummary(
                slot,
                seen.get(slot),
                hashlib.sha256(text.encode()).hexdigest(),
                owners.get(slot) if credential.format == names.SD_JWT_VC else None,
            )
            for slot, text in sorted(credential.copies.items())
        ),
        claims=claims,
        issuer_name=credential.issuer_name,
    )


def _seen(credential: HeldCredential, presentations: Iterable[Presentation]) -> Mapping[int, str]:
    """Which verifier saw which copy. A slot may be older than the credential: its key was seen then, not this copy."""
    seen: dict[int, str] = {}
    for each in presentations:
        if each.credentials is None:
            # Earlier versions did not write down which credentials were shown; their titles and times say enough.
            title = f"{type_label(credential.type).en}: "
            shown = credential.saved_at <= each.at and any(label.startswith(title) for label in each.shown)
        else:
            shown = credential.reference in each.credentials
        if shown and each.slot in credential.copies:
            seen.setdefault(each.slot, each.verifier_did)
    return seen


def _moment(claims: JsonObject, *names_of: str) -> datetime | None:
    """A time of a W3C credential, under its 1.1 or its 2.0 name."""
    for name in names_of:
        text = claims.get(name)
        if isinstance(text, str):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError as error:
                raise Malformed(f"expected {name} to be a time") from error
            return moment if moment.tzinfo is not None else None
    return None
