"""The ledger as an issuer sees it, in memory: it can be down, forget to answer, and withdraw a grant."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from passport.errors import Reason, Rejected, Unavailable
from passport.identifiers import Address
from passport.registry import AnchorRecord, BlockRef, Grant, Role, StatusRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class SimulatedLedger:
    """One issuer's contracts."""

    issuer: Address
    granted: bool = True
    down: bool = False
    lose_answers: int = 0
    grant_number: int = 7
    anchors: list[AnchorRecord] = field(default_factory=list)
    statuses: list[StatusRecord] = field(default_factory=list)
    announced: dict[str, bytes] = field(default_factory=dict)
    calls: int = 0
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

    def check(self) -> None:
        if self.down:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger does not answer")

    def grant(self, schema: bytes, at: datetime) -> Grant | None:
        self._reach()
        if not self.granted:
            return None
        return Grant(
            self.grant_number, self.issuer, Role.ISSUER, schema, START, at + timedelta(days=1), bytes(32)
        )

    def anchor(self, schema: bytes, grant_number: int, root: bytes, size: int) -> AnchorRecord:
        self._reach()
        if grant_number != self.grant_number or not self.granted:
            raise Rejected(Reason.CONFLICT, "no such grant")
        with self.one_at_a_time:
            for one in self.anchors:
                if (one.schema, one.grant_number, one.root, one.size) == (schema, grant_number, root, size):
                    return one
            record = AnchorRecord(self.issuer, schema, grant_number, root, size, self._block())
            self.anchors.append(record)
        self._lose()
        return record

    def publish_status(
        self, list_id: bytes, commitment: bytes, version: int, fresh_until: datetime
    ) -> StatusRecord:
        self._reach()
        before = [one for one in self.statuses if one.list_id == list_id]
        newest = before[-1] if before else None
        if newest is not None and (newest.version, newest.commitment) == (version, commitment):
            return newest
        if version != (newest.version if newest else 0) + 1:
            raise Rejected(Reason.CONFLICT, "the version is not the next")
        record = StatusRecord(self.issuer, list_id, commitment, version, fresh_until, self._block())
        self.statuses.append(record)
        self._lose()
        return record

    def announce(self, name: str, value: bytes) -> None:
        if self.down:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger does not answer")
        self.announced[name] = value

    def _reach(self) -> None:
        self.calls += 1
        if self.down:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the ledger does not answer")

    def _lose(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "the answer was lost")

    def _block(self) -> BlockRef:
        return BlockRef(self.calls, hashlib.sha256(str(self.calls).encode()).digest(), START)
