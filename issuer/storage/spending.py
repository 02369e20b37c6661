"""Marks that may be made once: spent nonces and DPoP proofs."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from issuer.issuing import NonceSpent, Spending
from issuer.storage.tables import SpentRow
from passport.clock import to_epoch


def spend(session: Session, spending: Spending) -> None:
    """Make the mark within the caller's transaction.

    Raises:
        NonceSpent: it was made before.
    """
    try:
        with session.begin_nested():
            session.add(SpentRow(mark=spending.mark, expires_at=to_epoch(spending.expires_at)))
    except IntegrityError as error:
        raise NonceSpent from error
