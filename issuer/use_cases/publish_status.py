"""Publish a status list: write the version, tell the ledger, then serve it, then say so (design section 5, Status).

With the ledger down, what takes away is served at once and published when it is back; what restores waits. So the list
that is served is never more lenient than the ledger's. A version is durable before the ledger hears of it, so that a
kill between the two (threats.md F05) ends in the same version and not in another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from issuer.copy_writing import IssuerIdentity
from issuer.ports import StatusLedger
from issuer.storage.journal import LIST_SIZE
from issuer.storage.status_versions import Entries, StatusStore, StatusVersion
from passport.clock import Clock
from passport.errors import Reason, Rejected, Unavailable
from passport.status import StatusList, StatusValue, commitment, list_id_of, sign_status_list
from service import faults
from service.logs import log_event

logger = logging.getLogger(__name__)

Turn = Callable[[], AbstractContextManager[None]]

BITS: Final = 2
TOKEN_LIFETIME: Final = timedelta(hours=24)
STRANGERS_KEEP: Final = timedelta(seconds=300)
FRESH_FOR: Final = timedelta(days=7) - timedelta(minutes=5)
_SEVERITY: Final[Mapping[StatusValue, int]] = {
    StatusValue.VALID: 0,
    StatusValue.SUSPENDED: 1,
    StatusValue.REVOKED: 2,
}


@dataclass(frozen=True, slots=True)
class PublishedList:
    """Which list this is, and how large."""

    number: int
    size: int = LIST_SIZE


class PublishStatus:
    """The use case, for one list; calls wait for one another."""

    def __init__(
        self,
        *,
        store: StatusStore,
        ledger: StatusLedger,
        identity: IssuerIdentity,
        clock: Clock,
        published: PublishedList,
        turn: Turn,
    ) -> None:
        """``turn`` lets one publish at a time, among all that share the record."""
        self._store = store
        self._ledger = ledger
        self._identity = identity
        self._clock = clock
        self._list = published
        self._uri = identity.status_uri(published.number)
        self._turn = turn

    def publish(self) -> None:
        """Bring the list that is served to what the record says, as far as the ledger's state allows.

        When this returns, everything that the record takes away is served.
        """
        with self._turn():
            self._bring_up_to_date(renew=False)

    def tend(self) -> None:
        """What a clock asks for: finish what waited for the ledger, renew signature and freshness at half-life."""
        with self._turn():
            now = self._clock.now()
            latest = self._store.latest(self._list.number)
            self._bring_up_to_date(renew=latest is not None and latest.fresh_until - now < FRESH_FOR / 2)
            served = self._store.served(self._list.number)
            if served is not None and now - served.signed_at > TOKEN_LIFETIME / 2:
                self._serve(served, now)

    def token(self, list_number: int) -> str | None:
        """The Status List Token to serve, or None for another list."""
        served = self._store.served(list_number)
        return None if served is None else served.token

    def check(self) -> None:
        """For readiness: there is a list to serve, and the ledger has it.

        Raises:
            Unavailable: not yet.
        """
        latest = self._store.latest(self._list.number)
        if latest is None or not latest.published or not latest.token:
            raise Unavailable(
                Reason.LEDGER_UNAVAILABLE, "expected a status list that is served and that the ledger has"
            )

    def _bring_up_to_date(self, *, renew: bool) -> None:
        now = self._clock.now()
        number = self._list.number
        # 1. Versions that wait for the ledger, in their order.
        reached = all(self._tell_ledger(one) for one in self._store.unpublished(number))
        latest = self._store.latest(number)
        served = self._store.served(number)
        if reached and latest is not None and (served is None or served.version < latest.version):
            self._serve(latest, now)
            served = latest
        # 2. A new version, if the record says something else by now.
        target = self._store.target(number, now)
        is_served = latest is not None and served is not None and served.version == latest.version
        if is_served and latest is not None and target == latest.entries and not (renew and reached):
            return
        version = latest.version + 1 if latest is not None else 1
        if reached:
            new = self._store.add(number, version, target, now + FRESH_FOR)
            if self._tell_ledger(new):
                self._serve(new, now)
                return
            latest = new
        # 3. The ledger is down: serve what takes away, and nothing that restores.
        before = served.entries if served is not None else {}
        stricter = _stricter(before, target)
        if stricter == before and served is not None:
            return
        if latest is None or stricter != latest.entries:
            next_version = latest.version + 1 if latest is not None else 1
            latest = self._store.add(number, next_version, stricter, now + FRESH_FOR)
        self._serve(latest, now)

    def _tell_ledger(self, one: StatusVersion) -> bool:
        """Whether the ledger has the version now."""
        content = commitment(self._uri, BITS, one.version, self._statuses(one.entries).raw)
        fresh_until = self._clock.now() + FRESH_FOR
        try:
            record = self._ledger.publish_status(list_id_of(self._uri), content, one.version, fresh_until)
        except (Unavailable, Rejected) as error:
            log_event(
                logger, "status_not_published", level=logging.WARNING, failure=error, version=one.version
            )
            return False
        faults.hit("status.mid_publish")
        self._store.mark_published(one, record.fresh_until)
        return True

    def _serve(self, one: StatusVersion, now: datetime) -> None:
        token = sign_status_list(
            self._statuses(one.entries),
            uri=self._uri,
            version=one.version,
            issued_at=now,
            expires_at=now + TOKEN_LIFETIME,
            signer=self._identity.signer,
            lifetime=STRANGERS_KEEP,
            header=self._identity.header,
        )
        self._store.serve(one, token, now)
        log_event(logger, "status_served", level=logging.INFO, version=one.version, count=len(one.entries))

    def _statuses(self, entries: Entries) -> StatusList:
        return StatusList.empty(self._list.size, BITS).changed(entries)


def _stricter(first: Entries, second: Entries) -> Entries:
    """Per entry the more severe of the two."""
    merged = dict(first)
    for index, status in second.items():
        if _SEVERITY[status] > _SEVERITY[merged.get(index, StatusValue.VALID)]:
            merged[index] = status
    return merged
