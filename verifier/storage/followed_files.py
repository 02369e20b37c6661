"""What was fetched from banks because the ledger said so: leaves of batches, and status lists.

Kept over a restart, so that presenting works with the bank stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from passport.clock import from_epoch, to_epoch
from passport.identifiers import Address
from service.database import Database
from verifier.ports import BatchKey, CachedStatusList
from verifier.storage.tables import BatchRow, LeafRow, StatusListRow


class SqlLeafIndex:
    """``LeafIndex`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batches_of(self, leaf: bytes) -> Sequence[BatchKey]:
        """The batches that hold this leaf."""
        with self._database.read() as session:
            found = (
                select(BatchRow)
                .join(LeafRow, col(LeafRow.batch_id) == col(BatchRow.id))
                .where(col(LeafRow.leaf) == leaf)
            )
            return [_to_key(row) for row in session.exec(found).all()]

    def has_batch(self, batch: BatchKey) -> bool:
        """Whether the batch's leaves are here."""
        with self._database.read() as session:
            return _find(session, batch) is not None

    def add_batch(self, batch: BatchKey, leaves: Sequence[bytes]) -> None:
        """Keep a batch's leaves, durably."""

        def work(session: Session) -> None:
            if _find(session, batch) is not None:
                return
            row = BatchRow(
                issuer=str(batch.issuer),
                schema_id=batch.schema,
                grant_number=batch.grant_number,
                root=batch.root,
            )
            session.add(row)
            session.flush()
            if row.id is not None:
                session.add_all(LeafRow(leaf=leaf, batch_id=row.id) for leaf in set(leaves))

        self._database.write(work)


class SqlStatusLists:
    """``StatusLists`` over the service's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Sequence[CachedStatusList]:
        """Every list, for a cache in memory to begin with."""
        with self._database.read() as session:
            return [
                CachedStatusList(
                    issuer=Address(row.issuer),
                    list_id=bytes.fromhex(row.list_id),
                    uri=row.uri,
                    version=row.version,
                    commitment=row.commitment,
                    token=row.token,
                    fetched_at=from_epoch(row.fetched_at),
                )
                for row in session.exec(select(StatusListRow)).all()
            ]

    def keep(self, fetched: CachedStatusList) -> None:
        """Replace the list, durably."""
        row = StatusListRow(
            issuer=str(fetched.issuer),
            list_id=fetched.list_id.hex(),
            uri=fetched.uri,
            version=fetched.version,
            commitment=fetched.commitment,
            token=fetched.token,
            fetched_at=to_epoch(fetched.fetched_at),
        )

        def work(session: Session) -> None:
            session.merge(row)

        self._database.write(work)


def _find(session: Session, batch: BatchKey) -> BatchRow | None:
    found = select(BatchRow).where(
        BatchRow.issuer == str(batch.issuer),
        col(BatchRow.schema_id) == batch.schema,
        BatchRow.grant_number == batch.grant_number,
        col(BatchRow.root) == batch.root,
    )
    return session.exec(found).first()


def _to_key(row: BatchRow) -> BatchKey:
    return BatchKey(
        issuer=Address(row.issuer), schema=row.schema_id, grant_number=row.grant_number, root=row.root
    )
