"""A wallet's front door in memory, for screens: it holds what a test says, and can refuse, wait and fail."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import cast

from holder import (
    Asked,
    ConsentView,
    CopySummary,
    CredentialStatus,
    CredentialSummary,
    HistoryLine,
    LedgerLook,
    OfferView,
    Outcome,
    Presentation,
    RequestDeclined,
    Reuse,
    Shown,
    ShownClaim,
    ShownCredential,
)
from holder.consent import PresentationPlan
from holder.directory import Participant
from holder.labels import claim_label, type_label, value_text, words
from holder.receipts import read_receipt
from holder.trust_gate import Accredited
from passport.errors import PassportError
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS, Address, DidEthr
from passport.jose import PublicJwk
from passport.openid4vci import CredentialOffer, Grants, PreAuthorizedGrant, TransactionCodeRule
from passport.registry import Grant, Role, schema_id

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)
BANK_A = DidEthr(31337, Address("0x" + "a1" * 20))
BANK_X = "did:ethr:0x7a69:0x" + "b2" * 20
BANK_A_URL = "https://bank-a.example"
OFFER = "openid-credential-offer://?credential_offer=x"
REQUEST = "openid4vp://?request_uri=x"
PHRASE = " ".join(f"word{number}" for number in range(1, 25))
PASSPHRASE = "correct horse"
CODE = "493536"


def credential(reference: str = "funds", *, shown_to: str | None = None) -> CredentialSummary:
    """A proof of funds with five copies, the first of them shown to ``shown_to``."""
    return CredentialSummary(
        reference=reference,
        format="dc+sd-jwt",
        type=str(PROOF_OF_FUNDS),
        title=type_label(str(PROOF_OF_FUNDS)),
        issuer_url=BANK_A_URL,
        issuer_did=str(BANK_A),
        saved_at=NOW,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=90),
        expired=False,
        signature_checked=True,
        copies=tuple(CopySummary(slot, shown_to if slot == 0 else None, "00" * 32) for slot in range(5)),
        claims={
            "as_of": "2026-05-31T16:00:00Z",
            "holder": {"name_latin": "LIN MEI-LING"},
            "totals": {"by_currency": [{"amount_minor": 250_000_000, "currency": "TWD"}]},
            "thresholds": {"total": {"usd_50000": True}},
        },
    )


def offer_view(**changes: object) -> OfferView:
    """What the ledger says about bank A and its offer."""
    grants = tuple(
        Grant(
            number=number,
            participant=BANK_A.address,
            role=Role.ISSUER,
            schema=schema_id(vct),
            valid_from=NOW - timedelta(days=1),
            valid_until=NOW + timedelta(days=365),
            evidence_hash=bytes(32),
        )
        for number, vct in enumerate((PROOF_OF_FUNDS, PASSPORT_IDENTITY))
    )
    view = OfferView(
        issuer_url=BANK_A_URL,
        issuer_did=str(BANK_A),
        issuer_name=words("Blue Magpie Commercial Bank", "藍鵲商業銀行"),
        offered=("proof-of-funds", "identity"),
        code_needed=True,
        code_length=6,
        code_is_numeric=True,
        accredited=Accredited(
            Participant(BANK_A, grants, (), {"OpenID4VCI": BANK_A_URL}), NOW, offline=False
        ),
        offer=CredentialOffer(
            credential_issuer=BANK_A_URL,
            credential_configuration_ids=("proof-of-funds", "identity"),
            grants=Grants(
                pre_authorized=PreAuthorizedGrant(
                    pre_authorized_code="code", tx_code=TransactionCodeRule(length=6)
                )
            ),
        ),
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def consent_view(**changes: object) -> ConsentView:
    """Bank X's question."""
    vct = str(PROOF_OF_FUNDS)
    place = ("thresholds", "total", "usd_50000")
    view = ConsentView(
        verifier_name=words("Bank X", "X 銀行"),
        verifier_did=BANK_X,
        verifier_lei="5493001KJTIIGC8Y1R12",
        verifier_contact="privacy@bank-x.example",
        country="SG",
        purpose=words("To decide on your application for an account.", "審核您的開戶申請。"),
        categories=(words("Financial standing (C081)", "收入、所得、資產與投資"),),
        retention=words("Five years from the decision.", "自決定日起五年。"),
        retention_days=1825,
        recipients=words("The bank itself, in Singapore.", "僅限位於新加坡的本行。"),
        rights=words("You may ask to see, correct or delete it.", "您得請求查詢、更正或刪除。"),
        if_refused=words("Without this no account can be opened.", "若不提供，將無法開戶。"),
        asks_hub=True,
        answers_to="https://bank-x.example",
        credentials=(
            ShownCredential(
                query_id="funds",
                reference="funds",
                title=type_label(vct),
                issuer_url=BANK_A_URL,
                shown=(ShownClaim(claim_label(vct, place), value_text(value=True), place),),
                hidden=(claim_label(vct, ("totals",)), claim_label(vct, ("accounts",))),
                always_visible=(words("Which bank issued it", "由哪一家銀行核發"),),
            ),
        ),
        seen_before=False,
        reuse=None,
        checked_at=NOW,
        offline=False,
        expires_at=NOW + timedelta(minutes=10),
        plan=cast("PresentationPlan", None),
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def reuse() -> Reuse:
    """Another bank has seen the copy."""
    return Reuse("did:ethr:0x7a69:0x" + "c3" * 20, "Broker Y")


def presentation(outcome: Outcome = Outcome.DELIVERED) -> Presentation:
    """Something shown to bank X."""
    return Presentation(
        reference="one",
        at=NOW,
        request_hash="hash",
        verifier_did=BANK_X,
        verifier_name="Bank X",
        response_uri="https://bank-x.example/answer",
        slot=0,
        shown=("Proof of funds: you hold at least USD 50,000",),
        reused=False,
        body="body",
        receipt="signed",
        outcome=outcome,
    )


def line_with(receipt: str, key: PublicJwk) -> HistoryLine:
    """A presentation with what a signed receipt says."""
    return HistoryLine(presentation(), read_receipt(receipt, key))


def history_line(outcome: Outcome = Outcome.DELIVERED) -> HistoryLine:
    """The same with a receipt of an earlier version, which holds most words in English only."""
    view = consent_view()
    return HistoryLine(
        presentation(outcome),
        {
            "iat": int(NOW.timestamp()),
            "country": view.country,
            "purpose": {"en": view.purpose.en, "zh-TW": view.purpose.zh_tw},
            "retention": view.retention.en,
            "recipients": view.recipients.en,
            "rights": view.rights.en,
            "credentials": [{"hidden": ["your totals", "your accounts"]}],
            "answer_sha256": "ab" * 32,
        },
    )


def refusal(asked: ConsentView | Asked) -> RequestDeclined:
    """A verifier was told no."""
    return RequestDeclined(
        at=NOW,
        request_hash="hash",
        verifier_did=asked.verifier_did,
        verifier_name=asked.verifier_name,
        purpose=asked.purpose,
        outcome="delivered",
    )


@dataclass
class SimulatedWallet:
    """An open wallet. ``fails`` is raised by the method of that name."""

    held: list[CredentialSummary] = field(default_factory=list)
    past: list[HistoryLine] = field(default_factory=list)
    notices: tuple[str, ...] = ()
    ledger: LedgerLook | None = None
    offer: OfferView = field(default_factory=offer_view)
    question: ConsentView = field(default_factory=consent_view)
    sent_before: Presentation | None = None
    fails: dict[str, PassportError] = field(default_factory=dict)
    redirect_uri: str | None = None
    statuses: Mapping[str, CredentialStatus] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    closed: bool = False
    unconfirmed_phrase: str | None = None
    refusals: list[RequestDeclined] = field(default_factory=list)
    _inside: threading.Lock = field(default_factory=threading.Lock)

    def _enter(self, *call: object) -> None:
        # The real one may be called from any thread, one at a time.
        assert self._inside.acquire(blocking=False), "two threads inside the wallet at once"
        try:
            self.calls.append(call)
            error = self.fails.get(str(call[0]))
            if error is not None:
                raise error
        finally:
            self._inside.release()

    def asked(self, name: str) -> list[tuple[object, ...]]:
        """The calls of one method."""
        return [call for call in self.calls if call[0] == name]

    def list(self) -> tuple[CredentialSummary, ...]:
        self._enter("list")
        return tuple(self.held)

    def history(self) -> tuple[HistoryLine, ...]:
        self._enter("history")
        return tuple(self.past)

    def declined(self) -> tuple[RequestDeclined, ...]:
        self._enter("declined")
        return tuple(self.refusals)

    def confirm_phrase(self) -> None:
        self._enter("confirm_phrase")
        self.unconfirmed_phrase = None

    def decline(self, asked: ConsentView | Asked, /) -> None:
        self._enter("decline", asked)
        self.refusals.insert(0, refusal(asked))

    def close(self) -> None:
        self._enter("close")
        self.closed = True

    def check_status(self) -> Mapping[str, CredentialStatus]:
        self._enter("check_status")
        return self.statuses

    def read_offer(self, link: str, /) -> OfferView:
        self._enter("read_offer", link)
        return self.offer

    def accept(self, link: str, transaction_code: str | None, /) -> tuple[CredentialSummary, ...]:
        self._enter("accept", link, transaction_code)
        self.held.insert(0, credential())
        return (self.held[0],)

    def review(self, link: str, /) -> ConsentView:
        self._enter("review", link)
        return self.question

    def present(self, view: ConsentView, /, *, allow_reuse: bool) -> Shown:
        self._enter("present", view, allow_reuse)
        self.past.insert(0, history_line())
        return Shown(presentation(), self.redirect_uri)

    def pending(self, link: str, /) -> Presentation | None:
        self._enter("pending", link)
        return self.sent_before

    def resend(self, sent: Presentation, /) -> Shown:
        self._enter("resend", sent)
        return Shown(sent, None)


@dataclass
class SimulatedDoor:
    """A wallet file that opens with one passphrase."""

    wallet: SimulatedWallet = field(default_factory=SimulatedWallet)
    there: bool = True
    passphrase: str = PASSPHRASE
    fails: PassportError | None = None
    tried: list[str] = field(default_factory=list)

    def exists(self) -> bool:
        return self.there

    def create(self, passphrase: str, /) -> str:
        self.there, self.passphrase = True, passphrase
        self.wallet.unconfirmed_phrase = PHRASE
        return PHRASE

    def open(self, passphrase: str, /) -> SimulatedWallet:
        self.tried.append(passphrase)
        if self.fails is not None:
            raise self.fails
        assert passphrase == self.passphrase
        return self.wallet
