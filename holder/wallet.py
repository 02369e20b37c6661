"""The wallet's front door: everything a screen or a command may ask of it, and nothing else.

Every method may be called from any thread, one at a time. Errors are ``PassportError``s whose messages are for
people; none of them loses anything that was acknowledged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from holder.consent import Asked, ConsentView
from holder.credentials import HeldCredential, Outcome, Presentation
from holder.ports import Clock, Entropy, Pause, Web
from holder.receipts import read_receipt
from holder.storage.records import PhraseConfirmed, RequestDeclined
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import LedgerLook, TrustGate
from holder.use_cases.accept_offer import AcceptOffer
from holder.use_cases.check_status import CheckStatus, CredentialStatus
from holder.use_cases.decline_request import DeclineRequest
from holder.use_cases.list_credentials import CredentialSummary, summarise
from holder.use_cases.present_credentials import PresentCredentials, Shown
from holder.use_cases.read_offer import OfferView, read_offer
from holder.use_cases.review_request import ReviewRequest, hash_of
from passport.errors import Reason, Rejected
from passport.identifiers import Country
from passport.strict_json import JsonObject


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """Something that was shown, and what its receipt says."""

    presentation: Presentation
    receipt: JsonObject


class Wallet:
    """An open wallet; close it, or use it as a context. ``wiring`` makes one."""

    def __init__(
        self,
        *,
        store: WalletStore,
        gate: TrustGate,
        web: Web,
        clock: Clock,
        entropy: Entropy,
        pause: Pause,
        restricted: frozenset[Country] = frozenset(),
        release: Callable[[], None] = lambda: None,
    ) -> None:
        """``restricted`` are countries that personal data may not go to; ``release`` is called at the end."""
        self._store = store
        self._gate = gate
        self._web = web
        self._clock = clock
        self._release = release
        self._accept = AcceptOffer(gate=gate, store=store, web=web, clock=clock, entropy=entropy, pause=pause)
        self._review = ReviewRequest(
            gate=gate, store=store, web=web, clock=clock, entropy=entropy, restricted=restricted
        )
        self._decline = DeclineRequest(gate=gate, store=store, web=web, clock=clock, pause=pause)
        self._check_status = CheckStatus(gate=gate, store=store, web=web, clock=clock)
        self._present = PresentCredentials(
            gate=gate, store=store, web=web, clock=clock, entropy=entropy, pause=pause
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person must be told about the wallet file: repaired damage, or an older copy in its place."""
        return self._store.notices

    @property
    def ledger(self) -> LedgerLook | None:
        """What the last operation knew of the ledger; nothing if it did not look."""
        return self._gate.relied_on

    @property
    def unconfirmed_phrase(self) -> str | None:
        """The recovery phrase, until its owner has shown that it is written down; None from then on."""
        return self._store.state.phrase

    def confirm_phrase(self) -> None:
        """The recovery phrase is on paper: it is not shown again.

        Raises:
            NotSaved: it can still be shown.
        """
        if self._store.state.phrase is not None:
            self._store.save(PhraseConfirmed(at=self._clock.now()))

    def list(self) -> tuple[CredentialSummary, ...]:
        """Every credential, newest first."""
        return tuple(self._summarise(each) for each in reversed(self._store.state.credentials.values()))

    def _summarise(self, credential: HeldCredential) -> CredentialSummary:
        state = self._store.state
        return summarise(credential, state.slot_owners, state.presentations.values(), self._clock.now())

    def export(self, reference: str) -> tuple[str, ...]:
        """The signed texts of a credential's copies, slot by slot: its owner may take them elsewhere.

        Raises:
            Rejected: NOT_FOUND.
        """
        held = self._store.state.credentials.get(reference)
        if held is None:
            raise Rejected(Reason.NOT_FOUND, "expected a credential of this wallet")
        return tuple(text for _, text in sorted(held.copies.items()))

    def check_status(self) -> Mapping[str, CredentialStatus]:
        """Whether the banks have paused any credential, by reference; asks the banks, so never while presenting."""
        self._gate.begin()
        return self._check_status()

    def read_offer(self, link: str) -> OfferView:
        """Who offers what, and whether a transaction code is needed; the bank is accredited, or this raises.

        Raises:
            Malformed, Rejected, Unavailable: see ``use_cases.read_offer``.
        """
        return read_offer(link, gate=self._gate, web=self._web, clock=self._clock, named=True)

    def accept(self, link: str, transaction_code: str | None = None) -> tuple[CredentialSummary, ...]:
        """Accept an offer, or go on with one that was interrupted; the credentials are saved.

        Raises:
            Malformed, Rejected, Unavailable: see ``use_cases.accept_offer``.
        """
        self._gate.begin()
        return tuple(self._summarise(each) for each in self._accept(link, transaction_code))

    def review(self, link: str) -> ConsentView:
        """The question that a request puts to the person; nothing is sent.

        Raises:
            Malformed, Rejected, Unavailable: see ``use_cases.review_request``; NOTHING_TO_SHOW when the wallet
                cannot answer, and then nobody hears of it.
        """
        return self._review(link)

    def present(self, view: ConsentView, *, allow_reuse: bool = False) -> Shown:
        """Disclose what ``view`` says: calling this is the person's consent, recorded in a signed receipt.

        Raises:
            Rejected, Unavailable, NotSaved: see ``use_cases.present_credentials``.
        """
        return self._present(view, allow_reuse=allow_reuse)

    def decline(self, asked: ConsentView | Asked) -> None:
        """Tell whoever asks that the answer is no, and nothing else: calling this is the person's word to tell.

        Raises:
            Rejected, Unavailable, NotSaved: see ``use_cases.decline_request``.
        """
        self._decline(asked.asked if isinstance(asked, ConsentView) else asked)

    def declined(self) -> tuple[RequestDeclined, ...]:
        """Every verifier that was told no, newest first."""
        return tuple(reversed(self._store.state.declined))

    def pending(self, link: str) -> Presentation | None:
        """An answer to this very request that was sent without learning whether it arrived."""
        request_hash = hash_of(link)
        return next(
            (
                each
                for each in reversed(self._store.state.presentations.values())
                if each.request_hash == request_hash and each.outcome is not Outcome.REFUSED
            ),
            None,
        )

    def resend(self, presentation: Presentation) -> Shown:
        """Send a pending answer again, the same bytes; it was consented to then.

        Raises:
            Rejected, Unavailable, NotSaved: see ``use_cases.present_credentials``.
        """
        self._gate.begin()
        return self._present.resend(presentation)

    def history(self) -> tuple[HistoryLine, ...]:
        """Everything that was shown to anybody, newest first, each with its verified receipt."""
        key = self._store.seed.receipt_key().public_jwk
        return tuple(
            HistoryLine(each, read_receipt(each.receipt, key))
            for each in reversed(self._store.state.presentations.values())
        )

    def change_passphrase(self, passphrase: str) -> None:
        """Another passphrase for the same wallet.

        Raises:
            NotSaved: the old one still holds.
        """
        self._store.change_passphrase(passphrase)

    def close(self) -> None:
        """Close and unlock the file."""
        self._store.close()
        self._release()
