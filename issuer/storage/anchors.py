"""The anchors' outbox and the sealed batches; each method is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from issuer.offer import Configuration
from issuer.storage.tables import BatchRow, LeafRow
from passport.clock import to_epoch
from passport.registry import AnchorRecord
from service.database import Database


class BatchState(StrEnum):
    """A batch is sealed, then anchored; there is no way back."""

    SEALED = "sealed"
    ANCHORED = "anchored"


@dataclass(frozen=True, slots=True)
class SealedBatch:
    """A batch whose leaves and root are fixed."""

    configuration: Configuration
    grant_number: int
    root: bytes
    size: int
    leaf_file: bytes


class AnchorStore:
    """Leaves and batches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self) -> tuple[Configuration, ...]:
        """Configurations of which leaves wait."""
        with self._database.read() as session:
            found = session.exec(
                select(LeafRow.configuration).where(col(LeafRow.batch_root).is_(None)).distinct()
            ).all()
            return tuple(Configuration(one) for one in found)

    def seal(
        self,
        configuration: Configuration,
        *,
        most: int,
        build: Callable[[Sequence[bytes]], SealedBatch],
        now: datetime,
    ) -> SealedBatch | None:
        """Take the oldest leaves that wait into one batch, for good; None when none waits."""

        def work(session: Session) -> SealedBatch | None:
            rows = session.exec(
                select(LeafRow)
                .where(LeafRow.configuration == configuration, col(LeafRow.batch_root).is_(None))
                .order_by(col(LeafRow.created_at))
                .limit(most)
                .with_for_update(skip_locked=True)
            ).all()
            if not rows:
                return None
            batch = build([row.leaf for row in rows])
            session.add(
                BatchRow(
                    root=batch.root,
                    configuration=configuration,
                    grant_number=batch.grant_number,
                    leaf_file=batch.leaf_file,
                    size=batch.size,
                    state=BatchState.SEALED,
                    sealed_at=to_epoch(now),
                )
            )
            for row in rows:
                row.batch_root = batch.root
            return batch

        return self._database.write(work)

    def sealed(self) -> tuple[SealedBatch, ...]:
        """Batches that are not known to be anchored, oldest first."""
        with self._database.read() as session:
            rows = session.exec(
                select(BatchRow).where(BatchRow.state == BatchState.SEALED).order_by(col(BatchRow.sealed_at))
            ).all()
            return tuple(
                SealedBatch(Configuration(r.configuration), r.grant_number, r.root, r.size, r.leaf_file)
                for r in rows
            )

    def regrant(self, root: bytes, grant_number: int) -> None:
        """Anchor a sealed batch under another grant: the one it was sealed for has lapsed."""

        def work(session: Session) -> None:
            row = session.get_one(BatchRow, root)
            if row.state == BatchState.SEALED:
                row.grant_number = grant_number

        self._database.write(work)

    def anchored(self, record: AnchorRecord) -> None:
        """The ledger has it."""

        def work(session: Session) -> None:
            row = session.get_one(BatchRow, record.root)
            row.state = BatchState.ANCHORED
            row.grant_number = record.grant_number
            row.anchored_at = to_epoch(record.block.time)
            row.block_number = record.block.number

        self._database.write(work)

    def leaf_file(self, root: bytes) -> bytes | None:
        """The file of a batch, sealed or anchored."""
        with self._database.read() as session:
            row = session.get(BatchRow, root)
            return row.leaf_file if row is not None else None

    def oldest_waiting(self) -> int | None:
        """When the oldest leaf that is not anchored was made (epoch seconds); for the alarm about the delay."""
        with self._database.read() as session:
            unsealed = session.exec(
                select(LeafRow.created_at)
                .where(col(LeafRow.batch_root).is_(None))
                .order_by(col(LeafRow.created_at))
                .limit(1)
            ).first()
            sealed = session.exec(
                select(BatchRow.sealed_at)
                .where(BatchRow.state == BatchState.SEALED)
                .order_by(col(BatchRow.sealed_at))
                .limit(1)
            ).first()
            known = [one for one in (unsealed, sealed) if one is not None]
            return min(known) if known else None
