"""The one gate before anybody is asked or told anything (threats T03, T04, T13).

Every way into the wallet (a link followed, pasted, read from a file or chosen from a menu) ends in the same two
calls, ``issuers`` and ``verifiers_at``; nothing is fetched from a host, and no transaction code is asked for, before they
have answered. The ledger decides; while it cannot be reached, what it said within a day does, and the person is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from holder.directory import Directory, Participant
from holder.ports import DirectoryReader
from holder.storage.kept_directory import read_directory, write_directory
from holder.storage.records import DirectorySeen
from holder.storage.wallet_store import WalletStore
from outbound import Origin, parse_url
from passport.clock import Clock
from passport.errors import Reason, Rejected, Unavailable
from passport.identifiers import DidEthr
from passport.registry import Role

OFFLINE_FOR: Final = timedelta(hours=24)
_KEEP_EVERY: Final = timedelta(hours=1)
_ONE_LOOK: Final = timedelta(seconds=1)
"""Questions of one operation are answered from one look at the ledger."""
_ONE_TRY: Final = timedelta(seconds=10)
"""And a ledger that hangs is not waited for again by each of them."""


@dataclass(frozen=True, slots=True)
class Accredited:
    """Somebody whom the ledger vouches for, and as of when."""

    participant: Participant
    checked_at: datetime
    offline: bool
    """The ledger could not be reached: this is what it said at ``checked_at``."""


@dataclass(frozen=True, slots=True)
class LedgerLook:
    """What the wallet's last operation knew of the ledger: as of when, and whether from its own copy."""

    checked_at: datetime
    offline: bool
    """The ledger could not be reached: the wallet's copy of what it said at ``checked_at`` was used."""


class TrustGate:
    """Asks the ledger's directory, and remembers it."""

    def __init__(
        self, reader: DirectoryReader, store: WalletStore, clock: Clock, roots: Sequence[bytes]
    ) -> None:
        """``roots`` are the DER certificates that this wallet was shipped with; the ledger must trust them, too."""
        self._reader = reader
        self._store = store
        self._clock = clock
        self._roots = {hashlib.sha256(root).digest(): root for root in roots}
        self._latest: tuple[datetime, Directory, bool] | None = None
        self.relied_on: LedgerLook | None = None
        """What was looked at since ``begin``; once it was the wallet's copy, that stays said."""

    def begin(self) -> None:
        """A new operation, of which nothing was looked at yet."""
        self.relied_on = None

    def issuers(self, credential_issuer: str) -> tuple[Accredited, ...]:
        """The banks that may be behind a Credential Issuer Identifier: one, unless another names its place, too.

        Raises:
            Malformed: it is not a URL that everybody reads alike.
            Rejected: ISSUER_NOT_ACCREDITED, ISSUER_SUSPENDED. Unavailable: the ledger is out of reach for too long.
        """
        origin = parse_url(credential_issuer).origin
        return self._look_all(lambda directory, now: directory.issuers_at(origin, now))

    def verifier(self, did: DidEthr) -> Accredited:
        """The verifier behind a DID that a certificate names.

        Raises:
            Rejected: VERIFIER_NOT_ACCREDITED. Unavailable: the ledger is out of reach for too long.
        """

        def find(directory: Directory, now: datetime) -> Participant:
            found = directory.participant(did)
            if found is None or not found.grants_now(Role.VERIFIER, now):
                raise Rejected(
                    Reason.VERIFIER_NOT_ACCREDITED,
                    "whoever asks is not accredited on the ledger as a verifier",
                )
            return found

        return self._look(find)

    def verifiers_at(self, request_uri: str) -> tuple[Accredited, ...]:
        """The verifiers that may be behind the host of a request, before anything is fetched from it.

        Raises:
            Malformed: it is not a URL that everybody reads alike.
            Rejected: VERIFIER_NOT_ACCREDITED. Unavailable: the ledger is out of reach for too long.
        """
        origin = parse_url(request_uri).origin
        return self._look_all(lambda directory, now: directory.verifiers_at(origin, now))

    def roots(self) -> list[bytes]:
        """The root certificates that both this wallet and the ledger trust.

        Raises:
            Unavailable: the ledger is out of reach for too long.
        """
        directory, _ = self._directory()
        return [root for digest, root in self._roots.items() if digest in directory.roots]

    def _look(self, find: Callable[[Directory, datetime], Participant]) -> Accredited:
        (found,) = self._look_all(lambda directory, now: (find(directory, now),))
        return found

    def _look_all(
        self, find: Callable[[Directory, datetime], tuple[Participant, ...]]
    ) -> tuple[Accredited, ...]:
        directory, offline = self._directory()
        return tuple(
            Accredited(each, directory.as_of, offline) for each in find(directory, self._clock.now())
        )

    def _directory(self) -> tuple[Directory, bool]:
        directory, offline = self._looked_up()
        if self.relied_on is None or not self.relied_on.offline:
            self.relied_on = LedgerLook(directory.as_of, offline)
        return directory, offline

    def _looked_up(self) -> tuple[Directory, bool]:
        now, kept = self._clock.now(), self._store.state.directory
        if self._latest is not None:
            at, latest, offline = self._latest
            if timedelta(0) <= now - at < (_ONE_TRY if offline else _ONE_LOOK):
                return latest, offline
        try:
            directory = self._reader.read()
        except Unavailable:
            if kept is None or now - kept.at > OFFLINE_FOR:
                raise
            self._latest = self._clock.now(), read_directory(kept.directory), True
            return self._latest[1], True
        self._latest = self._clock.now(), directory, False
        if (
            kept is None
            or now - kept.at > _KEEP_EVERY
            or not directory.says_the_same_as(read_directory(kept.directory))
        ):
            self._store.save(DirectorySeen(at=now, directory=write_directory(directory)))
        return directory, False


def require_same_origin(url: str, origin: Origin, what: str) -> None:
    """A URL that somebody published must stay at that somebody's origin.

    Raises:
        Malformed: it cannot be read. Rejected: DESTINATION_NOT_ALLOWED, it leads elsewhere.
    """
    if parse_url(url).origin != origin:
        raise Rejected(Reason.DESTINATION_NOT_ALLOWED, f"expected the {what} to be at {origin}")
