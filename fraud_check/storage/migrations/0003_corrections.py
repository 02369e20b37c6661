"""Transfers that their sender took back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "hub_correction",
        sa.Column("sender", sa.String(), primary_key=True, nullable=False),
        sa.Column("id", sa.String(), primary_key=True, nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("signed", sa.String(), nullable=False),
        sa.Column("recorded_at_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "hub_taken_back",
        sa.Column("seq", sa.BigInteger(), primary_key=True, nullable=False, autoincrement=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("correction", sa.String(), nullable=False),
    )
