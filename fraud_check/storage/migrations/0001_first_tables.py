"""The hub's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=primary_key, nullable=nullable)


def _big(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), primary_key=primary_key, nullable=nullable, autoincrement=False)


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "hub_fact", _big("seq", primary_key=True), _text("kind"), _text("body"), _big("recorded_at_us")
    )
    op.create_table(
        "hub_notice",
        _text("signer", primary_key=True),
        _text("id", primary_key=True),
        _text("content_hash"),
        _text("signed"),
        _big("recorded_at_us"),
    )
    op.create_table(
        "hub_alert",
        _big("seq", primary_key=True),
        _text("recipient", nullable=True),
        _text("body"),
        _big("recorded_at_us"),
    )
    op.create_index("ix_hub_alert_recipient", "hub_alert", ["recipient"])
    op.create_table(
        "hub_registration",
        _text("issuer", primary_key=True),
        _text("id", primary_key=True),
        _text("content_hash"),
        _text("accounts"),
        _big("expires_at"),
        _big("recorded_at_us"),
    )
    op.create_table("hub_handle", _text("handle", primary_key=True), _text("issuer"), _text("registration"))
    op.create_table(
        "hub_question",
        _text("question", primary_key=True),
        _text("asker"),
        _text("key_binding", nullable=True),
        _text("verdict"),
        _big("recorded_at_us"),
        sa.UniqueConstraint("key_binding"),
    )
    op.create_index("ix_hub_question_asker", "hub_question", ["asker"])
    op.create_table(
        "hub_batch",
        _text("sender", primary_key=True),
        _text("id", primary_key=True),
        _text("content_hash"),
        _text("signed"),
        _big("first_seq"),
        sa.Column("count", sa.Integer(), nullable=False),
        _big("recorded_at_us"),
    )
    op.create_table(
        "hub_transfer",
        _big("seq", primary_key=True),
        _text("sender"),
        _text("id"),
        _text("src"),
        _text("dst"),
        _big("at_ms"),
        _big("amount_minor"),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.UniqueConstraint("sender", "id"),
    )
    op.create_table(
        "hub_query",
        _big("n", primary_key=True),
        _big("at_us"),
        _text("caller"),
        _text("action"),
        _text("about"),
        _text("subject"),
        _text("answer"),
        _text("link"),
    )
    op.create_index("ix_hub_query_about", "hub_query", ["about"])
    op.create_table(
        "hub_counter",
        _text("caller", primary_key=True),
        _text("action", primary_key=True),
        _text("day", primary_key=True),
        sa.Column("used", sa.Integer(), nullable=False),
    )
    op.create_table("hub_alarm", _big("n", primary_key=True), _big("at_us"), _text("caller"), _text("kind"))
    op.create_table(
        "hub_epoch",
        sa.Column("epoch", sa.Integer(), primary_key=True),
        _text("public_key"),
        _big("since"),
        _big("until", nullable=True),
    )
