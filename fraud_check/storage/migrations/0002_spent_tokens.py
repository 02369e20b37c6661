"""Callers' tokens that were spent, for as long as they could be used again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "hub_spent",
        sa.Column("name", sa.String(), primary_key=True, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
