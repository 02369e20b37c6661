"""What officers said to reviews, which the table keeps from being changed; and how reviews were settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables; there is no way down, since a bank's record is not thrown away."""
    op.create_table(
        "review_vote",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), nullable=False, index=True),
        sa.Column("officer", sa.String, nullable=False),
        sa.Column("officer_name", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "review_settlement",
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.Column("settled_at", sa.BigInteger, nullable=False),
    )
    op.add_column("application", sa.Column("amount_usd_minor", sa.BigInteger))
    op.create_index("ix_application_outcome", "application", ["outcome"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER review_vote_no_{verb.lower()} BEFORE {verb} ON review_vote "
                "BEGIN SELECT RAISE(ABORT, 'the record of votes is not changed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION review_vote_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record of votes is not changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER review_vote_no_change BEFORE UPDATE OR DELETE ON review_vote "
        "FOR EACH STATEMENT EXECUTE FUNCTION review_vote_is_not_changed()"
    )
