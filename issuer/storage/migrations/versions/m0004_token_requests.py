"""Who asked for a token, and for which configurations in particular."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns: tokens of the time before were asked for anonymously and for the whole offer."""
    op.add_column("offer", sa.Column("token_client", sa.String(), nullable=True))
    op.add_column("offer", sa.Column("token_details", sa.String(), nullable=True))
