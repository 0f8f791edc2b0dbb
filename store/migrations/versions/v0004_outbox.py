"""Mail that goes out, what became of it, and what came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_STATES = "'draft', 'approved', 'sending', 'sent', 'skipped', 'discarded', 'failed', 'unknown'"


def upgrade() -> None:
    _create_outgoing()
    _create_changes()
    _create_contacts()


def _create_outgoing() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("dedupe_digest", sa.String(64), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("message_id_key", sa.String(64), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("recipients", "copies", "subject", "text", "html")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("items", "answers", "in_reply_to", "references")),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("claim", sa.String(64)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("skipped_because", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("bounce", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"state in ({_STATES})", name=op.f("ck_outgoing_state")),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing"),
        sa.UniqueConstraint("dedupe_digest", name="uq_outgoing_dedupe_digest"),
        sa.UniqueConstraint("message_id_key", name="uq_outgoing_message_id_key"),
        sa.UniqueConstraint("claim", name="uq_outgoing_claim"),
    )
    op.create_index("ix_outgoing_state_not_before", "outgoing", ["state", "not_before"])
    op.create_index("ix_outgoing_created_at", "outgoing", ["created_at"])
    op.create_index("ix_outgoing_claimed_at", "outgoing", ["claimed_at"])


def _create_changes() -> None:
    op.create_table(
        "outgoing_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"], name="fk_outgoing_changes_outgoing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_changes"),
    )
    op.create_index("ix_outgoing_changes_outgoing_id", "outgoing_changes", ["outgoing_id"])


def _create_contacts() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_sha256", sa.String(64), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"], name="fk_bounces_outgoing_id"),
        sa.PrimaryKeyConstraint("id", name="pk_bounces"),
        sa.UniqueConstraint("message_sha256", "address_key", name="uq_bounces_message_sha256_address_key"),
    )
    op.create_index("ix_bounces_address_key", "bounces", ["address_key"])
    op.create_index("ix_bounces_outgoing_id", "bounces", ["outgoing_id"])
    op.create_table(
        "contacts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_contacts"),
    )
