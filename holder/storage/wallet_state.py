"""What follows from a wallet's records: read them in order, and this is what the wallet holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from holder.credentials import HeldCredential, Issuance, Outcome, Presentation
from holder.recovery import HolderSeed
from holder.storage.records import (
    Created,
    CredentialSaved,
    Deferred,
    DirectorySeen,
    IssuanceEnded,
    IssuanceStarted,
    PhraseConfirmed,
    PresentationPrepared,
    PresentationSettled,
    Record,
    RequestDeclined,
    RequestPrepared,
    TokenReceived,
)
from passport.errors import Malformed
from passport.jose import b64u_decode


@dataclass(slots=True)
class WalletState:
    """The sum of the records so far."""

    seed: HolderSeed
    first_key: int
    credentials: dict[str, HeldCredential] = field(default_factory=dict)
    issuances: dict[str, Issuance] = field(default_factory=dict)
    presentations: dict[str, Presentation] = field(default_factory=dict)
    declined: list[RequestDeclined] = field(default_factory=list)
    slot_owners: dict[int, str] = field(default_factory=dict)
    """The verifier (its DID) that saw a slot first."""
    directory: DirectorySeen | None = None
    phrase: str | None = field(default=None, repr=False)
    """The recovery phrase until its owner has confirmed it; wallets of earlier versions never kept it."""

    @classmethod
    def replay(cls, records: Iterable[Record]) -> WalletState:
        """The state after these records.

        Raises:
            Malformed: the first record is not the wallet's creation, or a record refers to nothing.
        """
        remaining = iter(records)
        first = next(remaining, None)
        if not isinstance(first, Created):
            raise Malformed("expected the wallet file to begin with its creation")
        state = cls(HolderSeed(b64u_decode(first.seed_b64u)), first.first_key, phrase=first.phrase)
        for record in remaining:
            state.apply(record)
        return state

    def apply(self, record: Record) -> None:
        """Add one record.

        Raises:
            Malformed: it refers to something that is not there.
        """
        try:
            self._apply(record)
        except KeyError as error:
            raise Malformed(
                f"a {record.kind} record refers to something that is not in the wallet"
            ) from error

    def _apply(self, record: Record) -> None:
        match record:
            case Created():
                raise Malformed("expected a wallet to be created once")
            case PhraseConfirmed():
                self.phrase = None
            case IssuanceStarted() | TokenReceived() | RequestPrepared() | Deferred() | IssuanceEnded():
                self._apply_issuance(record)
            case CredentialSaved():
                self._save(record)
            case PresentationPrepared():
                self._prepare(record)
            case PresentationSettled():
                self.presentations[record.presentation] = replace(
                    self.presentations[record.presentation],
                    outcome=Outcome(record.outcome),
                    redirect_uri=record.redirect_uri,
                )
            case RequestDeclined():
                self.declined.append(record)
            case DirectorySeen():
                self.directory = record

    def _apply_issuance(
        self, record: IssuanceStarted | TokenReceived | RequestPrepared | Deferred | IssuanceEnded
    ) -> None:
        if isinstance(record, IssuanceStarted):
            self.issuances[record.issuance] = Issuance(
                record.issuance,
                record.issuer,
                record.issuer_did,
                record.offer,
                record.transaction_code,
                record.slots,
            )
            return
        before = self.issuances[record.issuance]
        match record:
            case TokenReceived():
                after = replace(
                    before,
                    access_token=record.access_token,
                    dpop_bound=record.token_type.lower() == "dpop",
                    identifiers=record.identifiers,
                )
            case RequestPrepared():
                after = replace(before, requests={**before.requests, record.configuration: record.body})
            case Deferred():
                after = replace(
                    before, deferred={**before.deferred, record.configuration: record.transaction_id}
                )
            case IssuanceEnded():
                after = replace(before, ended=True)
        self.issuances[record.issuance] = after

    def _save(self, record: CredentialSaved) -> None:
        before = self.issuances[record.issuance]
        self.credentials[record.credential] = HeldCredential(
            reference=record.credential,
            configuration=record.configuration,
            format=record.format,
            type=record.type,
            issuer=before.issuer,
            issuer_did=before.issuer_did,
            saved_at=record.at,
            copies={copy.slot: copy.text for copy in record.copies},
            issuer_name=record.issuer_name,
        )
        news = () if record.notification is None else (record.notification,)
        self.issuances[record.issuance] = replace(
            before,
            saved={**before.saved, record.configuration: record.credential},
            notifications=before.notifications + news,
        )

    def _prepare(self, record: PresentationPrepared) -> None:
        self.presentations[record.presentation] = Presentation(
            reference=record.presentation,
            at=record.at,
            request_hash=record.request_hash,
            verifier_did=record.verifier_did,
            verifier_name=record.verifier_name,
            response_uri=record.response_uri,
            slot=record.slot,
            shown=record.shown,
            reused=record.reused,
            body=record.body,
            receipt=record.receipt,
            credentials=record.credentials,
        )
        self.slot_owners.setdefault(record.slot, record.verifier_did)
