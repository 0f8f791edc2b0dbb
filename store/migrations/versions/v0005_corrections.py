"""What a person read otherwise in a form; and remembered senders as decisions, so that they can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("decisions", sa.Column("form_index", sa.Integer()))
    op.add_column("decisions", sa.Column("field", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("decisions", sa.Column("value", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.execute(
        "INSERT INTO decisions"
        " (action, author, reason, decided_at, campaign, unit, deliverable, message_sha256, path, value)"
        " SELECT 'remember_sender', '', '', CURRENT_TIMESTAMP, '', unit, '', '', '', address FROM remembered_senders"
    )
    op.drop_table("remembered_senders")
