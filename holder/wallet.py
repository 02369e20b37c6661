"""The wallet's front door: everything a screen or a command may ask of it, and nothing else.

Every method may be called from any thread, one at a time. Errors are ``PassportError``s whose messages are for
people; none of them loses anything that was acknowledged.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from holder.ports import Clock, Entropy, Pause, Web
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.use_cases.accept_offer import AcceptOffer
from holder.use_cases.list_credentials import CredentialSummary, summarise
from holder.use_cases.read_offer import OfferView, read_offer


class Wallet:
    """An open wallet; close it, or use it as a context. ``wiring`` makes one."""

    def __init__(
        self, *, store: WalletStore, gate: TrustGate, web: Web, clock: Clock, entropy: Entropy, pause: Pause
    ) -> None:
        self._store = store
        self._gate = gate
        self._web = web
        self._clock = clock
        self._accept = AcceptOffer(gate=gate, store=store, web=web, clock=clock, entropy=entropy, pause=pause)

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

    def list(self) -> tuple[CredentialSummary, ...]:
        """Every credential, newest first."""
        state, now = self._store.state, self._clock.now()
        return tuple(
            summarise(credential, state.slot_owners, now)
            for credential in reversed(state.credentials.values())
        )

    def read_offer(self, link: str) -> OfferView:
        """Who offers what, and whether a transaction code is needed; the bank is accredited, or this raises.

        Raises:
            Malformed, Rejected, Unavailable: see ``use_cases.read_offer``.
        """
        return read_offer(link, gate=self._gate, web=self._web)

    def accept(self, link: str, transaction_code: str | None = None) -> tuple[CredentialSummary, ...]:
        """Accept an offer, or go on with one that was interrupted; the credentials are saved.

        Raises:
            Malformed, Rejected, Unavailable: see ``use_cases.accept_offer``.
        """
        saved = self._accept(link, transaction_code)
        owners, now = self._store.state.slot_owners, self._clock.now()
        return tuple(summarise(credential, owners, now) for credential in saved)

    def change_passphrase(self, passphrase: str) -> None:
        """Another passphrase for the same wallet.

        Raises:
            NotSaved: the old one still holds.
        """
        self._store.change_passphrase(passphrase)

    def close(self) -> None:
        """Close and unlock the file."""
        self._store.close()
