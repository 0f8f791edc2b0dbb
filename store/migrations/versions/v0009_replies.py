"""Mail of persons that answers mail of ours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "replies",
        sa.Column("message_sha256", sa.String(64), nullable=False),
        sa.Column("outgoing_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_sha256", name="pk_replies"),
        sa.ForeignKeyConstraint(["outgoing_id"], ["outgoing.id"], name="fk_replies_outgoing_id_outgoing"),
    )
    op.create_index("ix_replies_at", "replies", ["at"])
