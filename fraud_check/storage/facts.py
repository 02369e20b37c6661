"""Facts of the tracks as rows: written once, read back in order at start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import func, insert
from sqlmodel import Session, select

from fraud_check.storage.tables import FactRow
from fraud_check.storage.writes import Write
from fraud_check.tracks import (
    AccountLinked,
    AdmonitionGiven,
    CauseGone,
    DocumentArrived,
    EarmarkPlaced,
    Fact,
    HolderConfirmed,
    ImpersonationFound,
    WarningExtended,
    WarningLapsed,
    WarningLifted,
    WarningListed,
)
from passport.errors import Misconfigured
from service.database import Database

_KINDS: dict[str, TypeAdapter[Fact]] = {
    kind.__name__: TypeAdapter(kind)
    for kind in (
        AccountLinked,
        AdmonitionGiven,
        CauseGone,
        DocumentArrived,
        EarmarkPlaced,
        HolderConfirmed,
        ImpersonationFound,
        WarningExtended,
        WarningLapsed,
        WarningLifted,
        WarningListed,
    )
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Exact microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def writes_facts(facts: Sequence[Fact]) -> Write:
    """Write facts after the last one."""

    def write(session: Session) -> None:
        _append(session, facts)

    return write


def _append(session: Session, facts: Sequence[Fact]) -> None:
    last = session.exec(select(func.max(FactRow.seq))).one() or 0
    rows = [
        {
            "seq": last + offset,
            "kind": type(fact).__name__,
            "body": _KINDS[type(fact).__name__].dump_json(fact).decode(),
            "recorded_at_us": microseconds(fact.recorded_at),
        }
        for offset, fact in enumerate(facts, start=1)
    ]
    if rows:
        session.execute(insert(FactRow), rows)


def all_facts(database: Database) -> list[Fact]:
    """Every fact, in the order of telling.

    Raises:
        Misconfigured: a row is of a kind that this program does not know.
    """
    with database.read() as session:
        return list(_read(session))


def _read(session: Session) -> Iterator[Fact]:
    for row in session.exec(select(FactRow).order_by(FactRow.seq)):  # type: ignore[arg-type]  # a column, at class level
        adapter = _KINDS.get(row.kind)
        if adapter is None:
            raise Misconfigured(f"the database holds a fact of kind {row.kind}: use a newer program")
        yield adapter.validate_json(row.body)
