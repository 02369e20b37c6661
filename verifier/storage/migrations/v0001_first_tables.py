"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applications, what was disclosed and accepted, questions, the outbox, and what is followed."""
    op.create_table(
        "application",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("request_id", sa.String, nullable=False, unique=True),
        sa.Column("result_id", sa.String, nullable=False, unique=True),
        sa.Column("nonce", sa.String, nullable=False, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("response_mode", sa.String, nullable=False),
        sa.Column("response_key", sa.LargeBinary),
        sa.Column("applicant_name", sa.String),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("received_at", sa.BigInteger),
        sa.Column("body_sha256", sa.String),
        sa.Column("content", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("steps", sa.Text, nullable=False),
        sa.Column("decision_record", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
    )
    op.create_index("ix_application_phase", "application", ["phase", "expires_at"])
    op.create_table(
        "disclosure",
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "accepted_credential",
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("query_id", sa.String, primary_key=True),
        sa.Column("vct", sa.String, nullable=False),
        sa.Column("issuer", sa.String, nullable=False),
        sa.Column("credential_sha256", sa.String, nullable=False),
        sa.Column("status_uri", sa.String, nullable=False),
        sa.Column("status_index", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "fraud_question",
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), primary_key=True),
        sa.Column("query_id", sa.String, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
    )
    op.create_table(
        "webhook_event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.String, nullable=False, unique=True),
        sa.Column("application_id", sa.String, sa.ForeignKey("application.id"), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("delivered_at", sa.BigInteger),
        sa.Column("given_up", sa.Boolean, nullable=False),
    )
    op.create_table(
        "status_list",
        sa.Column("issuer", sa.String, primary_key=True),
        sa.Column("list_id", sa.String, primary_key=True),
        sa.Column("uri", sa.String, nullable=False, index=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("commitment", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("fetched_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("issuer", sa.String, nullable=False, index=True),
        sa.Column("schema_id", sa.LargeBinary, nullable=False),
        sa.Column("grant_number", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False, index=True),
    )
    op.create_table(
        "leaf",
        sa.Column("leaf", sa.LargeBinary, primary_key=True),
        sa.Column("batch_id", sa.Integer, sa.ForeignKey("batch.id"), primary_key=True),
    )
