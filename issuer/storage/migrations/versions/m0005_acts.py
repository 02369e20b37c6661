"""The record of acts, which the tables themselves keep from being changed; and revocations that wait for a second officer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables; there is no way down, since a bank's record is not thrown away."""
    op.create_table(
        "act",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "revocation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_person", sa.String(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_revocation_state", "revocation", ["state"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER act_no_{verb.lower()} BEFORE {verb} ON act "
                "BEGIN SELECT RAISE(ABORT, 'the record of acts is not changed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION act_is_not_changed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the record of acts is not changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER act_no_change BEFORE UPDATE OR DELETE ON act "
        "FOR EACH STATEMENT EXECUTE FUNCTION act_is_not_changed()"
    )
