"""Versions of the status lists, each durable before the ledger hears of it; each method is one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from issuer.storage.tables import CredentialRow, StatusVersionRow
from passport.clock import from_epoch, to_epoch
from passport.errors import Reason, Unavailable
from passport.status import StatusValue
from service.database import Database

Entries = Mapping[int, StatusValue]
"""Index to status, for every entry that is not valid."""

_NO_ENTRIES: Final = "[]"


@dataclass(frozen=True, slots=True)
class StatusVersion:
    """One version of a list. ``token`` is empty unless it is, or was, served."""

    list_number: int
    version: int
    entries: Entries
    published: bool
    fresh_until: datetime
    token: str
    signed_at: datetime


class StatusStore:
    """Status lists."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def target(self, list_number: int, now: datetime) -> Entries:
        """What the list should say now; expired copies need no entry any more."""
        query = select(CredentialRow.list_index, CredentialRow.status).where(
            CredentialRow.list_number == list_number,
            CredentialRow.status != int(StatusValue.VALID),
            col(CredentialRow.expires_at) > to_epoch(now),
        )
        with self._database.read() as session:
            return {index: StatusValue(status) for index, status in session.exec(query).all()}

    def latest(self, list_number: int) -> StatusVersion | None:
        """The highest version."""
        return self._first(list_number, served_only=False)

    def served(self, list_number: int) -> StatusVersion | None:
        """The highest version that has a token."""
        return self._first(list_number, served_only=True)

    def unpublished(self, list_number: int) -> tuple[StatusVersion, ...]:
        """Versions of which the ledger is not known to have heard, lowest first."""
        query = (
            select(StatusVersionRow)
            .where(
                StatusVersionRow.list_number == list_number, col(StatusVersionRow.published).is_(other=False)
            )
            .order_by(col(StatusVersionRow.version))
        )
        with self._database.read() as session:
            return tuple(_version(row) for row in session.exec(query).all())

    def add(self, list_number: int, version: int, entries: Entries, fresh_until: datetime) -> StatusVersion:
        """Write a version before anything is done with it.

        Raises:
            Unavailable: another worker was first.
        """
        text = json.dumps(sorted((index, int(status)) for index, status in entries.items()))
        row = StatusVersionRow(
            list_number=list_number, version=version, entries=text, fresh_until=to_epoch(fresh_until)
        )

        def work(session: Session) -> StatusVersion:
            session.add(row)
            session.flush()
            return _version(row)

        try:
            return self._database.write(work)
        except IntegrityError as error:
            # Publishers take turns; should one have lost its turn, the version is the other's.
            raise Unavailable(
                Reason.UPSTREAM_UNAVAILABLE, "another worker has written this version of the list"
            ) from error

    def mark_published(self, one: StatusVersion, fresh_until: datetime) -> None:
        """The ledger has it."""

        def work(session: Session) -> None:
            row = session.get_one(StatusVersionRow, (one.list_number, one.version))
            row.published = True
            row.fresh_until = to_epoch(fresh_until)

        self._database.write(work)

    def serve(self, one: StatusVersion, token: str, signed_at: datetime) -> None:
        """Serve this version from now on; older versions' tokens are dropped, and what they said once the ledger has them.

        Each version repeats all entries of the one before, so that kept they would grow as the square of the changes.
        """

        def work(session: Session) -> None:
            rows = session.exec(
                select(StatusVersionRow).where(
                    StatusVersionRow.list_number == one.list_number,
                    (StatusVersionRow.version == one.version) | (StatusVersionRow.token != ""),
                )
            ).all()
            for row in rows:
                if row.version == one.version:
                    row.token, row.signed_at = token, to_epoch(signed_at)
                elif row.version < one.version:
                    row.token = ""
            session.execute(
                update(StatusVersionRow)
                .where(
                    col(StatusVersionRow.list_number) == one.list_number,
                    col(StatusVersionRow.version) < one.version,
                    col(StatusVersionRow.published).is_(other=True),
                    col(StatusVersionRow.entries) != _NO_ENTRIES,
                )
                .values(entries=_NO_ENTRIES)
            )

        self._database.write(work)

    def _first(self, list_number: int, *, served_only: bool) -> StatusVersion | None:
        query = select(StatusVersionRow).where(StatusVersionRow.list_number == list_number)
        if served_only:
            query = query.where(StatusVersionRow.token != "")
        with self._database.read() as session:
            row = session.exec(query.order_by(col(StatusVersionRow.version).desc())).first()
            return None if row is None else _version(row)


def _version(row: StatusVersionRow) -> StatusVersion:
    return StatusVersion(
        list_number=row.list_number,
        version=row.version,
        entries={index: StatusValue(status) for index, status in json.loads(row.entries)},
        published=row.published,
        fresh_until=from_epoch(row.fresh_until),
        token=row.token,
        signed_at=from_epoch(row.signed_at),
    )
