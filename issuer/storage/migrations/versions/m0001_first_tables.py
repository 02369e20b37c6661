"""The first tables: offers, journal, credentials, anchors, status versions, tracks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them; there is no way down, since a bank's record is not thrown away."""
    op.create_table(
        "batch",
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("grant_number", sa.Integer(), nullable=False),
        sa.Column("leaf_file", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("anchored_at", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("root"),
    )
    op.create_index(op.f("ix_batch_state"), "batch", ["state"], unique=False)
    op.create_table(
        "stream_position",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "leaf",
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("batch_root", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("leaf"),
    )
    op.create_index(op.f("ix_leaf_batch_root"), "leaf", ["batch_root"], unique=False)
    op.create_index(op.f("ix_leaf_configuration"), "leaf", ["configuration"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("configurations", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("statement_digest", sa.String(), nullable=False),
        sa.Column("fraud_verdict", sa.String(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("handles", sa.String(), nullable=False),
        sa.Column("handles_registered", sa.Boolean(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("queue_reasons", sa.String(), nullable=False),
        sa.Column("approvals", sa.String(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("deferred", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("tx_code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("token_key", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(op.f("ix_offer_code_expires_at"), "offer", ["code_expires_at"], unique=False)
    op.create_index(op.f("ix_offer_customer"), "offer", ["customer"], unique=False)
    op.create_index(op.f("ix_offer_handles_registered"), "offer", ["handles_registered"], unique=False)
    op.create_index(op.f("ix_offer_state"), "offer", ["state"], unique=False)
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index(op.f("ix_session_expires_at"), "session", ["expires_at"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer"),
    )
    op.create_table(
        "spent",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark"),
    )
    op.create_index(op.f("ix_spent_expires_at"), "spent", ["expires_at"], unique=False)
    op.create_table(
        "status_version",
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entries", sa.String(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("fresh_until", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("list_number", "version"),
    )
    op.create_table(
        "track",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "customer"),
    )
    op.create_table(
        "issuing",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("offer_id", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("keys_digest", sa.LargeBinary(), nullable=False),
        sa.Column("proofs_digest", sa.LargeBinary(), nullable=False),
        sa.Column("notification_id", sa.String(), nullable=False),
        sa.Column("transaction_id_hash", sa.LargeBinary(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["offer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notification_id"),
        sa.UniqueConstraint("offer_id", "configuration"),
        sa.UniqueConstraint("transaction_id_hash"),
    )
    op.create_index(op.f("ix_issuing_started_at"), "issuing", ["started_at"], unique=False)
    op.create_index(op.f("ix_issuing_state"), "issuing", ["state"], unique=False)
    op.create_table(
        "credential",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("issuing_id", sa.String(), nullable=False),
        sa.Column("copy_number", sa.Integer(), nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("holder_key", sa.String(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=False),
        sa.Column("list_index", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("status_cause", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issuing_id"],
            ["issuing.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuing_id", "copy_number"),
        sa.UniqueConstraint("list_number", "list_index"),
    )
    op.create_index(op.f("ix_credential_customer"), "credential", ["customer"], unique=False)
    op.create_index(op.f("ix_credential_issuing_id"), "credential", ["issuing_id"], unique=False)
